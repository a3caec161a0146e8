"""The comparison of two runs sees every byte, and forgives only what it is told."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import compare_runs


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    for name, key in (("before", "a1"), ("after", "b2")):
        folder = tmp_path / name / "tasks" / "train" / key / "model"
        folder.mkdir(parents=True)
        (folder / "weights").write_bytes(b"\x01\x02")
        (folder / "config.json").write_text(json.dumps({"hidden": 8}))
        (folder / "manifest.json").write_text(
            json.dumps({"version": 1, "inputs": {"raw": "x"}, "settings": {"seed": 1}})
        )
        (folder.parent / "done.json").write_text(name)
    return tmp_path / "before", tmp_path / "after"


def model(run: Path) -> Path:
    return next(run.glob("tasks/train/*/model"))


def verdicts(runs: tuple[Path, Path], *words: str, capsys) -> tuple[int, dict[str, str]]:
    code = compare_runs.main([*map(str, runs), *words])
    lines = capsys.readouterr().out.splitlines()
    return code, {line[14:]: line[:13].strip() for line in lines}


def test_two_runs_with_the_same_bytes_are_equal(runs, capsys):
    code, found = verdicts(runs, capsys=capsys)
    assert code == 0
    assert found == dict.fromkeys(
        ("train/model/config.json", "train/model/manifest.json", "train/model/weights"), "equal"
    )


def test_one_changed_byte_differs(runs, capsys):
    (model(runs[1]) / "weights").write_bytes(b"\x01\x03")
    code, found = verdicts(runs, capsys=capsys)
    assert (code, found["train/model/weights"]) == (1, "differs")


def test_a_file_of_one_run_alone_is_named(runs, capsys):
    (model(runs[0]) / "weights").rename(model(runs[0]) / "weights.old")
    code, found = verdicts(runs, capsys=capsys)
    assert code == 1
    assert found["train/model/weights.old"] == "only before"
    assert found["train/model/weights"] == "only after"


def test_renamed_and_volatile_keys_are_forgiven_only_when_they_are_named(runs, capsys):
    (model(runs[1]) / "config.json").write_text(json.dumps({"hidden_size": 8, "seconds": 3}))
    assert verdicts(runs, capsys=capsys)[0] == 1
    code, found = verdicts(runs, "--renamed", "hidden=hidden_size", "--volatile", "seconds", capsys=capsys)
    assert (code, found["train/model/config.json"]) == (0, "equal values")


def test_a_manifest_may_follow_its_inputs_but_not_change_its_settings(runs, capsys):
    manifest = model(runs[1]) / "manifest.json"
    manifest.write_text(json.dumps({"version": 2, "inputs": {"raw": "y"}, "settings": {"seed": 1}}))
    assert verdicts(runs, capsys=capsys)[1]["train/model/manifest.json"] == "equal values"
    manifest.write_text(json.dumps({"version": 2, "inputs": {"raw": "y"}, "settings": {"seed": 2}}))
    assert verdicts(runs, capsys=capsys)[1]["train/model/manifest.json"] == "differs"
