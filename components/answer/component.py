"""The contracts of this stage: what `evaluate` and `index` take, give and can be told."""

from kfp import dsl

IMAGE = "ckgqa/answer"


@dsl.container_component
def evaluate(
    questions: dsl.Input[dsl.Dataset],
    sentences: dsl.Input[dsl.Dataset],
    graph: dsl.Input[dsl.Artifact],
    report: dsl.Output[dsl.Artifact],
    accuracy: dsl.OutputPath(float),
    endpoint: str,
    graph_url: str = "",
    split: str = "test",
    fit: bool = True,
    calibration: str = "",
    timeout_s: float = 10.0,
    max_rows: int = 10000,
    examples: int = 20,
) -> dsl.ContainerSpec:
    """Ask labelled questions and report how many got exactly the right answer, beside a baseline.

    Args:
        questions: Folder of labelled questions (ckgqa/questions).
        sentences: Folder of labelled sentences (ckgqa/sentences), from which the gold is made.
        graph: Folder of the graph that is asked (ckgqa/graph).
        report: Folder that receives report.json, report.md, report.html and calibration.json.
        accuracy: Share of questions with exactly the right answer, 0 to 1.
        endpoint: The question model: http://HOST:PORT of a server, or the name of a SageMaker endpoint.
        graph_url: Address of the graph where it is not the folder's own.
        split: Questions that are asked and reported.
        fit: Whether the confidence is fitted on the validation questions first.
        calibration: A calibration.json for the confidence; empty for weights set by hand.
        timeout_s: Seconds that one attempt to ask the model may take.
        max_rows: Most facts that one question brings from the graph.
        examples: Wrong answers shown for each shape of question.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_answer", "evaluate"],
        args=[
            "--questions", questions.path,
            "--sentences", sentences.path,
            "--graph", graph.path,
            "--report", report.path,
            "--accuracy", accuracy,
            "--endpoint", endpoint,
            "--graph-url", graph_url,
            "--split", split,
            "--fit", fit,
            "--calibration", calibration,
            "--timeout-s", timeout_s,
            "--max-rows", max_rows,
            "--examples", examples,
        ],
    )  # fmt: skip


@dsl.container_component
def index(graph: dsl.Input[dsl.Artifact], index: dsl.Output[dsl.Artifact]) -> dsl.ContainerSpec:
    """Build the index that linking reads, once for all who answer from a graph.

    Args:
        graph: Folder of the graph (ckgqa/graph).
        index: The index file.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_answer", "index"],
        args=["--graph", graph.path, "--index", index.path],
    )
