"""The command line of a stage: inputs, outputs and settings are flags; ckgqa.runtime.errors has the exit codes.

if __name__ == "__main__":
    COMMANDS = [Command("notify", NotifySettings, "ckgqa_notify.notify:notify", "Write a notification and log it.")]
    sys.exit(main("ckgqa_notify", "Tells people.", COMMANDS))

A command names its function by a text and imports it when it runs: `--help`, a refusal and the contract need only the
settings.
"""

import argparse
import importlib
import logging
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from ckgqa.runtime import sagemaker_env
from ckgqa.runtime.errors import EXIT_BUG, InputError, stage_error
from ckgqa.runtime.log import set_up_logging, without_credentials
from ckgqa.runtime.settings import Flag, flags_of, refusal
from ckgqa.runtime.streams import output_has_reader
from ckgqa.runtime.words import is_option

logger = logging.getLogger(__name__)

EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_TERMINATED = 128 + signal.SIGTERM
NOT_SET = "(not set)"
"""Stands for the value of a required flag that is missing, in its refusal."""
SECRET_WORDS = ("password", "secret", "token")


@dataclass(frozen=True)
class Command:
    """One command of a stage's program."""

    name: str
    """The name that a user types, such as `train`."""
    settings: type
    """A frozen dataclass; its fields are the flags."""
    run: str | Callable[[Any], None]
    """Does the work with an instance of `settings`: `package.module:function`, imported when the command runs."""
    help: str = ""
    """One line: what the command does."""
    service: bool = False
    """Whether it runs until it is stopped, and so is not a task; it also takes settings from the environment."""
    interactive: bool = False
    """Whether it answers a person on the terminal, and so is not a task of a pipeline."""
    check: str = ""
    """Reads the inputs of an instance of `settings` as `run` does, and rejects what `run` would reject; of the form
    `package.module:function`, empty for a command that reads only what other tasks make. The runner of a pipeline calls
    it before the first task, so it imports nothing heavy, and passes over inputs that do not exist yet."""

    @property
    def is_task(self) -> bool:
        """Whether a pipeline can run it: it takes artefacts, leaves artefacts and ends."""
        return not (self.service or self.interactive)

    def start(self, settings: object) -> None:
        """Import the function and do the work."""
        run = _imported(self.run) if isinstance(self.run, str) else self.run
        run(settings)

    def check_inputs(self, settings: object) -> None:
        """Import the check and read the inputs.

        Raises:
            StageError: an input is wrong, or the machine refuses.
        """
        if self.check:
            _imported(self.check)(settings)


def _imported(place: str) -> Callable[[Any], None]:
    """Import a function by `package.module:function`."""
    module, _, function = place.partition(":")
    found: Callable[[Any], None] = getattr(importlib.import_module(module), function)
    return found


class Terminated(BaseException):
    """SIGTERM arrived: unwind, so that half-written output goes away, and end."""


def main(prog: str, description: str, commands: Sequence[Command], argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    Args:
        prog: module name as it is run, such as `ckgqa_preprocess`.
        description: one line about the stage.
        commands: the table of commands.
        argv: the words of the command line, those of the process when None.
    """
    set_up_logging()
    previous = signal.signal(signal.SIGTERM, _terminate)
    try:
        _run(prog, description, commands, list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return _ended(EXIT_INTERRUPTED, "interrupted")
    except Terminated:
        return _ended(EXIT_TERMINATED, "terminated")
    except Exception as error:  # noqa: BLE001 -- the entrance: what we cannot name is our bug, and is shown whole
        if isinstance(error, BrokenPipeError) and not output_has_reader():
            return 0
        named = stage_error(error)
        return _bug(error) if named is None else _ended(named.exit_code, f"error: {named}")
    finally:
        signal.signal(signal.SIGTERM, previous)
    output_has_reader()
    return 0


def build_parser(prog: str, description: str, commands: Sequence[Command]) -> argparse.ArgumentParser:
    """Build the parser whose flags are the fields of each command's settings."""
    parser = _Parser(prog=f"python -m {prog}", description=description, allow_abbrev=False)
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in commands:
        text = command.help or (command.run.__doc__ or "").strip().split("\n")[0]
        sub = parsers.add_parser(command.name, help=text, description=text, allow_abbrev=False)
        for flag in flags_of(command.settings):
            _add_flag(sub, flag)
        sub.set_defaults(chosen=command)
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser that raises `InputError` instead of printing its usage and leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def _parse(parser: argparse.ArgumentParser, commands: Sequence[Command], argv: list[str]) -> dict[str, Any]:
    """Parse the words.

    Raises:
        InputError: there is no such command or flag, or a required flag is missing.
    """
    names = [command.name for command in commands]
    chosen = next((command for command in commands if argv and command.name == argv[0]), None)
    if chosen is None and not (argv and argv[0].startswith("-")):
        raise InputError(refusal("COMMAND", argv[0] if argv else NOT_SET, f"one of {', '.join(names)}"))
    if chosen is not None and not {"-h", "--help"} & set(argv):
        typed = {word.partition("=")[0] for word in argv}
        for flag in flags_of(chosen.settings):
            if flag.required and flag.option not in typed:
                raise InputError(refusal(flag.option, NOT_SET, flag.allowed))
    known, unknown = parser.parse_known_args(_with_joined_values(argv, chosen))
    if unknown:
        raise InputError(f"{unknown[0]}: expected a flag of {argv[0]}; --help lists them")
    return vars(known)


def _with_joined_values(argv: list[str], command: Command | None) -> list[str]:
    """Join each flag to a value that begins with a hyphen, as in `--question -1是谁`, which argparse takes for a flag.

    Args:
        argv: the words of the command line.
        command: the command that they name, if any.
    """
    options = {flag.option for flag in flags_of(command.settings)} if command is not None else set()
    words: list[str] = []
    for word in argv:
        if words and words[-1] in options and word.startswith("-") and not is_option(word):
            words[-1] += f"={word}"
        else:
            words.append(word)
    return words


def _run(prog: str, description: str, commands: Sequence[Command], argv: list[str]) -> None:
    """Parse the flags, make the settings, log them, and run the command."""
    chosen = next((command for command in commands if argv and command.name == argv[0]), None)
    if chosen is not None:
        kinds = {flag.name: str(flag.kind) for flag in flags_of(chosen.settings)}
        if chosen.service:
            implied = sagemaker_env.service_arguments(chosen.name, fields(chosen.settings), kinds)
        else:
            implied = sagemaker_env.implied_arguments(fields(chosen.settings), kinds)
        # A typed flag comes last, so that it overrides an implied one.
        argv = [argv[0], *implied, *_without_empty(argv[1:], set(implied))]
    typed = _parse(build_parser(prog, description, commands), commands, argv)
    command: Command = typed["chosen"]
    # An absent flag keeps its default; a typed value is a text.
    found = {flag.name: _value(flag, typed[flag.name]) for flag in flags_of(command.settings)}
    settings = command.settings(**found)
    for flag in flags_of(command.settings):
        value = getattr(settings, flag.name)
        if flag.kind == "input" and isinstance(value, Path) and not value.exists():
            raise InputError(refusal(flag.option, value, "an existing file or folder"))
    shown = (f"{name}={_without_secret(name, value)}" for name, value in found.items())
    logger.info("%s %s settings: %s", prog, command.name, shlex.join(shown))
    command.start(settings)


def _without_empty(words: Sequence[str], implied: set[str]) -> list[str]:
    """Leave out each flag that is typed with an empty value if the environment implies a value.

    A pipeline passes every setting, and an unset one as an empty text.
    """
    kept: list[str] = []
    for word, previous in zip(words, ["", *words], strict=False):
        if word == "" and previous in implied and kept[-1:] == [previous]:
            kept.pop()
        else:
            kept.append(word)
    return kept


def _add_flag(parser: argparse.ArgumentParser, flag: Flag) -> None:
    """Add one flag, its value still a text: the flag itself reads it, so that every refusal has one form."""
    choices = flag.choices or (("true", "false") if flag.type is bool else ())
    parser.add_argument(
        flag.option,
        dest=flag.name,
        required=flag.required,
        default=flag.default,
        metavar="|".join(choices) or flag.type.__name__.upper(),
        help=flag.description.replace("%", "%%") + ("" if flag.required else " (default: %(default)s)"),
    )


def _value(flag: Flag, typed: object) -> object:
    """Return the value of a flag: its parsed text, or the default, which needs no parsing."""
    return typed if typed is flag.default and not flag.required else flag.parse(str(typed))


def _without_secret(name: str, value: object) -> object:
    """Hide a value that is a secret by its name, and the user and password of an address."""
    if any(word in name for word in SECRET_WORDS):
        return "***"
    return without_credentials(value) if isinstance(value, str) else value


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def _ended(code: int, reason: str) -> int:
    """Report in one line why the program ends, to the log and to SageMaker."""
    logger.error("%s", reason)
    sagemaker_env.write_failure(reason)
    return code


def _bug(error: Exception) -> int:
    """Report a bug with its traceback, and return exit code 1."""
    logger.error("this is a bug in ckgqa", exc_info=error)
    sagemaker_env.write_failure(f"{type(error).__name__}: {error}")
    return EXIT_BUG
