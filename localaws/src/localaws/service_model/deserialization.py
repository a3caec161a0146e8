"""Read a request's JSON as AWS's JSON services do, before any constraint is checked.

AWS's services of the protocol `awsJson1_1`, measured over plain HTTP:

- an unknown member is ignored, and so is `null`, as a member and in a list (Athena; DynamoDB and Kinesis: the tests of
  https://github.com/mhart/dynalite and https://github.com/mhart/kinesalite);
- a number with a fraction is truncated for an integer (Athena, DynamoDB);
- `"true"`, `"yes"`, `"y"`, `"t"`, `"1"` and their opposites are booleans (SES: https://github.com/floci-io/floci);
- every other wrong JSON type is a `SerializationException`. Its words, "STRING_VALUE can not be converted to an
  Integer", "Expected list or null", ..., are those of Athena; "... milliseconds since epoch" is from X-Ray, and the
  refusals of base64 text are from Kinesis.

Not found: what SageMaker answers to a union with no member or with several. The words here are Smithy's own.
"""

import base64
import binascii
import math
import re

from localaws.errors import AwsError
from localaws.service_model.shapes import FLOATS, INTEGERS, Shape, Shapes

LIST_FOUND = "Start of list found where not expected"
STRUCTURE_FOUND = "Start of structure or map found where not expected."
_BOOLEANS = dict.fromkeys(("true", "yes", "y", "t", "1"), True) | dict.fromkeys(("false", "no", "n", "f", "0"), False)
_TARGETS = {"integer": "an Integer", "timestamp": "milliseconds since epoch"}


def deserialize(shapes: Shapes, shape: Shape, value: object) -> object:
    """Return the value as the service sees it: without unknown members and nulls, with blobs as bytes.

    Raises:
        AwsError: a `SerializationException`, if a value has the wrong JSON type.
    """
    if shape.document:
        return value
    if shape.kind == "structure":
        return _deserialize_structure(shapes, shape, value)
    if shape.kind == "list":
        element = shapes[shape.element]
        return [deserialize(shapes, element, item) for item in _items(value) if item is not None]
    if shape.kind == "map":
        element = shapes[shape.element]
        entries = _entries(value, expected="Expected map or null")
        return {key: deserialize(shapes, element, item) for key, item in entries.items() if item is not None}
    return _deserialize_scalar(shape, value)


def _deserialize_structure(shapes: Shapes, shape: Shape, value: object) -> dict[str, object]:
    entries = _entries(value, expected="Expected null")
    result = {
        name: deserialize(shapes, shapes[member.shape], entries[name])
        for name, member in shape.members.items()
        if entries.get(name) is not None
    }
    if shape.union and len(result) != 1:
        raise _error(f"Unions must have exactly one member set, found {len(result)}.")
    return result


def _entries(value: object, *, expected: str) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise _error(LIST_FOUND if isinstance(value, list) else expected)


def _items(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise _error(STRUCTURE_FOUND if isinstance(value, dict) else "Expected list or null")


def _deserialize_scalar(shape: Shape, value: object) -> object:
    if isinstance(value, list):
        raise _error(LIST_FOUND)
    if isinstance(value, dict):
        raise _error(STRUCTURE_FOUND)
    if isinstance(value, str):
        return _deserialize_text(shape, value)
    if isinstance(value, bool):
        if shape.kind == "boolean":
            return value
        raise _conversion_error("TRUE_VALUE" if value else "FALSE_VALUE", shape)
    # Python's JSON parser takes NaN and Infinity, which are no numbers in JSON.
    if isinstance(value, int | float) and (isinstance(value, int) or math.isfinite(value)):
        if shape.kind in INTEGERS:
            return int(value)
        if shape.kind in FLOATS or (shape.kind == "timestamp" and not shape.timestamp_format):
            return value
    raise _conversion_error("NUMBER_VALUE", shape)


def _deserialize_text(shape: Shape, text: str) -> object:
    if shape.kind == "string" or shape.timestamp_format:
        return text
    if shape.kind == "blob":
        return _decode_base64(text)
    if shape.kind == "boolean":
        if text.lower() in _BOOLEANS:
            return _BOOLEANS[text.lower()]
        raise _error("STRING_VALUE can not be converted to an Boolean")
    raise _conversion_error("STRING_VALUE", shape)


def _decode_base64(text: str) -> bytes:
    problem = f"'{text}' can not be converted to a Blob: "
    if len(text) % 4:
        raise _error(f"{problem}Base64 encoded length is expected a multiple of 4 bytes but found: {len(text)}")
    if wrong := re.search(r"[^a-zA-Z0-9+/=]|=(?=[^=])", text):
        raise _error(f"{problem}Invalid Base64 character: '{wrong[0]}'")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise _error(f"{problem}Invalid Base64 character: '='") from error


def _conversion_error(found: str, shape: Shape) -> AwsError:
    target = _TARGETS.get(shape.kind, f"a {shape.kind.capitalize()}")
    return _error(f"{found} can not be converted to {target}")


def _error(message: str) -> AwsError:
    return AwsError("SerializationException", message)
