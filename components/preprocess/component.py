"""Contract of the stage `preprocess`: archives and graphs become validated, split and counted records."""

from kfp import dsl

IMAGE = "ckgqa/preprocess"


@dsl.container_component
def duie(
    raw: dsl.Input[dsl.Artifact],
    sentences: dsl.Output[dsl.Dataset],
    seed: int = 13,
    validation_fraction: float = 0.05,
    max_bad_fraction: float = 0.01,
) -> dsl.ContainerSpec:
    """Turn a DuIE archive into validated sentences: train, validation and test.

    Args:
        raw: The archive: a zip or a folder with schema.json, train.json and dev.json (or DuIE 1.0's names).
        sentences: Folder for the sentences, their schema and the report.
        seed: Seed of the split; the same seed puts the same text on the same side.
        validation_fraction: Share of train.json kept for validation, between 0 and 1.
        max_bad_fraction: Largest share of bad records in a file, 0 to 1.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_preprocess", "duie"],
        args=[
            "--raw",
            raw.path,
            "--sentences",
            sentences.path,
            "--seed",
            seed,
            "--validation-fraction",
            validation_fraction,
            "--max-bad-fraction",
            max_bad_fraction,
        ],
    )


@dsl.container_component
def questions(
    graph_csv: dsl.Input[dsl.Dataset],
    schema: dsl.Input[dsl.Artifact],
    raw: dsl.Input[dsl.Artifact],
    questions: dsl.Output[dsl.Dataset],
    templates: str = "",
    seed: int = 13,
    train_size: int = 40000,
    validation_size: int = 2000,
    test_size: int = 1600,
    max_facts: int = 200000,
    raw_split: str = "random",
    raw_validation_fraction: float = 0.1,
    raw_test_fraction: float = 0.2,
    max_bad_fraction: float = 0.01,
) -> dsl.ContainerSpec:
    """Make labelled questions about a graph, and take those of an archive.

    Args:
        graph_csv: The graph (ckgqa/graph-csv), or an empty folder for none.
        schema: The sentences (ckgqa/sentences) that the graph was made from, or their schema.json.
        raw: An archive of labelled questions, or an empty folder for none.
        questions: Folder for the questions, their labels and the report.
        templates: A file of wordings, or a folder of them, to add to the shipped ones.
        seed: Seed of every draw.
        train_size: Generated questions to train on.
        validation_size: Generated questions to choose by.
        test_size: Generated questions to judge by.
        max_facts: Edges of the graph that are read, about.
        raw_split: How the archive is split: random or wording.
        raw_validation_fraction: Share of the archive for validation, split at random.
        raw_test_fraction: Share of the archive for the test, split at random.
        max_bad_fraction: Largest share of bad records in the archive, 0 to 1.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_preprocess", "questions"],
        args=[
            "--graph-csv", graph_csv.path,
            "--schema", schema.path,
            "--raw", raw.path,
            "--questions", questions.path,
            "--templates", templates,
            "--seed", seed,
            "--train-size", train_size,
            "--validation-size", validation_size,
            "--test-size", test_size,
            "--max-facts", max_facts,
            "--raw-split", raw_split,
            "--raw-validation-fraction", raw_validation_fraction,
            "--raw-test-fraction", raw_test_fraction,
            "--max-bad-fraction", max_bad_fraction,
        ],
    )  # fmt: skip
