import pytest
from localaws.transform.errors import DataError
from localaws.transform.json_path import parse_json_path

ROW = ["a", "b", "c", "d"]
RECORD = {"id": 7, "features": [1, 2, 3], "in": {"x": 1, "y y": 2}, "items": [{"k": 1, "l": 2}, {"k": 3, "l": 4}]}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("$", ROW, ROW),
        ("$[0]", ROW, "a"),
        ("$[-1]", ROW, "d"),
        ("$[1:]", ROW, ["b", "c", "d"]),
        ("$[:-1]", ROW, ["a", "b", "c"]),
        ("$[0,2:]", ROW, ["a", "c", "d"]),
        ("$[0, -1]", ROW, ["a", "d"]),
        ("$.features", RECORD, [1, 2, 3]),
        ("$['features'][1]", RECORD, 2),
        ("$.in['y y']", RECORD, 2),
        ("$['id','features']", RECORD, {"id": 7, "features": [1, 2, 3]}),
        ("$.in.['x','y y']", RECORD, {"x": 1, "y y": 2}),
        ("$.in.*", RECORD, [1, 2]),
        ("$.items[*].k", RECORD, [1, 3]),
        ("$.items[0:2]['l']", RECORD, [2, 4]),
    ],
)
def test_a_path_selects(path, value, expected):
    assert parse_json_path(path).select(value) == expected


@pytest.mark.parametrize("path", ["", "features", "$.", "$[", "$[a]", "$..id", "$[?(@.x)]", "$[0:4:2]", "$['a'"])
def test_what_is_not_supported_is_refused(path):
    with pytest.raises(ValueError, match=r"\$|''"):
        parse_json_path(path)


@pytest.mark.parametrize(
    ("path", "value"),
    [("$[4]", ROW), ("$[0,5:]", ROW), ("$[-5]", ROW), ("$.x", RECORD), ("$[0]", RECORD), ("$.x", ROW), ("$.*", "a")],
)
def test_a_part_that_is_missing_is_an_error(path, value):
    with pytest.raises(DataError):
        parse_json_path(path).select(value)
