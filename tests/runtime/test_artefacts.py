"""Manifests, JSON lines and progress: what is not known is refused, with file and line."""

import hashlib
import logging
from pathlib import Path

import pytest

from ckgqa.runtime.artefacts import FACTS, SENTENCES, ArtefactFormat
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import canonical_json, read_json, read_jsonl, write_jsonl
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, read_manifest, schema_hash, write_manifest
from ckgqa.runtime.progress import Progress, ProgressLine, parse_progress, track


def test_a_manifest_comes_back_and_another_version_is_refused(tmp_path: Path) -> None:
    manifest = Manifest(*SENTENCES, "abc", "preprocess duie", {"seed": 13}, {"raw": "def"})
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path, SENTENCES) == manifest
    with pytest.raises(
        InputError,
        match="is ckgqa/sentences version 1; expected .* version 2; run `preprocess duie` again$",
    ):
        read_manifest(tmp_path, ArtefactFormat("ckgqa/sentences", 2))
    with pytest.raises(InputError, match="this is ckgqa/sentences version 1; expected .* ckgqa/facts version 1$"):
        read_manifest(tmp_path, FACTS)
    with pytest.raises(InputError, match=r"no manifest\.json there"):
        read_manifest(tmp_path / "nothing", FACTS)


def test_the_hash_of_a_schema_sees_its_content_and_not_the_order_of_its_keys() -> None:
    digest = hashlib.sha256('{"labels":[["饰演","@value"]],"readings":[]}'.encode()).hexdigest()
    assert schema_hash({"readings": [], "labels": [["饰演", "@value"]]}) == digest
    assert schema_hash({"readings": [], "labels": [["导演", "@value"]]}) != digest


def test_json_lines_name_the_line_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert write_jsonl(path, [{"text": "战狼"}, {"text": "<\u2028>"}]) == 2
    assert [record["text"] for _, record in read_jsonl(path)] == ["战狼", "<\u2028>"]
    path.write_text('{"a": 1}\n\nno json\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.jsonl line 3: not JSON"):
        list(read_jsonl(path))
    path.write_text("[1]\n")
    with pytest.raises(InputError, match="line 1: expected a JSON object, not list"):
        list(read_jsonl(path))
    with pytest.raises(InputError, match="no such file"):
        list(read_jsonl(tmp_path / "b.jsonl"))
    with pytest.raises(InputError, match="expected a JSON object"):
        read_json(path)
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(InputError, match="not JSON"):
        read_json(path)


def test_canonical_json_is_the_same_whatever_the_order() -> None:
    assert canonical_json({"b": "京", "a": [1]}) == canonical_json({"a": [1], "b": "京"}) == '{"a":[1],"b":"京"}'


def test_progress_is_written_as_lines_that_can_be_read_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert list(track(range(3), 3, "sentences", "train")) == [0, 1, 2]
    with Progress(None, "bytes", "read") as progress:
        progress.advance(7)
    assert [parse_progress(line) for line in caplog.messages] == [
        ProgressLine("train", 3, 3, "sentences"),
        ProgressLine("read", 7, None, "bytes"),
    ]
    assert parse_progress("f1=0.5") is None


def test_metrics_are_one_line_of_name_and_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log_metrics(logging.getLogger("x"), f1=0.55123, epochs=12)
    assert caplog.messages == ["f1=0.55123 epochs=12"]
