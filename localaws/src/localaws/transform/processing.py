"""`DataProcessing`: filter what the model gets, join its output with the input, and filter what is stored."""

from dataclasses import dataclass
from typing import Any

from localaws.transform.errors import DataError
from localaws.transform.formats import Csv, Format, Json, read_text
from localaws.transform.json_path import ROOT, JsonPath, parse_json_path

FORMATS: dict[str, Format] = {"text/csv": Csv(), "application/json": Json(), "application/jsonlines": Json()}
"""Media types that can be filtered and joined. Source: the reference of `DataProcessing`."""


@dataclass(frozen=True)
class DataProcessing:
    """What is done to the records of a job besides the model's work."""

    format: Format
    input_filter: JsonPath | None
    output_filter: JsonPath | None
    join: bool

    def prepare(self, record: bytes) -> bytes:
        """Return the part of an input record that the model gets.

        Raises:
            DataError: the record has another format, or lacks a part that the filter names.
        """
        if self.input_filter is None:
            return record
        return self.format.write(self.input_filter.select(self._read(read_text(record)))).encode()

    def finish(self, records: list[bytes], answer: bytes) -> bytes:
        """Return what is stored for a mini-batch.

        Args:
            records: the input records of the mini-batch.
            answer: what the model answered: a line for each record, or the answer to one.

        Raises:
            DataError: the answer has another format or another number of records.
        """
        if not self.join and self.output_filter is None:
            return answer
        text = read_text(answer).removesuffix("\n").removesuffix("\r")
        # `splitlines` would split at other characters too, such as a form feed.
        texts = [text] if len(records) == 1 else text.split("\n")
        if len(texts) != len(records):
            raise DataError(f"The algorithm answered {len(texts)} records to a mini-batch of {len(records)}")
        return "\n".join(self._finished(*pair) for pair in zip(records, texts, strict=True)).encode()

    def _finished(self, record: bytes, text: str) -> str:
        try:
            value = self.format.read(text.removesuffix("\r"))
        except ValueError:
            raise DataError(f"Failed to parse output from the algorithm as {self.format.name}") from None
        if self.join:
            value = self.format.join(self._read(read_text(record)), value)
        return self.format.write(value if self.output_filter is None else self.output_filter.select(value))

    def _read(self, text: str) -> Any:  # noqa: ANN401 -- any JSON value
        try:
            return self.format.read(text)
        except ValueError as error:
            raise DataError(f"Failed to parse line: '{text[:200]}' as {self.format.name}: {error}") from None


def read_data_processing(request: dict[str, Any]) -> DataProcessing | None:
    """Read `DataProcessing` of a request for a transform job; None if it asks for nothing.

    Raises:
        ValueError: what it asks for is not possible; the message says why, in words of ours.
    """
    wanted = request.get("DataProcessing", {})
    join = wanted.get("JoinSource", "None") == "Input"
    input_filter, output_filter = _path(wanted.get("InputFilter", ROOT)), _path(wanted.get("OutputFilter", ROOT))
    if not join and input_filter is None and output_filter is None:
        return None
    types = [_media_type(request["TransformInput"], "ContentType"), _media_type(request["TransformOutput"], "Accept")]
    formats = [FORMATS.get(name) for name in types]
    if formats[0] is None or formats[1] is None or formats[0].name != formats[1].name:
        raise ValueError(
            "DataProcessing needs a ContentType and an Accept that are both text/csv, or both application/json or "
            f"application/jsonlines, not {types[0] or 'none'} and {types[1] or 'none'}"
        )
    split = request["TransformInput"].get("SplitType", "None")
    assemble = request["TransformOutput"].get("AssembleWith", "None")
    if split not in {"None", "Line"}:
        raise ValueError(f"DataProcessing works with the SplitType Line or None, not with {split}")
    if "text/csv" in types and (split, assemble) != ("Line", "Line"):
        raise ValueError("DataProcessing of text/csv needs the SplitType Line and AssembleWith Line")
    return DataProcessing(formats[0], input_filter, output_filter, join)


def _media_type(part: dict[str, Any], name: str) -> str:
    return str(part.get(name, "")).partition(";")[0].strip().lower()


def _path(text: str) -> JsonPath | None:
    path = parse_json_path(text or ROOT)
    return path if path.steps else None
