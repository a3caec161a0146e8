import re
from pathlib import Path

import pytest

from ckgqa.bundle import ROOT, STAGES, find_stages
from ckgqa.images.build import select_images
from ckgqa.images.plan import SHARED_PARTS, image_name, pinned, plan_images, program_hash, stage_images
from ckgqa.runtime.errors import InputError

SERVING = {"train-jointbert-serve"}
NAMES = {image_name(stage) for stage in STAGES} | SERVING
TORCH = {"torch-cpu", "torch-gpu", "train-casrel", "train-jointbert"}


def changed(root: Path, package: Path, file: Path) -> set[str]:
    """Append one byte to a file, made if need be, and name the images whose hash differs."""
    before = plan_images(root, package)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as stream:
        stream.write(b"\n")
    after = plan_images(root, package)
    return {name for name in after if before[name].hash != after[name].hash}


def everything(root: Path, package: Path) -> set[str]:
    return set(plan_images(root, package))


def test_there_is_an_image_for_each_stage_and_each_base() -> None:
    assert set(plan_images()) == NAMES | {"base", "torch-cpu", "torch-gpu"}


def test_each_image_comes_after_what_it_builds_from() -> None:
    order = list(plan_images())
    for name, image in plan_images().items():
        assert image.parent not in order[order.index(name) :]


def test_training_stands_on_torch_and_the_rest_on_the_base() -> None:
    parents = {name: image.parent for name, image in plan_images().items()}
    assert parents.pop("base") == "python:3.11-slim-bookworm"
    assert {parents.pop(name) for name in ("train-casrel", "train-jointbert")} == {"torch-cpu"}
    assert set(parents.values()) == {"base"}


def test_what_a_stage_is_built_for_is_a_part_of_its_dockerfile() -> None:
    planned = plan_images()
    assert set(stage_images(planned)) == NAMES
    program, serving = planned["train-jointbert"], planned["train-jointbert-serve"]
    assert (program.parents, serving.parents) == ({"PARENT": "torch-cpu", "SERVE_PARENT": "base"},) * 2
    assert (program.role.target, serving.role.target) == ("program", "serve")
    assert "requirements.txt" in program.context.keys() - serving.context.keys()
    assert [image.name for image in select_images(["train-jointbert-serve"], planned)] == [
        "base",
        "train-jointbert-serve",
    ]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("part", ["src/ckgqa_{}/__main__.py", "requirements.txt", "Dockerfile", "src/ckgqa_{}/new.py"])
def test_a_byte_of_a_stage_changes_that_stage_alone(root: Path, package: Path, stage: str, part: str) -> None:
    served = SERVING & {f"{image_name(stage)}-serve"} if part != "requirements.txt" else set()
    assert changed(root, package, root / "components" / stage / part.format(stage)) == {image_name(stage)} | served


@pytest.mark.parametrize(
    "part",
    [
        "runtime/errors.py",
        "graph/__init__.py",
        "registry/model_groups.py",
        "reporting/page.css",
        "serving/http.py",
        "training/__init__.py",
        "wording/phrases.tsv",
        "__init__.py",
    ],
)
def test_a_byte_of_the_shared_code_changes_all(root: Path, package: Path, part: str) -> None:
    assert changed(root, package, package / part) == everything(root, package)


@pytest.mark.parametrize("part", ["constraints.txt", "images/base/Dockerfile", "images/base/pyproject.toml"])
def test_a_pinned_version_or_the_base_changes_all(root: Path, package: Path, part: str) -> None:
    assert changed(root, package, root / part) == everything(root, package)


def test_a_byte_of_torchs_image_changes_what_stands_on_it(root: Path, package: Path) -> None:
    assert changed(root, package, root / "images/torch-cpu/Dockerfile") == TORCH - {"torch-gpu"}


@pytest.mark.parametrize(
    "part",
    [
        "components/preprocess/README.md",
        "components/preprocess/component.py",
        "components/preprocess/tests/test_new.py",
        "components/preprocess/src/ckgqa_preprocess/__pycache__/a.pyc",
        "components/preprocess/src/ckgqa_preprocess/.DS_Store",
        "components/README.md",
        "images/README.md",
    ],
)
def test_what_no_program_is_made_of_changes_nothing(root: Path, package: Path, part: str) -> None:
    assert changed(root, package, root / part) == set()


@pytest.mark.parametrize("part", ["cli/images.py", "images/plan.py", "runtime/README.md", "bundle/__init__.py"])
def test_the_command_line_changes_nothing(root: Path, package: Path, part: str) -> None:
    assert changed(root, package, package / part) == set()


def test_the_readme_lists_everything_that_the_hashes_cover() -> None:
    readme = (ROOT / "images/README.md").read_text(encoding="utf-8")
    covered = readme.partition("## What the hash covers")[2].partition("- No part of it")[0]
    parts = {name.removeprefix("ckgqa/").split("/")[0] for image in plan_images().values() for name in image.context}
    own = {"Dockerfile", "requirements.txt", "requirements-serve.txt", "src", "pyproject.toml", "constraints.txt"}
    assert parts == {*own, *SHARED_PARTS}
    named = set(re.findall(r"`([^`]+)`|(Dockerfile)", covered))
    assert parts <= {one.rstrip("/") for pair in named for one in pair}


def test_a_copy_of_the_files_gives_the_same_tags(root: Path, package: Path) -> None:
    here, there = plan_images(), plan_images(root, package)
    assert {name: image.tag for name, image in there.items()} == {name: image.tag for name, image in here.items()}


def test_moving_a_file_changes_the_hash_though_its_bytes_stay(root: Path, package: Path) -> None:
    source = root / "components/preprocess/src/ckgqa_preprocess"
    (source / "one.py").write_text("1")
    before = plan_images(root, package)["preprocess"].hash
    (source / "one.py").rename(source / "two.py")
    assert plan_images(root, package)["preprocess"].hash != before


def test_a_changed_test_runs_the_tests_again_and_builds_nothing_else(root: Path, package: Path) -> None:
    before = plan_images(root, package)
    file = root / "components/preprocess/tests/test_new.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    after = plan_images(root, package)
    assert after["preprocess"].tag == before["preprocess"].tag
    assert {name for name in after if after[name].tests_tag != before[name].tests_tag} == {"preprocess"}


def test_tags_are_what_engines_and_contracts_take() -> None:
    for image in plan_images().values():
        assert re.fullmatch(r"ckgqa/[a-z-]+:[0-9a-f]{16}", image.tag)
    assert pinned("ckgqa/train-casrel") == f"ckgqa/train-casrel:{program_hash('train_casrel')[:16]}"


def test_an_unknown_image_is_refused_with_what_there_is() -> None:
    with pytest.raises(InputError, match=r"image ckgqa/nothing: expected one of .*ckgqa/preprocess"):
        pinned("ckgqa/nothing")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "missing; every stage has a Dockerfile"),
        ("FROM python\n", "expected a line `ARG PARENT=...`"),
        ("ARG PARENT=ckgqa/nothing\n", "builds FROM ckgqa/nothing, which is not in images/"),
    ],
)
def test_a_stage_that_does_not_say_what_it_builds_from_is_refused(
    root: Path, package: Path, text: str | None, message: str
) -> None:
    dockerfile = root / "components/preprocess/Dockerfile"
    if text is None:
        dockerfile.unlink()
    else:
        dockerfile.write_text(text)
    with pytest.raises(InputError, match=re.escape(message)):
        plan_images(root, package)


def test_stages_are_the_folders_with_a_contract(tmp_path: Path) -> None:
    (tmp_path / "components/one").mkdir(parents=True)
    (tmp_path / "components/two").mkdir()
    (tmp_path / "components/two/component.py").touch()
    assert find_stages(tmp_path) == ("two",)


def test_all_that_stages_import_of_the_package_is_in_the_base() -> None:
    """An editable installation has the whole package, so that only an image would miss a part."""
    imports = re.compile(r"^\s*(?:from|import) ckgqa\.(\w+)", re.MULTILINE)
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "components").glob("*/src/**/*.py")]
    imported = {part for source in sources for part in imports.findall(source)}
    assert imported <= {Path(part).stem for part in SHARED_PARTS}
