"""The pipeline `question-answering`: a graph's facts and an archive of questions become a model that reads questions.

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
    """Train the model that reads questions.

    Args:
        graph_csv_uri: the graph that is asked about (ckgqa/graph-csv); an empty folder for none.
        schema_uri: the sentences that it was made from (ckgqa/sentences), for their schema; an empty folder for none.
        raw_uri: an archive of labelled questions; an empty folder for none.
        encoder_uri: the folder of a BERT to train on; an empty one for a small BERT, which trains from nothing.
        min_intent_accuracy: the first gate: share of the test split's intents that the model must get right.
        min_slot_f1: the second gate: micro-F1 of the names that it must reach.
        seed: of every draw and of the training.
        train_size: generated questions to train on.
        validation_size: generated questions that choose the epoch.
        test_size: generated questions to judge by.
        raw_split: how the archive is split: random or wording.
        epochs: the most passes over the training split.
        patience: epochs without more wholly right validation questions after which training stops.
        batch_characters: characters in a batch of the training.
        learning_rate: the highest learning rate of the heads and of a small BERT.
        bert_learning_rate: the highest learning rate of a pretrained BERT's own weights.
        layers: layers of a pretrained BERT that are kept.
        checkpoint_minutes: how old a checkpoint of the training may become.
        registry: the folder of registered models; empty where the model is packed and registered nowhere.
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
            # A registry may be held by somebody else for a moment, and registering twice changes nothing.
            register.set_retry(2, backoff_duration="30s", backoff_factor=2)

        with dsl.Else(name="names not good enough"):
            notify.notify(
                title=TITLE,
                message=f"F1 of the names on the test split is {evaluation.outputs['slot_f1']}, and {min_slot_f1} is "
                "asked for: the model was not registered",
            ).set_display_name("notify-names")

    with dsl.Else(name="intents not good enough"):
        notify.notify(
            title=TITLE,
            message=f"intent accuracy on the test split is {evaluation.outputs['intent_accuracy']}, and "
            f"{min_intent_accuracy} is asked for: the model was not registered",
        ).set_display_name("notify-intents")
