"""Sets of values in one field of Neptune's CSV: separated by `;`, which a backslash makes a part of a value.

A backslash stands for itself, except in front of a `;` or at the end of a value, where it would take the separator
behind it for a part of the value: there each backslash is doubled.
"""

import re
from collections.abc import Iterable

SEPARATOR = ";"
_BEFORE_SEPARATOR = re.compile(r"(\\*);")
_AT_END = re.compile(r"\\+\Z")
_BACKSLASHES_AND_SEPARATOR = re.compile(r"(\\*)(;|\Z)")


def join_values(values: Iterable[str]) -> str:
    """Return the field that holds these values, none of them empty."""
    return SEPARATOR.join(map(_escape, values))


def split_values(field: str) -> tuple[str, ...]:
    """Return the values of a field; an empty field holds none."""
    values, value, place = [], "", 0
    for found in _BACKSLASHES_AND_SEPARATOR.finditer(field):
        backslashes, separator = found.groups()
        value += field[place : found.start()] + "\\" * (len(backslashes) // 2)
        place = found.end()
        if separator and len(backslashes) % 2:
            value += SEPARATOR
            continue
        # A file of an earlier version ends in a single backslash that was not doubled.
        values.append(value + "\\" * (len(backslashes) % 2))
        value = ""
        if not separator:
            break
    return tuple(values) if field else ()


def _escape(value: str) -> str:
    escaped = _BEFORE_SEPARATOR.sub(r"\1\1\\;", value)
    return _AT_END.sub(lambda found: found[0] * 2, escaped)
