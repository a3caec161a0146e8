"""What runs again when something changed, and that nothing else does."""

import shutil

import pytest

from ckgqa.execution.compilation.ir import stage_of
from ckgqa.execution.local.process_executor import ProcessExecutor

ALL = ("read", "judge", "build")


@pytest.fixture
def ran(toy):
    assert toy.run()
    return toy


def again(toy, **arguments) -> tuple[str, ...]:
    """Run once more and return the tasks that were not taken from before."""
    toy.run(**arguments)
    return tuple(name for name in ALL if toy.states[name] == "done")


def test_nothing_changed_runs_nothing(ran):
    assert again(ran) == ()
    assert ran.states == {"raw": "done", "read": "cached", "judge": "cached", "build": "cached", "notify": "skipped"}
    assert ran.read("build", "total", "total.txt") == "6.0 first"
    assert ran.record.tasks["build"].seconds > 0  # of when it ran
    assert ran.record.tasks["judge"].metrics == {"f1": 0.2}


def test_a_changed_setting_runs_its_task_and_what_follows_from_it(ran):
    assert again(ran, factor=2) == ALL
    assert again(ran, factor=1) == ()  # both results are kept


def test_a_setting_of_the_last_task_runs_it_alone(ran):
    assert again(ran, behave="once") == ("build",)


def test_a_changed_gate_runs_nothing_again(ran):
    assert again(ran, min_f1=0.1) == ()


def test_a_changed_byte_of_the_input_runs_all_that_reads_it(ran):
    ran.raw.write_text("1 2 4")
    assert again(ran) == ALL


def test_a_change_that_gives_the_same_output_stops_there(ran):
    ran.raw.write_text("1  2 3")
    assert again(ran) == ("read",)


def test_an_input_moved_elsewhere_is_the_same_input(ran):
    moved = ran.raw.with_name("moved.txt")
    shutil.move(ran.raw, moved)
    ran.raw = moved
    assert again(ran) == ()


def test_a_changed_program_runs_its_tasks(ran):
    ran.program_hash = lambda stage: f"a new program of {stage}"
    assert again(ran) == ALL


def test_a_changed_program_of_another_stage_runs_nothing(ran):
    ran.program_hash = lambda stage: "a new program" if stage == "notify" else f"program of {stage}"
    assert again(ran) == ()


def test_an_output_that_was_changed_by_hand_is_made_anew(ran):
    (ran.record.output("read", "numbers") / "numbers.txt").write_text("5 5 5")
    assert again(ran) == ("read",)
    assert ran.read("read", "numbers", "numbers.txt") == "1.0 2.0 3.0"


def test_an_output_that_went_away_is_made_anew(ran):
    shutil.rmtree(ran.record.output("build", "total"))
    assert again(ran) == ("build",)


def test_a_file_that_came_later_does_no_harm(ran):
    """Reading an embedded graph leaves SQLite's own files beside it."""
    (ran.record.output("read", "numbers") / "graph.db-wal").write_text("")
    assert again(ran) == ()


def test_a_task_that_failed_is_run_again_and_what_it_needs_is_not(toy):
    with pytest.raises(Exception, match="as wrong as asked for"):
        toy.run(behave="input")
    assert again(toy, behave="well") == ("build",)


def test_a_folder_named_by_a_setting_counts_by_its_content(toy, tmp_path):
    """As a BERT does; `behave` stands in for a setting that names a path."""
    folder = tmp_path / "bert"
    folder.mkdir()
    (folder / "vocab.txt").write_text("a")
    keys = []
    for text in ("a", "a", "b"):
        (folder / "vocab.txt").write_text(text)
        with pytest.raises(Exception, match="build: "):
            toy.run(behave=str(folder))
        keys.append(toy.record.tasks["build"].key)
    assert keys[0] == keys[1] != keys[2]


def test_where_tasks_run_is_no_part_of_what_they_give(ran):
    """A run begun as processes goes on in containers without running anything again."""

    ran.run(executor=IdleExecutor(ran.folder, ran.program_hash))  # no stage is looked for there
    assert ran.states["build"] == "cached"


class IdleExecutor(ProcessExecutor):
    """An executor that has programs and runs none."""

    def program(self, image: str) -> str:
        return self.program_hash(stage_of(image))

    def run(self, job, on_line):
        raise AssertionError(f"{job.task} is not to be run, and {on_line} not called")
