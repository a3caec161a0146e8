"""Property: a request that botocore accepts, and that keeps all bounds and patterns, passes.

The requests are generated from botocore's own reading of the model, and the patterns by Python's own `re`, so that
neither the reading of shapes nor the translation of patterns is checked against itself.
"""

import re

import botocore.loaders
import botocore.model
import botocore.validate
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from localaws.errors import ValidationError

OPERATIONS = [
    "AddTags",
    "CreateEndpointConfig",
    "CreateModel",
    "CreateModelPackageGroup",
    "CreateProcessingJob",
    "CreateTrainingJob",
    "CreateTransformJob",
    "ListTrainingJobs",
    "UpdateModelPackage",
]
DEPTH = 4
"""Levels of structures below which optional members are left out."""
ASCII = st.characters(min_codepoint=32, max_codepoint=126)
# What Java's own syntax stands for among printable ASCII characters.
JAVA_CLASSES = {
    r"\p{L}": "a-zA-Z",
    r"\p{M}": "",
    r"\p{Z}": " ",
    r"\p{N}": "0-9",
    r"\p{S}": "$+<=>^`|~",
    r"\p{P}": "!.,",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\uD800\uDC00-\uDBFF\uDFFF": "",
}


def texts(shape):
    """Strings that keep the constraints of a shape."""
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 40)
    if shape.enum:
        return st.sampled_from(shape.enum)
    pattern = shape.metadata.get("pattern", "")
    # These match anything printable, for which `from_regex` would be slow.
    if pattern in {"", ".*", r"[\S\s]*", r"[\s\S]*", ".+"}:
        return st.text(ASCII, min_size=max(least, pattern == ".+"), max_size=min(most, least + 40))
    pattern = re.sub(r"\$\{\d+,\d+\}", "$", pattern)  # Python cannot repeat an anchor
    for java, characters in JAVA_CLASSES.items():
        pattern = pattern.replace(java, characters)
    generated = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True, alphabet=ASCII)
    return generated.filter(lambda text: least <= len(text) <= most)


def numbers(shape):
    least, most = shape.metadata.get("min", -1000), shape.metadata.get("max", 100_000)
    if shape.type_name in {"integer", "long"}:
        return st.integers(least, max(least, most))
    return st.floats(least, most, allow_nan=False, allow_infinity=False)


@st.composite
def structures(draw, shape, depth):
    chosen = {}
    names = list(shape.members)
    if getattr(shape, "is_tagged_union", False):
        names = [draw(st.sampled_from(names))]
    for name in names:
        required = name in shape.required_members or len(names) == 1
        if required or (depth < DEPTH and draw(st.integers(0, 3)) == 0):
            chosen[name] = draw(values(shape.members[name], depth + 1))
    return chosen


@st.composite
def lists(draw, shape, depth):
    least = shape.metadata.get("min", 0)
    count = draw(st.integers(least, max(least, min(shape.metadata.get("max", 2), 2))))
    return [draw(values(shape.member, depth)) for _ in range(count)]


@st.composite
def maps(draw, shape, depth):
    least = shape.metadata.get("min", 0)
    count = draw(st.integers(least, max(least, min(shape.metadata.get("max", 2), 2))))
    return {draw(texts(shape.key)): draw(values(shape.value, depth)) for _ in range(count)}


def values(shape, depth=0):
    """Values that keep all constraints of a shape."""
    simple = {"boolean": st.booleans(), "timestamp": st.integers(0, 2_000_000_000)}
    nested = {"structure": structures, "list": lists, "map": maps}
    if shape.type_name in nested:
        return nested[shape.type_name](shape, depth)
    if shape.type_name in simple:
        return simple[shape.type_name]
    return texts(shape) if shape.type_name == "string" else numbers(shape)


@pytest.fixture(scope="module")
def botocore_model():
    description = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
    return botocore.model.ServiceModel(description, "sagemaker")


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_a_request_within_all_bounds_passes(sagemaker, botocore_model, operation, data):
    shape = botocore_model.operation_model(operation).input_shape
    request = data.draw(values(shape))
    report = botocore.validate.ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()
    assert sagemaker.validate(operation, request) == request


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_request_that_lacks_a_required_member_is_refused(sagemaker, botocore_model, operation, data):
    shape = botocore_model.operation_model(operation).input_shape
    if not shape.required_members:
        return
    request = data.draw(values(shape))
    missing = data.draw(st.sampled_from(shape.required_members))
    del request[missing]
    with pytest.raises(ValidationError) as caught:
        sagemaker.validate(operation, request)
    path = missing[0].lower() + missing[1:]
    assert caught.value.message == (
        f"1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
    )
