"""The page's files, read into memory when the application is made."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).parents[1] / "page"
INDEX = "index.html"
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".html": "text/html"}
"""The types that a browser requires, whatever the machine's table has."""


@dataclass(frozen=True)
class _File:
    content: bytes
    media: str
    tag: str


class PageFiles:
    """Serves the files of a folder.

    Args:
        folder: the page's; a missing folder has no files.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        self._files = {path.relative_to(folder).as_posix(): _read(path) for path in paths}

    def response(self, name: str, request: Request) -> Response:
        """Return a file, or 304 if the browser has this version of it.

        Raises:
            HTTPException: no file has this name.
        """
        file = self._files.get(name)
        if file is None:
            raise HTTPException(404)
        headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers, media_type=file.media)


def _read(path: Path) -> _File:
    content = path.read_bytes()
    media = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _File(content, media, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
