"""Errors of the data of a transform job."""


class DataError(Exception):
    """An input object, or what the model made of it, cannot be used; the text stands in the job's data log."""


class OversizeError(DataError):
    """A record, or an object that is not split, is larger than `MaxPayloadInMB`. The words are ours."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"Too much data for max payload size: the record is larger than {limit} bytes")
