"""The pipeline `add-texts` as it is compiled; `tests/cli/test_add.py` runs it."""

import pytest

from ckgqa.cli.main import main
from ckgqa.execution.compilation import ir
from ckgqa.execution.compilation.compiler import compile_pipeline
from ckgqa.images.plan import pinned
from ckgqa.runtime.artefacts import GRAPH
from ckgqa.runtime.manifest import Manifest, write_manifest


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    path = tmp_path_factory.mktemp("compiled") / "add.yaml"
    compile_pipeline("add-texts", path, pinned)
    return ir.load_ir(path)


def test_its_stages_are_pinned_and_in_order_and_a_refusing_server_is_asked_again(spec):
    tasks = {task.name: task for task in ir.tasks(spec)}
    assert list(tasks) == ["graph", "model", "texts", "nothing", "extract", "new-csv", "add"]
    assert tasks["add"].image == pinned("ckgqa/neptune-load")
    assert not any(task.branches for task in tasks.values())
    assert spec.root.dag.tasks["add"].retry_policy.max_retry_count == 2


def test_ids_are_unique_and_texts_without_facts_no_error(spec):
    given = {name: spec.root.dag.tasks[name].inputs.parameters for name in ("extract", "csv")}
    assert given["extract"]["unique_ids"].runtime_value.constant.bool_value
    assert given["csv"]["allow_empty"].runtime_value.constant.bool_value


def test_the_flags_are_what_a_user_gives(capsys):
    assert main(["run", "add-texts", "--help"]) == 0
    told = capsys.readouterr().out
    for flag in ("--graph RUN|FOLDER", "--model ID|FOLDER", "--texts FILE|FOLDER", "--graph-url URL"):
        assert flag in told
    assert "--nothing" not in told


def test_without_texts_a_graph_or_a_model_it_does_not_begin(tmp_path, capsys):
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "graph.db").touch()
    write_manifest(tmp_path / "graph", Manifest(*GRAPH, "s1", "a test"))
    (tmp_path / "a.txt").write_text("好")
    given = ["run", "add-texts", "--runs-dir", str(tmp_path / "runs"), "--target", "process"]
    for missing, path in (("--texts", "a.txt"), ("--graph", "graph"), ("--model", "")):
        assert main(given) == 2
        assert f"{missing}: expected this flag" in capsys.readouterr().err
        given += [missing, str(tmp_path / path)]
