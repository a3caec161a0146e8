"""Contract of the stage `register_model`: a model that passed its gate waits for a person's approval."""

from kfp import dsl

IMAGE = "ckgqa/register-model"


@dsl.container_component
def register(
    model: dsl.Input[dsl.Model],
    report: dsl.Input[dsl.Artifact],
    package: dsl.Output[dsl.Artifact],
    group: str,
    registry: str = "",
    run: str = "",
) -> dsl.ContainerSpec:
    """Register a model and the report on it as the next version of its group, pending.

    Args:
        model: The model's folder.
        report: Report of the evaluation of this model.
        package: What was registered: id, version, status, figures.
        group: Which models it stands in for: question-model or extraction-model.
        registry: Folder of the registry; empty to register nowhere.
        run: Name of the run that the model comes from; a pipeline's runner names its own.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_register_model", "register"],
        args=[
            "--model", model.path, "--report", report.path, "--package", package.path, "--group", group,
            "--registry", registry, "--run", run,
        ],
    )  # fmt: skip
