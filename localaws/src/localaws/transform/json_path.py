"""The part of JSONPath that `DataProcessing` takes: names, indexes, slices and wildcards.

Source: "Supported JSONPath Operators" in "Associate Prediction Results with Input Records" of SageMaker's guide.
"""

import re
from dataclasses import dataclass
from typing import Any

from localaws.transform.errors import DataError

ROOT = "$"
_NAME = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_INDEX = r"-?\d+|-?\d*:-?\d*"
_STEP = re.compile(
    rf"\.(?P<name>[A-Za-z_][\w-]*)|\.?\[\s*(?P<names>(?:{_NAME})(?:\s*,\s*(?:{_NAME}))*)\s*\]"
    rf"|\[\s*(?P<indexes>(?:{_INDEX})(?:\s*,\s*(?:{_INDEX}))*)\s*\]|(?P<all>\.\*|\.?\[\*\])"
)

Index = int | slice


@dataclass(frozen=True)
class Step:
    """One step from a value to parts of it."""

    names: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()

    def select(self, value: Any, rest: tuple["Step", ...]) -> Any:  # noqa: ANN401 -- any JSON value
        """Return what this step and those after it select.

        Raises:
            DataError: the value lacks a part.
        """
        if self.names:
            found = {name: _follow(_member(value, name), rest) for name in self.names}
            return found if len(found) > 1 else found[self.names[0]]
        if not self.indexes:
            if not isinstance(value, dict | list):
                raise DataError("JSONPath: '*' selects from objects and lists")
            return [_follow(one, rest) for one in (value.values() if isinstance(value, dict) else value)]
        if not isinstance(value, list):
            raise DataError("JSONPath: an index selects from lists")
        if len(self.indexes) == 1 and isinstance(self.indexes[0], int):
            return _follow(_element(value, self.indexes[0]), rest)
        return [_follow(one, rest) for index in self.indexes for one in _elements(value, index)]


@dataclass(frozen=True)
class JsonPath:
    """An expression such as `$`, `$[1:]`, `$.features`, `$['id','SageMakerOutput']`."""

    steps: tuple[Step, ...]

    def select(self, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
        """Return the selected part: a value, a list for several elements, an object for several names.

        Raises:
            DataError: the value lacks a part.
        """
        return _follow(value, self.steps)


def parse_json_path(text: str) -> JsonPath:
    """Read an expression.

    Raises:
        ValueError: it is none, or uses more of JSONPath.
    """
    if not text.startswith(ROOT):
        raise ValueError(f"{text!r} does not start with '$'")
    steps, at = [], 1
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} is not supported from {text[at:]!r} on")
        steps.append(_step(match))
        at = match.end()
    return JsonPath(tuple(steps))


def _step(match: re.Match[str]) -> Step:
    if match["name"]:
        return Step(names=(match["name"],))
    if match["names"]:
        return Step(names=tuple(re.sub(r"\\(.)", r"\1", one[1:-1]) for one in re.findall(_NAME, match["names"])))
    if match["indexes"]:
        return Step(indexes=tuple(_index(one.strip()) for one in match["indexes"].split(",")))
    return Step()


def _index(text: str) -> Index:
    if ":" not in text:
        return int(text)
    start, _, stop = text.partition(":")
    return slice(int(start) if start else None, int(stop) if stop else None)


def _follow(value: Any, steps: tuple[Step, ...]) -> Any:  # noqa: ANN401 -- any JSON value
    return steps[0].select(value, steps[1:]) if steps else value


def _member(value: Any, name: str) -> Any:  # noqa: ANN401 -- any JSON value
    if not isinstance(value, dict) or name not in value:
        raise DataError(f"JSONPath: there is no member {name!r}")
    return value[name]


def _element(value: list[Any], index: int) -> Any:  # noqa: ANN401 -- any JSON value
    if not -len(value) <= index < len(value):
        raise DataError(f"JSONPath: the index {index} is not within the {len(value)} elements")
    return value[index]


def _elements(value: list[Any], index: Index) -> list[Any]:
    if isinstance(index, int):
        return [_element(value, index)]
    if index.start is not None:
        _element(value, index.start)
    return value[index]
