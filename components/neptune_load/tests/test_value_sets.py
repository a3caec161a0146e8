"""Sets of values in one field: whatever the values, the field holds them and no others."""

import csv
import io
from itertools import product

import pytest
from ckgqa_neptune_load.building.vertices import VertexRecord, vertex_fields
from ckgqa_neptune_load.graph_csv.csv_format import VERTEX_HEADER, csv_line
from ckgqa_neptune_load.graph_csv.reader import read_vertices
from ckgqa_neptune_load.graph_csv.value_sets import join_values, split_values
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ((), ""),
        (("人物",), "人物"),
        (("人物", "作品"), "人物;作品"),
        (("a;b",), r"a\;b"),
        (("a\\", "b"), r"a\\;b"),
        (("a\\;b",), r"a\\\;b"),
        (("a\\b",), r"a\b"),
        (("a\\\\", "b"), r"a\\\\;b"),
        ((";", "\\"), r"\;;\\"),
    ],
)
def test_a_separator_and_the_backslashes_before_it_are_escaped(values, field):
    assert join_values(values) == field
    assert split_values(field) == values


def test_a_field_of_an_earlier_version_may_end_in_a_single_backslash():
    assert split_values("a;b\\") == ("a", "b\\")


def test_every_short_set_of_the_awkward_characters_comes_back():
    words = ["".join(letters) for length in (1, 2, 3) for letters in product("a\\;", repeat=length)]
    fields = {}
    for values in [*((word,) for word in words), *product(words, repeat=2)]:
        field = join_values(values)
        assert split_values(field) == values
        assert fields.setdefault(field, values) == values  # no two sets share a field


@given(st.lists(st.text(st.sampled_from('甲\\;",\n\r ａ'), min_size=1, max_size=6), max_size=5))
def test_any_types_come_back_through_the_file(types):
    fields = vertex_fields(VertexRecord("1", name="甲", types=types))
    (row,) = csv.reader(io.StringIO(csv_line(fields), newline=""))
    assert split_values(row[3]) == tuple(types)


def test_the_reader_of_vertices_agrees(tmp_path):
    types = ["后\\", "前;后", "\\;", "普通"]
    fields = vertex_fields(VertexRecord("1", name="甲", types=types))
    (tmp_path / "vertices.csv").write_text(csv_line(VERTEX_HEADER) + csv_line(fields), encoding="utf-8", newline="")
    assert [vertex.types for vertex in read_vertices(tmp_path)] == [tuple(types)]
