"""The whole command, as it is run: what it writes, and that it writes nothing where it refuses."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from ckgqa_preprocess.__main__ import COMMANDS
from ckgqa_preprocess.duie.settings import DuieSettings
from ckgqa_preprocess.duie.stage import preprocess_duie, split_of
from ckgqa_preprocess.findings import MAX_EXAMPLES

from ckgqa.runtime.artefacts import SENTENCES
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.jsonlines import read_json, read_jsonl
from ckgqa.runtime.manifest import read_manifest, schema_hash
from ckgqa.runtime.program import main

SPLITS = ("train", "validation", "test")


def run(raw: Path, out: Path, *flags: str) -> int:
    return main("ckgqa_preprocess", "", COMMANDS, ["duie", "--raw", str(raw), "--sentences", str(out), *flags])


def sentences(out: Path, split: str) -> list[dict[str, object]]:
    return [record for _, record in read_jsonl(out / f"{split}.jsonl")]


def good_line(number: int) -> str:
    triple = {"subject": f"影{number}", "predicate": "导演", "object": f"人{number}", "subject_type": "影视作品"}
    return json.dumps({"text": f"影{number}由人{number}导演", "spo_list": [triple | {"object_type": "人物"}]})


def test_every_sentence_comes_out_once_with_its_line_for_an_id(tmp_path, archive_files, pack) -> None:
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out", "--validation-fraction", "0.2") == 0
    from_train = sentences(tmp_path / "out", "train") + sentences(tmp_path / "out", "validation")
    assert sorted(str(record["id"]) for record in from_train) == sorted(f"train:{line}" for line in range(1, 201))
    assert [record["id"] for record in sentences(tmp_path / "out", "test")] == [f"test:{line}" for line in range(1, 21)]
    seventh = next(record for record in from_train if record["id"] == "train:7")
    assert seventh["text"] == "《影片6号》由导演6执导"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "manifest.json", "report.json", "report.md", "schema.json", "test.jsonl", "train.jsonl", "validation.jsonl",
    ]  # fmt: skip


def test_the_manifest_says_what_it_was_made_of(tmp_path, archive_files, pack) -> None:
    raw = pack(tmp_path / "raw.zip", archive_files)
    assert run(raw, tmp_path / "out", "--seed", "4") == 0
    manifest = read_manifest(tmp_path / "out", SENTENCES)
    assert manifest.inputs == {"raw": tree_hash(raw)}
    assert manifest.settings == {"seed": 4, "validation_fraction": 0.05, "max_bad_fraction": 0.01}
    assert manifest.made_by == "preprocess duie"
    assert manifest.schema_hash == schema_hash(read_json(tmp_path / "out" / "schema.json"))


def test_same_input_and_seed_give_the_same_bytes_and_another_seed_another_split(tmp_path, archive_files, pack) -> None:
    raw = pack(tmp_path / "raw.zip", archive_files)
    for name, seed in (("a", "13"), ("b", "13"), ("c", "14")):
        assert run(raw, tmp_path / name, "--seed", seed) == 0
    assert tree_hash(tmp_path / "a") == tree_hash(tmp_path / "b")
    assert sentences(tmp_path / "a", "validation") != sentences(tmp_path / "c", "validation")


def test_the_split_has_the_share_that_was_asked_for_and_equal_texts_stay_together() -> None:
    texts = [f"句子{number}" for number in range(20_000)]
    sides = [split_of(text, seed=13, validation_fraction=0.2) for text in texts]
    assert sides == [split_of(text, seed=13, validation_fraction=0.2) for text in texts]
    # Five standard deviations of a binomial with 20,000 draws at 0.2 are 283.
    assert abs(Counter(sides)["validation"] - 4000) < 283


def test_equal_texts_never_straddle_the_split(tmp_path, archive_files, pack) -> None:
    archive_files["train.json"] *= 3
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out", "--validation-fraction", "0.3") == 0
    train, validation = ({record["text"] for record in sentences(tmp_path / "out", split)} for split in SPLITS[:2])
    assert len(train) + len(validation) == 200
    assert not train & validation


def test_the_report_counts_what_the_files_hold(tmp_path, archive_files, pack) -> None:
    no_triple = json.dumps({"text": "天气很好", "spo_list": []}, ensure_ascii=False)
    archive_files["dev.json"] += f"\n{no_triple}\n"
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out") == 0
    report = read_json(tmp_path / "out" / "report.json")
    for split in SPLITS:
        found = sentences(tmp_path / "out", split)
        triples = [triple for record in found for triple in record["triples"]]
        assert report["splits"][split] == {
            "sentences": len(found),
            "triples": len(triples),
            "without_triples": sum(not record["triples"] for record in found),
        }
        assert report["predicates"]["导演"][split] == len(triples)
    assert report["predicates"]["首都"] == {"train": 0, "validation": 0, "test": 0}
    assert report["files"] == {"train.json": {"records": 200, "bad": 0}, "dev.json": {"records": 21, "bad": 0}}
    assert "| 导演 | " in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_bad_records_are_dropped_counted_and_listed_with_place_and_reason(tmp_path, archive_files, pack) -> None:
    archive_files["train.json"] = "not json\n" * 30 + archive_files["train.json"]
    raw = pack(tmp_path / "raw.zip", archive_files)
    assert run(raw, tmp_path / "out", "--max-bad-fraction", "0.2") == 0
    found = read_json(tmp_path / "out" / "report.json")["dropped"]["train.json"]["not JSON"]
    assert found["count"] == 30
    assert len(found["examples"]) == MAX_EXAMPLES
    assert found["examples"][0].startswith("train.json line 1: not JSON (")
    assert "- and 10 more" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_repairs_are_counted_and_listed(tmp_path, archive_files, pack) -> None:
    archive_files["train.json"] = archive_files["train.json"].replace('"subject": "影片3号"', '"subject": " 影片3号"')
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out") == 0
    assert read_json(tmp_path / "out" / "report.json")["repaired"] == {
        "white space around names taken off": {
            "count": 1,
            "examples": ["train.json line 4: subject ' 影片3号' became '影片3号'"],
        }
    }


def test_one_bad_record_in_a_hundred_is_borne_and_one_more_is_not(tmp_path, archive_files, pack) -> None:
    good = "\n".join(good_line(number) for number in range(198))
    archive_files["train.json"] = f"{good}\n[]\n[]\n"
    assert run(pack(tmp_path / "two.zip", archive_files), tmp_path / "two") == 0
    archive_files["train.json"] = f"{good}\n[]\n[]\n[]\n"
    assert run(pack(tmp_path / "three.zip", archive_files), tmp_path / "three") == 2


BAD_TRIPLE = {"subject": "影", "predicate": "导演", "object": "人", "subject_type": "影视作品", "object_type": "人物"}


def bad_train(**changes: object) -> str:
    """Return a training file in which 2 % of the records have a wrong triple."""
    wrong = json.dumps({"text": "影由人导演", "spo_list": [BAD_TRIPLE | changes]}, ensure_ascii=False)
    return "\n".join([*(good_line(number) for number in range(98)), wrong, wrong])


@pytest.mark.parametrize(
    "wrong",
    [
        (
            "train.json",
            bad_train(predicate="唱"),
            "unknown predicate: 2; first train.json line 99: predicate '唱' is not",
        ),
        ("train.json", bad_train(subject="王五"), "first train.json line 99: subject '王五' is not in the text"),
        ("train.json", bad_train(object="王五"), "first train.json line 99: @value '王五' is not in the text"),
        ("train.json", "{\n{\n" + good_line(1), "train.json: 2 of 3 records are bad (66.7%), at most 1.0% may be"),
        ("train.json", b"\xff\n", "none of its 1 records is usable (not UTF-8: 1); first train.json line 1: not UTF-8"),
        ("train.json", "", "train.json: it is empty; expected one JSON object a line"),
        ("train.json", "\n\n", "train.json: it is empty; expected one JSON object a line"),
        ("dev.json", "", "dev.json: it is empty; expected one JSON object a line"),
        ("dev.json", "[1]\n", "dev.json: none of its 1 records is usable (not an object: 1)"),
        ("schema.json", "", "schema.json: it is empty"),
        ("schema.json", "{", "schema.json line 1: not JSON"),
        ("train.json", good_line(1), "train.json: none of its 1 records falls into "),
    ],
)
def test_wrong_input_ends_with_exit_code_2_a_message_and_no_output(
    tmp_path, archive_files, pack, capsys, wrong
) -> None:
    name, content, message = wrong
    archive_files[name] = content
    raw = pack(tmp_path / "raw.zip", archive_files)
    assert run(raw, tmp_path / "out") == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["raw.zip"]


def labelled(predicate: str, number: int) -> dict[str, object]:
    value = {"predicate": predicate, "subject_type": SUBJECT_TYPES[predicate], "object": f"乙{number}"}
    return {"text": f"甲{number}，乙{number}", "spo_list": [value | {"subject": f"甲{number}"}]}


SUBJECT_TYPES = {"导演": "影视作品", "首都": "国家"}


def unlabelled(number: int) -> dict[str, object]:
    return {"text": f"第{number}届", "spo_list": []}


def json_lines(*records: object) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


@pytest.mark.parametrize(
    ("name", "records", "message"),
    [
        (
            "dev.json",
            [unlabelled(n) for n in range(40)],
            "dev.json: none of its 40 records has a triple in its spo_list",
        ),
        ("train.json", [unlabelled(n) for n in range(90)], "train.json: none of its 90 records has a triple"),
        ("dev.json", [labelled("首都", n) for n in range(9)], "dev.json: the split test has triples of 首都 alone"),
    ],
)
def test_labels_that_no_model_can_pass_a_gate_with_are_refused(
    tmp_path, archive_files, pack, capsys, name: str, records: list[object], message: str
) -> None:
    archive_files[name] = json_lines(*records)
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out") == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ("validation", "none of the {train} sentences that fall into train has a triple"),
        ("train", "none of the {validation} sentences that fall into validation has a triple"),
    ],
)
def test_a_split_of_the_training_file_without_a_triple_is_refused(
    tmp_path, archive_files, pack, capsys, kept: str, message: str
) -> None:
    records = [labelled("导演", number) for number in range(100)]
    split = [split_of(str(record["text"]), 13, 0.3) for record in records]
    for record, of in zip(records, split, strict=True):
        record["spo_list"] = record["spo_list"] if of == kept else []
    archive_files["train.json"] = json_lines(*records)
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out", "--validation-fraction", "0.3") == 2
    assert message.format(**Counter(split)) in capsys.readouterr().err


def test_validation_with_other_predicates_than_training_is_refused(tmp_path, archive_files, pack, capsys) -> None:
    texts = [str(labelled("导演", number)["text"]) for number in range(100)]
    sides = {"train": "导演", "validation": "首都"}
    records = [labelled(sides[split_of(text, 13, 0.3)], number) for number, text in enumerate(texts)]
    archive_files["train.json"] = json_lines(*records)
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out", "--validation-fraction", "0.3") == 2
    assert "train.json: the split validation has triples of 首都 alone" in capsys.readouterr().err


def test_the_flags_name_the_files_and_the_standard_names_are_no_setting(tmp_path, archive_files, pack) -> None:
    named = {"a/mine.json": archive_files["train.json"], "a/eval.json": archive_files["dev.json"]}
    raw = pack(tmp_path / "raw.zip", {**named, "a/types": archive_files["schema.json"]})
    flags = ("--train", "mine.json", "--dev", "a/eval.json", "--schema", "types")
    assert run(raw, tmp_path / "out", *flags) == 0
    assert run(pack(tmp_path / "plain.zip", archive_files), tmp_path / "plain") == 0
    for split in SPLITS:
        assert sentences(tmp_path / "out", split) == sentences(tmp_path / "plain", split)
    settings = read_manifest(tmp_path / "out", SENTENCES).settings
    assert (settings["train"], settings["dev"], settings["schema"]) == ("mine.json", "a/eval.json", "types")
    assert "eval.json" in read_json(tmp_path / "out" / "report.json")["files"]


@pytest.mark.parametrize("blank", ["\u3000\u3000", "\xa0", "\u200b", "\ufeff", "\u2003 \t"])
def test_lines_of_any_white_space_do_not_count_in_any_file(tmp_path, archive_files, pack, blank: str) -> None:
    files = {
        name: f"{blank}\n" + text.replace("\n", f"{blank}\n{blank}\n{blank}") for name, text in archive_files.items()
    }
    assert run(pack(tmp_path / "raw.zip", files), tmp_path / "out", "--max-bad-fraction", "0") == 0
    assert run(pack(tmp_path / "plain.zip", archive_files), tmp_path / "plain") == 0
    found, plain = ([record["text"] for record in sentences(tmp_path / name, "test")] for name in ("out", "plain"))
    assert found == plain


def test_arrays_and_pretty_printed_objects_are_refused_in_words(tmp_path, archive_files, pack, capsys) -> None:
    records = [json.loads(line) for line in archive_files["dev.json"].splitlines()]
    for name in ("dev.json", "schema.json"):
        for written in (json.dumps(records), json.dumps(records, indent=2)):
            assert run(pack(tmp_path / "raw.zip", archive_files | {name: written}), tmp_path / "out") == 2
            message = f"{name}: expected one JSON object a line, but this file holds a JSON array"
            assert message in capsys.readouterr().err
    pretty = "\n".join(json.dumps(record, indent=1) for record in records)
    for name in ("dev.json", "schema.json"):
        assert run(pack(tmp_path / "raw.zip", archive_files | {name: pretty}), tmp_path / "out") == 2
        assert f"{name}: expected one JSON object a line, but the first object" in capsys.readouterr().err


def test_what_stood_there_stays_when_the_new_input_is_refused(tmp_path, archive_files, pack) -> None:
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out") == 0
    before = tree_hash(tmp_path / "out")
    archive_files["dev.json"] = ""
    assert run(pack(tmp_path / "raw.zip", archive_files), tmp_path / "out") == 2
    assert tree_hash(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"validation_fraction": 0.0}, "--validation-fraction 0.0: expected a number above 0 and below 1"),
        ({"validation_fraction": 1.0}, "--validation-fraction 1.0: expected"),
        ({"max_bad_fraction": 1.5}, "--max-bad-fraction 1.5: expected a number of at least 0 and of at most 1"),
    ],
)
def test_nonsense_settings_are_refused_when_they_are_made(flags, message) -> None:
    with pytest.raises(InputError, match=message):
        DuieSettings(Path("raw"), Path("out"), **flags)


def test_a_process_that_is_told_to_stop_leaves_no_output(tmp_path, archive_files, unpack) -> None:
    raw = unpack(tmp_path / "raw", archive_files)
    (raw / "train.json").unlink()
    os.mkfifo(raw / "train.json")
    words = [sys.executable, "-m", "ckgqa_preprocess", "duie", "--raw", raw, "--sentences", tmp_path / "out"]
    running = subprocess.Popen(words, stderr=subprocess.PIPE, env=_environment())
    with (raw / "train.json").open("wb") as slow:  # opens when the program reads
        slow.write(archive_files["train.json"].encode())
        slow.flush()
        while not list(tmp_path.glob(".out.*.part/train.jsonl")):
            time.sleep(0.01)
        messages = _told_to_stop(running)
    assert running.returncode == 128 + signal.SIGTERM
    assert b"terminated" in messages
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def _told_to_stop(running: "subprocess.Popen[bytes]") -> bytes:
    """Send SIGTERM, again where the first came just before a read that blocks, which Python then does not see."""
    for _ in range(12):
        running.send_signal(signal.SIGTERM)
        try:
            return running.communicate(timeout=5)[1]
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("it did not stop")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.slow
def test_the_real_archive_passes_with_the_defaults(tmp_path) -> None:
    preprocess_duie(DuieSettings(Path(os.environ["CKGQA_TEST_DUIE"]), tmp_path / "out"))
    report = read_json(tmp_path / "out" / "report.json")
    records = {name: counts["records"] for name, counts in report["files"].items()}
    kept = {split: counts["sentences"] for split, counts in report["splits"].items()}
    bad = {name: counts["bad"] for name, counts in report["files"].items()}
    assert kept["train"] + kept["validation"] == records["train.json"] - bad["train.json"]
    assert kept["test"] == records["dev.json"] - bad["dev.json"]
    assert 0.04 < kept["validation"] / records["train.json"] < 0.06
    labels = read_json(tmp_path / "out" / "schema.json")["labels"]
    assert labels == sorted(labels)
    for split in SPLITS:
        for record in sentences(tmp_path / "out", split):
            for triple in record["triples"]:
                assert all(name in record["text"] for name in (triple["subject"], *triple["object"].values()))
                assert all([triple["predicate"], slot] in labels for slot in triple["object"])
