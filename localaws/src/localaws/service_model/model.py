"""The model of one service: its operations, and the checks of their requests and results."""

import itertools
from collections.abc import Mapping
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.service_model.constraints import MAXIMUM_VIOLATIONS, ConstraintChecker
from localaws.service_model.deserialization import deserialize
from localaws.service_model.output import output_problems
from localaws.service_model.shapes import Shape, read_shapes


class ServiceModel:
    """What a service understands.

    Args:
        service: botocore's name of the service.
        description: the content of its `service-2.json`.
    """

    def __init__(self, service: str, description: Mapping[str, Any]) -> None:
        metadata = description["metadata"]
        self.target_prefix: str = metadata.get("targetPrefix", "")
        """What stands before the operation's name in the header `X-Amz-Target`; empty if the protocol has none."""
        self.version: str = metadata["apiVersion"]
        """The API's version, a date."""
        self._operations: Mapping[str, Any] = description["operations"]
        self.operations = frozenset(self._operations)
        """Names of the operations."""
        self._shapes = read_shapes(description["shapes"])
        self._checker = ConstraintChecker(self._shapes, service)

    def validate(self, operation: str, params: object) -> dict[str, Any]:
        """Check a request.

        Args:
            operation: name of the operation.
            params: the request's JSON. For a REST protocol: all members by their names in JSON, wherever they stand.

        Returns:
            The request as the service reads it: without members that are unknown or null, with blobs as bytes.

        Raises:
            ValidationError: the request breaks constraints of the model.
            AwsError: `SerializationException`: a value has the wrong JSON type. `UnknownOperationException`: the
                operation does not exist.
        """
        shape = self._shape(operation, "input")
        if not isinstance(params, dict | list):
            # AWS answers without a message, as Athena does.
            raise AwsError("SerializationException", "")
        if shape is None:
            return {}
        request = deserialize(self._shapes, shape, params)
        assert isinstance(request, dict)  # the input of an operation is a structure
        violations = list(itertools.islice(self._checker.violations(shape, request), MAXIMUM_VIOLATIONS))
        if violations:
            errors = "error" if len(violations) == 1 else "errors"
            raise ValidationError(f"{len(violations)} validation {errors} detected: {'; '.join(violations)}")
        return request

    def check_output(self, operation: str, result: object) -> list[str]:
        """List what in a result does not fit the operation's output: a line each, empty if all fits.

        Args:
            operation: name of the operation.
            result: the result as it will be written to JSON.

        Raises:
            AwsError: `UnknownOperationException`: the operation does not exist.
        """
        shape = self._shape(operation, "output")
        if shape is None:
            return [] if result in (None, {}) else [f"result: {operation} returns nothing"]
        return list(output_problems(self._shapes, shape, result))

    def _shape(self, operation: str, direction: str) -> Shape | None:
        if operation not in self._operations:
            # The words of SageMaker in a region that lacks the operation:
            # https://github.com/hashicorp/terraform-provider-aws/pull/27258
            message = "The requested operation is not supported in the called region."
            raise AwsError("UnknownOperationException", message)
        reference = self._operations[operation].get(direction)
        return self._shapes[reference["shape"]] if reference else None
