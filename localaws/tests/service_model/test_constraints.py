import pytest
from localaws.errors import ValidationError

NAME_TEXTS = (
    "Member must have length less than or equal to 4, Member must have length greater than or equal to 1, "
    "Member must satisfy regular expression pattern: [a-z]*"
)


def message_of(model, request):
    with pytest.raises(ValidationError) as caught:
        model.validate("Put", request)
    assert caught.value.code == "ValidationException"
    assert caught.value.status == 400
    return caught.value.message


def one(violation):
    return f"1 validation error detected: {violation}"


@pytest.mark.parametrize(
    ("member", "value", "violation"),
    [
        ("Count", 11, "Value '11' at 'count' @ Member must have value less than or equal to 10"),
        ("Count", 0, "Value '0' at 'count' @ Member must have value greater than or equal to 1"),
        (
            "Size",
            5_000_000_001,
            "Value '5000000001' at 'size' @ Member must have value less than or equal to 5000000000",
        ),
        ("Weight", 1.5, "Value '1.5' at 'weight' @ Member must have value less than or equal to 1.0"),
        ("Weight", -0.5, "Value '-0.5' at 'weight' @ Member must have value greater than or equal to 0.0"),
        ("Color", "green", "Value 'green' at 'color' @ Member must satisfy enum value set: [red, blue]"),
        ("Color", "Red", "Value 'Red' at 'color' @ Member must satisfy enum value set: [red, blue]"),
        (
            "Payload",
            "YWJjZA==",
            (
                "Value 'java.nio.HeapByteBuffer[pos=0 lim=4 cap=4]' at 'payload' @ "
                "Member must have length less than or equal to 3"
            ),
        ),
        ("Names", [], "Value '[]' at 'names' @ Member must have length greater than or equal to 1"),
        ("Names", ["a", "b", "c"], "Value '[a, b, c]' at 'names' @ Member must have length less than or equal to 2"),
        ("Names", ["a", "B"], f"Value '[a, B]' at 'names' @ Member must satisfy constraint: [{NAME_TEXTS}]"),
        (
            "Names",
            ["A", "toolong"],
            f"Value '[A, toolong]' at 'names' @ Member must satisfy constraint: [{NAME_TEXTS}]",
        ),
        (
            "Colors",
            ["red", "x"],
            (
                "Value '[red, x]' at 'colors' @ Member must satisfy constraint: "
                "[Member must satisfy enum value set: [red, blue]]"
            ),
        ),
        ("Matrix", [["a"], []], "Value '[]' at 'matrix.2.member' @ Member must have length greater than or equal to 1"),
        ("Matrix", [["A"]], f"Value '[A]' at 'matrix.1.member' @ Member must satisfy constraint: [{NAME_TEXTS}]"),
        (
            "Labels",
            {"a": "", "b": "", "c": ""},
            "Value '{a=, b=, c=}' at 'labels' @ Member must have length less than or equal to 2",
        ),
        ("Labels", {"A": ""}, f"Value '{{A=}}' at 'labels' @ Map keys must satisfy constraint: [{NAME_TEXTS}]"),
        (
            "Labels",
            {"a": "", "b": "123456"},
            (
                "Value '{a=, b=123456}' at 'labels' @ Map value must satisfy constraint: "
                "[Member must have length less than or equal to 5]"
            ),
        ),
        (
            "Counts",
            {"green": 1},
            (
                "Value '{green=1}' at 'counts' @ Map keys must satisfy constraint: "
                "[Member must satisfy enum value set: [red, blue]]"
            ),
        ),
        (
            "Counts",
            {"red": 11},
            (
                "Value '{red=11}' at 'counts' @ Map value must satisfy constraint: "
                "[Member must have value less than or equal to 10, Member must have value greater than or equal to 1]"
            ),
        ),
        ("Parts", [{"Name": "a"}, {}], "Value null at 'parts.2.member.name' @ Member must not be null"),
        ("PartsByName", {"k": {}}, "Value null at 'partsByName.k.member.name' @ Member must not be null"),
        (
            "NamesByName",
            {"k": []},
            "Value '[]' at 'namesByName.k.member' @ Member must have length greater than or equal to 1",
        ),
        (
            "Tree",
            {"Children": [{"Children": [{"Count": 1}, {"Count": 0}]}]},
            (
                "Value '0' at 'tree.children.1.member.children.2.member.count' @ "
                "Member must have value greater than or equal to 1"
            ),
        ),
        ("Choice", {"Count": 0}, "Value '0' at 'choice.count' @ Member must have value greater than or equal to 1"),
        ("Password", "12345", "Value at 'password' @ Member must have length greater than or equal to 6"),
        ("Passwords", ["123456"] * 3, "Value at 'passwords' @ Member must have length less than or equal to 2"),
        (
            "Logins",
            {"a": "12345"},
            (
                "Value at 'logins' @ Map value must satisfy constraint: "
                "[Member must have length greater than or equal to 6]"
            ),
        ),
        ("name-of-model", "", "Value '' at 'modelName' @ Member must have length greater than or equal to 1"),
    ],
)
def test_one_violation(small, member, value, violation):
    expected = one(violation.replace(" @ ", " failed to satisfy constraint: "))
    assert message_of(small, {"Name": "a", member: value}) == expected


def test_a_structure_that_is_refused_shows_none_of_its_members(small):
    message = message_of(small, {"Name": "a", "Parts": [{"Name": "b"}, {"Name": "c"}, {"Name": "d"}]})
    assert message.startswith("1 validation error detected: Value '[com.amazonaws.small.Part@")
    assert message.endswith(
        "]' at 'parts' failed to satisfy constraint: Member must have length less than or equal to 2"
    )


def test_a_missing_member(small):
    null = one("Value null at 'name' failed to satisfy constraint: Member must not be null")
    assert message_of(small, {}) == null
    assert message_of(small, {"Name": None}) == null


def test_all_violations_are_in_one_message(small):
    assert message_of(small, {"Name": "ABCDE", "Count": 0, "Labels": {"A": "123456"}}) == (
        "5 validation errors detected: "
        "Value 'ABCDE' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4; "
        "Value 'ABCDE' at 'name' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-z]*; "
        "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1; "
        "Value '{A=123456}' at 'labels' failed to satisfy constraint: "
        f"Map keys must satisfy constraint: [{NAME_TEXTS}]; "
        "Value '{A=123456}' at 'labels' failed to satisfy constraint: "
        "Map value must satisfy constraint: [Member must have length less than or equal to 5]"
    )


def test_a_message_has_ten_violations_at_most(small):
    message = message_of(small, {"Name": "a", "Parts": [{}] * 12})
    assert message.startswith("10 validation errors detected: ")
    assert message.count("Value") == 10
    # The list itself is too long, then its members follow.
    assert message.endswith("Value null at 'parts.9.member.name' failed to satisfy constraint: Member must not be null")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Name", "abcd"),
        ("Name", "a"),
        ("Count", 1),
        ("Count", 10),
        ("Size", 5_000_000_000),
        ("Weight", 0),
        ("Weight", 1.0),
        ("Payload", "YWJj"),
        ("Names", ["a", "abcd"]),
        ("Labels", {"a": "12345", "abcd": ""}),
        ("Counts", {"red": 1, "blue": 10}),
        ("Parts", [{"Name": "a"}, {"Name": "abcd"}]),
        ("Password", "123456"),
        ("Colors", []),
    ],
)
def test_the_bounds_themselves_are_allowed(small, member, value):
    small.validate("Put", {"Name": "a", member: value})
