"""Request and reply bodies of /invocations in JSON, JSON lines and CSV.

Every rejection carries the HTTP status and the reason, as `RequestRejected`.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import orjson

from ckgqa.runtime.white_space import is_blank, trimmed_line
from ckgqa.serving.bodies import RequestRejected

JSON, JSON_LINES, CSV = "application/json", "application/jsonlines", "text/csv"


def parse_request(content_type: str, body: bytes) -> tuple[list[str], str]:
    """Read the questions of a request.

    Args:
        content_type: the header with its parameters, such as `charset`.
        body: the bytes.

    Returns:
        The questions, at least one, none of them blank; and the media type of the reply unless the client asks for
        another.

    Raises:
        RequestRejected: 415 for another content type, 400 for a body that does not match its type.
    """
    media, _, parameters = content_type.partition(";")
    reader = _READERS.get(media.strip().lower())
    charset = parameters.lower().partition("charset=")[2].strip(' "') or "utf-8"
    if reader is None or charset not in {"utf-8", "utf8"}:
        problem = f"{content_type!r} is not supported" if content_type else "there is no Content-Type"
        reason = f"{problem}; use one of {', '.join(_READERS)}, in UTF-8"
        raise RequestRejected(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)
    questions = reader(body)
    if not questions:
        raise _bad_request("there is no question in it")
    for number, question in enumerate(questions, start=1):
        if is_blank(question):
            raise _bad_request(f"question {number} is empty")
    return questions, JSON_LINES if reader is _from_json_lines else JSON


def negotiate_reply(accept: str, default: str) -> str:
    """Choose the media type of the reply.

    Args:
        accept: the header, empty if there is none.
        default: the media type that goes with the request.

    Raises:
        RequestRejected: 406 if the client accepts neither JSON nor JSON lines.
    """
    accepted = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    if not accepted or default in accepted or {"*/*", "application/*"} & set(accepted):
        return default
    for media in accepted:
        if media in {JSON, JSON_LINES}:
            return media
    reason = f"Accept: {accept!r} is not supported; use {JSON} or {JSON_LINES}"
    raise RequestRejected(HTTPStatus.NOT_ACCEPTABLE, reason)


def render_reply(records: Sequence[Mapping[str, object]], media: str) -> bytes:
    """Write the records of a reply as one JSON object, or as JSON lines."""
    if media == JSON_LINES:
        return b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records)
    return orjson.dumps({"predictions": records})


def _from_json(body: bytes) -> list[str]:
    return _questions_of(_load_json(body, "the body"), "the body")


def _from_json_lines(body: bytes) -> list[str]:
    questions: list[str] = []
    for number, line in enumerate(map(trimmed_line, body.splitlines()), start=1):
        if line:
            where = f"line {number}"
            of_line = _questions_of(_load_json(line, where), where)
            if len(of_line) != 1:
                raise _bad_request(f'{where} holds {len(of_line)} questions; {{"question": "..."}} is expected')
            questions += of_line
    return questions


def _from_csv(body: bytes) -> list[str]:
    try:
        text = body.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise _bad_request(f"the body is not UTF-8 ({error.reason} at byte {error.start})") from error
    except csv.Error as error:
        raise _bad_request(f"the body is not CSV ({error})") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != 1:
            problem = "is empty" if not row else f"has {len(row)} fields"
            expected = 'one question a line is expected, in "..." if it holds a comma'
            raise _bad_request(f"line {number} {problem}; {expected}")
    return [row[0] for row in rows]


_READERS: dict[str, Callable[[bytes], list[str]]] = {JSON: _from_json, JSON_LINES: _from_json_lines, CSV: _from_csv}


def _load_json(text: bytes, where: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad_request(f"{where} is not JSON ({error})") from error


def _questions_of(content: object, where: str) -> list[str]:
    """Return the questions of a JSON object."""
    if isinstance(content, dict) and content.keys() == {"question"}:
        content = {"questions": [content["question"]]}
    questions = content.get("questions") if isinstance(content, dict) and content.keys() == {"questions"} else None
    if not isinstance(questions, list):
        raise _bad_request(f'{where} is not {{"questions": ["...", ...]}} or {{"question": "..."}}')
    for number, question in enumerate(questions, start=1):
        if not isinstance(question, str):
            raise _bad_request(f"{where}: question {number} is not a text")
    return questions


def _bad_request(reason: str) -> RequestRejected:
    return RequestRejected(HTTPStatus.BAD_REQUEST, reason)
