"""Wrong settings and inputs end a run before its first task, in the user's own words."""

import io
import json
import logging
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ckgqa.cli.main import main
from ckgqa.execution import early_checks
from ckgqa.execution.compilation import ir
from ckgqa.execution.compilation.compiler import compile_pipeline
from ckgqa.execution.early_checks import check_tasks, link_input
from ckgqa.execution.records.record import InputRecord, RunRecord
from ckgqa.execution.run import in_words_of_user
from ckgqa.execution.user_words import UserWords
from ckgqa.images.plan import pinned
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.program import Command
from ckgqa.sample.archive import write_sample
from ckgqa.training.bert_folder import check_bert_folder


def write_bert(folder: Path, **changes: object) -> Path:
    """Write the folder of a BERT with no tensors, for what needs no torch."""
    folder.mkdir(parents=True)
    config = {"model_type": "bert", "vocab_size": 9, "hidden_size": 8, "max_position_embeddings": 66}
    (folder / "config.json").write_text(json.dumps({**config, **changes}))
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n中\n国\n")
    header = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    return folder


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "raw.zip"
    write_sample(path)
    return path


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys, sample):
    """Give a function that runs a command line that is refused before any task, and returns its message."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw.zip").symlink_to(sample)

    def run(*words: object, pipeline: str = "knowledge-graph") -> str:
        capsys.readouterr()
        code = main(["run", pipeline, *map(str, words), "--target", "process"])
        out, err = capsys.readouterr()
        assert (code, out) == (2, ""), err
        assert not list((tmp_path / "runs").iterdir())
        assert "Traceback" not in err
        (message,) = err.splitlines()
        return message.removeprefix("error: ")

    return run


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--hidden-size", "30"), "--hidden-size 30: expected a multiple of --set train.attention_heads 4"),
        (("--set", "train.overlap=256"), "--set train.overlap=256: expected an integer below --set train.window 256"),
        (("--set", "train.bert_learning_rate=1"), "--set train.bert_learning_rate=1.0: expected its default 5e-05"),
        (("--epochs", "0"), "--epochs 0: expected an integer of at least 1"),
        (("--min-f1", "inf"), "--min-f1 inf: expected a number of at least 0 and of at most 1"),
        (("--min-f1", "-1"), "--min-f1 -1.0: expected a number of at least 0 and of at most 1"),
        (("--learning-rate", "nan"), "--learning-rate nan: expected a number above 0"),
        (("--set", "load.attempts=0"), "--set load.attempts=0: expected an integer of at least 1"),
        (("--set", "csv.memory_mb=nan"), "--set csv.memory_mb=nan: expected an integer of at least 64"),
        (("--set", "train.clip_norm=-inf"), "--set train.clip_norm=-inf: expected"),
        (("--seed", str(2**53 + 1)), f"--seed {2**53 + 1}: expected an integer between"),
    ],
)
def test_a_setting_that_only_a_later_task_would_refuse_is_refused_at_once(refused, words, message):
    assert refused("--raw", "raw.zip", *words).startswith(message)


def test_texts_are_read_to_their_ends(refused, tmp_path):
    (tmp_path / "novel.txt").write_bytes("一\n二\n".encode() + "三".encode("gbk") + "\n四\n".encode())
    message = refused("--raw", "raw.zip", "--texts", "novel.txt")
    assert message.startswith(
        "--texts novel.txt: 1 of 4 lines cannot be read, more than 1.00% (--set extract.max_bad_fraction); "
        "the first is novel.txt line 3: not UTF-8"
    )
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.jsonl").write_text('{"text": 1}\n')
    message = refused("--raw", "raw.zip", "--texts", "more", "--texts", "novel.txt")
    assert message.startswith("--texts more, novel.txt: 2 of 5 lines cannot be read")
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as packed:
        packed.writestr("deep/a.txt", b"\xff\xfe")
    message = refused("--raw", "raw.zip", "--texts", "notes.zip")
    assert message.startswith("--texts notes.zip: no text can be read; notes.zip/deep/a.txt line 1: not UTF-8")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.txt", b"", "--texts empty.txt: no text can be read; all is empty"),
        ("empty/", b"", "--texts empty: expected a folder with files of texts (.jsonl, .json, .txt)"),
        ("a.pdf", b"x", "--texts a.pdf: no file of texts but a.pdf; expected one of"),
        ("a.zip", b"x", "--texts a.zip: a damaged zip"),
        (
            "a.json",
            b'[{"text": "x"}]',
            "--texts a.json: a.json: expected one JSON object a line, but this file holds a JSON array",
        ),
    ],
)
def test_texts_of_another_kind_are_refused_by_their_flag(refused, tmp_path, name, content, message):
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(content)
    assert refused("--raw", "raw.zip", "--texts", name.rstrip("/")).startswith(message)


def test_the_raw_archive_is_read_to_its_end(refused, tmp_path, sample):
    with zipfile.ZipFile(sample) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    (dev,) = (name for name in files if "dev" in name)
    files[dev] = b"\xff" + files[dev].replace(b'"text"', b'"words"')
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    message = refused("--raw", "bad.zip")
    assert message.startswith(f"--raw bad.zip: {Path(dev).name}: none of its")
    (tmp_path / "folder").mkdir()
    assert refused("--raw", "folder").startswith("--raw folder: no schema file")
    (tmp_path / "folder" / "train.json").symlink_to("gone")
    assert refused("--raw", "folder").startswith("--raw folder/train.json: expected a file, not a link")
    (tmp_path / "qa.zip").write_bytes(b"")
    message = refused("--raw", "qa.zip", pipeline="question-answering")
    assert message.startswith("--raw qa.zip: not a zip; expected a zip or a folder with seq.in")


def test_wordings_of_a_user_are_read_to_their_ends(refused, tmp_path, sample):
    (tmp_path / "mine.yaml").write_bytes(b"a: \xff")
    message = refused("--raw", "raw.zip", "--set", "questions.templates=mine.yaml", pipeline="question-answering")
    assert message.startswith(f"--set questions.templates={tmp_path / 'mine.yaml'}: not UTF-8")


def test_a_graph_without_its_schema_and_a_folder_of_another_kind_are_refused(refused, tmp_path):
    for name in ("graph", "schema"):
        (tmp_path / name).mkdir()
        manifest = {"format": "ckgqa/facts", "version": 2, "schema_hash": "", "made_by": ""}
        (tmp_path / name / "manifest.json").write_text(json.dumps(manifest))
    message = refused("--graph-csv", "graph", pipeline="question-answering")
    assert message.startswith("--schema (not set): expected the sentences that the graph was made from")
    message = refused("--graph-csv", "graph", "--schema", "schema", pipeline="question-answering")
    assert message.startswith("--schema schema/schema.json: there is no such file")


@pytest.mark.parametrize("pipeline", ["knowledge-graph", "question-answering"])
def test_an_encoder_that_is_no_bert_or_does_not_fit_is_refused(refused, tmp_path, pipeline):
    write_bert(tmp_path / "electra", model_type="electra")
    write_bert(tmp_path / "small")
    write_bert(tmp_path / "torn")
    (tmp_path / "torn" / "model.safetensors").write_bytes((tmp_path / "small" / "model.safetensors").read_bytes()[:-1])
    encoders = {
        "electra": "--encoder electra: not a BERT that can be loaded (electra/config.json: its model_type is 'electra'",
        "torn": "--encoder torn: not a BERT that can be loaded (torn/model.safetensors: it has",
        "small": "--set train.window=",
    }
    raw = ("--raw", "raw.zip") if pipeline == "knowledge-graph" else ("--set", "train.seed=1", "--raw", "qa")
    for encoder, message in encoders.items():
        words = ("--encoder", encoder, *raw)
        if pipeline == "question-answering":
            write_questions(tmp_path / "qa")
        assert refused(*words, pipeline=pipeline).startswith(message), encoder


def write_questions(folder: Path) -> None:
    """Write an archive of twenty labelled questions."""
    folder.mkdir(exist_ok=True)
    names = [f"{first}{second}" for first in "甲乙丙丁戊" for second in "子丑寅卯"]
    (folder / "seq.in").write_text("".join(f"{name}的导演是谁\n" for name in names))
    (folder / "seq.out").write_text("B I O O O O O\n" * len(names))
    (folder / "label").write_text("director\n" * len(names))
    (folder / "schema").mkdir(exist_ok=True)
    intentions = {"导演": {"ask_object": "director"}}
    tags = {"导演": {"subject_label": ["B", "I"], "object_label": ["B", "I"]}}
    for name, content in (("intentions", intentions), ("slot_labels", tags)):
        (folder / "schema" / f"domain_specific_{name}.json").write_text(json.dumps(content, ensure_ascii=False))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "config.json: there is no such file"),
        (lambda folder: (folder / "config.json").write_text("[]"), "expected a JSON object"),
        (lambda folder: (folder / "model.safetensors").unlink(), "it has no weights"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b""), "not a file of weights"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\xff" * 99), "not a file of weights"),
        (lambda folder: (folder / "vocab.txt").write_bytes(b"\xff"), "vocab.txt: not UTF-8"),
        (lambda folder: (folder / "vocab.txt").unlink(), "its vocabulary has 0 tokens for 9 embeddings"),
        (lambda folder: (folder / "vocab.txt").write_text("中\n[UNK]\n"), r"lacks \['\[CLS\]', '\[SEP\]'\]"),
        (lambda folder: (folder / "vocab.txt").write_text("\n".join("一二三四五六七八九十")), "10 tokens for 9 embed"),
        (lambda folder: (folder / "tokenizer.json").write_text('{"model": {}}'), "it has no vocabulary of tokens"),
    ],
)
def test_a_damaged_bert_is_refused(tmp_path, change, message):
    folder = write_bert(tmp_path / "bert")
    assert check_bert_folder(folder).longest == 64
    change(folder)
    with pytest.raises(InputError, match=message):
        check_bert_folder(folder)


def test_an_input_is_laid_out_as_its_copy_and_known_by_its_content(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.txt").write_text("one")
    sources = [tmp_path / "a.txt"]
    first = link_input("texts", sources, {"a.txt": tmp_path / "a.txt"}, tmp_path / "1")
    moved = link_input("texts", sources, {"a.txt": tmp_path / "b.txt"}, tmp_path / "2")
    (tmp_path / "a.txt").write_text("two")
    changed = link_input("texts", sources, {"a.txt": tmp_path / "a.txt"}, tmp_path / "3")
    assert first.hash == moved.hash != changed.hash
    assert (first.path / "a.txt").read_text() == "two"  # a link
    absent = link_input("texts", [], {}, tmp_path / "4")
    assert absent.words[absent.path] == "(not set)"


def test_a_check_is_repeated_only_if_its_program_settings_or_inputs_changed(tmp_path, monkeypatch):
    compile_pipeline("knowledge-graph", tmp_path / "kg.yaml", pinned)
    spec = ir.load_ir(tmp_path / "kg.yaml")
    (tmp_path / "a.txt").write_text("一")
    checked: list[str] = []
    monkeypatch.setattr(Command, "check_inputs", lambda self, _settings: checked.append(self.name))
    numbers = iter(range(9))

    def check(before: dict[str, str], **arguments: object) -> dict[str, str]:
        checked.clear()
        folder = tmp_path / str(next(numbers))
        files = {"texts": {"a.txt": tmp_path / "a.txt"}, "raw": {"r": tmp_path / "a.txt"}, "encoder": {}}
        inputs = {name: link_input(name, list(found.values()), found, folder / name) for name, found in files.items()}
        return check_tasks(spec, {**ir.defaults(spec), **arguments}, inputs, before=before, say=checked.append)

    passed = check({})
    assert sorted(checked) == ["duie", "extract", "train"]
    check(passed)
    assert checked == []
    check(passed, validation_fraction=0.1)
    assert checked == ["duie"]
    (tmp_path / "a.txt").write_text("二")
    check(passed)
    assert sorted(checked) == ["duie", "extract"]


def test_only_whole_flags_and_the_longest_paths_are_replaced():
    words = UserWords(
        {"--max-bad": "--set t.max_bad", "--raw": "--raw"},
        {Path("/run/in"): "a, b", Path("/run/in/x.txt"): "my x.txt"},
    )
    assert words.translate("--max-bad 3: expected less") == "--set t.max_bad=3: expected less"
    assert words.translate("--max-bad-ness 3: /run/in/x.txt, not /run/in") == "--max-bad-ness 3: my x.txt, not a, b"


def test_a_long_check_prints_its_progress_now_and_then(monkeypatch):
    monkeypatch.setattr(early_checks, "LINE_PERIOD_S", 0)
    said: list[str] = []
    elsewhere = io.StringIO()
    logging.basicConfig(stream=elsewhere, force=True)
    with early_checks._progress(said.append):
        logging.getLogger("ckgqa.runtime.progress").info("progress title=train.json done=1234 unit=sentences")
    assert said == ["checking the inputs: train.json 1,234 sentences"]
    assert elsewhere.getvalue() == ""


def test_a_task_that_fails_later_names_what_the_user_named_too(tmp_path):
    record = RunRecord(tmp_path / "run", "toy", "process", {})
    record.inputs = {"raw": InputRecord(["/home/me/a.zip"], ""), "encoder": InputRecord([], "")}
    copies = tmp_path / "run" / "inputs"
    message = in_words_of_user(record, f"read: {copies}/raw/a.zip: torn, in {copies}/raw; {copies}/encoder")
    assert message == f"read: /home/me/a.zip: torn, in /home/me/a.zip; {copies}/encoder"


@pytest.mark.parametrize("stage", ["preprocess", "train_casrel", "train_jointbert", "neptune_load"])
def test_a_check_imports_nothing_heavy(stage):
    program = f"""
import importlib, sys
commands = importlib.import_module("ckgqa_{stage}.__main__").COMMANDS
for check in filter(None, (command.check for command in commands)):
    module, _, function = check.partition(":")
    assert callable(getattr(importlib.import_module(module), function))
heavy = {{"torch", "numpy", "transformers", "duckdb", "pypinyin"}} & set(sys.modules)
sys.exit(f"imported: {{heavy}}" if heavy else 0)
"""
    sources = Path(__file__).parents[2] / "components" / stage / "src"
    environment = {**os.environ, "PYTHONPATH": str(sources)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
