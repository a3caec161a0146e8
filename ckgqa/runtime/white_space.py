"""White space in what people write: Unicode's, and characters without width such as a byte-order mark.

`bytes.strip` knows only the white space of ASCII, and `str.strip` no character without width. Every reader of the
project uses these functions, so that a full-width space (U+3000) or a no-break space (U+00A0) means the same in each.
"""

import re

WHITE_SPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Every character for which `str.isspace` is true."""
ZERO_WIDTH = (
    "\xad\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
    "\u2066\u2067\u2068\u2069\ufeff"
)
"""Format characters that show nothing: at the border of a text they mean nothing either; inside they may. The joiners
(U+200C, U+200D) are none of them, since they shape the letter before them."""
BLANK = WHITE_SPACE + ZERO_WIDTH
COMMAS = ",，、"
"""The commas between the names of a list: ASCII's, the full-width one, and the enumeration comma."""

_COMMA = re.compile(f"[{COMMAS}]")
_FIRST_VISIBLE, _LAST_VISIBLE = 0x21, 0x7E  # the visible characters of ASCII


def trimmed(text: str) -> str:
    """Return a text without the blank characters at its ends; those inside stay."""
    return text.strip(BLANK)


def is_blank(text: str) -> bool:
    """Return whether a text has nothing but blank characters."""
    return not text.strip(BLANK)


def trimmed_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of characters, end excluded, without the blank characters at its ends; it may be empty."""
    while start < end and text[end - 1] in BLANK:
        end -= 1
    while start < end and text[start] in BLANK:
        start += 1
    return start, end


def trimmed_line(line: bytes) -> bytes:
    """Return a line of UTF-8 without the blank characters at its ends; of other bytes, without ASCII's white space."""
    line = line.strip()
    if not line or (_is_visible(line[0]) and _is_visible(line[-1])):
        return line  # almost every line: nothing needs to be decoded
    try:
        return trimmed(line.decode()).encode()
    except UnicodeDecodeError:
        return line


def split_list(text: str) -> list[str]:
    """Return the names of a list that a user typed, separated by commas of any width; blank ones do not count."""
    return [name for name in map(trimmed, _COMMA.split(text)) if name]


def _is_visible(byte: int) -> bool:
    return _FIRST_VISIBLE <= byte <= _LAST_VISIBLE
