"""A small made-up archive, and the ways to pack it."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Record = dict[str, object]
Files = dict[str, str | bytes]
Pack = Callable[[Path, Mapping[str, str | bytes]], Path]

SCHEMA: list[Record] = [
    {"predicate": "导演", "subject_type": "影视作品", "object_type": {"@value": "人物"}},
    {"predicate": "饰演", "subject_type": "娱乐人物", "object_type": {"@value": "人物", "inWork": "影视作品"}},
    {"predicate": "首都", "subject_type": "国家", "object_type": {"@value": "城市"}},
]


def triple(subject: str, predicate: str, **slots: str) -> Record:
    """Return one triple as DuIE 2.0 writes it; `value` stands for `@value`."""
    line = next(line for line in SCHEMA if line["predicate"] == predicate)
    types = line["object_type"]
    assert isinstance(types, dict)
    named = {slot.replace("value", "@value"): value for slot, value in slots.items()}
    return {
        "subject": subject,
        "subject_type": line["subject_type"],
        "predicate": predicate,
        "object": named,
        "object_type": {slot: types[slot] for slot in named if slot in types},
    }


def film(number: int) -> Record:
    """Return a sentence about a made-up film."""
    return {
        "text": f"《影片{number}号》由导演{number}执导",
        "spo_list": [triple(f"影片{number}号", "导演", value=f"导演{number}")],
    }


def lines(records: list[Record]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


@pytest.fixture
def archive_files() -> Files:
    """Return the three files of a good archive: 200 training and 20 test sentences."""
    return {
        "schema.json": lines(SCHEMA),
        "train.json": lines([film(number) for number in range(200)]),
        "dev.json": lines([film(number) for number in range(1000, 1020)]),
    }


@pytest.fixture
def pack() -> Pack:
    """Return the function that packs files into a zip."""

    def pack_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in files.items():
                packed.writestr(name, content)
        return path

    return pack_zip


@pytest.fixture
def unpack() -> Pack:
    """Return the function that lays files into a folder."""

    def write_folder(path: Path, files: Mapping[str, str | bytes]) -> Path:
        for name, content in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_folder
