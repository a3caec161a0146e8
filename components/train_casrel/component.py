"""The contracts of this stage: what `train`, `evaluate` and `extract` take, give and can be told."""

from kfp import dsl

IMAGE = "ckgqa/train-casrel"


@dsl.container_component
def train(
    sentences: dsl.Input[dsl.Dataset],
    encoder: dsl.Input[dsl.Model],
    model: dsl.Output[dsl.Model],
    checkpoint_dir: str = "",
    checkpoint_minutes: float = 10.0,
    tensorboard_dir: str = "",
    hidden: int = 256,
    layers: int = 2,
    attention_heads: int = 4,
    character_size: int = 128,
    pair_size: int = 64,
    kind_size: int = 16,
    max_pairs: int = 40000,
    min_count: int = 2,
    min_pair_count: int = 3,
    dropout: float = 0.1,
    character_dropout: float = 0.05,
    distract: float = 0.5,
    subject_join: str = "concat",
    window: int = 256,
    overlap: int = 96,
    epochs: int = 12,
    patience: int = 4,
    batch_characters: int = 2048,
    learning_rate: float = 0.002,
    bert_learning_rate: float = 5e-05,
    weight_decay: float = 0.01,
    warmup_fraction: float = 0.05,
    clip_norm: float = 1.0,
    ema_decay: float = 0.998,
    bf16: str = "auto",
    device: str = "auto",
    seed: int = 13,
) -> dsl.ContainerSpec:
    """Train a CasRel model on sentences with their triples.

    Args:
        sentences: Folder of sentences that `preprocess duie` wrote.
        encoder: Folder of a BERT to train on; an empty one for a BiLSTM, which trains from nothing.
        model: Folder that receives the model.
        checkpoint_dir: Folder of checkpoints, from which a run that was broken off goes on; empty: none are written.
        checkpoint_minutes: Minutes, at least 0: a checkpoint is never much older; 0 writes one after every step.
        tensorboard_dir: Folder of TensorBoard logs; empty: `tensorboard` under the checkpoints, where there are any.
        hidden: Size of the states between the layers, at least 16, even.
        layers: Layers of the BiLSTM, at least 1; of a BERT all are taken.
        attention_heads: Heads of the self-attention, at least 1; a divisor of `hidden`, or of a BERT's own size.
        character_size: Size of a character's embedding, at least 1.
        pair_size: Size of the embedding of a pair of neighbouring characters, at least 1; pairs are words in the small.
        kind_size: Size of the embedding of a character's kind (Chinese, digit, capital, ...), at least 1.
        max_pairs: Most pairs of characters that are known, the commonest first, at least 0.
        min_count: How often a character must occur in the training split to be known, at least 1.
        min_pair_count: How often a pair of characters must occur in the training split to be known, at least 1.
        dropout: Share of states that a step leaves out, 0 to below 1.
        character_dropout: Share of characters that a step replaces by the unknown one, 0 to below 1.
        distract: Chance, 0 to 1, that a sentence teaches with one name that is no subject: its objects are none.
        subject_join: How a subject joins the states: concatenated, or as scale and shift of a layer norm.
        window: Most characters that the model sees at once, at least 16; a BERT may allow fewer.
        overlap: Characters that neighbouring windows of a longer text share, below `window`.
        epochs: Most passes over the training split, at least 1.
        patience: Epochs without a better F1 on validation after which training stops, once F1 is above 0; at least 1.
        batch_characters: Characters in a batch, padding counted, at least 16; sentences of like length go together.
        learning_rate: Highest learning rate, above 0.
        bert_learning_rate: Highest learning rate of a BERT's own weights, above 0.
        weight_decay: AdamW's decay of the weights, at least 0.
        warmup_fraction: Share of the steps in which the learning rate grows, above 0, below 1; a cosine follows.
        clip_norm: Longest gradient that is followed as it is, above 0; a longer one is shortened to this.
        ema_decay: Decay of the running average of the weights, which is kept, 0 to below 1; 0: the last step's weights.
        bf16: Compute in bf16: `auto` where the processor or GPU multiplies it natively, on, or off.
        device: Where to compute; auto takes a GPU where there is one.
        seed: Seed of everything random, at least 0.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_train_casrel", "train"],
        args=[
            "--sentences", sentences.path,
            "--encoder", encoder.path,
            "--model", model.path,
            "--checkpoint-dir", checkpoint_dir,
            "--checkpoint-minutes", checkpoint_minutes,
            "--tensorboard-dir", tensorboard_dir,
            "--hidden", hidden,
            "--layers", layers,
            "--attention-heads", attention_heads,
            "--character-size", character_size,
            "--pair-size", pair_size,
            "--kind-size", kind_size,
            "--max-pairs", max_pairs,
            "--min-count", min_count,
            "--min-pair-count", min_pair_count,
            "--dropout", dropout,
            "--character-dropout", character_dropout,
            "--distract", distract,
            "--subject-join", subject_join,
            "--window", window,
            "--overlap", overlap,
            "--epochs", epochs,
            "--patience", patience,
            "--batch-characters", batch_characters,
            "--learning-rate", learning_rate,
            "--bert-learning-rate", bert_learning_rate,
            "--weight-decay", weight_decay,
            "--warmup-fraction", warmup_fraction,
            "--clip-norm", clip_norm,
            "--ema-decay", ema_decay,
            "--bf16", bf16,
            "--device", device,
            "--seed", seed,
        ],
    )  # fmt: skip


@dsl.container_component
def evaluate(
    model: dsl.Input[dsl.Model],
    sentences: dsl.Input[dsl.Dataset],
    report: dsl.Output[dsl.Artifact],
    f1: dsl.OutputPath(float),
    split: str = "test",
    device: str = "auto",
    examples: int = 5,
) -> dsl.ContainerSpec:
    """Score a model on labelled sentences and write the report.

    Args:
        model: Model folder, as `train` writes it.
        sentences: Folder of `preprocess duie`, of the schema that the model was trained on.
        report: Folder that receives report.json, report.md and report.html.
        f1: Micro-F1, 0 to 1, which the gate reads.
        split: Sentences that are scored; test are the ones that nothing was chosen on.
        device: Where the model runs; auto takes a GPU where there is one.
        examples: Missed and spurious triples shown for each predicate.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_train_casrel", "evaluate"],
        args=[
            "--model", model.path,
            "--sentences", sentences.path,
            "--report", report.path,
            "--f1", f1,
            "--split", split,
            "--device", device,
            "--examples", examples,
        ],
    )  # fmt: skip


@dsl.container_component
def extract(
    model: dsl.Input[dsl.Model],
    sentences: dsl.Input[dsl.Dataset],
    texts: dsl.Input[dsl.Artifact],
    facts: dsl.Output[dsl.Dataset],
    device: str = "auto",
    max_text_chars: int = 100_000,
    max_bad_fraction: float = 0.01,
    unique_ids: bool = False,
) -> dsl.ContainerSpec:
    """Find the triples of the archive's sentences and of any more texts.

    Args:
        model: Model folder, as `train` writes it.
        sentences: Folder of `preprocess duie`: all its texts are extracted, before any others; may be empty.
        texts: More texts: a folder of .jsonl, .json or .txt files, empty where there are none.
        facts: Folder that receives facts.jsonl and rejects.jsonl.
        device: Where the model runs; auto takes a GPU where there is one.
        max_text_chars: Longest text that is read, in characters.
        max_bad_fraction: Largest share of unreadable lines, 0 to 1, in the sentences and in the texts each.
        unique_ids: Whether the ids of texts end in a hash of the text.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_train_casrel", "extract"],
        args=[
            "--model", model.path,
            "--sentences", sentences.path,
            "--texts", texts.path,
            "--facts", facts.path,
            "--device", device,
            "--max-text-chars", max_text_chars,
            "--max-bad-fraction", max_bad_fraction,
            "--unique-ids", unique_ids,
        ],
    )  # fmt: skip
