"""The page's files, kept in memory: a few, read when the application is made."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).parents[1] / "page"
INDEX = "index.html"
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".html": "text/html"}
"""Those that a browser is strict about, whatever the machine's table says."""


@dataclass(frozen=True)
class _File:
    content: bytes
    media: str
    tag: str


class Page:
    """Answers with the files of a folder.

    Args:
        folder: the page's; nothing is served where it is not there.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        found = sorted(file for file in folder.rglob("*") if file.is_file())
        self._files = {file.relative_to(folder).as_posix(): _read(file) for file in found}

    def answer(self, name: str, request: Request) -> Response:
        """Answer with a file; with 304 where the browser has this very one.

        Raises:
            HTTPException: there is none of this name.
        """
        file = self._files.get(name)
        if file is None:
            raise HTTPException(404)
        headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers, media_type=file.media)


def _read(file: Path) -> _File:
    content = file.read_bytes()
    media = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return _File(content, media, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
