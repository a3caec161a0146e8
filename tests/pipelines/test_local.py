import pytest
import yaml

from ckgqa.bundle.pipelines.record import read_record
from ckgqa.bundle.pipelines.targets.local import TaskError
from ckgqa.runtime.errors import InputError


def test_a_pipeline_runs_as_processes_from_its_yaml_and_hands_artefacts_on(toy):
    assert toy.run(min_f1=1.5)
    assert toy.states == {
        "raw": "done",
        "read": "done",
        "judge": "done",
        "build": "done",
        "notify": "skipped",
    }
    assert toy.read("build", "total", "total.txt") == "6.0 first"
    assert toy.record.tasks["judge"].metrics == {"f1": 2.0}
    assert "progress title=read done=3 unit=numbers" in (toy.folder / "logs" / "read.log").read_text()


def test_a_gate_that_fails_builds_nothing_and_notifies(toy):
    assert not toy.run(min_f1=2.5)
    assert toy.states["build"] == "skipped"
    assert toy.read("notify", "notification", "notification.txt") == "gate: 2.0 is below 2.5"
    assert not (toy.folder / "tasks" / "build").exists()
