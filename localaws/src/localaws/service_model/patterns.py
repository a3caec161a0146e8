r"""Match values against the patterns of service models, which are Java regular expressions.

The package `regex` knows most of Java's syntax (properties, possessive quantifiers, nested classes and intersections),
and it can give up after a time. What differs is rewritten:

- `\d`, `\w`, `\s` and the POSIX classes such as `\p{Alnum}` are ASCII in Java;
- `.` excludes every line terminator in Java, not just the line feed;
- Java writes a character beyond U+FFFF as two `\u` escapes;
- `--`, `||` and `~~` are plain characters in a class of Java and operators in `regex`;
- `\x{...}` and `\Q...\E` are Java's own.

Source: the class `java.util.regex.Pattern` of Java SE 17.
"""

import functools
import re
from typing import Any

import regex

MATCH_TIMEOUT_S = 0.5
"""Seconds that one match may take: thousands of times what a sane pattern takes."""

_ANY_BUT_LINE_TERMINATORS = r"[^\n\r\u0085\u2028\u2029]"
_ASCII_CLASSES = {"d": "0-9", "w": "a-zA-Z0-9_", "s": r" \t\n\x0B\f\r"}
_POSIX_CLASSES = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7F",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1F\x7F",
    "XDigit": "0-9a-fA-F",
    "Space": _ASCII_CLASSES["s"],
}
_TOKEN = re.compile(
    r"""
    \\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})
    | \\x\{(?P<code>[0-9a-fA-F]+)\}
    | \\Q(?P<quoted>.*?)(?:\\E|$)
    | \\(?P<negation>[pP])\{(?P<posix>Lower|Upper|ASCII|Alpha|Digit|Alnum|Punct|Graph|Print|Blank|Cntrl|XDigit|Space)\}
    | \\(?P<escaped>.)
    | (?P<opening>\[\^?\]?)    # a bracket that opens a class makes a following `]` a plain character
    | (?P<closing>\])
    | (?P<operator>--|\|\||~~)
    | (?P<dot>\.)
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def matches(pattern: str, value: str) -> bool:
    """Say whether a Java pattern matches the whole value. A match that takes too long is none."""
    try:
        return compile_pattern(pattern).fullmatch(value, timeout=MATCH_TIMEOUT_S) is not None
    except TimeoutError:
        return False


@functools.cache
def compile_pattern(pattern: str) -> Any:  # noqa: ANN401 -- `regex` has no types
    """Compile a Java pattern, once."""
    # Version 1 of the syntax has nested classes and `&&`, as Java has.
    return regex.compile(translate(pattern), regex.VERSION1)


def translate(pattern: str) -> str:
    """Rewrite a Java pattern for the package `regex`."""
    dot = "." if re.search(r"\(\?[a-z]*s", pattern) else _ANY_BUT_LINE_TERMINATORS
    depth = 0
    parts = []
    for token in _TOKEN.finditer(pattern):
        if token["opening"]:
            depth += 1
        elif token["closing"] and depth:
            depth -= 1
        parts.append(_translate_token(token, dot, in_class=depth > 0))
    return "".join(parts)


def _translate_token(token: re.Match[str], dot: str, *, in_class: bool) -> str:
    if token["high"]:
        return _character(bytes.fromhex(token["high"] + token["low"]).decode("utf-16-be"))
    if token["code"]:
        return _character(chr(int(token["code"], 16)))
    if token["quoted"] is not None:
        return regex.escape(token["quoted"], special_only=False)  # type: ignore[no-any-return]
    if token["posix"]:
        return f"[{'^' * (token['negation'] == 'P')}{_POSIX_CLASSES[token['posix']]}]"
    if token["escaped"] and token["escaped"].lower() in _ASCII_CLASSES:
        return f"[{'^' * token['escaped'].isupper()}{_ASCII_CLASSES[token['escaped'].lower()]}]"
    if token["operator"] and in_class:
        return "".join(f"\\{character}" for character in token["operator"])
    return dot if token["dot"] and not in_class else token[0]


def _character(character: str) -> str:
    return f"\\U{ord(character):08X}"
