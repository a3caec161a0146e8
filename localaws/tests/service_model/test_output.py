import pytest


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Color", "red"),
        ("Count", 11),
        ("Ratio", 1),
        ("Ratio", 0.5),
        ("Enabled", False),
        ("Since", 1764230400.5),
        ("Day", "2026-11-27T00:00:00Z"),
        ("Payload", "YWJj"),
        ("Anything", ["x", {"y": None}]),
        ("Parts", [{"Name": "a"}]),
        ("Labels", {"a": "b"}),
        ("Tree", {"Children": [{"Count": 1}]}),
        ("Choice", {"Count": 1}),
    ],
)
def test_a_fitting_result_has_no_problems(small, member, value):
    assert small.check_output("Put", {"Name": "a", member: value}) == []


@pytest.mark.parametrize(
    ("member", "value", "problem"),
    [
        ("Colour", "red", "result.Colour: unknown member of PutResult"),
        ("Color", "green", "result.Color: 'green' is not in the enum Color"),
        ("Color", None, "result.Color: NoneType, expected string"),
        ("Color", b"red", "result.Color: bytes, expected string"),
        ("Count", "1", "result.Count: str, expected integer"),
        ("Count", 1.0, "result.Count: float, expected integer"),
        ("Count", True, "result.Count: bool, expected integer"),
        ("Ratio", "1", "result.Ratio: str, expected double"),
        ("Enabled", 1, "result.Enabled: int, expected boolean"),
        ("Enabled", "true", "result.Enabled: str, expected boolean"),
        ("Since", "2026-11-27", "result.Since: str, expected timestamp"),
        ("Day", 5, "result.Day: int, expected timestamp"),
        ("Payload", b"abc", "result.Payload: bytes, expected blob"),
        ("Parts", {"Name": "a"}, "result.Parts: dict, expected list"),
        ("Parts", [{"Name": "a"}, {}], "result.Parts[1].Name: missing"),
        ("Parts", [[]], "result.Parts[0]: list, expected structure"),
        ("Labels", {"a": 1}, "result.Labels['a']: int, expected string"),
        ("Labels", {1: "a"}, "result.Labels key 1: int, expected string"),
        ("Labels", [], "result.Labels: list, expected map"),
        ("Tree", {"Children": [{"Count": "1"}]}, "result.Tree.Children[0].Count: str, expected integer"),
        ("Choice", {}, "result.Choice: 0 members of the union Choice, expected one"),
    ],
)
def test_a_problem_is_named_with_its_place(small, member, value, problem):
    assert small.check_output("Put", {"Name": "a", member: value}) == [problem]


def test_all_problems_are_listed(small):
    assert small.check_output("Put", {"Count": "1", "X": 1}) == [
        "result.Count: str, expected integer",
        "result.X: unknown member of PutResult",
        "result.Name: missing",
    ]


@pytest.mark.parametrize("result", [None, {}])
def test_an_operation_without_output_returns_nothing(small, result):
    assert small.check_output("Ping", result) == []


def test_an_operation_without_output_must_return_nothing(small):
    assert small.check_output("Ping", {"Name": "a"}) == ["result: Ping returns nothing"]
