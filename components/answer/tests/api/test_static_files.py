"""The page's files, without a browser: nothing comes from elsewhere, nothing runs that is not a file of the page."""

import hashlib
import re
from html.parser import HTMLParser

import pytest
from ckgqa_answer.api.static_files import FOLDER

VENDOR = FOLDER / "vendor"
OWN = sorted(path for path in FOLDER.rglob("*.*") if path.parent != VENDOR)
RISKY = re.compile("(?:inner|outer|adjacent|set)HTML|fragment|document.write|srcdoc|eval|new Function", re.IGNORECASE)
SVG = "http://www.w3.org/2000/svg"
each_file = pytest.mark.parametrize("path", OWN, ids=lambda path: path.relative_to(FOLDER).as_posix())


class Elements(HTMLParser):
    """The elements of a document, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def elements() -> Elements:
    return Elements((FOLDER / "index.html").read_text(encoding="utf-8"))


def test_what_others_wrote_is_unchanged_and_has_its_licence():
    lines = (VENDOR / "CHECKSUMS").read_text(encoding="utf-8").splitlines()
    said = dict(reversed(line.split("  ")) for line in lines if not line.startswith("#"))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    del found["CHECKSUMS"]
    assert found == said
    assert {"LICENSE", "cytoscape.min.js"} <= found.keys()
    version = re.search(r"cytoscape (\d+\.\d+\.\d+) \(MIT", lines[0])[1]
    assert f'version="{version}"' in (VENDOR / "cytoscape.min.js").read_text(encoding="utf-8")


def test_the_document_runs_files_only(elements):
    scripts = [attributes for tag, attributes in elements.found if tag == "script"]
    assert all("src" in attributes for attributes in scripts)
    assert len(scripts) == 2
    assert [(tag, name) for tag, attributes in elements.found for name in attributes if name.startswith("on")] == []


def test_the_document_names_files_that_are_there(elements):
    named = [attributes.get("src") or attributes.get("href") for _, attributes in elements.found]
    files = [name for name in named if name and not name.startswith("#")]
    assert [name for name in files if not (FOLDER / name.removeprefix("page/")).is_file()] == []
    assert all(name.startswith("page/") for name in files)


@each_file
def test_nothing_comes_from_elsewhere(path):
    assert "//" not in re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8").replace(SVG, ""), flags=re.MULTILINE)


@each_file
def test_text_is_set_as_text_alone(path):
    assert RISKY.findall(path.read_text(encoding="utf-8")) == []


@each_file
def test_modules_import_what_is_there(path):
    imported = re.findall(r'from "(\./[^"]+)"', path.read_text(encoding="utf-8"))
    assert [name for name in imported if not (path.parent / name).is_file()] == []
