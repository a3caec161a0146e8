"""Errors that say which of the services behind the answerer is down."""

from ckgqa.runtime.errors import InputError, ServiceError


class ModelError(ServiceError):
    """The question model is down, late or busy, or another one than ours answers there."""


class GraphError(ServiceError):
    """The graph is down, late or busy, or was loaded half."""


class WrongAddressError(InputError):
    """What answers at the model's address has no `/invocations`."""
