"""The formats of records that can be filtered and joined: rows of CSV, and JSON."""

import csv
import io
import json
from typing import Any, Protocol

from localaws.transform.errors import DataError


class Format(Protocol):
    """Reads and writes records."""

    name: str

    def read(self, text: str) -> Any:  # noqa: ANN401 -- any JSON value
        """Return a record as a JSON value. Raises ValueError if it is none of this format."""

    def write(self, value: Any) -> str:  # noqa: ANN401 -- any JSON value
        """Return a value as the text of a record."""

    def join(self, record: Any, output: Any) -> Any:  # noqa: ANN401 -- any JSON value
        """Return an input record joined with what the model made of it."""


class Csv:
    """Rows of CSV: every row is a list of texts."""

    name = "CSV"

    def read(self, text: str) -> list[str]:
        """Return the cells of a row."""
        try:
            return next(csv.reader([text], strict=True), [])
        except csv.Error as error:
            raise ValueError(str(error)) from None

    def write(self, value: Any) -> str:  # noqa: ANN401 -- any JSON value
        """Return a row; a single cell is a row too."""
        target = io.StringIO()
        csv.writer(target, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return target.getvalue()

    def join(self, record: list[str], output: list[str]) -> list[str]:
        """Return the input's cells followed by the output's."""
        return record + output


class Json:
    """JSON values."""

    name = "JSON"

    def read(self, text: str) -> Any:  # noqa: ANN401 -- any JSON value
        """Return the value."""
        return json.loads(text)

    def write(self, value: Any) -> str:  # noqa: ANN401 -- any JSON value
        """Return the text of a value, on one line."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def join(self, record: Any, output: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON value
        """Return the input with the member SageMakerOutput; an input that is no object becomes SageMakerInput."""
        members = record if isinstance(record, dict) else {"SageMakerInput": record}
        return {**members, "SageMakerOutput": output}


def read_text(data: bytes) -> str:
    """Decode UTF-8.

    Raises:
        DataError: it is none.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"Failed to decode the data as UTF-8: {error.reason} at byte {error.start}") from None
