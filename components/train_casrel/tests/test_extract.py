"""`extract`: every text in, in order, a line for each out; an extractor made by hand shows the plumbing."""

import json
import re
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from ckgqa_train_casrel import extract as stage
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.extract import extract
from ckgqa_train_casrel.inference.extractor import Extractor
from ckgqa_train_casrel.model.thresholds import Thresholds
from ckgqa_train_casrel.settings import ExtractSettings

from ckgqa.runtime.artefacts import CASREL, FACTS, SENTENCES
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest


class Pattern(Extractor):
    """Finds "X的导演是Y" (Y is X's director) by a regular expression."""

    thresholds = Thresholds()

    def __init__(self) -> None:
        self.chunks: list[int] = []

    def extract(self, texts: Sequence[str], thresholds: Thresholds | None = None) -> list[list[ExtractedTriple]]:  # noqa: ARG002
        self.chunks.append(len(texts))
        return [[self.triple(m) for m in re.finditer(r"(\w+)的导演是(\w+)", text)] for text in texts]

    @staticmethod
    def triple(m: re.Match[str]) -> ExtractedTriple:
        spans = {"subject": m.span(1), "@value": m.span(2)}
        return ExtractedTriple(m[1], "影视作品", "导演", {"@value": m[2]}, {"@value": "人物"}, spans, 0.87654321)


@pytest.fixture
def extractor(monkeypatch: pytest.MonkeyPatch) -> Pattern:
    made = Pattern()
    monkeypatch.setattr(stage, "load_extractor", lambda folder, device: made)
    return made


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    write_manifest(folder, Manifest(*CASREL, "schema-a", "a test"))
    return folder


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    folder = tmp_path / "sentences"
    folder.mkdir()
    write_manifest(folder, Manifest(*SENTENCES, "schema-a", "a test"))
    for split, stem, lines in (("train", "train", 3), ("validation", "train", 2), ("test", "test", 2)):
        records = [{"id": f"{stem}:{n}", "text": f"{split}{n}的导演是甲", "triples": []} for n in range(1, lines + 1)]
        write_lines(folder / f"{split}.jsonl", records)
    return folder


def write_lines(path: Path, records: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def read_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_archives_splits_come_first_and_in_order_then_the_extra_texts(
    tmp_path: Path, model: Path, sentences: Path, extractor: Pattern
):
    texts = write_lines(tmp_path / "news.jsonl", [{"text": "没有"}, {"id": "mine", "text": "乙片的导演是丙"}])
    extract(ExtractSettings(model, tmp_path / "facts", sentences, texts))
    facts = read_lines(tmp_path / "facts" / "facts.jsonl")
    ids = ["train:1", "train:2", "train:3", "train:1", "train:2", "test:1", "test:2", "news:1", "mine"]
    assert [fact["id"] for fact in facts] == ids
    assert [fact["text"] for fact in facts][3:8] == [
        "validation1的导演是甲", "validation2的导演是甲", "test1的导演是甲", "test2的导演是甲", "没有",
    ]  # fmt: skip
    assert facts[7]["triples"] == []


def test_a_fact_holds_words_types_spans_and_score_as_the_contract_says(tmp_path: Path, model: Path, extractor: Pattern):
    texts = tmp_path / "a.txt"
    texts.write_text("🎬 乙片的导演是丙\n", encoding="utf-8")
    extract(ExtractSettings(model, tmp_path / "facts", texts=texts))
    line = (tmp_path / "facts" / "facts.jsonl").read_text(encoding="utf-8")
    assert "乙片" in line
    assert json.loads(line) == {
        "id": "a:1",
        "text": "🎬 乙片的导演是丙",
        "triples": [
            {
                "subject": "乙片",
                "subject_type": "影视作品",
                "predicate": "导演",
                "object": {"@value": "丙"},
                "object_type": {"@value": "人物"},
                "spans": {"subject": [2, 4], "@value": [8, 9]},
                "score": 0.8765,
            }
        ],
    }


def test_the_manifest_says_what_was_extracted_by_what(tmp_path: Path, model: Path, sentences: Path, extractor: Pattern):
    extract(ExtractSettings(model, tmp_path / "facts", sentences, max_text_chars=77))
    manifest = read_manifest(tmp_path / "facts", FACTS)
    assert (manifest.schema_hash, set(manifest.inputs)) == ("schema-a", {"model", "sentences"})
    assert manifest.settings["max_text_chars"] == 77


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, model: Path, sentences: Path, extractor: Pattern):
    for name in ("one", "two"):
        extract(ExtractSettings(model, tmp_path / name, sentences))
    for file in ("facts.jsonl", "rejects.jsonl", "manifest.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_every_line_is_a_fact_or_a_reject(tmp_path: Path, model: Path, extractor: Pattern):
    lines: list[object] = [{"text": f"片{n}的导演是甲"} for n in range(300)]
    lines[70], lines[200] = {"text": ""}, ["no object"]
    texts = write_lines(tmp_path / "t.jsonl", lines)
    extract(ExtractSettings(model, tmp_path / "facts", texts=texts))
    rejects = read_lines(tmp_path / "facts" / "rejects.jsonl")
    assert [(r["file"], r["line"]) for r in rejects] == [("t.jsonl", 71), ("t.jsonl", 201)]
    assert all(r["reason"] for r in rejects)
    ids = [fact["id"] for fact in read_lines(tmp_path / "facts" / "facts.jsonl")]
    assert ids == [f"t:{n}" for n in range(1, 301) if n not in {71, 201}]


def test_more_bad_lines_than_allowed_stop_it_before_the_model_runs(tmp_path: Path, model: Path, extractor: Pattern):
    texts = write_lines(tmp_path / "t.jsonl", [{"text": "a"}] * 97 + [{"text": ""}] * 3)
    with pytest.raises(InputError, match=r'3 of 100 lines .* 2\.00% .* t\.jsonl line 98: "text" is empty'):
        extract(ExtractSettings(model, tmp_path / "facts", texts=texts, max_bad_fraction=0.02))
    assert extractor.chunks == []
    assert not (tmp_path / "facts").exists()
    extract(ExtractSettings(model, tmp_path / "facts", texts=texts, max_bad_fraction=0.03))
    assert len(read_lines(tmp_path / "facts" / "rejects.jsonl")) == 3


def test_many_good_sentences_do_not_hide_extra_texts_that_are_all_bad(
    tmp_path: Path, model: Path, sentences: Path, extractor: Pattern
):
    write_lines(sentences / "train.jsonl", [{"id": f"train:{n}", "text": "好"} for n in range(1000)])
    texts = write_lines(tmp_path / "t.jsonl", [{"text": ""}, {"text": 1}])
    with pytest.raises(InputError, match=r"--texts .*t\.jsonl: no text can be read; t\.jsonl line 1"):
        extract(ExtractSettings(model, tmp_path / "facts", sentences, texts))


def test_an_empty_folder_of_texts_adds_nothing_to_the_archive_but_is_nothing_alone(
    tmp_path: Path, model: Path, sentences: Path, extractor: Pattern
):
    (tmp_path / "none").mkdir()
    extract(ExtractSettings(model, tmp_path / "facts", sentences, tmp_path / "none"))
    assert len(read_lines(tmp_path / "facts" / "facts.jsonl")) == 7
    with pytest.raises(InputError, match="none: no text can be read; all is empty"):
        extract(ExtractSettings(model, tmp_path / "facts", texts=tmp_path / "none"))


def test_no_text_at_all_is_an_error(tmp_path: Path, model: Path, extractor: Pattern):
    (tmp_path / "t.txt").write_text("\n\n")
    with pytest.raises(InputError, match="no text can be read; all is empty"):
        extract(ExtractSettings(model, tmp_path / "facts", texts=tmp_path / "t.txt"))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("texts", None, "--texts None: expected a file or folder of texts"),
        ("max_text_chars", 0, "--max-text-chars 0: expected an integer of at least 1"),
        ("max_bad_fraction", 1.5, "--max-bad-fraction 1.5: expected a number of at least 0 and of at most 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, field: str, value: object, words: str):
    given = {"model": tmp_path, "facts": tmp_path / "f", "texts": tmp_path, field: value}
    with pytest.raises(InputError, match=words):
        ExtractSettings(**given)


def test_no_extra_text_may_claim_an_id_of_the_archive_and_every_other_is_kept(
    tmp_path: Path, model: Path, sentences: Path, extractor: Pattern
):
    ids = ["train:3", "test:3", "validation:3", "dev:3", "trains:3"]
    texts = write_lines(tmp_path / "t.jsonl", [{"id": name, "text": "好"} for name in ids])
    extract(ExtractSettings(model, tmp_path / "facts", sentences, texts, max_bad_fraction=0.5))
    assert [reject["line"] for reject in read_lines(tmp_path / "facts" / "rejects.jsonl")] == [1, 2]
    assert [fact["id"] for fact in read_lines(tmp_path / "facts" / "facts.jsonl")][-3:] == ids[2:]


def test_a_longer_text_than_allowed_is_rejected(tmp_path: Path, model: Path, extractor: Pattern):
    texts = write_lines(tmp_path / "t.jsonl", [{"text": "短"}, {"text": "长" * 11}])
    extract(ExtractSettings(model, tmp_path / "facts", texts=texts, max_text_chars=10, max_bad_fraction=0.5))
    assert "11 characters, more than 10" in str(read_lines(tmp_path / "facts" / "rejects.jsonl"))


def test_sentences_of_another_schema_or_version_and_a_folder_that_is_no_model_are_refused(
    tmp_path: Path, model: Path, sentences: Path, extractor: Pattern
):
    write_manifest(sentences, Manifest(*SENTENCES, "schema-b", "a test"))
    with pytest.raises(InputError, match=r"schema \(schema-b\) is not the one that the model was trained on"):
        extract(ExtractSettings(model, tmp_path / "facts", sentences))
    write_manifest(sentences, Manifest("ckgqa/sentences", 2, "schema-a", "a test"))
    with pytest.raises(InputError, match="version 2; expected a folder written as ckgqa/sentences version 1"):
        extract(ExtractSettings(model, tmp_path / "facts", sentences))
    with pytest.raises(InputError, match="expected a folder written as ckgqa/casrel version 3"):
        extract(ExtractSettings(sentences, tmp_path / "facts", sentences))


def test_a_crash_in_the_middle_leaves_what_was_there_before(
    tmp_path: Path, model: Path, sentences: Path, extractor: Pattern, monkeypatch: pytest.MonkeyPatch
):
    extract(ExtractSettings(model, tmp_path / "facts", sentences))
    before = (tmp_path / "facts" / "facts.jsonl").read_bytes()

    def interrupted(texts: Sequence[str], thresholds: Thresholds | None = None) -> list[list[ExtractedTriple]]:
        raise KeyboardInterrupt

    monkeypatch.setattr(extractor, "extract", interrupted)
    with pytest.raises(KeyboardInterrupt):
        extract(ExtractSettings(model, tmp_path / "facts", sentences))
    assert (tmp_path / "facts" / "facts.jsonl").read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_chunks_are_bounded_in_texts_and_in_characters(
    tmp_path: Path, model: Path, extractor: Pattern, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stage, "CHUNK_TEXTS", 4)
    monkeypatch.setattr(stage, "CHUNK_CHARS", 10)
    lengths = [1, 1, 1, 1, 1, 6, 4, 30, 2, 8]
    texts = write_lines(tmp_path / "t.jsonl", [{"text": "字" * n} for n in lengths])
    extract(ExtractSettings(model, tmp_path / "facts", texts=texts))
    assert extractor.chunks == [4, 2, 1, 1, 2]


def test_memory_does_not_grow_with_the_number_of_lines(
    tmp_path: Path, model: Path, extractor: Pattern, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stage, "CHUNK_TEXTS", 500)

    def peak_bytes(lines: int) -> int:
        texts = write_lines(tmp_path / "t.jsonl", [{"text": f"片{n:06}的导演是甲" + "字" * 80} for n in range(lines)])
        tracemalloc.start()
        extract(ExtractSettings(model, tmp_path / "facts", texts=texts))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    small, large = peak_bytes(2_000), peak_bytes(20_000)
    assert large < 1.2 * small
    assert len((tmp_path / "facts" / "facts.jsonl").read_bytes().splitlines()) == 20_000


def test_the_run_ends_with_its_figures(
    tmp_path: Path, model: Path, sentences: Path, extractor: Pattern, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO")
    extract(ExtractSettings(model, tmp_path / "facts", sentences))
    assert re.search(r"sentences=7 triples=7 rejected=0 sentences_per_second=\d", caplog.text)
    assert "progress title=extract done=7 total=7 unit=sentences" in caplog.text


def test_an_empty_folder_of_sentences_is_as_if_none_were_given(tmp_path: Path, model: Path, extractor: Pattern):
    (tmp_path / "nothing").mkdir()
    texts = write_lines(tmp_path / "t.jsonl", [{"text": "好"}])
    for name, sentences in (("none", None), ("empty", tmp_path / "nothing")):
        extract(ExtractSettings(model, tmp_path / name, sentences, texts))
    for file in ("facts.jsonl", "manifest.json"):
        assert (tmp_path / "none" / file).read_bytes() == (tmp_path / "empty" / file).read_bytes()
    with pytest.raises(InputError, match="--texts None: expected a file or folder of texts"):
        ExtractSettings(model, tmp_path / "facts", tmp_path / "nothing")


def test_unique_ids_tell_apart_texts_of_one_name_and_line_and_are_the_same_again(
    tmp_path: Path, model: Path, sentences: Path, extractor: Pattern
):
    ids = []
    for day, text in enumerate(("今天", "明天", "今天")):
        texts = tmp_path / str(day) / "notes.txt"
        texts.parent.mkdir()
        texts.write_text(f"{text}\n", encoding="utf-8")
        extract(ExtractSettings(model, tmp_path / "facts", sentences, texts, unique_ids=True))
        *archive, note = (str(fact["id"]) for fact in read_lines(tmp_path / "facts" / "facts.jsonl"))
        assert archive[0] == "train:1"  # the archive's ids stay: its labels have the same
        ids.append(note)
    # The first digits of `printf 今天 | sha256sum`.
    assert ids[0] == ids[2] == "notes:1:d5f5a7a0"
    assert ids[1] != ids[0]


def test_unique_ids_free_a_text_that_brings_its_own_id_too(tmp_path: Path, model: Path, extractor: Pattern):
    lines = [{"id": 7, "text": "甲"}, {"id": 7, "text": "乙"}, {"id": "train:1", "text": "丙"}]
    texts = write_lines(tmp_path / "t.jsonl", lines)
    extract(ExtractSettings(model, tmp_path / "facts", texts=texts, unique_ids=True))
    ids = [str(fact["id"]) for fact in read_lines(tmp_path / "facts" / "facts.jsonl")]
    assert [key.rpartition(":")[0] for key in ids] == ["7", "7", "train:1"]
    assert len(set(ids)) == 3
