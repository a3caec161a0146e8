"""The contracts of this stage: what `train` and `evaluate` take, give and can be told; `serve` is no task."""

from kfp import dsl

IMAGE = "ckgqa/train-jointbert"


@dsl.container_component
def train(
    questions: dsl.Input[dsl.Dataset],
    encoder: dsl.Input[dsl.Model],
    model: dsl.Output[dsl.Model],
    checkpoint_dir: str = "",
    checkpoint_minutes: float = 10.0,
    tensorboard_dir: str = "",
    layers: int = 6,
    fresh_layers: int = 2,
    fresh_hidden: int = 128,
    fresh_heads: int = 4,
    min_count: int = 2,
    window: int = 128,
    dropout: float = 0.1,
    character_dropout: float = 0.05,
    slot_weight: float = 3.0,
    epochs: int = 5,
    patience: int = 3,
    batch_characters: int = 1024,
    learning_rate: float = 0.002,
    bert_learning_rate: float = 0.0002,
    weight_decay: float = 0.01,
    warmup_fraction: float = 0.1,
    clip_norm: float = 1.0,
    ema_decay: float = 0.99,
    max_int8_loss: float = 0.005,
    bf16: str = "auto",
    device: str = "auto",
    seed: int = 13,
) -> dsl.ContainerSpec:
    """Train a model on a folder of labelled questions.

    Args:
        questions: Folder of labelled questions that `preprocess questions` wrote.
        encoder: Folder of a pretrained BERT; an empty one for a small BERT that trains from nothing.
        model: Folder that receives the model.
        checkpoint_dir: Folder of checkpoints, from which a run that was broken off goes on; empty: none are written.
        checkpoint_minutes: Minutes, at least 0: a checkpoint is never much older; 0 writes one after every step.
        tensorboard_dir: Folder of TensorBoard logs; empty: `tensorboard` under the checkpoints, where there are any.
        layers: Layers of a pretrained BERT that are kept, the first ones, at least 1; all where it has fewer.
        fresh_layers: Layers of a fresh BERT, at least 1.
        fresh_hidden: Size of a fresh BERT's states, a multiple of `fresh_heads`, at least 8.
        fresh_heads: Heads of a fresh BERT's attention, at least 1.
        min_count: How often a character must occur in the training split for a fresh BERT to know it, at least 1.
        window: Most characters of a question, at least 8; a pretrained BERT may allow fewer.
        dropout: Share of states that a step leaves out, 0 to below 1.
        character_dropout: Share of characters that a step replaces by the unknown one, 0 to below 1.
        slot_weight: Weight of the slots' loss beside the intent's, above 0.
        epochs: Most passes over the training split, at least 1.
        patience: Epochs without more wholly right validation questions after which training stops, at least 1.
        batch_characters: Characters in a batch, padding counted, at least 16; questions of like length go together.
        learning_rate: Highest learning rate of the heads and of a fresh BERT, above 0.
        bert_learning_rate: Highest learning rate of a pretrained BERT's own weights, above 0.
        weight_decay: AdamW's decay of the weights, at least 0.
        warmup_fraction: Share of the steps in which the learning rate grows, above 0, below 1; a cosine follows.
        clip_norm: Longest gradient that is followed as it is, above 0; a longer one is shortened to this.
        ema_decay: Decay of the running average of the weights, which is kept, 0 to below 1; 0: the last step's weights.
        max_int8_loss: Largest share of validation questions, -1 to 1, that int8 may cost; -1: always serve in fp32.
        bf16: Compute in bf16: `auto` where the processor or GPU multiplies it natively, on, or off.
        device: Where to compute; auto takes a GPU where there is one.
        seed: Seed of everything random, at least 0.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_train_jointbert", "train"],
        args=[
            "--questions", questions.path,
            "--encoder", encoder.path,
            "--model", model.path,
            "--checkpoint-dir", checkpoint_dir,
            "--checkpoint-minutes", checkpoint_minutes,
            "--tensorboard-dir", tensorboard_dir,
            "--layers", layers,
            "--fresh-layers", fresh_layers,
            "--fresh-hidden", fresh_hidden,
            "--fresh-heads", fresh_heads,
            "--min-count", min_count,
            "--window", window,
            "--dropout", dropout,
            "--character-dropout", character_dropout,
            "--slot-weight", slot_weight,
            "--epochs", epochs,
            "--patience", patience,
            "--batch-characters", batch_characters,
            "--learning-rate", learning_rate,
            "--bert-learning-rate", bert_learning_rate,
            "--weight-decay", weight_decay,
            "--warmup-fraction", warmup_fraction,
            "--clip-norm", clip_norm,
            "--ema-decay", ema_decay,
            "--max-int8-loss", max_int8_loss,
            "--bf16", bf16,
            "--device", device,
            "--seed", seed,
        ],
    )  # fmt: skip


@dsl.container_component
def evaluate(
    model: dsl.Input[dsl.Model],
    questions: dsl.Input[dsl.Dataset],
    report: dsl.Output[dsl.Artifact],
    intent_accuracy: dsl.OutputPath(float),
    slot_f1: dsl.OutputPath(float),
    split: str = "test",
    weights: str = "served",
    examples: int = 30,
) -> dsl.ContainerSpec:
    """Score a model on labelled questions and write the report.

    Args:
        model: Model folder, as `train` writes it, or its model.tar.gz.
        questions: Folder of `preprocess questions`, of labels that the model knows.
        report: Folder that receives report.json, report.md, report.html, confusion.svg and baseline.jsonl.
        intent_accuracy: File that receives the share of right intents, 0 to 1, which the pipeline's gate reads.
        slot_f1: File that receives the micro-F1 of the names, 0 to 1, which the pipeline's gate reads.
        split: Questions that are scored; test are the ones that nothing was chosen on.
        weights: What is scored: model.onnx, which is served, or model.safetensors, as it was trained.
        examples: Wrongly read questions that are shown.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_train_jointbert", "evaluate"],
        args=[
            "--model", model.path,
            "--questions", questions.path,
            "--report", report.path,
            "--intent-accuracy", intent_accuracy,
            "--slot-f1", slot_f1,
            "--split", split,
            "--weights", weights,
            "--examples", examples,
        ],
    )  # fmt: skip
