"""Each fault that KFP's compiler lets through is planted, and found."""

import copy

import pytest
import yaml
from kfp import compiler, dsl

from ckgqa.execution.compilation import ir, lint
from ckgqa.runtime.errors import InputError

PINNED = "ckgqa/toy:0123456789abcdef"


@pytest.fixture(scope="module")
def sound(toy_yaml) -> dict:
    return yaml.safe_load(toy_yaml.read_text())


@pytest.fixture
def planted(sound, tmp_path):
    """Give a copy of the sound pipeline, and a function that lints it."""
    document = copy.deepcopy(sound)
    path = tmp_path / "planted.yaml"

    def faults() -> list[str]:
        path.write_text(yaml.safe_dump(document))
        return lint.find_faults(ir.load_ir(path))

    return document, faults


def container(document: dict, name: str) -> dict:
    return document["deploymentSpec"]["executors"][f"exec-{name}"]["container"]


def branches(document: dict) -> dict:
    return document["components"]["comp-condition-branches-1"]["dag"]["tasks"]


def test_a_sound_pipeline_has_no_faults(planted):
    assert planted[1]() == []


def test_a_component_without_a_command_is_found(planted):
    document, faults = planted
    del container(document, "read")["command"]
    assert faults() == ["exec-read: no command; the backend ignores the image's entry point"]


@pytest.mark.parametrize(
    "image", ["ckgqa/toy", "ckgqa/toy:latest", "ckgqa/toy:1.0", "ckgqa/toy@sha256:beef", "host:5000/toy"]
)
def test_an_image_that_is_not_pinned_is_found(planted, image):
    document, faults = planted
    container(document, "judge")["image"] = image
    assert faults() == [f"exec-judge: the image {image} is not pinned by a content-hash tag or a digest"]


@pytest.mark.parametrize("image", [PINNED, f"host:5000/ckgqa/toy@sha256:{'ab' * 32}"])
def test_a_content_hash_or_a_digest_pins_an_image(planted, image):
    document, faults = planted
    container(document, "judge")["image"] = image
    assert faults() == []


@pytest.mark.parametrize(("component", "output"), [("read", "numbers"), ("judge", "f1")])
def test_an_output_that_no_argument_names_is_found(planted, component, output):
    document, faults = planted
    container(document, component)["args"] = []
    assert faults() == [f"exec-{component}: the output {output} is declared, but no argument says where it goes"]


def test_a_dependency_on_no_task_is_found(planted):
    document, faults = planted
    document["root"]["dag"]["tasks"]["judge"]["dependentTasks"] = ["ghost"]
    assert faults() == ["root: the task judge depends on ghost, which does not exist"]


def test_a_task_of_no_component_is_found(planted):
    document, faults = planted
    document["root"]["dag"]["tasks"]["judge"]["componentRef"]["name"] = "comp-ghost"
    assert "root: the task judge is of comp-ghost, which does not exist" in faults()


def test_a_component_of_no_executor_is_found(planted):
    document, faults = planted
    document["components"]["comp-judge"]["executorLabel"] = "exec-ghost"
    assert "exec-ghost: no such executor" in faults()


def test_an_if_without_its_else_is_found(planted):
    document, faults = planted
    del branches(document)["condition-3"]
    assert faults() == ["comp-condition-branches-1: condition-2 may be skipped silently; add a dsl.Else"]


def test_an_else_that_is_not_the_opposite_is_found(planted):
    document, faults = planted
    policy = branches(document)["condition-3"]["triggerPolicy"]
    policy["condition"] = policy["condition"].replace(">=", ">")
    assert len(faults()) == 1
    assert "add a dsl.Else" in faults()[0]


def test_a_condition_that_is_no_cel_is_found(planted):
    document, faults = planted
    for task in branches(document).values():
        task["triggerPolicy"]["condition"] = task["triggerPolicy"]["condition"].replace(">=", ">>")
    assert any("the condition of condition-2 is not CEL" in fault for fault in faults())


def test_a_condition_on_what_the_task_is_not_given_is_found(planted):
    document, faults = planted
    del branches(document)["condition-2"]["inputs"]["parameters"]["pipelinechannel--min_f1"]
    (fault,) = faults()
    assert fault.endswith("the condition of condition-2 reads pipelinechannel--min_f1, which the task does not get")


def test_a_lone_if_as_kfp_compiles_it_is_found_and_an_elif_with_an_else_is_not(toy_module, tmp_path):
    @dsl.pipeline(name="lone")
    def lone(raw_uri: str, wanted: str = "a"):
        raw = dsl.importer(artifact_uri=raw_uri, artifact_class=dsl.Artifact, reimport=False)
        with dsl.If(wanted == "a"):
            toy_module.read(raw=raw.output)

    @dsl.pipeline(name="whole")
    def whole(raw_uri: str, wanted: str = "a"):
        raw = dsl.importer(artifact_uri=raw_uri, artifact_class=dsl.Artifact, reimport=False)
        with dsl.If(wanted == "a"):
            toy_module.read(raw=raw.output)
        with dsl.Elif(wanted == "b"):
            toy_module.read(raw=raw.output, factor=2)
        with dsl.Else():
            toy_module.read(raw=raw.output, factor=3)

    compiler.Compiler().compile(lone, str(tmp_path / "lone.yaml"))
    compiler.Compiler().compile(whole, str(tmp_path / "whole.yaml"))
    with pytest.raises(InputError, match=r"lone.yaml: .*condition-1 may be skipped"):
        lint.check(tmp_path / "lone.yaml")
    lint.check(tmp_path / "whole.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not YAML"),
        ("just: a mapping", "not a compiled pipeline; `ckgqa compile` writes one"),
        ("deploymentSpec: {executors: {}}\nroot: {wings: 2}", "not a compiled pipeline of KFP .*wings"),
        (
            "deploymentSpec: {executors: {exec-a: {container: {wings: 2}}}}\nroot: {}",
            "not a compiled pipeline of KFP .*wings",
        ),
    ],
)
def test_what_is_no_compiled_pipeline_is_refused_with_the_reason(tmp_path, text, words):
    path = tmp_path / "other.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        ir.load_ir(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone.yaml: there is no such file"):
        ir.load_ir(tmp_path / "gone.yaml")


def test_two_tasks_of_one_name_are_refused_since_they_would_share_a_log(planted, tmp_path):
    document, _ = planted
    document["root"]["dag"]["tasks"]["judge"]["taskInfo"]["name"] = "Read"
    path = tmp_path / "twice.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(InputError, match="two tasks are named 'read'"):
        ir.tasks(ir.load_ir(path))


@pytest.mark.parametrize(
    ("image", "stage", "tag"),
    [
        ("ckgqa/train-casrel", "train_casrel", ""),
        ("ckgqa/train-casrel:12ab", "train_casrel", "12ab"),
        ("host:5000/ckgqa/notify", "notify", ""),
        ("host:5000/ckgqa/notify:12ab", "notify", "12ab"),
        ("host:5000/ckgqa/notify@sha256:12ab", "notify", "sha256:12ab"),
    ],
)
def test_an_image_says_which_stage_and_which_build_it_is(image, stage, tag):
    assert (ir.stage_of(image), ir.tag_of(image)) == (stage, tag)


def test_a_text_becomes_what_the_pipelines_parameter_is(tmp_path):
    @dsl.component(base_image="python:3.11")
    def nothing(): ...

    @dsl.pipeline(name="p")
    def pipeline(name: str, size: int, share: float, deep: bool, names: list):
        nothing()

    compiler.Compiler().compile(pipeline, str(tmp_path / "p.yaml"))
    spec = ir.load_ir(tmp_path / "p.yaml")
    given = {"name": "5", "size": "5", "share": "5", "deep": "false", "names": '["a"]'}
    assert ir.typed(spec, given) == {"name": "5", "size": 5, "share": 5.0, "deep": False, "names": ["a"]}
    for name, value in {"size": "5.5", "share": "much", "deep": "no", "names": "a"}.items():
        with pytest.raises(InputError, match=rf"--set {name}={value}: expected "):
            ir.typed(spec, {name: value})
