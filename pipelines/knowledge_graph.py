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
    hidden: int = 256,
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
        raw_uri: the archive: a zip or a folder with schema.json, train.json and dev.json.
        texts_uri: a folder of more texts to extract from (.jsonl, .json, .txt, at any depth), possibly empty.
        encoder_uri: the folder of a BERT to train on; an empty one for a BiLSTM, which trains from nothing.
        min_f1: the gate: micro-F1 on the test split that the model must reach for its facts to be loaded.
        seed: of the split and of the training.
        validation_fraction: share of the training sentences that choose the epoch and the thresholds.
        hidden: size of the states between the model's layers.
        layers: layers of the BiLSTM.
        epochs: the most passes over the training split.
        patience: epochs without a better F1 on the validation split after which training stops, once F1 is above 0.
        batch_characters: characters in a batch of the training.
        learning_rate: the highest learning rate.
        checkpoint_minutes: how old a checkpoint of the training may become.
        graph_url: where the graph is loaded: empty for a file of its own, else `embedded:PATH` or a Gremlin Server.
        registry: folder of the registry that gets a model which passes the gate; empty to register it nowhere.
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
        hidden=hidden,
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
        # Another program may keep the registry busy, and registering twice gives the version that is there.
        package.set_retry(2, backoff_duration="30s", backoff_factor=2)

        facts = train_casrel.extract(
            model=model.outputs["model"], sentences=sentences.outputs["sentences"], texts=texts.output
        ).set_display_name("extract")

        graph_csv = neptune_load.csv(
            sentences=sentences.outputs["sentences"], facts=facts.outputs["facts"]
        ).set_display_name("csv")

        graph = neptune_load.load(graph_csv=graph_csv.outputs["graph_csv"], url=graph_url).set_display_name("load")
        # A graph server may refuse or be late, and loading twice changes nothing.
        graph.set_retry(2, backoff_duration="30s", backoff_factor=2)

    with dsl.Else(name="not good enough"):
        notify.notify(
            title="knowledge-graph: the model is not good enough",
            message=f"micro-F1 on the test split is {evaluation.outputs['f1']}, and {min_f1} is asked for: "
            "nothing was extracted or loaded",
        ).set_display_name("notify")
