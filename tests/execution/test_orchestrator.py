import pytest
import yaml

from ckgqa.execution.local.orchestrator import TaskError
from ckgqa.execution.records.record import read_record
from ckgqa.runtime.errors import InputError, StageError


def test_a_pipeline_runs_as_processes_from_its_yaml_and_hands_artefacts_on(toy):
    assert toy.run(min_f1=0.15)
    assert toy.states == {
        "raw": "done",
        "read": "done",
        "judge": "done",
        "build": "done",
        "notify": "skipped",
    }
    assert toy.read("build", "total", "total.txt") == "6.0 first"
    assert toy.record.tasks["judge"].metrics == {"f1": 0.2}
    assert "progress title=read done=3 unit=numbers" in (toy.folder / "logs" / "read.log").read_text()


def test_a_gate_that_fails_builds_nothing_and_notifies(toy):
    assert not toy.run(min_f1=0.25)
    assert toy.states["build"] == "skipped"
    assert toy.read("notify", "notification", "notification.txt") == "gate: 0.2 is below 0.25"
    assert not (toy.folder / "tasks" / "build").exists()


@pytest.mark.parametrize(
    ("behave", "exit_code", "attempts", "words"),
    [
        ("input", 2, 1, "as wrong as asked for"),
        ("service", 75, 3, "the service is late"),
        ("bug", 1, 1, "this is a bug in ckgqa"),
        ("killed", 75, 3, "lack of memory"),
        ("silent", 1, 1, "without writing its output total"),
    ],
)
def test_a_stage_that_fails_ends_the_run_with_its_code_and_is_retried_only_where_that_may_help(
    toy, behave, exit_code, attempts, words
):
    with pytest.raises(TaskError, match=words) as failure:
        toy.run(behave=behave)
    assert failure.value.exit_code == exit_code
    assert toy.record.tasks["build"].attempts == attempts
    assert toy.states["build"] == "failed"
    assert toy.states["notify"] == "skipped"
    assert read_record(toy.folder).tasks["build"].exit_code == exit_code


def test_a_failure_upstream_leaves_everything_after_it_alone(toy):
    toy.raw.write_text("1 two 3")
    with pytest.raises(TaskError, match="read: "):
        toy.run()
    assert toy.states == {
        "raw": "done",
        "read": "failed",
        "judge": "skipped",
        "build": "skipped",
        "notify": "skipped",
    }


def test_a_service_that_is_late_once_is_tried_again(toy):
    assert toy.run(behave="once")
    assert toy.record.tasks["build"].attempts == 2
    assert toy.read("build", "total", "total.txt") == "6.0 again"


def test_a_checkpoint_outlives_a_failed_task_and_goes_when_it_succeeds(toy):
    with pytest.raises(TaskError):
        toy.run(behave="service")
    assert [place.parent.parent.name for place in toy.folder.glob("checkpoints/build/*/been-here")] == ["build"]
    assert toy.run(behave="once")
    assert toy.run(behave="well")
    kept = list(toy.folder.glob("checkpoints/*/*"))
    assert len(kept) == 1  # that of the setting which never succeeded


def test_no_folder_of_checkpoints_is_left_or_made_where_there_are_none(toy):
    assert toy.run()
    toy.raw.write_text("1 two 3")
    with pytest.raises(TaskError, match="read: "):
        toy.run()
    assert not (toy.folder / "checkpoints").exists()


def test_a_value_that_is_no_number_is_an_error_of_the_task_that_wrote_it(toy):
    toy.raw.write_text("nan")
    with pytest.raises(TaskError, match="judge: .*'f1'"):
        toy.run()


def test_a_condition_that_cannot_be_evaluated_is_an_error_and_no_silent_skip(toy):
    document = yaml.safe_load(toy.pipeline.read_text())
    for task in document["components"]["comp-condition-branches-1"]["dag"]["tasks"].values():
        policy = task["triggerPolicy"]
        policy["condition"] = policy["condition"].replace(" >=", " + nothing >=")
    toy.pipeline = toy.folder.parent / "edited.yaml"
    toy.pipeline.write_text(yaml.safe_dump(document))
    with pytest.raises(StageError, match="no branch of the pipeline's conditions ran"):
        toy.run()


def test_an_input_that_is_not_there_is_named(toy):
    toy.raw.unlink()
    with pytest.raises(TaskError, match=r"raw: .*raw.txt: expected an existing file or folder") as failure:
        toy.run()
    assert failure.value.exit_code == 2


def test_an_unknown_argument_is_refused(toy):
    with pytest.raises(InputError, match="--set wings: expected a parameter of the pipeline"):
        toy.run(wings=2)


def test_an_image_of_no_stage_here_is_refused_with_those_there_are(toy):
    _edit(toy, "comp-build", "image", "elsewhere/other:0123456789abcdef")
    with pytest.raises(TaskError, match="belongs to no stage here; these run as processes: notify, toy"):
        toy.run()


def test_what_is_executed_is_the_yaml_and_nothing_beside_it(toy):
    toy.run()
    assert toy.read("build", "total", "total.txt") == "6.0 first"
    document = yaml.safe_load(toy.pipeline.read_text())
    document["root"]["inputDefinitions"]["parameters"]["factor"]["defaultValue"] = 10.0
    toy.pipeline = toy.folder.parent / "edited.yaml"
    toy.pipeline.write_text(yaml.safe_dump(document))
    toy.run()
    assert toy.read("build", "total", "total.txt") == "60.0 first"
    toy.edit_argument("read", "--factor", "100")
    toy.run()
    assert toy.read("build", "total", "total.txt") == "600.0 first"


def _edit(toy, component: str, field: str, value: object) -> None:
    document = yaml.safe_load(toy.pipeline.read_text())
    label = document["components"][component]["executorLabel"]
    document["deploymentSpec"]["executors"][label]["container"][field] = value
    toy.pipeline = toy.folder.parent / "edited.yaml"
    toy.pipeline.write_text(yaml.safe_dump(document))
