"""The archive of labelled questions: what it becomes, how it is split, and what is refused."""

import json
from pathlib import Path

import pytest
from ckgqa_preprocess.__main__ import COMMANDS
from ckgqa_preprocess.questions.archive.read import read_raw_questions

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, read_jsonl
from ckgqa.runtime.program import main

from .graphs import schema, world, write_graph, write_schema

SPLITS = ("train", "validation", "test")
INTENTIONS = {
    "作者": {"ask_object": "ask_author", "ask_subject": "ask_books"},
    "国籍": {"ask_object": "ask_nationality"},
}
TAGS = {
    "作者": {"subject_label": ["B_book", "I_book"], "object_label": ["B_name", "I_name"]},
    "国籍": {"subject_label": ["B_name", "I_name"], "object_label": ["B_country", "I_country"]},
}
WORDINGS = {
    "ask_author": ("book", ["{}是谁写的", "谁写了{}", "{}的作者是谁", "{}是谁的作品"]),
    "ask_books": ("name", ["{}写了什么书", "{}有哪些作品", "{}写了哪些书", "{}有什么著作"]),
    "ask_nationality": ("name", ["{}的国籍是什么", "{}是哪国人", "{}来自哪个国家", "{}是哪个国家的人"]),
}


def line(label: str, wording: str, name: str) -> tuple[str, str, str]:
    """Return one question as its three lines."""
    kind = WORDINGS[label][0]
    before, after = wording.split("{}")
    tags = ["O"] * len(before) + [f"B_{kind}"] + [f"I_{kind}"] * (len(name) - 1) + ["O"] * len(after)
    return wording.format(name), " ".join(tags), label


def archive(lines: list[tuple[str, str, str]]) -> dict[str, str]:
    question, tags, labels = ("\n".join(one) + "\n" for one in zip(*lines, strict=True))
    return {
        "seq.in": question,
        "seq.out": tags,
        "label": labels,
        "schema/domain_specific_intentions.json": json.dumps(INTENTIONS),
        "schema/domain_specific_slot_labels.json": json.dumps(TAGS),
        "schema/question_templates.json": "{}",
    }


LINES = [
    line(label, wording, f"{name}{number}")
    for label, (_, wordings) in WORDINGS.items()
    for wording in wordings
    for name in ("战争与和平", "托尔斯泰", "Tom")
    for number in range(20)
]


def run(out: Path, *flags: str) -> int:
    return main("ckgqa_preprocess", "", COMMANDS, ["questions", "--questions", str(out), *flags])


def records(out: Path) -> dict[str, list[dict]]:
    return {split: [record for _, record in read_jsonl(out / f"{split}.jsonl")] for split in SPLITS}


@pytest.fixture
def packed(tmp_path, pack) -> Path:
    return pack(tmp_path / "qa_raw.zip", archive(LINES))


def test_a_question_becomes_a_record_with_its_direction_and_span(tmp_path, pack) -> None:
    lines = [line("ask_author", "谁写了{}", "我，机器人"), line("ask_books", "{}写了什么书", "王怡红"), *LINES]
    assert run(tmp_path / "out", "--raw", str(pack(tmp_path / "raw.zip", archive(lines)))) == 0
    found = {record["id"]: record for split in records(tmp_path / "out").values() for record in split}
    assert {key: found["raw:1"][key] for key in ("text", "intent", "mentions", "shape")} == {
        "text": "谁写了我，机器人",
        "intent": "list:作者/@value",
        "mentions": [{"role": "subject", "start": 3, "end": 8, "name": "我，机器人"}],
        "shape": "object_asked",
    }
    assert found["raw:2"]["intent"] == "list:作者/subject"
    assert found["raw:2"]["mentions"] == [{"role": "@value", "start": 0, "end": 3, "name": "王怡红"}]
    assert found["raw:2"]["wording"].startswith("raw/作者/subject#")
    assert read_json(tmp_path / "out" / "labels.json")["steps"] == ["作者/@value", "作者/subject", "国籍/@value"]
    assert len(found) == len(lines)


def test_split_at_random_no_question_is_in_two_splits(tmp_path, packed) -> None:
    assert run(tmp_path / "out", "--raw", str(packed), "--raw-test-fraction", "0.3") == 0
    found = records(tmp_path / "out")
    assert 0.2 * len(LINES) < len(found["test"]) < 0.4 * len(LINES)
    assert 0.05 * len(LINES) < len(found["validation"]) < 0.15 * len(LINES)
    texts = [record["text"] for split in SPLITS for record in found[split]]
    assert len(texts) == len(set(texts)) == len(LINES)
    assert read_json(tmp_path / "out" / "report.json")["raw_wordings_in_two_splits"] > 0


def test_split_by_wording_the_test_has_wordings_of_its_own_and_every_intent(tmp_path, packed) -> None:
    assert run(tmp_path / "out", "--raw", str(packed), "--raw-split", "wording") == 0
    found = records(tmp_path / "out")
    by_split = {split: {record["wording"] for record in found[split]} for split in SPLITS}
    assert not by_split["test"] & by_split["train"] | by_split["validation"] & by_split["train"]
    for split in ("train", "test"):
        assert {record["intent"] for record in found[split]} == {
            "list:作者/@value",
            "list:作者/subject",
            "list:国籍/@value",
        }
    assert read_json(tmp_path / "out" / "report.json")["raw_wordings_in_two_splits"] == 0


def test_equal_questions_are_kept_once_and_counted(tmp_path, pack) -> None:
    path = pack(tmp_path / "raw.zip", archive([*LINES, *LINES[:7]]))
    assert run(tmp_path / "out", "--raw", str(path)) == 0
    assert read_json(tmp_path / "out" / "report.json")["raw"] == {"bad": 0, "duplicates": 7, "reasons": {}}


def test_characters_may_be_set_apart_and_the_folder_may_be_nested(tmp_path, unpack) -> None:
    files = archive(LINES)
    files["seq.in"] = "\n".join(" ".join(text) for text in files["seq.in"].split("\n"))
    raw = read_raw_questions(unpack(tmp_path / "raw", {f"qa/{name}": text for name, text in files.items()}), 0.0)
    assert [one.text.words for one in raw.questions] == [one[0] for one in LINES]
    assert all(one.text.words[m.start : m.end] == m.name for one in raw.questions for m in one.text.mentions)


def test_words_may_have_one_tag(tmp_path, unpack) -> None:
    files = archive(LINES)
    files["seq.in"] = "谁 写了 Tom123\n" + files["seq.in"]
    files["seq.out"] = "O O B_book\n" + files["seq.out"]
    files["label"] = "ask_author\n" + files["label"]
    (first, *_) = read_raw_questions(unpack(tmp_path / "raw", files), 0.0).questions
    assert (first.text.words, first.text.mentions[0].name) == ("谁写了Tom123", "Tom123")


def first_question(folder: Path, question: str, tags: str, label: str = "ask_author") -> tuple[str, str, int, int]:
    """Return words, name, start and end of a question that stands before those of a good archive."""
    archive_of = archive([(question, tags, label), *LINES])
    for name, text in archive_of.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    text = read_raw_questions(folder, 0.0).questions[0].text
    (mention,) = text.mentions
    assert text.words[mention.start : mention.end] == mention.name
    return text.words, mention.name, mention.start, mention.end


TAGGED = "O O O B_book I_book"


@pytest.mark.parametrize("end", [" ", "  ", "\t", "\u3000", "\xa0", "\u200b", "\ufeff", "\r", " \r"])
def test_white_space_at_the_ends_of_a_line_does_not_count(tmp_path, end: str) -> None:
    wanted = ("谁写了战争", "战争", 3, 5)
    assert first_question(tmp_path / "a", f"{end}谁写了战争{end}", TAGGED) == wanted
    assert first_question(tmp_path / "b", f"谁写了战争{end}", f"{end}{TAGGED}{end}", f"{end}ask_author{end}") == wanted
    assert first_question(tmp_path / "c", f"谁 写 了 战 争{end}", TAGGED) == wanted


@pytest.mark.parametrize(
    ("question", "tags", "found"),
    [
        ("谁写了A B", "O O O B_book I_book I_book", ("谁写了A B", "A B", 3, 6)),
        (" 谁写了A B ", "O O O B_book I_book I_book", ("谁写了A B", "A B", 3, 6)),
        # Every character has its tag, the spaces at the ends too.
        (" 谁写了A B ", "O O O O B_book I_book I_book O", ("谁写了A B", "A B", 3, 6)),
        (" 战争谁写的", "B_book I_book I_book O O O", ("战争谁写的", "战争", 0, 2)),
        ("谁写了战争 ", "O O O B_book I_book I_book", ("谁写了战争", "战争", 3, 5)),
        ("谁写了 战争", "O O O B_book I_book I_book", ("谁写了 战争", "战争", 4, 6)),
        ("谁写了《战争》", "O O O B_book I_book I_book I_book", ("谁写了《战争》", "战争", 4, 6)),
        ("谁写了《战争》", "O O O O B_book I_book O", ("谁写了《战争》", "战争", 4, 6)),
    ],
)
def test_words_and_tags_stay_aligned(tmp_path, question: str, tags: str, found: tuple[str, str, int, int]) -> None:
    assert first_question(tmp_path / "raw", question, tags) == found


def test_blank_lines_of_any_white_space_at_the_ends_do_not_count(tmp_path, unpack) -> None:
    files = archive(LINES)
    for name, end in (("seq.in", "\u3000\n"), ("seq.out", "\xa0\n\n"), ("label", "\ufeff\n \n\u200b")):
        files[name] += end
    assert len(read_raw_questions(unpack(tmp_path / "raw", files), 0.0).questions) == len(LINES)


def test_a_zip_of_powershell_is_read_and_two_files_of_one_name_are_not(tmp_path, pack) -> None:
    files = {f"qa/{name}".replace("/", "\\"): text for name, text in archive(LINES).items()}
    assert len(read_raw_questions(pack(tmp_path / "raw.zip", files), 0.0).questions) == len(LINES)
    message = refused(pack(tmp_path / "two.zip", {**files, "qa/label": "", "old/seq.in": ""}))
    assert "qa\\seq.in and old/seq.in are both there; expected one question file" in message


def test_white_space_around_the_words_of_the_schema_does_not_count(tmp_path, unpack) -> None:
    intentions = {f"\u3000{predicate} ": directions for predicate, directions in INTENTIONS.items()}
    intentions["\u3000国籍 "] = {"ask_object": "ask_nationality\xa0"}
    files = archive(LINES) | {
        "schema/domain_specific_intentions.json": json.dumps(intentions),
        "schema/domain_specific_slot_labels.json": json.dumps(TAGS).replace("B_book", "B_book "),
    }
    raw = read_raw_questions(unpack(tmp_path / "raw", files), 0.0)
    assert [step.label for step in raw.steps] == ["作者/@value", "作者/subject", "国籍/@value"]
    files["schema/domain_specific_intentions.json"] = json.dumps({**INTENTIONS, "作者 ": {"ask_object": "a"}})
    assert "a predicate is there twice" in refused(unpack(tmp_path / "twice", files))


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_raw_questions(path, 0.01)
    return str(caught.value)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (("谁写了战争", "O O O B_book", "ask_author"), "tags do not fit"),
        (("谁写了战争", "O O O B_film I_film", "ask_author"), "unknown tag"),
        (("谁写了战争", "O O O B_name I_name", "ask_author"), "unknown tag"),
        (("谁写了战争", "O O O O O", "ask_author"), "not one name"),
        (("谁写了战争", "O O O B_book B_book", "ask_author"), "not one name"),
        (("谁写了战争", "I_book O O B_book I_book", "ask_author"), "not one name"),
        (("谁写了战争", "O O O B_book I_book", "ask_film"), "unknown label"),
        (("谁写了？！", "O O O B_book I_book", "ask_author"), "unusable name"),
        (("长" * 201, " ".join(["B_book"] + ["I_book"] * 200), "ask_author"), "too long"),
        ((" ", "O", "ask_author"), "empty question"),
    ],
)
def test_a_bad_record_is_counted_and_too_many_are_refused(tmp_path, unpack, bad, reason: str) -> None:
    lines = [*LINES[:50], bad, *LINES[50:]]
    raw = read_raw_questions(unpack(tmp_path / "few", archive(lines)), 0.01)
    assert raw.bad.counts == {reason: 1}
    assert raw.bad.examples[reason][0].startswith("seq.in line 51:")
    assert len(raw.questions) == len(LINES)
    message = refused(unpack(tmp_path / "many", archive([bad] * 20 + LINES[:50])))
    assert "20 of 70 records are bad (28.6%), at most 1.0% may be" in message
    assert reason in message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("label", None, "no label file (label)"),
        ("schema/domain_specific_intentions.json", None, "no intentions file"),
        ("label", "ask_author\n", "label ends before line 2"),
        ("seq.in", "", "seq.in ends before line 1"),
        ("schema/domain_specific_intentions.json", "[", "not JSON"),
        ("schema/domain_specific_intentions.json", "[]", "a JSON object"),
        ("schema/domain_specific_intentions.json", "{}", "no predicate in it"),
        ("schema/domain_specific_intentions.json", '{"作者": "ask_author"}', "'作者' is 'ask_author'"),
        ("schema/domain_specific_intentions.json", '{"作者": {"ask_who": "ask_author"}}', "'作者' has 'ask_who'"),
        (
            "schema/domain_specific_intentions.json",
            '{"作者": {"ask_object": "a", "ask_subject": "a"}}',
            "the label 'a' has two meanings",
        ),
        ("schema/domain_specific_slot_labels.json", "{}", "'作者' has no subject_label"),
        ("schema/domain_specific_slot_labels.json", '{"作者": {"subject_label": ["B_book"]}}', "has no subject_label"),
    ],
)
def test_a_broken_archive_is_refused(tmp_path, unpack, name: str, content: str | None, message: str) -> None:
    files = archive(LINES)
    if content is None:
        del files[name]
    else:
        files[name] = content
    assert message in refused(unpack(tmp_path / "raw", files))


def test_an_empty_archive_is_refused(tmp_path, unpack) -> None:
    files = archive(LINES) | {"seq.in": "", "seq.out": "", "label": ""}
    assert "it is empty" in refused(unpack(tmp_path / "raw", files))


def test_an_archive_too_small_to_split_is_refused(tmp_path, unpack, capsys) -> None:
    path = unpack(tmp_path / "raw", archive(LINES[:1]))
    assert run(tmp_path / "out", "--raw", str(path)) == 2
    assert "none of its 1 questions falls into" in capsys.readouterr().err


def test_with_a_graph_the_generator_keeps_clear_of_what_the_archive_trains(tmp_path, packed, pack) -> None:
    facts = world()
    graph = write_graph(tmp_path / "graph-csv", facts, schema(("作者", "图书作品", {"@value": "人物"})))
    own = write_schema(tmp_path / "schema.json", schema(("作者", "图书作品", {"@value": "人物"})))
    sizes = ("--train-size", "400", "--validation-size", "60", "--test-size", "80")
    for split in ("random", "wording"):
        where = ("--graph-csv", str(graph), "--schema", str(own), "--raw", str(packed), "--raw-split", split)
        assert run(tmp_path / split, *where, *sizes) == 0
        report = read_json(tmp_path / split / "report.json")
        assert report["questions_in_two_splits"] == 0
        assert report["generated_wordings_in_two_splits"] == report["generated_names_in_two_splits"] == 0
        assert report["sources"]["generated"] == {"train": 400, "validation": 60, "test": 80}
        found = records(tmp_path / split)
        trained = {m["name"] for r in found["train"] if r["id"].startswith("raw") for m in r["mentions"]}
        asked = {m["name"] for r in found["test"] if r["id"].startswith("generated") for m in r["mentions"]}
        assert not trained & asked


def test_an_archive_of_another_schema_is_refused(tmp_path, packed, capsys) -> None:
    own = write_schema(tmp_path / "schema.json", schema())
    assert run(tmp_path / "out", "--raw", str(packed), "--schema", str(own)) == 2
    assert "ask for '作者', which the schema lacks" in capsys.readouterr().err
