"""Check a request against the constraints of its shape, and word what is wrong as AWS does.

The words, seen in answers of SageMaker unless another service is named:

- "Value 'x' at 'modelName' failed to satisfy constraint: Member must have length less than or equal to 63", then the
  pattern of the same member: https://github.com/aws-samples/sagemaker-ml-workflow-with-apache-airflow/issues/3;
- a missing member is "Value null at 'roleArn' ...: Member must not be null" (STS, Bedrock);
- members of a list of structures: "at 'inputDataConfig.1.member.inputMode' ...: Member must satisfy enum value set:
  [Pipe, FastFile, File]". The order of an enum's values is arbitrary at AWS and the model's here;
- too many members of a list: "at 'processingInputs' ...: Member must have length less than or equal to 10",
  https://github.com/aws/sagemaker-python-sdk/issues/2554; of a map: https://github.com/aws/sagemaker-python-sdk/pull/6016;
- strings in a list are reported once, at the list, with all their constraints: "Member must satisfy constraint: [Member
  must have length less than or equal to 6, Member must have length greater than or equal to 0, Member must satisfy
  regular expression pattern: .*]" (Lambda, CloudFormation, ACM: https://github.com/getmoto/moto);
- strings in a map likewise, "Map value must satisfy constraint: [...]" and "Map keys must satisfy constraint: [...]":
  https://github.com/aws/sagemaker-python-sdk/issues/314 and
  https://github.com/aws-samples/amazon-sagemaker-pytorch-detectron2/issues/10;
- structures and lists in a map: "at 'requestItems.KEY.member'" (DynamoDB);
- a sensitive value is left out: "Value at 'password' failed to satisfy constraint: ..." (Cognito, SSM);
- a message has ten violations at most: the tests of https://github.com/mhart/kinesalite and
  https://github.com/mhart/dynalite, and Bedrock.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from localaws.service_model.patterns import matches
from localaws.service_model.shapes import FLOATS, INTEGERS, NESTED, Shape, Shapes
from localaws.service_model.value_text import is_secret, value_text

MAXIMUM_VIOLATIONS = 10
"""Violations that a message has at most."""


@dataclass(frozen=True)
class Constraint:
    """One constraint of a shape."""

    text: str
    holds: Callable[..., bool]
    """Takes a value that was deserialized."""


@functools.cache
def constraints_of(shape: Shape) -> tuple[Constraint, ...]:
    """Return the constraints that a shape puts on its own values, in the order in which AWS lists them."""
    number = shape.kind in INTEGERS | FLOATS
    of = _number if number else len
    what = "value" if number else "length"
    found = []
    if (maximum := shape.maximum) is not None:
        text = f"Member must have {what} less than or equal to {_limit(shape, maximum)}"
        found.append(Constraint(text, lambda value: of(value) <= maximum))
    if (minimum := shape.minimum) is not None:
        text = f"Member must have {what} greater than or equal to {_limit(shape, minimum)}"
        found.append(Constraint(text, lambda value: of(value) >= minimum))
    if shape.pattern:
        text = f"Member must satisfy regular expression pattern: {shape.pattern}"
        found.append(Constraint(text, functools.partial(matches, shape.pattern)))
    if shape.enum:
        text = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        found.append(Constraint(text, frozenset(shape.enum).__contains__))
    return tuple(found)


def _number(value: float) -> float:
    return value


def _limit(shape: Shape, limit: float) -> str:
    # Java writes 1.0 for a float, as Lambda's answers show for the weights of an alias.
    return str(float(limit)) if shape.kind in FLOATS else str(int(limit))


class ConstraintChecker:
    """Finds what is wrong in the requests of one service.

    Args:
        shapes: the shapes of the service.
        service: its name.
    """

    def __init__(self, shapes: Shapes, service: str) -> None:
        self._shapes = shapes
        self._service = service

    def violations(self, shape: Shape, value: object, path: str = "") -> Iterator[str]:
        """Yield a text for each violation.

        Args:
            shape: the shape of the value.
            value: a value that was deserialized.
            path: where the value stands in the request.
        """
        for constraint in constraints_of(shape):
            if not constraint.holds(value):
                yield self._violation(shape, value, path, constraint.text)
        if shape.kind == "structure" and isinstance(value, dict):
            yield from self._structure_violations(shape, value, f"{path}." if path else "")
        elif shape.kind == "list" and isinstance(value, list):
            yield from self._scalar_violations("Member", shape.element, value, (shape, value, path))
            yield from self._nested_violations(shape, enumerate(value, start=1), path)
        elif shape.kind == "map" and isinstance(value, dict):
            yield from self._scalar_violations("Map keys", shape.key, value, (shape, value, path))
            yield from self._scalar_violations("Map value", shape.element, value.values(), (shape, value, path))
            yield from self._nested_violations(shape, value.items(), path)

    def _structure_violations(self, shape: Shape, value: dict[str, object], prefix: str) -> Iterator[str]:
        for name, member in shape.members.items():
            path = prefix + member.path
            if name in value:
                yield from self.violations(self._shapes[member.shape], value[name], path)
            elif member.required:
                yield f"Value null at '{path}' failed to satisfy constraint: Member must not be null"

    def _scalar_violations(
        self, what: str, element: str, values: Iterable[object], container: tuple[Shape, object, str]
    ) -> Iterator[str]:
        constraints = () if self._shapes[element].kind in NESTED else constraints_of(self._shapes[element])
        if not all(constraint.holds(value) for value in values for constraint in constraints):
            texts = ", ".join(constraint.text for constraint in constraints)
            yield self._violation(*container, f"{what} must satisfy constraint: [{texts}]")

    def _nested_violations(self, shape: Shape, entries: Iterable[tuple[object, object]], path: str) -> Iterator[str]:
        element = self._shapes[shape.element]
        if element.kind in NESTED:
            for key, value in entries:
                yield from self.violations(element, value, f"{path}.{key}.member")

    def _violation(self, shape: Shape, value: object, path: str, constraint: str) -> str:
        shown = "" if is_secret(self._shapes, shape) else f" '{value_text(self._shapes, shape, value, self._service)}'"
        return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"
