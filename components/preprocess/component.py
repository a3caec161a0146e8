"""Contract of the stage `preprocess`: raw archives become validated, split and counted records."""

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
