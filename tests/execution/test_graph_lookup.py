"""Whose graph is meant: the newest run's that has one, a run's, or that in a folder."""

import pytest

from ckgqa.cli.main import main
from ckgqa.execution.records.graph_lookup import find_graph, graph_of, last_graph
from ckgqa.execution.records.record import RunRecord, TaskRecord, read_record
from ckgqa.runtime.artefacts import GRAPH
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.manifest import Manifest, write_manifest


def make_run(runs, name, tasks, state="done"):
    """Make a run whose tasks are name -> state; each ended one has written a graph."""
    folder = runs / name
    folder.mkdir(parents=True)
    record = RunRecord(folder.absolute(), "knowledge-graph", "process", {}, state=state, order=list(tasks))
    record.tasks = {task: TaskRecord(state=how, outputs={"graph": f"tasks/{task}"}) for task, how in tasks.items()}
    for task, how in tasks.items():
        if how in {"done", "cached"}:
            write_graph(folder / "tasks" / task)
    record.save()
    return folder.absolute()


def write_graph(folder, version=GRAPH.version):
    folder.mkdir(parents=True)
    write_manifest(folder, Manifest(GRAPH.name, version, "s1", "neptune_load load"))
    return folder


@pytest.fixture
def runs(tmp_path):
    make_run(tmp_path / "runs", "1", {"load": "done"})
    make_run(tmp_path / "runs", "2", {"add": "cached"})
    make_run(tmp_path / "runs", "3", {"load": "failed"}, state="failed")
    return tmp_path / "runs"


def test_the_last_graph_is_that_of_the_newest_run_that_has_one_whatever_task_made_it(runs):
    assert last_graph(runs) == runs / "2" / "tasks" / "add"
    make_run(runs, "4", {"load": "done"})
    assert last_graph(runs) == runs / "4" / "tasks" / "load"


def test_of_two_tasks_that_wrote_a_graph_the_later_counts(tmp_path):
    run = make_run(tmp_path / "runs", "1", {"load": "done", "add": "done"})
    assert graph_of(read_record(run)) == run / "tasks" / "add"


def test_a_record_that_cannot_be_read_and_a_graph_that_was_removed_are_passed_over(runs):
    (runs / "5").mkdir()
    (runs / "5" / "manifest.json").write_text("{}")
    (runs / "2" / "tasks" / "add" / "manifest.json").unlink()
    (runs / "2" / "tasks" / "add").rmdir()
    assert last_graph(runs) == runs / "1" / "tasks" / "load"


def test_without_any_graph_it_says_what_makes_one(tmp_path):
    make_run(tmp_path / "runs", "1", {"load": "failed"})
    for runs in (tmp_path / "runs", tmp_path / "none"):
        with pytest.raises(InputError, match="no run there has a graph yet; `ckgqa run knowledge-graph"):
            last_graph(runs)


def test_a_graph_is_named_by_its_run_the_runs_folder_or_its_own(runs, tmp_path):
    there = runs / "1" / "tasks" / "load"
    for name in ("1", str(runs / "1"), str(there)):
        assert find_graph(runs, name) == there
    with pytest.raises(InputError, match=r"3 has none \(it ended as failed;"):
        find_graph(runs, "3")
    with pytest.raises(InputError, match="--graph nothing: expected a run in"):
        find_graph(runs, "nothing")
    with pytest.raises(InputError, match="ckgqa/graph version 1; expected .* version 2; `ckgqa run knowledge-graph"):
        find_graph(runs, str(write_graph(tmp_path / "old", version=1)))


def test_cleaning_keeps_the_newest_graph_unless_nothing_is_kept(runs):
    assert main(["runs", "clean", "--keep", "1", "--yes", "--runs-dir", str(runs)]) == 0
    assert sorted(run.name for run in runs.iterdir()) == ["2", "3"]
    assert main(["runs", "clean", "--keep", "0", "--yes", "--runs-dir", str(runs)]) == 0
    assert list(runs.iterdir()) == []
