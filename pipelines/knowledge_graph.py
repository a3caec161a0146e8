"""The pipeline `knowledge-graph`: a raw DuIE archive becomes a loaded knowledge graph, if the model is good enough.

ckgqa run knowledge-graph --raw DuIE_2_0.zip      ckgqa compile knowledge-graph -o kg.yaml
"""

from kfp import dsl

from ckgqa.bundle.components.neptune_load import component as neptune_load
from ckgqa.bundle.components.notify import component as notify
from ckgqa.bundle.components.preprocess import component as preprocess
from ckgqa.bundle.components.register_model import component as register_model
from ckgqa.bundle.components.train_casrel import component as train_casrel


@dsl.pipeline(name="knowledge-graph", description="Raw DuIE archive -> CasRel -> facts -> the graph, behind an F1 gate")
def knowledge_graph(
    raw_uri: str,
    texts_uri: str,
    encoder_uri: str,
    min_f1: float = 0.6,
    seed: int = 13,
    validation_fraction: float = 0.05,
    hidden_size: int = 256,
    layers: int = 2,
    epochs: int = 12,
    patience: int = 4,
    batch_characters: int = 2048,
    learning_rate: float = 0.002,
    checkpoint_minutes: float = 10.0,
    graph_url: str = "",
    registry: str = "",
) -> None:
    """Build the graph.

    Args:
        raw_uri: Archive: a zip file or a folder with schema.json, train.json and dev.json.
        texts_uri: Folder of more texts to extract from (.jsonl, .json, .txt, zips; at any depth); it may be empty.
        encoder_uri: Folder of a BERT to train on; an empty folder trains a BiLSTM from random weights.
        min_f1: Gate: the micro-F1 on the test split that the model must reach before its facts are loaded.
        seed: Random seed of the split and the training.
        validation_fraction: Share of the training sentences that select the epoch and the thresholds.
        hidden_size: Size of the model's hidden states.
        layers: Layers of the encoder: of the BiLSTM.
        epochs: Largest number of passes over the training split.
        patience: Epochs without a better F1 on the validation split before training stops, once F1 is above 0.
        batch_characters: Characters in a training batch.
        learning_rate: Highest learning rate.
        checkpoint_minutes: Minutes between checkpoints of the training.
        graph_url: Address of the graph, `embedded:PATH` or a Gremlin Server; empty loads into a file of the run.
        registry: Folder of the registry of models, for a model that passes the gate; empty registers it nowhere.
    """
    raw = dsl.importer(artifact_uri=raw_uri, artifact_class=dsl.Artifact, reimport=False).set_display_name("raw")
    texts = dsl.importer(artifact_uri=texts_uri, artifact_class=dsl.Artifact, reimport=False).set_display_name("texts")
    encoder = dsl.importer(artifact_uri=encoder_uri, artifact_class=dsl.Model, reimport=False)
    encoder.set_display_name("encoder")

    sentences = preprocess.duie(raw=raw.output, seed=seed, validation_fraction=validation_fraction)
    sentences.set_display_name("preprocess")

    model = train_casrel.train(
        sentences=sentences.outputs["sentences"],
        encoder=encoder.output,
        seed=seed,
        hidden_size=hidden_size,
        layers=layers,
        epochs=epochs,
        patience=patience,
        batch_characters=batch_characters,
        learning_rate=learning_rate,
        checkpoint_minutes=checkpoint_minutes,
    ).set_display_name("train")

    evaluation = train_casrel.evaluate(
        model=model.outputs["model"], sentences=sentences.outputs["sentences"]
    ).set_display_name("evaluate")

    with dsl.If(evaluation.outputs["f1"] >= min_f1, name="good enough"):
        package = register_model.register(
            model=model.outputs["model"],
            report=evaluation.outputs["report"],
            registry=registry,
            group="extraction-model",
        ).set_display_name("register")
        # Another program may hold the registry's lock. Registering again returns the existing version.
        package.set_retry(2, backoff_duration="30s", backoff_factor=2)

        facts = train_casrel.extract(
            model=model.outputs["model"], sentences=sentences.outputs["sentences"], texts=texts.output
        ).set_display_name("extract")

        graph_csv = neptune_load.csv(
            sentences=sentences.outputs["sentences"], facts=facts.outputs["facts"]
        ).set_display_name("csv")

        graph = neptune_load.load(graph_csv=graph_csv.outputs["graph_csv"], url=graph_url).set_display_name("load")
        # A graph server may be unavailable for a while. Loading again changes nothing.
        graph.set_retry(2, backoff_duration="30s", backoff_factor=2)

    with dsl.Else(name="not good enough"):
        notify.notify(
            title="knowledge-graph: the model is not good enough",
            message=f"micro-F1 on the test split is {evaluation.outputs['f1']}, and the gate asks for {min_f1}: "
            "nothing was extracted or loaded",
        ).set_display_name("notify")
