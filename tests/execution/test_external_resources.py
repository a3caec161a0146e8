"""What a task works on outside of the run: which folders it writes to, and that its result is never an earlier one."""

import pytest

from ckgqa.execution.local.external_resources import ExternalResources
from ckgqa.execution.local.orchestrator import TaskError
from ckgqa.runtime.errors import InputError


def test_the_folder_of_an_embedded_graph_is_told_of_where_it_is_and_never_made(tmp_path):
    assert ExternalResources(f"embedded:{tmp_path}/graph.db", "").folders() == (tmp_path,)
    assert ExternalResources(f"embedded:{tmp_path}/gone/graph.db", "").folders() == ()
    assert ExternalResources("ws://localhost:8182/gremlin", "").folders() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_server_alone_is_behind_a_network(tmp_path):
    addresses = ("", "embedded:/x/graph.db", "wss://host:8182/gremlin")
    assert [ExternalResources(url, str(tmp_path)).network for url in addresses] == [False, False, True]


def test_the_folder_of_a_registry_is_made_and_a_relative_one_refused(tmp_path):
    models = tmp_path / "new" / "models"
    assert ExternalResources(f"embedded:{tmp_path}/graph.db", str(models)).folders() == (tmp_path, models)
    assert models.is_dir()
    with pytest.raises(InputError, match="--registry models: expected an absolute path"):
        ExternalResources("", "models").folders()


def test_a_task_with_a_registry_is_always_run_and_knows_the_name_of_its_run(toy, tmp_path):
    models = tmp_path / "models"
    assert toy.run(models=str(models))
    assert [path.name for path in models.iterdir()] == ["run"]
    (models / "run").unlink()
    assert toy.run(models=str(models))
    assert [path.name for path in models.iterdir()] == ["run"]
    assert (toy.states["read"], toy.states["build"]) == ("cached", "done")
    assert toy.run()  # without one, and so another key
    assert toy.run()
    assert toy.states["build"] == "cached"


def test_what_a_registry_holds_is_no_part_of_the_tasks_key(toy, tmp_path):
    keys = set()
    for _ in range(2):
        assert toy.run(models=str(tmp_path / "models"))
        keys.add(toy.record.tasks["build"].key)
        (tmp_path / "models" / "question-model").mkdir(exist_ok=True)
    assert len(keys) == 1


def test_a_relative_registry_in_an_edited_pipeline_ends_its_task_with_2(toy):
    with pytest.raises(TaskError, match="build: --registry models: expected an absolute path") as failure:
        toy.run(models="models")
    assert failure.value.exit_code == 2
