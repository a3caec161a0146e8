"""Frozen dataclasses as settings: each field is a flag, its type holds the bounds, the text under it is the help.

    @dataclass(frozen=True)
    class ServeSettings(CheckedSettings):
        port: Annotated[int, Ge(0), Le(65535)] = 8000  # the text below is the help of the flag

Every refusal reads `--port 70000: expected an integer of at least 0 and of at most 65535`.
"""

import ast
import dataclasses
import inspect
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MultipleOf

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.words import whole_text

InputPath = Annotated[Path, "input"]
"""An artefact that is read: a file or a folder."""
InputDataset = Annotated[Path, "input", "Dataset"]
"""An artefact that is read, and that a pipeline knows as a dataset."""
InputModel = Annotated[Path, "input", "Model"]
"""An artefact that is read, and that a pipeline knows as a model."""
OutputPath = Annotated[Path, "output"]
"""An artefact that is written, whole or not at all: a file or a folder."""
OutputDataset = Annotated[Path, "output", "Dataset"]
"""An artefact that is written, and that a pipeline knows as a dataset."""
OutputModel = Annotated[Path, "output", "Model"]
"""An artefact that is written, and that a pipeline knows as a model."""
OutputValue = Annotated[Path, "value"]
"""A file that receives one number without a newline: an output parameter of KFP."""
SettingPath = Annotated[str, "path"]
"""A plain setting that is the path of a file or a folder; empty if there is none."""

ArtefactClass = Literal["Artifact", "Dataset", "Model"]
Kind = Literal["input", "output", "value", "setting"]
Bound = Ge | Gt | Le | Lt | MultipleOf


@dataclass(frozen=True)
class Flag:
    """One field of a settings class, seen from the command line."""

    name: str
    """The field's name; the flag is the same in kebab-case."""
    kind: Kind
    """The role of the field: an input or output artefact, an output value, or a plain setting."""
    type: type
    """str, int, float, bool or Path, without `None` and choices."""
    choices: tuple[str, ...]
    """The allowed values; empty if any value is allowed."""
    required: bool
    """Whether the field has no default."""
    default: object
    """The default, or None if there is none."""
    help: str
    """The text under the field."""
    bounds: tuple[Bound, ...] = ()
    """The bounds of a number, from `Annotated`."""
    artefact: ArtefactClass = "Artifact"
    """KFP's class of an input or output artefact."""
    is_path: bool = False
    """Whether a setting is the path of a file or a folder."""

    @property
    def option(self) -> str:
        """The flag as a user types it, such as `--window-chars`."""
        return option_of(self.name)

    @property
    def allowed(self) -> str:
        """The values that the type allows, such as `an integer of at least 1`."""
        return allowed_values(self.type, self.bounds, self.choices)

    @property
    def description(self) -> str:
        """The help, followed by the allowed values if the type restricts them."""
        return f"{self.help} Allowed: {self.allowed}." if self.choices or self.bounds else self.help

    def parse(self, text: str) -> object:
        """Read the value of this flag from the command line, or from a variable.

        Raises:
            InputError: the text is not a value of the flag's type, or not one of its choices.
        """
        if self.type is str and not self.is_path:
            text = whole_text(self.option, text)
        try:
            value = _PARSERS.get(self.type, self.type)(text)
        except ValueError:
            raise InputError(refusal(self.option, text, self.allowed)) from None
        if self.choices and value not in self.choices:
            raise InputError(refusal(self.option, text, self.allowed))
        return value

    def allows(self, value: object) -> bool:
        """Return whether a value is one of the choices and within the bounds; None stands for an absent setting."""
        if value is None:
            return True
        if self.choices:
            return value in self.choices
        if isinstance(value, float) and not math.isfinite(value):
            return False
        return all(_holds(bound, value) for bound in self.bounds)


class CheckedSettings:
    """Base of a settings dataclass: its constructor rejects a value that the field's type does not allow.

    A class with rules between fields calls `super().__post_init__()` first, then `require(..., refusal(...))`.
    """

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            InputError: a value is not one of the choices or is out of bounds.
        """
        for flag in _flags(type(self), {}):
            value = getattr(self, flag.name)
            if not flag.allows(value):
                raise InputError(refusal(flag.option, value, flag.allowed))


def option_of(name: str) -> str:
    """Return the flag of a field: `window_chars` gives `--window-chars`."""
    return "--" + name.replace("_", "-")


def allowed_values(of: type, bounds: Sequence[Bound] = (), choices: Sequence[str] = ()) -> str:
    """Describe which values a setting may have, such as `an integer of at least 1`.

    Args:
        of: str, int, float, bool or Path.
        bounds: the bounds of a number.
        choices: the only values that are allowed; empty for any.
    """
    if choices:
        return f"one of {', '.join(choices)}"
    limits = " and".join(_describe(bound) for bound in bounds if not isinstance(bound, MultipleOf))
    factors = "".join(f", a multiple of {bound.multiple_of}" for bound in bounds if isinstance(bound, MultipleOf))
    return _TYPE_NAMES[of] + limits + factors


def read_bool(text: str) -> bool:
    """Read `true` or `false`, in any case: KFP writes `True` in one place and `true` in another.

    Raises:
        ValueError: the text is neither.
    """
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def refusal(option: str, value: object, allowed: str) -> str:
    """Word the refusal of a value; every refusal of a setting has this form.

    Args:
        option: the flag, such as `--port`.
        value: the refused value.
        allowed: the expected value, such as `an integer of at least 1`.
    """
    return f"{option} {value}: expected {allowed}"


def flags_of(settings: type) -> tuple[Flag, ...]:
    """Describe each field of a settings dataclass, in order.

    Raises:
        TypeError: a field has a type that no flag can carry.
    """
    return _flags(settings, _texts_under_fields(settings))


def plain_settings(settings: object) -> dict[str, object]:
    """Return the fields that are not paths, for a manifest: the settings that shaped the content.

    Args:
        settings: an instance of a settings dataclass.
    """
    flags = _flags(type(settings), {})
    return {
        flag.name: getattr(settings, flag.name) for flag in flags if flag.kind == "setting" and flag.type is not Path
    }


def _flags(settings: type, texts: Mapping[str, str]) -> tuple[Flag, ...]:
    """Describe each field; a check of values passes no texts, since reading them parses the class's source."""
    hints = get_type_hints(settings, include_extras=True)
    return tuple(_flag(field, hints[field.name], texts.get(field.name, "")) for field in dataclasses.fields(settings))


def _flag(field: "dataclasses.Field[Any]", hint: object, text: str) -> Flag:
    kind: Kind = "setting"
    if get_origin(hint) in {Union, UnionType}:  # `X | None`
        hint = next(part for part in get_args(hint) if part is not NoneType)
    bounds: tuple[Bound, ...] = ()
    artefact: ArtefactClass = "Artifact"
    is_path = False
    if get_origin(hint) is Annotated:
        hint, *marks = get_args(hint)
        kind = next((mark for mark in marks if mark in {"input", "output", "value"}), kind)
        bounds = tuple(mark for mark in marks if isinstance(mark, Bound))
        artefact = next((mark for mark in marks if mark in {"Dataset", "Model"}), artefact)
        is_path = "path" in marks
    choices: tuple[str, ...] = ()
    if get_origin(hint) is Literal:
        choices, hint = get_args(hint), str
    if hint not in {str, int, float, bool, Path}:
        raise TypeError(f"{field.name}: no flag can carry the type {hint!r}")
    required = field.default is MISSING
    default = None if required else field.default
    return Flag(field.name, kind, hint, choices, required, default, text, bounds, artefact, is_path or hint is Path)


_TYPE_NAMES: dict[type, str] = {
    str: "a text",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    Path: "a path",
}
_PARSERS: dict[type, Callable[[str], object]] = {bool: read_bool}


def _describe(bound: Ge | Gt | Le | Lt) -> str:
    match bound:
        case Ge(ge):
            return f" of at least {ge}"
        case Gt(gt):
            return f" above {gt}"
        case Le(le):
            return f" of at most {le}"
        case Lt(lt):
            return f" below {lt}"


def _holds(bound: Bound, value: Any) -> bool:  # noqa: ANN401 -- a number of either type
    match bound:
        case Ge(ge):
            return bool(value >= ge)
        case Gt(gt):
            return bool(value > gt)
        case Le(le):
            return bool(value <= le)
        case Lt(lt):
            return bool(value < lt)
        case MultipleOf(factor):
            return bool(value % factor == 0)


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
