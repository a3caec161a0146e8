"""Frozen dataclasses as settings: their fields are the flags, and the text under a field is its help."""

import ast
import dataclasses
import inspect
import textwrap
from dataclasses import MISSING, dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

InputPath = Annotated[Path, "input"]
"""An artefact that is read: a file or a folder."""
OutputPath = Annotated[Path, "output"]
"""An artefact that is written, whole or not at all: a file or a folder."""
OutputValue = Annotated[Path, "value"]
"""A file that receives one value without a newline: an output parameter of KFP."""

Kind = Literal["input", "output", "value", "setting"]


@dataclass(frozen=True)
class Flag:
    """One field of a settings class, seen from the command line."""

    name: str
    """The field's name; the flag is the same in kebab-case."""
    kind: Kind
    """What the field is to the outside: an artefact in or out, an output value, or a plain setting."""
    type: type
    """str, int, float, bool or Path, None and choices taken off."""
    choices: tuple[str, ...]
    """The values allowed, empty for any."""
    required: bool
    """True where the field has no default."""
    default: object
    """The default, None where there is none."""
    help: str
    """The text standing under the field."""

    @property
    def option(self) -> str:
        """The flag as it is typed, such as `--window-chars`."""
        return "--" + self.name.replace("_", "-")


def flags_of(settings: type) -> list[Flag]:
    """Describe each field of a settings dataclass, in order.

    Raises:
        TypeError: a field has a type that no flag can carry.
    """
    hints = get_type_hints(settings, include_extras=True)
    texts = _texts_under_fields(settings)
    return [_flag(field, hints[field.name], texts.get(field.name, "")) for field in dataclasses.fields(settings)]


def plain_settings(settings: object) -> dict[str, object]:
    """Return the fields that are no paths in or out, for a manifest: what shaped the content.

    Args:
        settings: an instance of a settings dataclass.
    """
    flags = flags_of(type(settings))
    return {
        flag.name: getattr(settings, flag.name) for flag in flags if flag.kind == "setting" and flag.type is not Path
    }


def _flag(field: "dataclasses.Field[Any]", hint: object, text: str) -> Flag:
    kind: Kind = "setting"
    if get_origin(hint) in {Union, UnionType}:  # `X | None`
        hint = next(part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is Annotated:
        hint, mark = get_args(hint)[:2]
        if mark in {"input", "output", "value"}:
            kind = mark
    choices: tuple[str, ...] = ()
    if get_origin(hint) is Literal:
        choices, hint = get_args(hint), str
    if hint not in {str, int, float, bool, Path}:
        raise TypeError(f"{field.name}: no flag can carry the type {hint!r}")
    required = field.default is MISSING
    default = None if required else field.default
    return Flag(field.name, kind, hint, choices, required, default, text)


def _texts_under_fields(settings: type) -> dict[str, str]:
    """Read the string literals that stand directly under the fields of a class and of its bases."""
    texts: dict[str, str] = {}
    for base in reversed(settings.__mro__):
        if not dataclasses.is_dataclass(base):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        if not isinstance(body, ast.ClassDef):
            continue
        for field, text in zip(body.body, body.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                texts[field.target.id] = " ".join(ast.literal_eval(text.value).split())
    return texts
