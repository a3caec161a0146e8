"""Questions and names that begin with a hyphen, and paths that are empty."""

import click
import pytest

from ckgqa.cli.main import main
from ckgqa.cli.text_arguments import TextCommand


@click.command(cls=TextCommand)
@click.argument("question")
@click.option("--graph", default="last")
@click.option("--follow-up", is_flag=True)
def ask(question: str, graph: str, follow_up: bool) -> tuple[str, str, bool]:
    return question, graph, follow_up


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["-谁是导演"], ("-谁是导演", "last", False)),
        (["--", "-谁是导演"], ("-谁是导演", "last", False)),
        (["--", "--graph"], ("--graph", "last", False)),
        (["-1是谁", "--graph", "my graph"], ("-1是谁", "my graph", False)),
        (["--graph", "my graph", "-1是谁", "--follow-up"], ("-1是谁", "my graph", True)),
        (["--graph=x", "--是谁"], ("--是谁", "x", False)),
        (["--graph", "-图", "谁"], ("谁", "-图", False)),
        (["-abc是谁"], ("-abc是谁", "last", False)),
        (["-5"], ("-5", "last", False)),
        (["-"], ("-", "last", False)),
    ],
)
def test_a_word_that_is_no_option_is_the_question(words, taken):
    assert ask.main(words, standalone_mode=False) == taken


@pytest.mark.parametrize("words", [["谁", "--grpah", "x"], ["--grpah=图", "谁"], ["-x", "谁"], ["谁", "-follow"]])
def test_a_mistyped_option_is_refused(words):
    with pytest.raises(click.NoSuchOption):
        ask.main(words, standalone_mode=False)


@pytest.mark.parametrize("words", [[], ["谁", "-谁"], ["谁", "--graph"]])
def test_too_few_and_too_many_words_are_refused(words):
    with pytest.raises(click.UsageError):
        ask.main(words, standalone_mode=False)


@pytest.mark.parametrize(
    "words", [("run", "knowledge-graph", "--raw", ""), ("run", "knowledge-graph", "--texts", ""), ("add", "")]
)
def test_an_empty_word_is_no_path(words, capsys):
    assert main(list(words)) == 2
    assert "'': expected a file or a folder" in capsys.readouterr().err
