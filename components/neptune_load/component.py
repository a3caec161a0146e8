"""The contracts of this stage: what `csv`, `load` and `add` take, give and can be told."""

from kfp import dsl

IMAGE = "ckgqa/neptune-load"


@dsl.container_component
def csv(
    sentences: dsl.Input[dsl.Dataset],
    facts: dsl.Input[dsl.Dataset],
    graph_csv: dsl.Output[dsl.Dataset],
    alias_predicates: str = "简称,号,字,别名,又名,曾用名,外文名",
    memory_mb: int = 448,
    threads: int = 2,
    allow_empty: bool = False,
) -> dsl.ContainerSpec:
    """Turn labelled and extracted triples into the graph's CSV.

    Args:
        sentences: labelled sentences (ckgqa/sentences); the test split only judges. An empty folder: there are none.
        facts: extracted triples (ckgqa/facts).
        graph_csv: vertices, edges, names and texts (ckgqa/graph-csv).
        alias_predicates: predicates whose value is another name of the subject, separated by commas.
        memory_mb: memory for DuckDB in MB.
        threads: threads of DuckDB.
        allow_empty: whether it is no error that there is no triple at all.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_neptune_load", "csv"],
        args=[
            "--sentences", sentences.path,
            "--facts", facts.path,
            "--graph-csv", graph_csv.path,
            "--alias-predicates", alias_predicates,
            "--memory-mb", memory_mb,
            "--threads", threads,
            "--allow-empty", allow_empty,
        ],
    )  # fmt: skip


@dsl.container_component
def load(
    graph_csv: dsl.Input[dsl.Dataset],
    graph: dsl.Output[dsl.Artifact],
    url: str = "",
    request_timeout_s: float = 60.0,
    attempts: int = 6,
    retry_wait_s: float = 0.5,
) -> dsl.ContainerSpec:
    """Bring the graph's CSV into a graph.

    Args:
        graph_csv: vertices, edges, names and texts (ckgqa/graph-csv).
        graph: the embedded graph or the server's address, and what goes with it (ckgqa/graph).
        url: empty for a new embedded graph, embedded:PATH, ws://... or wss://...
        request_timeout_s: seconds that one request to a server may take.
        attempts: how often a request is tried.
        retry_wait_s: seconds before the second attempt.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_neptune_load", "load"],
        args=[
            "--graph-csv", graph_csv.path,
            "--graph", graph.path,
            "--url", url,
            "--request-timeout-s", request_timeout_s,
            "--attempts", attempts,
            "--retry-wait-s", retry_wait_s,
        ],
    )  # fmt: skip


@dsl.container_component
def add(
    base: dsl.Input[dsl.Artifact],
    graph_csv: dsl.Input[dsl.Dataset],
    graph: dsl.Output[dsl.Artifact],
    url: str = "",
    request_timeout_s: float = 60.0,
    attempts: int = 6,
    retry_wait_s: float = 0.5,
) -> dsl.ContainerSpec:
    """Add the graph's CSV to a graph.

    Args:
        base: the graph that is added to (ckgqa/graph); it stays as it is.
        graph_csv: vertices, edges, names and texts (ckgqa/graph-csv).
        graph: the graph with what was added, or the server's address, and what goes with it (ckgqa/graph).
        url: where the base's graph is, if that is not what its graph.json says.
        request_timeout_s: seconds that one request may take.
        attempts: how often a request is tried.
        retry_wait_s: seconds before the second attempt.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_neptune_load", "add"],
        args=[
            "--base", base.path,
            "--graph-csv", graph_csv.path,
            "--graph", graph.path,
            "--url", url,
            "--request-timeout-s", request_timeout_s,
            "--attempts", attempts,
            "--retry-wait-s", retry_wait_s,
        ],
    )  # fmt: skip
