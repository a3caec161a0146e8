"""What a request to /invocations may hold, and the form of the reply: JSON, JSON lines, CSV.

Everything that is refused says why: `Refused` carries the HTTP status and the reason.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import orjson

from ckgqa.serving.bodies import Refused

JSON, JSON_LINES, CSV = "application/json", "application/jsonlines", "text/csv"


def parse(content_type: str, body: bytes) -> tuple[list[str], str]:
    """Read the questions of a request.

    Args:
        content_type: the header, parameters such as `charset` and all.
        body: the bytes.

    Returns:
        The questions, at least one, each a text; and the form that the reply has unless the client asks for another.

    Raises:
        Refused: 415 for another content type, 400 for a body that is not what its type says.
    """
    media, _, parameters = content_type.partition(";")
    reader = _READERS.get(media.strip().lower())
    charset = parameters.lower().partition("charset=")[2].strip(' "') or "utf-8"
    if reader is None or charset not in {"utf-8", "utf8"}:
        named = f"{content_type!r} is not read here" if content_type else "there is no Content-Type"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"{named}; use one of {', '.join(_READERS)}, in UTF-8")
    questions = reader(body)
    if not questions:
        raise _bad("there is no question in it")
    for number, question in enumerate(questions, start=1):
        if not question.strip():
            raise _bad(f"question {number} is empty")
    return questions, JSON_LINES if reader is _from_json_lines else JSON


def reply_type(accept: str, usual: str) -> str:
    """Choose the form of the reply.

    Args:
        accept: the header, empty where there is none.
        usual: the form that goes with the request.

    Raises:
        Refused: 406 where the client takes neither JSON nor JSON lines.
    """
    wanted = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    if not wanted or usual in wanted or {"*/*", "application/*"} & set(wanted):
        return usual
    for media in wanted:
        if media in {JSON, JSON_LINES}:
            return media
    raise Refused(HTTPStatus.NOT_ACCEPTABLE, f"Accept: {accept!r} is not written here; use {JSON} or {JSON_LINES}")


def write(records: Sequence[Mapping[str, object]], media: str) -> bytes:
    """Write the records of a reply: a JSON object with all of them, or one a line."""
    if media == JSON_LINES:
        return b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records)
    return orjson.dumps({"predictions": records})


def _from_json(body: bytes) -> list[str]:
    return _asked(_json(body, "the body"), "the body")


def _from_json_lines(body: bytes) -> list[str]:
    questions: list[str] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if line.strip():
            where = f"line {number}"
            found = _asked(_json(line, where), where)
            if len(found) != 1:
                raise _bad(f'{where} holds {len(found)} questions; {{"question": "..."}} is expected')
            questions += found
    return questions


def _from_csv(body: bytes) -> list[str]:
    try:
        text = body.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise _bad(f"the body is not UTF-8 ({error.reason} at byte {error.start})") from error
    except csv.Error as error:
        raise _bad(f"the body is not CSV ({error})") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != 1:
            said = "is empty" if not row else f"has {len(row)} fields"
            raise _bad(f'line {number} {said}; one question a line is expected, in "..." where it holds a comma')
    return [row[0] for row in rows]


_READERS: dict[str, Callable[[bytes], list[str]]] = {JSON: _from_json, JSON_LINES: _from_json_lines, CSV: _from_csv}


def _json(text: bytes, where: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad(f"{where} is not JSON ({error})") from error


def _asked(found: object, where: str) -> list[str]:
    """Give the questions of a JSON object."""
    if isinstance(found, dict) and found.keys() == {"question"}:
        found = {"questions": [found["question"]]}
    questions = found.get("questions") if isinstance(found, dict) and found.keys() == {"questions"} else None
    if not isinstance(questions, list):
        raise _bad(f'{where} is not {{"questions": ["...", ...]}} or {{"question": "..."}}')
    for number, question in enumerate(questions, start=1):
        if not isinstance(question, str):
            raise _bad(f"{where}: question {number} is no text")
    return questions


def _bad(reason: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, reason)
