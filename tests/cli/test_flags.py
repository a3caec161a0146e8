"""The whole command line at once: a flag has one name, one form and one meaning wherever it stands."""

from collections.abc import Iterator

import click
import pytest

from ckgqa.cli.main import cli, main
from ckgqa.execution.compilation.compiler import PIPELINES

OLD_NAMES = {"--runs", "--run", "--models-dir", "--models_dir"}

# flag -> (metavar, start of its help, defaults that it may have: None if there is none, or what the help describes)
SHARED = {
    "--runs-dir": ("FOLDER", "Folder of the runs.", {"runs"}),
    "--registry": ("FOLDER", "Folder of the registry of models", {"models"}),
    "--graph": ("RUN|FOLDER", "Graph to use: that of a run, that in a folder, or `last`", {"last", None}),
    "--graph-url": ("URL", "Address of the graph", {None}),
    "--model": ("ID|FOLDER", "Model that ", {"the newest approved one", None}),
    "--target": (
        "[process|docker]",
        "Where the pipeline runs: as plain processes, or in containers.",
        {"docker if an engine answers, otherwise process"},
    ),
    "--set": ("TASK.NAME=VALUE", "Setting of one task, or NAME=VALUE for a parameter of the pipeline", {None}),
    "--limit": ("INTEGER RANGE", "Largest number of facts to show.", {"20"}),
    "--json": (None, "Print JSON.", {None}),
    "--port": ("INTEGER", "Port ", {"8000", "4566"}),
    "--state": ("FOLDER", "State folder of localaws", {"a folder of the port in the user's cache"}),
    "--endpoint": ("NAME|URL", "Question model that already runs", {None}),
    "--comment": ("TEXT", "Reason of the decision.", {None}),
    "--max-bad-fraction": (None, "Largest share of lines that may be unreadable.", {"0.5", "0.01"}),
    "--raw": ("FILE|FOLDER", "Raw archive", {None}),
    "--texts": ("FILE|FOLDER", "Texts to extract from", {None}),
    "--encoder": ("NAME|FOLDER", "Pretrained BERT to train on", {"none, train from random weights"}),
    "--resume": ("RUN", "Run to continue", {None}),
    "--pipeline": ("FILE", "Compiled pipeline to execute", {None}),
    "--help-all": (None, "List every setting of every task", {None}),
    # parameters that several pipelines have, each with the default of its own stages
    "--seed": ("INTEGER", "Random seed of ", {"13"}),
    "--epochs": ("INTEGER", "Largest number of passes over the training split.", {"12", "5"}),
    "--patience": ("INTEGER", "Epochs without ", {"4", "3"}),
    "--layers": ("INTEGER", "Layers of the encoder: ", {"2", "6"}),
    "--batch-characters": ("INTEGER", "Characters in a training batch.", {"2048", "1024"}),
    "--learning-rate": ("FLOAT", "Highest learning rate", {"0.002"}),
    "--checkpoint-minutes": ("FLOAT", "Minutes between checkpoints of the training.", {"10.0"}),
}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command of the tree with the words that call it."""
    context = click.Context(group, info_name="ckgqa")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands(cli))


def options() -> Iterator[tuple[str, str, click.Option, click.Context]]:
    """Yield (command, flag, option, context) of every option."""
    for path, command in COMMANDS.items():
        context = click.Context(command, info_name=path[-1])
        for option in command.get_params(context):
            if isinstance(option, click.Option):
                long = next(flag for flag in option.opts if flag.startswith("--"))
                yield " ".join(path), long, option, context


def test_the_pipelines_are_among_the_commands():
    assert {("run", pipeline) for pipeline in PIPELINES} <= set(COMMANDS)
    assert ("models", "approve") in COMMANDS


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help(path, capsys):
    assert main([*path, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"Usage: ckgqa {' '.join(path)}" in out


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_first_line_of_a_commands_help_is_short_enough_to_be_listed_whole(path):
    command = COMMANDS[path]
    assert not command.get_short_help_str(limit=60).endswith("...")


def test_every_option_is_described_in_a_sentence():
    for command, flag, option, _ in options():
        text = option.help or ""
        assert text[:1].isupper() or text[:1] == "`", (command, flag, text)
        assert text.endswith("."), (command, flag, text)


def test_a_flag_that_several_commands_have_means_the_same_everywhere():
    seen: dict[str, set[str]] = {}
    for command, flag, option, context in options():
        seen.setdefault(flag, set()).add(command)
        if flag not in SHARED:
            continue
        metavar, start, defaults = SHARED[flag]
        assert (option.help or "").startswith(start), (command, flag)
        assert metavar is None or option.make_metavar(context).split(" ")[0] == metavar.split(" ")[0], (command, flag)
        assert option.get_help_extra(context).get("default") in defaults, (command, flag)
    shared = {flag for flag, users in seen.items() if len(users) > 1} - {"--help"}
    assert shared <= SHARED.keys()
    assert seen.keys() >= SHARED.keys()


def test_no_flag_has_an_old_name():
    assert not OLD_NAMES & {flag for _, flag, _, _ in options()}
