"""The expected results were read off the documentation of Java's `Pattern`, not computed."""

import pytest
from localaws.service_model.patterns import compile_pattern, matches, translate


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        # The whole value has to match, on either side of an alternative too.
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("[a-z]+", "1abc", False),
        ("a|ab", "ab", True),
        ("^[a-z]+$", "abc\n", False),
        (".*", "", True),
        # The dot excludes Java's line terminators, and only these.
        (".", "\t", True),
        (".", "\n", False),
        (".", "\r", False),
        (".", "\u0085", False),
        (".", "\u2028", False),
        (".", "\u2029", False),
        ("(?s).", "\n", True),
        ("[.]", ".", True),
        ("[.]", "a", False),
        (r"\.", "a", False),
        # The predefined classes are ASCII, the properties are Unicode.
        (r"\d", "7", True),
        (r"\d", "\u0663", False),
        (r"\w", "_", True),
        (r"\w", "\u00e9", False),
        (r"\W", "\u00e9", True),
        (r"\s", "\x0b", True),
        (r"\s", "\u00a0", False),
        (r"\S", "\u00a0", True),
        (r"[\s\S]*", "a\nb", True),
        (r"[^\W_]+", "ab", True),
        (r"[^\W_]+", "a_", False),
        (r"\p{L}+", "\u56fe\u8c31", True),
        (r"\p{L}", "1", False),
        (r"\P{L}", "1", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "k\u00e9y 1/2=3", True),
        (r"\p{Alnum}", "a", True),
        (r"\p{Alnum}", "\u00e9", False),
        (r"\P{Alnum}", "\u00e9", True),
        (r"[\p{Alnum}\-]+", "a-1", True),
        (r"\p{Punct}+", "![]`~", True),
        # Hyphens beside predefined classes and ranges are plain.
        (r"[\w-.]+", "a-.", True),
        (r"[\w-x]", "-", True),
        ("[a-z0-9-_.]+", "a-_.", True),
        # Classes: nested ones, intersections, brackets, and what is an operator in `regex` only.
        ("[a-c[x-z]]+", "ax", True),
        ("[a-z&&[^m]]+", "an", True),
        ("[a-z&&[^m]]+", "am", False),
        ("[]a]+", "]a", True),
        ("[^]a]+", "b]", False),
        (r"[\[\].]+", "[.]", True),
        ("[--a]+", "-a", True),
        ("[a||b]+", "a|", True),
        ("[a~~b]+", "~", True),
        ("a--b", "a--b", True),
        # Possessive quantifiers do not give back.
        ("a*+a", "aaa", False),
        ("a*a", "aaa", True),
        # Characters by number, literal text.
        (r"\x{1F600}", "\U0001f600", True),
        (r"[\x21-\x7E]+", "a~", True),
        (r"[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]+", "a\U0001f600\U0010ffff", True),
        (r"[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]+", "\ue000", False),
        (r"\Qa.b\E+", "a.bb", True),
        (r"\Qa.b\E", "axb", False),
        # A quantifier after an anchor.
        (r"([a-z]*)${1,128}", "abc", True),
    ],
)
def test_values_match_as_in_java(pattern, value, expected):
    assert matches(pattern, value) is expected


def test_a_plain_pattern_stays_as_it_is():
    pattern = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    assert translate(pattern) == pattern


def test_a_pattern_that_backtracks_for_ever_does_not_match():
    assert not matches("(a|aa)+b?$", "a" * 80 + "c")


def test_a_pattern_is_compiled_once():
    assert compile_pattern("[a-z]{3}x") is compile_pattern("[a-z]{3}x")
