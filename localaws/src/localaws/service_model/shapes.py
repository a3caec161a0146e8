"""The shapes of a service model: the types of the members of its requests and results.

The format is described by the files themselves, `botocore/data/SERVICE/VERSION/service-2.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INTEGERS = frozenset({"integer", "long"})
FLOATS = frozenset({"float", "double"})
NESTED = frozenset({"structure", "list", "map"})


@dataclass(frozen=True)
class Member:
    """A member of a structure."""

    name: str
    """Name in the model."""
    shape: str
    """Name of its shape."""
    required: bool

    @property
    def path(self) -> str:
        """The name as error messages write it: with a small first letter."""
        return self.name[:1].lower() + self.name[1:]


@dataclass(frozen=True, eq=False)
class Shape:
    """A type. Shapes refer to each other by name, because they may be recursive."""

    name: str
    kind: str
    """`structure`, `list`, `map`, `string`, `integer`, ..."""
    members: Mapping[str, Member] = field(default_factory=dict)
    """Members of a structure, by the name that they have in JSON."""
    element: str = ""
    """Name of the shape of a list's members or of a map's values."""
    key: str = ""
    """Name of the shape of a map's keys."""
    minimum: float | None = None
    """Least value of a number; least length of anything else."""
    maximum: float | None = None
    """Greatest value of a number; greatest length of anything else."""
    pattern: str = ""
    """Java regular expression."""
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    """The value must not appear in messages."""
    union: bool = False
    """Exactly one member of the structure is set."""
    document: bool = False
    """Any JSON value."""
    timestamp_format: str = ""
    """`iso8601` or `rfc822` if a timestamp is a string instead of a number."""


Shapes = Mapping[str, Shape]


def read_shapes(descriptions: Mapping[str, Any]) -> dict[str, Shape]:
    """Read the `shapes` of a service model."""
    return {name: _read_shape(name, description) for name, description in descriptions.items()}


def _read_shape(name: str, description: Mapping[str, Any]) -> Shape:
    element = description.get("member") or description.get("value") or {}
    return Shape(
        name=name,
        kind=description["type"],
        members=_read_members(description),
        element=element.get("shape", ""),
        key=description.get("key", {}).get("shape", ""),
        minimum=description.get("min"),
        maximum=description.get("max"),
        pattern=description.get("pattern", ""),
        enum=tuple(description.get("enum", ())),
        sensitive=description.get("sensitive", False),
        union=description.get("union", False),
        document=description.get("document", False),
        timestamp_format=description.get("timestampFormat", "").replace("unixTimestamp", ""),
    )


def _read_members(description: Mapping[str, Any]) -> dict[str, Member]:
    required = frozenset(description.get("required", ()))
    return {
        member.get("locationName", name): Member(name, member["shape"], name in required)
        for name, member in description.get("members", {}).items()
    }
