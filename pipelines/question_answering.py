"""The pipeline `question-answering`: from a graph and an archive of questions to a model that understands questions.

ckgqa run question-answering --raw qa_raw.zip      ckgqa compile question-answering -o qa.yaml
"""

from kfp import dsl

from ckgqa.bundle.components.notify import component as notify
from ckgqa.bundle.components.preprocess import component as preprocess
from ckgqa.bundle.components.register_model import component as register_model
from ckgqa.bundle.components.train_jointbert import component as train_jointbert

TITLE = "question-answering: the model is not good enough"


@dsl.pipeline(
    name="question-answering", description="A graph and questions -> JointBERT -> the registry, behind two gates"
)
def question_answering(
    graph_csv_uri: str,
    schema_uri: str,
    raw_uri: str,
    encoder_uri: str,
    min_intent_accuracy: float = 0.9,
    min_slot_f1: float = 0.85,
    seed: int = 13,
    train_size: int = 40000,
    validation_size: int = 2000,
    test_size: int = 1600,
    raw_split: str = "random",
    epochs: int = 5,
    patience: int = 3,
    batch_characters: int = 1024,
    learning_rate: float = 0.002,
    bert_learning_rate: float = 0.0002,
    layers: int = 6,
    checkpoint_minutes: float = 10.0,
    registry: str = "",
) -> None:
    """Train the model that understands questions.

    Args:
        graph_csv_uri: Graph that the questions are about (ckgqa/graph-csv); an empty folder for none.
        schema_uri: Sentences that the graph was made from (ckgqa/sentences), for the schema; an empty folder for none.
        raw_uri: Archive of labelled questions; an empty folder for none.
        encoder_uri: Folder of a BERT to train on; an empty folder trains a small BERT from random weights.
        min_intent_accuracy: First gate: the share of correct intents that the model must reach on the test split.
        min_slot_f1: Second gate: the micro-F1 of the names that the model must reach on the test split.
        seed: Random seed of the questions and the training.
        train_size: Number of generated questions to train on.
        validation_size: Number of generated questions that select the epoch.
        test_size: Number of generated questions to test on.
        raw_split: How the archive is split: random or wording.
        epochs: Largest number of passes over the training split.
        patience: Epochs without more exact matches on the validation split before training stops.
        batch_characters: Characters in a training batch.
        learning_rate: Highest learning rate; for a pretrained BERT, that of the heads alone.
        bert_learning_rate: Highest learning rate of the weights of a pretrained BERT.
        layers: Layers of the encoder: of a pretrained BERT, the first so many.
        checkpoint_minutes: Minutes between checkpoints of the training.
        registry: Folder of the registry of models, for a model that passes the gates; empty registers it nowhere.
    """
    graph_csv = dsl.importer(artifact_uri=graph_csv_uri, artifact_class=dsl.Dataset, reimport=False)
    graph_csv.set_display_name("graph-csv")
    schema = dsl.importer(artifact_uri=schema_uri, artifact_class=dsl.Artifact, reimport=False)
    schema.set_display_name("schema")
    raw = dsl.importer(artifact_uri=raw_uri, artifact_class=dsl.Artifact, reimport=False).set_display_name("raw")
    encoder = dsl.importer(artifact_uri=encoder_uri, artifact_class=dsl.Model, reimport=False)
    encoder.set_display_name("encoder")

    questions = preprocess.questions(
        graph_csv=graph_csv.output,
        schema=schema.output,
        raw=raw.output,
        seed=seed,
        train_size=train_size,
        validation_size=validation_size,
        test_size=test_size,
        raw_split=raw_split,
    ).set_display_name("questions")

    model = train_jointbert.train(
        questions=questions.outputs["questions"],
        encoder=encoder.output,
        seed=seed,
        epochs=epochs,
        patience=patience,
        batch_characters=batch_characters,
        learning_rate=learning_rate,
        bert_learning_rate=bert_learning_rate,
        layers=layers,
        checkpoint_minutes=checkpoint_minutes,
    ).set_display_name("train")

    evaluation = train_jointbert.evaluate(
        model=model.outputs["model"], questions=questions.outputs["questions"]
    ).set_display_name("evaluate")

    with dsl.If(evaluation.outputs["intent_accuracy"] >= min_intent_accuracy, name="intents good enough"):
        with dsl.If(evaluation.outputs["slot_f1"] >= min_slot_f1, name="names good enough"):
            register = register_model.register(
                model=model.outputs["model"],
                report=evaluation.outputs["report"],
                registry=registry,
                group="question-model",
            ).set_display_name("register")
            # Another program may hold the registry's lock. Registering again returns the existing version.
            register.set_retry(2, backoff_duration="30s", backoff_factor=2)

        with dsl.Else(name="names not good enough"):
            notify.notify(
                title=TITLE,
                message=f"F1 of the names on the test split is {evaluation.outputs['slot_f1']}, and the gate "
                f"asks for {min_slot_f1}: the model was not registered",
            ).set_display_name("notify-names")

    with dsl.Else(name="intents not good enough"):
        notify.notify(
            title=TITLE,
            message=f"intent accuracy on the test split is {evaluation.outputs['intent_accuracy']}, and "
            f"the gate asks for {min_intent_accuracy}: the model was not registered",
        ).set_display_name("notify-intents")
