"""Find what in a result would not fit the shape of an operation's output."""

from collections.abc import Iterator

from localaws.service_model.shapes import FLOATS, INTEGERS, Shape, Shapes


def output_problems(shapes: Shapes, shape: Shape, value: object, path: str = "result") -> Iterator[str]:
    """Yield a line for each unknown or missing member, each wrong type and each value that an enum lacks.

    Args:
        shapes: the shapes of the service.
        shape: the shape of the value.
        value: the value as it will be written to JSON: a timestamp is a number, a blob is base64 text.
        path: where the value stands, such as `result.Summaries[0]`.
    """
    if shape.document:
        return
    if not _has_kind(shape, value):
        yield f"{path}: {type(value).__name__}, expected {shape.kind}"
    elif shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is not in the enum {shape.name}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from output_problems(shapes, shapes[shape.element], item, f"{path}[{index}]")
    elif isinstance(value, dict) and shape.kind == "map":
        for key, item in value.items():
            yield from output_problems(shapes, shapes[shape.key], key, f"{path} key {key!r}")
            yield from output_problems(shapes, shapes[shape.element], item, f"{path}[{key!r}]")
    elif isinstance(value, dict):
        yield from _structure_problems(shapes, shape, value, path)


def _structure_problems(shapes: Shapes, shape: Shape, value: dict[str, object], path: str) -> Iterator[str]:
    for name, item in value.items():
        if name in shape.members:
            yield from output_problems(shapes, shapes[shape.members[name].shape], item, f"{path}.{name}")
        else:
            yield f"{path}.{name}: unknown member of {shape.name}"
    for name, member in shape.members.items():
        if member.required and name not in value:
            yield f"{path}.{name}: missing"
    if shape.union and len(value) != 1:
        yield f"{path}: {len(value)} members of the union {shape.name}, expected one"


def _has_kind(shape: Shape, value: object) -> bool:
    if shape.kind in {"structure", "map"}:
        return isinstance(value, dict)
    if shape.kind == "list":
        return isinstance(value, list)
    if shape.kind == "boolean" or isinstance(value, bool):
        return shape.kind == "boolean" and isinstance(value, bool)
    if shape.kind in INTEGERS:
        return isinstance(value, int)
    if shape.kind in FLOATS or (shape.kind == "timestamp" and not shape.timestamp_format):
        return isinstance(value, int | float)
    return isinstance(value, str)
