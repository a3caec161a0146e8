"""What click refuses has the form of every other refusal, on one line."""

import pytest

from ckgqa.cli.main import main


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("graph show x --limit 0", "--limit 0: expected an integer of at least 1"),
        ("graph show x --limit=k", "--limit k: expected an integer of at least 1"),
        ("serve --port 70000", "--port 70000: expected an integer of at least 0 and of at most 65535"),
        ("add x --max-bad-fraction 7", "--max-bad-fraction 7: expected a number of at least 0 and of at most 1"),
        ("compile add-texts -o /", "--output /: expected a file"),
        ("compile add-texts", "--output (not set): expected a file"),
        ("models show", "ID (not set): expected a text"),
        ("models reject x", "--comment (not set): expected a text"),
        ("models shaw", "COMMAND shaw: expected one of approve, list, reject, show"),
        ("serve --prot 1", "--prot: expected a flag of ckgqa serve; did you mean --port?"),
        ("serve --port", "--port: expected a value behind this flag"),
        ("add x --target=moon", "--target moon: expected one of process, docker"),
        ("ask a b", "Got unexpected extra argument (b)"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_one_line(capsys, argv: str, message: str) -> None:
    assert main(argv.split()) == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_a_graph_that_does_not_exist_is_refused_by_its_flag(capsys) -> None:
    assert main(["graph", "show", "x", "--graph", "nope"]) == 2
    assert capsys.readouterr().err.startswith("error: --graph nope: expected a run in runs, or a folder")
