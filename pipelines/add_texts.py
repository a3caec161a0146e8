"""The pipeline `add-texts`: what a model finds in a user's own texts comes to a graph that is there.

ckgqa add notes.txt      ckgqa run add-texts --graph GRAPH --model MODEL --texts notes.txt
"""

from kfp import dsl

from ckgqa.bundle.components.neptune_load import component as neptune_load
from ckgqa.bundle.components.train_casrel import component as train_casrel


@dsl.pipeline(name="add-texts", description="Texts -> facts, by an approved CasRel model -> added to a graph")
def add_texts(
    graph_uri: str,
    model_uri: str,
    texts_uri: str,
    nothing_uri: str,
    max_bad_fraction: float = 0.01,
    graph_url: str = "",
) -> None:
    """Add texts to a graph.

    Args:
        graph_uri: the folder of the graph (ckgqa/graph), which stays as it is.
        model_uri: the folder of the model that extracts (ckgqa/casrel), trained on the graph's schema.
        texts_uri: a folder of texts (.jsonl, .json, .txt, at any depth).
        nothing_uri: an empty folder, for the labelled sentences that stages take too and that are not there.
        max_bad_fraction: largest share of lines that may be unreadable, 0 to 1.
        graph_url: where the graph is, if that is not what its graph.json says, as with a password; empty for a file.
    """
    graph = dsl.importer(artifact_uri=graph_uri, artifact_class=dsl.Artifact, reimport=False).set_display_name("graph")
    model = dsl.importer(artifact_uri=model_uri, artifact_class=dsl.Model, reimport=False).set_display_name("model")
    texts = dsl.importer(artifact_uri=texts_uri, artifact_class=dsl.Artifact, reimport=False).set_display_name("texts")
    nothing = dsl.importer(artifact_uri=nothing_uri, artifact_class=dsl.Dataset, reimport=False)
    nothing.set_display_name("nothing")

    facts = train_casrel.extract(
        model=model.output,
        sentences=nothing.output,
        texts=texts.output,
        max_bad_fraction=max_bad_fraction,
        # Another day's notes may have had the same name.
        unique_ids=True,
    ).set_display_name("extract")

    # Texts in which nothing was found are no error. The task is not called csv: what a graph is made of whole is.
    graph_csv = neptune_load.csv(
        sentences=nothing.output, facts=facts.outputs["facts"], allow_empty=True
    ).set_display_name("new-csv")

    added = neptune_load.add(
        base=graph.output, graph_csv=graph_csv.outputs["graph_csv"], url=graph_url
    ).set_display_name("add")
    # A graph server may refuse or be late, and adding twice changes nothing.
    added.set_retry(2, backoff_duration="30s", backoff_factor=2)
