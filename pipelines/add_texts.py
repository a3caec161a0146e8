"""The pipeline `add-texts`: a model extracts facts from a user's own texts, and they are added to an existing graph.

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
        graph_uri: Folder of the graph (ckgqa/graph), which is not modified.
        model_uri: Folder of the model that extracts (ckgqa/casrel), trained on the graph's schema.
        texts_uri: Folder of texts (.jsonl, .json, .txt, zips; at any depth).
        nothing_uri: Empty folder, for the labelled sentences, an input of the stages that this pipeline does not have.
        max_bad_fraction: Largest share of lines that may be unreadable.
        graph_url: Address of the graph, if it differs from the one in graph.json, as with a password; empty for a file.
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
        # Files of two additions may have the same name.
        unique_ids=True,
    ).set_display_name("extract")

    # Texts without facts are not an error. The name is not csv, which is the CSV of a whole graph.
    graph_csv = neptune_load.csv(
        sentences=nothing.output, facts=facts.outputs["facts"], allow_empty=True
    ).set_display_name("new-csv")

    added = neptune_load.add(
        base=graph.output, graph_csv=graph_csv.outputs["graph_csv"], url=graph_url
    ).set_display_name("add")
    # A graph server may be unavailable for a while. Adding again changes nothing.
    added.set_retry(2, backoff_duration="30s", backoff_factor=2)
