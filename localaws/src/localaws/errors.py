"""Errors of the API, as AWS answers them, and errors of localaws itself."""


class AwsError(Exception):
    """An error that the caller of the API receives.

    Args:
        code: AWS's error code, such as `ValidationException`.
        message: AWS's words.
        status: the HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class ValidationError(AwsError):
    """A request that is wrong in itself, or that asks for something impossible."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


def missing_member(path: str) -> ValidationError:
    """Return the error for a member that the service demands, although its model calls it optional."""
    return ValidationError(
        f"1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
    )


class LocalawsError(Exception):
    """Localaws cannot start or go on: one line that says why, for the person who started it."""
