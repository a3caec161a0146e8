import re

import pytest
from localaws.service_model.shapes import read_shapes
from localaws.service_model.value_text import is_secret, value_text

SHAPES = read_shapes(
    {
        "S": {"type": "string"},
        "Secret": {"type": "string", "sensitive": True},
        "L": {"type": "list", "member": {"shape": "S"}},
        "Secrets": {"type": "list", "member": {"shape": "Secret"}},
        "SecretsByName": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "Secrets"}},
        "M": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "L"}},
        "P": {"type": "structure", "members": {"A": {"shape": "Secret"}}},
        "Ps": {"type": "list", "member": {"shape": "P"}},
        "N": {"type": "double"},
    }
)


@pytest.mark.parametrize(
    ("shape", "value", "text"),
    [
        ("S", "a 'b'", "a 'b'"),
        ("S", "", ""),
        ("N", 2.5, "2.5"),
        ("N", True, "true"),
        ("N", b"abcde", "java.nio.HeapByteBuffer[pos=0 lim=5 cap=5]"),
        ("L", ["a", "b"], "[a, b]"),
        ("L", [], "[]"),
        ("M", {"a": ["x", "y"], "b": []}, "{a=[x, y], b=[]}"),
        ("M", {}, "{}"),
    ],
)
def test_values_are_written_as_in_java(shape, value, text):
    assert value_text(SHAPES, SHAPES[shape], value, "small") == text


def test_a_structure_is_its_class_and_a_hash_of_its_content():
    text = value_text(SHAPES, SHAPES["Ps"], [{"A": "x"}, {"A": "y"}, {"A": "x"}], "small")
    assert re.fullmatch(r"\[(com\.amazonaws\.small\.P@[0-9a-f]{1,8}(, |\])){3}", text)
    first, second, third = text[1:-1].split(", ")
    assert first == third != second


@pytest.mark.parametrize(
    ("shape", "secret"),
    [("S", False), ("Secret", True), ("L", False), ("Secrets", True), ("SecretsByName", True), ("Ps", False)],
)
def test_containers_of_secrets_are_secret(shape, secret):
    assert is_secret(SHAPES, SHAPES[shape]) is secret
