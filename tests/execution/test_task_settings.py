"""`--set TASK.NAME=VALUE`: any setting of any task becomes a constant of the IR, and nothing else does."""

import subprocess
import sys

import pytest
import yaml

from ckgqa.execution.compilation import ir
from ckgqa.execution.compilation.compiler import PIPELINES, compile_pipeline
from ckgqa.execution.compilation.parameters import check_parameters
from ckgqa.execution.compilation.task_settings import SET_BY_RUNNER, apply_settings, list_settings, read_settings
from ckgqa.images.plan import pinned
from ckgqa.runtime.errors import InputError


@pytest.fixture
def spec(toy_yaml):
    return ir.load_ir(toy_yaml)


@pytest.fixture(scope="module")
def questions():
    return PIPELINES["question-answering"].pipeline_spec


def constant(spec, task: str, name: str) -> object:
    key = next(one.key for one in ir.tasks(spec) if one.name == task)
    return ir.task_spec(spec, key).inputs.parameters[name].runtime_value.constant


def test_every_setting_of_every_task_is_listed_with_where_its_value_comes_from(spec):
    listed = {setting.id: (setting.type, setting.value) for setting in list_settings(spec)}
    assert listed == {
        "read.factor": ("an integer", "--factor"),
        "build.behave": ("a text", "--behave"),
        "notify.title": ("a text", "gate"),
        "notify.message": listed["notify.message"],
    }


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_every_parameter_of_every_component_is_listed_or_set_by_the_runner(pipeline):
    spec = PIPELINES[pipeline].pipeline_spec
    listed = {setting.id for setting in list_settings(spec)}
    for task in ir.tasks(spec):
        for name in spec.components[task.component].input_definitions.parameters if task.image else ():
            assert f"{task.name}.{name}" in listed or name in SET_BY_RUNNER


def test_a_setting_replaces_a_value_that_is_passed_on_and_one_in_a_branch(spec, toy_yaml):
    settings = read_settings(spec, {"read.factor": "7", "build.behave": "slow"})
    assert settings == {"read.factor": 7, "build.behave": "slow"}
    text = ir.edit_text(toy_yaml.read_text(), lambda document: apply_settings(document, spec, settings))
    changed = toy_yaml.with_name("changed.yaml")
    changed.write_text(text)
    assert constant(ir.load_ir(changed), "read", "factor").number_value == 7
    assert constant(ir.load_ir(changed), "build", "behave").string_value == "slow"
    assert text.startswith("# PIPELINE DEFINITION")


def test_a_name_inside_an_archive_is_no_path_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.json").write_text("of this machine")
    (tmp_path / "data").mkdir()
    given = {"preprocess.train": "mine.json", "preprocess.dev": "data", "preprocess.schema": "data/schema.json"}
    assert read_settings(PIPELINES["knowledge-graph"].pipeline_spec, given) == given


@pytest.mark.parametrize(
    ("id_", "message"),
    [
        ("red.factor", r"--set red\.factor: expected a task of this pipeline: read, .*; did you mean read\?"),
        ("read.facto", r"--set read\.facto: expected a setting of read: factor; did you mean factor\?"),
        ("read.numbers", "a setting; numbers is an output, which the pipeline connects"),
        ("read.raw", "a setting; raw is an input, which the pipeline connects"),
        ("judge.f1", "a setting; f1 is an output, which the pipeline connects"),
        ("judge.x", r"a setting of judge: none$"),
        ("build.url", "another setting, since --graph-url sets the address of the graph"),
        ("build.registry", "another setting, since --registry sets the registry"),
        ("raw.uri", r"--set raw\.uri: expected a task of this pipeline: read, judge"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(spec, id_, message):
    with pytest.raises(InputError, match=message):
        read_settings(spec, {id_: "1"})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("checkpoint_dir", "the run chooses the folder of its checkpoints"),
        ("tensorboard_dir", "the run keeps the curves of a training in its folder logs/tensorboard"),
    ],
)
@pytest.mark.parametrize("pipeline", ["knowledge-graph", "question-answering"])
def test_a_folder_that_a_training_writes_is_the_runs_own(pipeline, name, reason):
    with pytest.raises(InputError, match=f"another setting, since {reason}"):
        read_settings(PIPELINES[pipeline].pipeline_spec, {f"train.{name}": "/tmp"})


@pytest.mark.parametrize(
    ("id_", "text", "message"),
    [
        ("questions.max_facts", "many", r"--set questions\.max_facts=many: expected an integer"),
        ("questions.max_bad_fraction", "x", r"--set questions\.max_bad_fraction=x: expected a number"),
        ("questions.raw_split", "none", r"--set questions\.raw_split=none: expected one of random, wording"),
    ],
)
def test_a_value_of_another_type_or_outside_of_the_choices_is_refused(questions, id_, text, message):
    with pytest.raises(InputError, match=message):
        read_settings(questions, {id_: text})


def test_the_bounds_of_the_stages_settings_hold_before_a_run():
    spec = PIPELINES["knowledge-graph"].pipeline_spec
    assert read_settings(spec, {"notify.title": "t"}) == {"notify.title": "t"}
    bounded = [setting for setting in list_settings(spec) if "Allowed: an integer of at least 1." in setting.help]
    for setting in bounded:
        with pytest.raises(InputError, match=f"--set {setting.id}=0: expected an integer of at least 1$"):
            read_settings(spec, {setting.id: "0"})


def test_a_stage_that_cannot_be_imported_here_checks_its_bounds_itself(questions, tmp_path):
    assert read_settings(questions, {"questions.max_facts": "-1"}, tmp_path) == {"questions.max_facts": -1}


def test_a_path_becomes_absolute(questions, tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").touch()
    monkeypatch.chdir(tmp_path)
    settings = read_settings(questions, {"questions.templates": "mine.yaml"})
    assert settings == {"questions.templates": str(tmp_path / "mine.yaml")}


def test_a_path_that_does_not_exist_is_refused(questions, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="questions.templates=mine.yaml: expected an existing file or folder"):
        read_settings(questions, {"questions.templates": "mine.yaml"})


def test_a_text_that_happens_to_name_a_file_stays_as_it_is(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    spec = PIPELINES["knowledge-graph"].pipeline_spec
    assert read_settings(spec, {"notify.title": "models"}) == {"notify.title": "models"}


@pytest.mark.parametrize(("text", "value"), [("True", True), ("true", True), ("False", False)])
def test_a_truth_value_is_read_as_the_stage_reads_it(text, value):
    spec = PIPELINES["knowledge-graph"].pipeline_spec
    setting = next(setting for setting in list_settings(spec) if setting.type == "true or false")
    assert read_settings(spec, {setting.id: text}) == {setting.id: value}


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        ({"layers": "0"}, "--layers 0: expected an integer of at least 1"),
        ({"min_f1": "7"}, r"--min-f1 7\.0: expected a number of at least 0 and of at most 1"),
        ({"min_f1": "nan"}, "--min-f1 nan: expected a number of at least 0 and of at most 1"),
    ],
)
def test_a_parameter_is_checked_by_the_settings_that_it_reaches(tmp_path, assignments, message):
    with pytest.raises(InputError, match=message):
        compile_pipeline("knowledge-graph", tmp_path / "pipeline.yaml", pinned, assignments)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_defaults_of_every_pipeline_are_allowed(pipeline):
    spec = PIPELINES[pipeline].pipeline_spec
    check_parameters(spec, ir.defaults(spec))


def test_a_parameter_reaches_the_tasks_of_a_branch(spec):
    uses = {(parameter, task.name, name) for parameter, task, name in ir.parameter_uses(spec)}
    assert {("factor", "read", "factor"), ("behave", "build", "behave"), ("graph_url", "build", "url")} <= uses


def test_a_broken_import_in_a_stage_is_not_hidden(questions, tmp_path):
    package = tmp_path / "preprocess" / "src" / "ckgqa_preprocess"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import ckgqa.no_such_module\n")
    code = (
        "import sys, pathlib\n"
        "from ckgqa.execution.compilation.compiler import PIPELINES\n"
        "from ckgqa.execution.compilation.task_settings import read_settings\n"
        "spec = PIPELINES['question-answering'].pipeline_spec\n"
        "sys.path = [path for path in sys.path if 'preprocess' not in path]\n"
        "read_settings(spec, {'questions.max_facts': '1'}, pathlib.Path(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert "No module named 'ckgqa.no_such_module'" in done.stderr


def test_a_pipeline_is_compiled_with_settings_and_with_another_default(tmp_path):
    plain, changed = tmp_path / "plain.yaml", tmp_path / "changed.yaml"
    compile_pipeline("add-texts", plain, pinned)
    compile_pipeline("add-texts", changed, pinned, {"new-csv.alias_predicates": "简称", "max_bad_fraction": "0.5"})
    spec = ir.load_ir(changed)
    assert constant(spec, "new-csv", "alias_predicates").string_value == "简称"
    assert ir.defaults(spec)["max_bad_fraction"] == 0.5
    before, after = (yaml.safe_load(path.read_text()) for path in (plain, changed))
    assert before["deploymentSpec"] == after["deploymentSpec"]
    assert before["components"] == after["components"]


def test_the_light_part_of_the_command_line_imports_no_model_and_no_database():
    code = (
        "import sys, ckgqa.cli.main, ckgqa.cli.options, ckgqa.cli.models, ckgqa.cli.subprocess_services\n"
        "heavy = {'kfp', 'torch', 'numpy', 'duckdb', 'transformers', 'docker', 'yaml'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
