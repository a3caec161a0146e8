"""What a program prints reaches any stream, and a reader that goes away early ends it quietly."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from dataclasses import dataclass
from ckgqa.runtime.program import Command, main
from ckgqa.runtime.settings import CheckedSettings

@dataclass(frozen=True)
class Settings(CheckedSettings):
    question: str
    '''The question.'''
    count: int = 1
    '''How often.'''

def say(settings):
    for _ in range(settings.count):
        print(settings.question)

sys.exit(main("toy", "谁", [Command("say", Settings, say)]))
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> list[str]:
    path = tmp_path_factory.mktemp("program") / "say.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return [sys.executable, str(path)]


@pytest.fixture
def run(program):
    def run_program(*words: str, encoding: str = "utf-8"):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        return subprocess.run([*program, *words], env=environment, capture_output=True, check=False)

    return run_program


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", b"\\u8c01 caf\\xe9\n"),
        ("ascii:strict", b"\\u8c01 caf\\xe9\n"),
        ("cp1252", b"\\u8c01 caf\xe9\n"),
        ("utf-8", "谁 café\n".encode()),
        ("gbk", "谁 caf".encode("gbk") + "é".encode("gbk") + b"\n"),
    ],
)
def test_characters_that_a_stream_cannot_encode_are_escaped(run, encoding, shown):
    done = run("say", "--question", "谁 café", encoding=encoding)
    assert (done.returncode, done.stdout) == (0, shown)
    assert b"Traceback" not in done.stderr


def test_a_refusal_and_the_help_are_printed_in_any_encoding(run):
    done = run("say", "--question", "谁", "--count", "一", encoding="ascii")
    assert done.returncode == 2
    assert b"--count \\u4e00: expected an integer" in done.stderr
    assert run("--help", encoding="ascii").returncode == 0


def test_a_reader_that_goes_away_is_no_error(program):
    command = [*program, "say", "--question", "谁", "--count", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read().decode()
        assert (process.wait(), "Traceback" in errors, "BrokenPipe" in errors) == (0, False, False), errors


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_was_never_there_is_no_error(program, unbuffered):
    read, write = os.pipe()
    os.close(read)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    command = [*program, "say", "--question", "谁"]
    done = subprocess.run(command, env=environment, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, b"Broken" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("question", ["-1是谁", "-谁是导演", "--是谁", "-5", "-", "-h是什么", "--谁=谁"])
def test_a_text_that_begins_with_a_hyphen_is_a_value(run, question):
    done = run("say", "--question", question)
    assert (done.returncode, done.stdout.decode()) == (0, f"{question}\n"), done.stderr


@pytest.mark.parametrize("words", [("--grpah", "x"), ("--question", "--grpah"), ("-x",), ("--question", "谁", "-谁")])
def test_an_unknown_flag_is_refused_nevertheless(run, words):
    done = run("say", *(words if "--question" in words else ("--question", "谁", *words)))
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_text_is_read_as_utf_8_in_any_locale_or_refused(run, program):
    ascii_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [*program, "say", "--question", "谁".encode()]
    done = subprocess.run(command, env={**os.environ, **ascii_locale}, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"\\u8c01\n"), done.stderr
    done = run("say", "--question", "是".encode("gbk"))
    assert done.returncode == 2
    assert b"--question: not UTF-8 (byte 0); expected a text in UTF-8" in done.stderr
