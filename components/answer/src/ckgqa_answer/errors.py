"""Errors that name the service behind the answerer that failed.

InputError
    WrongAddressError   the server at the model's address has no `/invocations`: a retry would fail the same way
ServiceError
    ModelError          the question model is down, late or busy, or another program answers at its address
    GraphError          the graph is down, late or busy, or was loaded half
"""

from ckgqa.runtime.errors import InputError, ServiceError


class ModelError(ServiceError):
    """The question model is down, late or busy, or another program answers at its address."""


class GraphError(ServiceError):
    """The graph is down, late or busy, or was loaded half."""


class WrongAddressError(InputError):
    """The server at the model's address has no `/invocations`."""
