"""The registry in a folder: what is registered stands there whole, what is decided counts, nothing else is served."""

import json
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ckgqa.registry.local_registry import LocalRegistry
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import tree_hash
from tests.registry.builders import make, make_model, make_report

QUESTIONS, EXTRACTION = "question-model", "extraction-model"


@pytest.fixture
def registry(tmp_path: Path) -> LocalRegistry:
    return LocalRegistry(tmp_path / "models")


@pytest.fixture
def three(tmp_path: Path, registry: LocalRegistry) -> LocalRegistry:
    """Three question models, of which nobody has decided anything."""
    for weights in ("1", "2", "3"):
        registry.register(QUESTIONS, *make(tmp_path / weights, weights=weights))
    return registry


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def statuses(registry: LocalRegistry) -> dict[str, str]:
    return {package.id: package.status for package in registry.packages()}


def test_a_registered_model_stands_there_as_it_was_with_its_report_and_waits(tmp_path: Path, registry: LocalRegistry):
    model, report = make(tmp_path / "made", slot_f1=0.85)
    package = registry.register(QUESTIONS, model, report, run="20261122-165836")
    assert (package.id, package.status, package.run) == ("question-model/1", "pending", "20261122-165836")
    assert package.folder == tmp_path / "models" / "question-model" / "1"
    assert contents(package.model_folder) == contents(model)
    assert contents(package.report_folder) == contents(report)
    assert package.metrics == {"intent_accuracy": 0.9, "slot_f1": 0.85, "exact_match": 0.7}
    assert package.model.hash == tree_hash(model)
    assert registry.packages() == [package]
    written = json.loads((package.folder / "package.json").read_text())
    assert (written["format"], written["format_version"], written["version"]) == ("ckgqa/model-package", 1, 1)


def test_groups_count_their_versions_each_for_itself_and_in_order(tmp_path: Path, three: LocalRegistry):
    other = three.register(EXTRACTION, *make(tmp_path / "e", EXTRACTION))
    for weights in range(4, 11):
        three.register(QUESTIONS, *make(tmp_path / str(weights), weights=str(weights)))
    assert other.id == "extraction-model/1"
    assert three.ids(QUESTIONS) == [f"question-model/{version}" for version in range(1, 11)]
    assert three.ids() == [*three.ids(QUESTIONS), "extraction-model/1"]
    assert three.package("question-model/latest").version == 10


def test_the_same_model_with_the_same_report_is_registered_once(tmp_path: Path, registry: LocalRegistry):
    model, report = make(tmp_path / "made")
    first = registry.register(QUESTIONS, model, report, run="first")
    registry.decide(first.id, "rejected", by="li", comment="too slow")
    again = registry.register(QUESTIONS, model, report, run="second")
    assert (again.id, again.status, again.run) == (first.id, "rejected", "first")
    newer = registry.register(QUESTIONS, model, make_report(tmp_path / "r2", model, slot_f1=0.81))
    assert (newer.id, newer.status) == ("question-model/2", "pending")


def test_a_model_whose_copy_was_changed_is_registered_anew(tmp_path: Path, registry: LocalRegistry):
    made = make(tmp_path / "made")
    (registry.register(QUESTIONS, *made).model_folder / "model.safetensors").write_text("broken")
    assert registry.register(QUESTIONS, *made).id == "question-model/2"


def test_an_archive_of_a_model_is_registered_as_the_folder_that_it_holds(tmp_path: Path, registry: LocalRegistry):
    model, report = make(tmp_path / "made")
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as tar:
        tar.add(model, ".")
    package = registry.register(QUESTIONS, tmp_path / "model.tar.gz", report)
    assert contents(package.model_folder) == contents(model)


def test_a_version_is_not_given_again_when_its_folder_is_gone(tmp_path: Path, three: LocalRegistry):
    shutil.rmtree(three.folder / QUESTIONS / "3")
    assert three.register(QUESTIONS, *make(tmp_path / "4", weights="4")).id == "question-model/4"
    (three.folder / QUESTIONS / "last").unlink()
    assert three.register(QUESTIONS, *make(tmp_path / "5", weights="5")).id == "question-model/5"


def test_what_the_model_came_from_may_go(tmp_path: Path, registry: LocalRegistry):
    model, report = make(tmp_path / "made")
    package = registry.register(QUESTIONS, model, report)
    shutil.rmtree(tmp_path / "made")
    registry.decide(package.id, "approved", by="li")
    assert (registry.approved(QUESTIONS).model_folder / "onnx" / "model.onnx").read_text() == "graph of w"


def test_only_an_approved_model_is_served_and_the_newest_of_them(three: LocalRegistry):
    with pytest.raises(InputError, match=r"no question-model is approved; .*`ckgqa models approve question-model/3 "):
        three.approved(QUESTIONS)
    three.decide("question-model/2", "approved", by="li", comment="better on 两跳")
    assert three.approved(QUESTIONS).id == "question-model/2"
    three.decide("question-model/1", "approved", by="wang")
    assert three.approved(QUESTIONS).id == "question-model/2"
    three.decide("question-model/2", "rejected", by="wang", comment="wrong labels")
    assert three.approved(QUESTIONS).id == "question-model/1"
    assert statuses(three) == {
        "question-model/1": "approved",
        "question-model/2": "rejected",
        "question-model/3": "pending",
    }


def test_every_decision_is_kept_and_the_last_one_counts(three: LocalRegistry):
    for status, by in (("approved", "li"), ("rejected", "wang"), ("approved", "li")):
        package = three.decide("question-model/latest", status, by=by, comment=f"因为 {by}")
    assert [(one.status, one.by, one.comment) for one in package.decisions] == [
        ("approved", "li", "因为 li"), ("rejected", "wang", "因为 wang"), ("approved", "li", "因为 li"),
    ]  # fmt: skip
    assert package.status == "approved"
    assert package.decisions[0].at.endswith("+00:00")
    assert len((package.folder / "decisions.jsonl").read_text().splitlines()) == 3


def test_where_none_is_registered_the_command_that_registers_one_is_told(registry: LocalRegistry):
    with pytest.raises(InputError, match="no extraction-model is approved; `ckgqa run knowledge-graph --raw ...`"):
        registry.approved(EXTRACTION)
    assert registry.packages() == []
    assert not registry.folder.exists()


def test_the_command_is_short_where_the_registry_is_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    registry = LocalRegistry(Path("models"))
    registry.register(QUESTIONS, *make(tmp_path / "made"))
    with pytest.raises(InputError, match="then `ckgqa models approve question-model/1`$"):
        registry.approved(QUESTIONS)


@pytest.mark.parametrize("part", ["model", "report"])
def test_what_is_not_what_was_registered_is_neither_served_nor_approved(three: LocalRegistry, part: str):
    package = three.decide("question-model/3", "approved", by="li")
    (package.folder / part / "manifest.json").unlink()
    for attempt in (lambda: three.approved(QUESTIONS), lambda: three.decide(package.id, "approved", by="li")):
        with pytest.raises(InputError, match=f"{part}: not what was registered as question-model/3 any more"):
            attempt()
    three.decide(package.id, "rejected", by="li", comment="damaged")
    three.decide("question-model/1", "approved", by="li")
    assert three.approved(QUESTIONS).id == "question-model/1"


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        (
            "question-model/4",
            "ID question-model/4: expected GROUP/VERSION; ",
        ),
        ("question-model/", "versions of question-model: 1, 2, 3"),
        ("question-model", "versions of question-model: 1, 2, 3"),
        ("question-model/1/model", "versions of question-model: 1, 2, 3"),
        ("question-model/../../x", "versions of question-model: 1, 2, 3"),
        ("extraction-model/latest", "versions of extraction-model: none; `ckgqa run knowledge-graph --raw ...`"),
        ("other/1", "ID other/1: expected GROUP/VERSION, the group one of question-model, extraction-model"),
        ("", "ID : expected GROUP/VERSION"),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(three: LocalRegistry, id_: str, words: str):
    for attempt in (lambda: three.package(id_), lambda: three.decide(id_, "approved", by="li")):
        with pytest.raises(InputError) as refused:
            attempt()
        assert words in str(refused.value)


def test_a_decision_by_nobody_is_refused(three: LocalRegistry):
    with pytest.raises(InputError, match="expected the name of the user who decides"):
        three.decide("question-model/1", "approved", by=" ")
    assert set(statuses(three).values()) == {"pending"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ('{"format": "ckgqa/model-package", "format_version": 2}', "not a model package that this version reads"),
        ('{"format": "ckgqa/model-package", "format_version": 1}', r"damaged \(KeyError"),
    ],
)
def test_a_damaged_package_is_named_and_those_below_it_are_not_served_in_its_place(
    three: LocalRegistry, content: str, words: str
):
    three.decide("question-model/1", "approved", by="li")
    (three.folder / QUESTIONS / "2" / "package.json").write_text(content)
    for attempt in (three.packages, lambda: three.package("question-model/2"), lambda: three.approved(QUESTIONS)):
        with pytest.raises(InputError, match=words) as refused:
            attempt()
        assert "question-model/2/package.json" in str(refused.value)
    three.decide("question-model/3", "approved", by="li")
    assert three.approved(QUESTIONS).id == "question-model/3"
    assert len(three.ids()) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [("version", "x"), ("version", True), ("group", 1), ("model", "x"), ("report", {"format": "x"}), ("metrics", [])],
)
def test_a_field_that_is_not_what_it_should_be_is_refused(three: LocalRegistry, field: str, value: object):
    path = three.folder / QUESTIONS / "1" / "package.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(InputError, match="damaged"):
        three.package("question-model/1")


def test_a_package_under_another_name_and_a_damaged_decision_are_refused(three: LocalRegistry):
    group = three.folder / QUESTIONS
    (group / "1").rename(group / "7")
    with pytest.raises(InputError, match="this is question-model/1, but its folder is question-model/7"):
        three.package("question-model/7")
    (group / "2" / "decisions.jsonl").write_text('{"status": "maybe"}\n')
    with pytest.raises(InputError, match=r"decisions.jsonl line 1: status 'maybe'"):
        three.package("question-model/2")


def test_a_model_of_another_group_or_a_report_on_another_model_is_refused(tmp_path: Path, registry: LocalRegistry):
    model, report = make(tmp_path / "questions")
    other, _ = make(tmp_path / "other", weights="other")
    casrel, on_casrel = make(tmp_path / "casrel", EXTRACTION)
    no_figures = make_report(tmp_path / "r", model)
    (no_figures / "report.json").write_text('{"intent_accuracy": 0.9, "slot_f1": "high", "exact_match": true}')
    for group, *given, words in (
        (
            EXTRACTION,
            model,
            report,
            "this is ckgqa/jointbert version 2; expected a folder written as ckgqa/casrel version 3",
        ),
        (QUESTIONS, model, on_casrel, "this is ckgqa/evaluation version 1"),
        (QUESTIONS, other, report, "not on another model"),
        (QUESTIONS, model, no_figures, "missing: slot_f1, exact_match"),
        (QUESTIONS, tmp_path / "gone", report, "gone: there is no such folder"),
        (QUESTIONS, model, tmp_path / "gone", "gone: no manifest.json there"),
        ("other", casrel, on_casrel, "--group other: expected one of"),
    ):
        with pytest.raises(InputError) as refused:
            registry.register(group, *given)
        assert words in str(refused.value)
    assert not registry.folder.exists()


def test_a_folder_that_is_no_registry_is_left_alone(tmp_path: Path):
    made = make(tmp_path / "made")
    cases = {"home": "notes.txt", "newer": "registry.json"}
    for name, file in cases.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text('{"format": "ckgqa/model-registry", "format_version": 9}')
    (tmp_path / "file").write_text("")
    for name, words in (
        ("home", "but it holds something else"),
        ("newer", "not a registry that this version reads"),
        ("file", "a file"),
    ):
        registry = LocalRegistry(tmp_path / name)
        for attempt in (registry.packages, lambda registry=registry: registry.register(QUESTIONS, *made)):
            with pytest.raises(InputError, match=words):
                attempt()
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["notes.txt"]


def test_an_empty_folder_becomes_a_registry(tmp_path: Path, registry: LocalRegistry):
    registry.folder.mkdir()
    assert registry.packages() == []
    assert registry.register(QUESTIONS, *make(tmp_path / "made")).version == 1


def test_a_registration_that_breaks_leaves_nothing(
    tmp_path: Path, registry: LocalRegistry, monkeypatch: pytest.MonkeyPatch
):
    made = make(tmp_path / "made")

    def full(source: Path, target: Path) -> None:
        target.mkdir()
        raise OSError(28, "No space left on device", str(target))

    with monkeypatch.context() as broken:
        broken.setattr("ckgqa.registry.local_registry.shutil.copytree", full)
        with pytest.raises(OSError, match="No space"):
            registry.register(QUESTIONS, *made)
    assert registry.packages() == []
    assert list((registry.folder / QUESTIONS).iterdir()) == []
    assert registry.register(QUESTIONS, *made).version == 1


def test_a_model_that_changes_while_it_is_copied_is_not_registered(
    tmp_path: Path, registry: LocalRegistry, monkeypatch: pytest.MonkeyPatch
):
    made = make(tmp_path / "made")
    copy = shutil.copytree

    def late(source: Path, target: Path, *rest: object) -> None:
        (made[0] / "model.safetensors").write_text("one more epoch")
        copy(source, target, *rest)

    monkeypatch.setattr("ckgqa.registry.local_registry.shutil.copytree", late)
    with pytest.raises(ServiceError, match="changed while it was copied"):
        registry.register(QUESTIONS, *made)
    assert registry.packages() == []


def test_many_at_once_get_a_version_each(tmp_path: Path, registry: LocalRegistry):
    made = [make(tmp_path / str(number), weights=str(number)) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        packages = list(pool.map(lambda pair: LocalRegistry(registry.folder).register(QUESTIONS, *pair), made))
    assert sorted(package.version for package in packages) == list(range(1, 9))
    assert len(registry.packages()) == 8


def test_a_registry_that_another_program_keeps_busy_is_told_after_a_while(tmp_path: Path, three: LocalRegistry):
    code = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], 0), fcntl.LOCK_EX); print('held'); sys.stdin.read()"
    words = [sys.executable, "-u", "-c", code, str(three.folder)]
    hurried = LocalRegistry(three.folder, lock_timeout_s=0.3)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ServiceError, match="another program has been registering or deciding for over 0.3 s"):
            hurried.decide("question-model/1", "approved", by="li")
        assert hurried.package("question-model/1").status == "pending"  # looking needs no lock
        holder.stdin.close()
    hurried.decide("question-model/1", "approved", by="li")


def test_a_number_that_no_version_was_is_refused(tmp_path: Path, three: LocalRegistry):
    (three.folder / QUESTIONS / "last").write_text("three")
    with pytest.raises(InputError, match="not 'three'"):
        three.register(QUESTIONS, *make(tmp_path / "4", weights="4"))


def test_a_model_alone_is_no_package(tmp_path: Path, three: LocalRegistry):
    make_model(three.folder / QUESTIONS / "9")
    with pytest.raises(InputError, match=r"9/package.json: there is no such file"):
        three.approved(QUESTIONS)
