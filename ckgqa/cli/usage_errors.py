"""Click's refusals of a command line, in the form of all refusals: `--limit 0: expected an integer of at least 1`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from annotated_types import Ge, Gt, Le, Lt

from ckgqa.runtime.program import NOT_SET
from ckgqa.runtime.settings import Bound, allowed_values, refusal

TYPES: tuple[tuple[type[click.ParamType[Any]], type], ...] = (
    (click.types.IntParamType, int),
    (click.types.FloatParamType, float),
    (click.types.BoolParamType, bool),
    (click.Path, Path),
)
"""Click's class of a value's type, and the type."""


def describe(error: click.UsageError, argv: Sequence[str]) -> str:
    """Describe in one line what is wrong with a command line, and what is expected.

    Args:
        error: click's error.
        argv: the words of the command line; click's error holds no value.
    """
    context = error.ctx
    if isinstance(error, click.NoSuchCommand) and context is not None and isinstance(context.command, click.Group):
        return refusal("COMMAND", error.command_name, f"one of {', '.join(context.command.list_commands(context))}")
    if isinstance(error, click.NoSuchOption) and context is not None:
        close = f"did you mean {error.possibilities[0]}?" if error.possibilities else "--help lists them"
        return f"{error.option_name}: expected a flag of {context.command_path}; {close}"
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return refusal(_name_of(error.param), NOT_SET, _allowed(error.param))
    if isinstance(error, click.BadParameter) and error.param is not None:
        return refusal(_name_of(error.param), _value_of(error.param, argv), _allowed(error.param))
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name}: expected a value behind this flag"
    return error.format_message()


def _name_of(parameter: click.Parameter) -> str:
    """Return the longest name of a flag, such as `--output` for `-o`, or the name of an argument."""
    return max(parameter.opts, key=len) if isinstance(parameter, click.Option) else parameter.human_readable_name


def _value_of(parameter: click.Parameter, argv: Sequence[str]) -> str:
    """Return the last value of a flag in the words of the command line; empty if it is not there."""
    value = ""
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        name, equals, text = word.partition("=")
        if name in parameter.opts:
            value = text if equals else following
    return value


def _allowed(parameter: click.Parameter) -> str:
    """Describe the values that a flag or an argument may have."""
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return allowed_values(str, choices=[str(choice) for choice in kind.choices])
    if isinstance(kind, click.Path) and not kind.dir_okay:
        return "a file"
    if isinstance(kind, click.Path) and not kind.file_okay:
        return "a folder"
    bounds: list[Bound] = []
    if isinstance(kind, click.IntRange | click.FloatRange):
        if kind.min is not None:
            bounds.append(Gt(kind.min) if kind.min_open else Ge(kind.min))
        if kind.max is not None:
            bounds.append(Lt(kind.max) if kind.max_open else Le(kind.max))
    return allowed_values(next((own for clicks, own in TYPES if isinstance(kind, clicks)), str), bounds)
