import pytest
from localaws.errors import AwsError


def message_of(model, request):
    with pytest.raises(AwsError) as caught:
        model.validate("Put", request)
    assert caught.value.code == "SerializationException"
    assert caught.value.status == 400
    return caught.value.message


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("Name", 1, "NUMBER_VALUE can not be converted to a String"),
        ("Name", 1.5, "NUMBER_VALUE can not be converted to a String"),
        ("Name", True, "TRUE_VALUE can not be converted to a String"),
        ("Name", False, "FALSE_VALUE can not be converted to a String"),
        ("Name", ["a"], "Start of list found where not expected"),
        ("Name", {"a": "b"}, "Start of structure or map found where not expected."),
        ("Count", "1", "STRING_VALUE can not be converted to an Integer"),
        ("Count", True, "TRUE_VALUE can not be converted to an Integer"),
        ("Count", [1], "Start of list found where not expected"),
        ("Count", float("nan"), "NUMBER_VALUE can not be converted to an Integer"),
        ("Size", "1", "STRING_VALUE can not be converted to a Long"),
        ("Weight", "1", "STRING_VALUE can not be converted to a Float"),
        ("Ratio", True, "TRUE_VALUE can not be converted to a Double"),
        ("Ratio", float("inf"), "NUMBER_VALUE can not be converted to a Double"),
        ("Enabled", 1, "NUMBER_VALUE can not be converted to a Boolean"),
        ("Enabled", "on", "STRING_VALUE can not be converted to an Boolean"),
        ("Since", "2026-11-27", "STRING_VALUE can not be converted to milliseconds since epoch"),
        ("Since", True, "TRUE_VALUE can not be converted to milliseconds since epoch"),
        ("Day", 0, "NUMBER_VALUE can not be converted to milliseconds since epoch"),
        ("Payload", 1, "NUMBER_VALUE can not be converted to a Blob"),
        (
            "Payload",
            "abc",
            (
                "'abc' can not be converted to a Blob: "
                "Base64 encoded length is expected a multiple of 4 bytes but found: 3"
            ),
        ),
        ("Payload", "ab!=", "'ab!=' can not be converted to a Blob: Invalid Base64 character: '!'"),
        ("Payload", "a=bc", "'a=bc' can not be converted to a Blob: Invalid Base64 character: '='"),
        ("Payload", "====", "'====' can not be converted to a Blob: Invalid Base64 character: '='"),
        ("Names", "a", "Expected list or null"),
        ("Names", {}, "Start of structure or map found where not expected."),
        ("Names", [1], "NUMBER_VALUE can not be converted to a String"),
        ("Names", [["a"]], "Start of list found where not expected"),
        ("Labels", "a", "Expected map or null"),
        ("Labels", [], "Start of list found where not expected"),
        ("Labels", {"a": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("Parts", ["a"], "Expected null"),
        ("Parts", [["a"]], "Start of list found where not expected"),
        ("PartsByName", {"a": {"Name": 1}}, "NUMBER_VALUE can not be converted to a String"),
        ("Tree", {"Children": [{"Children": [{"Count": "1"}]}]}, "STRING_VALUE can not be converted to an Integer"),
        ("Choice", {}, "Unions must have exactly one member set, found 0."),
        ("Choice", {"Name": "a", "Count": 1}, "Unions must have exactly one member set, found 2."),
    ],
)
def test_a_wrong_type_is_a_serialization_exception(small, member, value, message):
    assert message_of(small, {"Name": "a", member: value}) == message


@pytest.mark.parametrize(
    ("body", "message"),
    [([], "Start of list found where not expected"), (None, ""), ("x", ""), (1, ""), (True, "")],
)
def test_a_body_that_is_no_object_is_a_serialization_exception(small, body, message):
    assert message_of(small, body) == message


def test_a_wrong_type_is_found_before_a_violation(small):
    assert message_of(small, {"Name": "far too long", "Count": "1"}).startswith("STRING_VALUE")


@pytest.mark.parametrize(
    ("member", "value", "read"),
    [
        ("Count", 3, 3),
        ("Count", 3.9, 3),
        ("Size", 5_000_000_000, 5_000_000_000),
        ("Weight", 1, 1),
        ("Ratio", -2.5, -2.5),
        ("Enabled", True, True),
        ("Enabled", "No", False),
        ("Enabled", "1", True),
        ("Since", 1764230400, 1764230400),
        ("Since", 1764230400.25, 1764230400.25),
        ("Day", "2026-11-27T00:00:00Z", "2026-11-27T00:00:00Z"),
        ("Payload", "YWJj", b"abc"),
        ("Payload", "YQ==", b"a"),
        ("Payload", "", b""),
        ("Anything", {"a": [1, None, {"b": "c"}]}, {"a": [1, None, {"b": "c"}]}),
        ("Anything", "text", "text"),
        ("Names", ["a", None], ["a"]),
        ("Labels", {"a": "b", "c": None}, {"a": "b"}),
        ("Parts", [{"Name": "a", "Other": 1}, None], [{"Name": "a"}]),
        ("Choice", {"Name": "a", "Count": None, "__type": "x"}, {"Name": "a"}),
        ("Tree", {"Count": 1, "Children": [{"Children": []}]}, {"Count": 1, "Children": [{"Children": []}]}),
    ],
)
def test_a_value_is_read_as_the_service_reads_it(small, member, value, read):
    assert small.validate("Put", {"Name": "a", member: value}) == {"Name": "a", member: read}


def test_unknown_members_and_nulls_are_ignored(small):
    request = {"Name": "a", "Nmae": "b", "Count": None, "Names": None, "Tree": {"Leaf": 1}}
    assert small.validate("Put", request) == {"Name": "a", "Tree": {}}


def test_a_member_is_found_by_its_name_in_json(small):
    assert small.validate("Put", {"Name": "a", "name-of-model": "b", "ModelName": 7}) == {
        "Name": "a",
        "name-of-model": "b",
    }


def test_a_deep_recursive_request_is_read(small):
    tree = {"Count": 1}
    for _ in range(50):
        tree = {"Children": [tree]}
    assert small.validate("Put", {"Name": "a", "Tree": tree})["Tree"] == tree
