"""The images of the repositories: digests, tags, sizes, in a SQLite file of the state folder.

The storage behind keeps manifests and layers by digest alone. Tags are here, so that an immutable tag is checked and
set in one step, and a tag can be deleted without its image.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localaws.registry.manifest import Manifest

_SCHEMA = """
CREATE TABLE IF NOT EXISTS image (
    repository TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, artifact_media_type TEXT NOT NULL,
    size INTEGER NOT NULL, children TEXT NOT NULL, pushed_at REAL NOT NULL, PRIMARY KEY (repository, digest)
);
CREATE TABLE IF NOT EXISTS tag (
    repository TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (repository, name)
);
"""


class TagExists(Exception):  # noqa: N818 - a state of the tag
    """The tag exists in a repository whose tags are immutable."""


@dataclass(frozen=True)
class Image:
    """An image of a repository."""

    manifest: Manifest
    """What its manifest says. The size of a list is that of its largest image, as ECR reports it."""
    tags: tuple[str, ...]
    """Its tags, sorted."""
    pushed_at: float
    """When it was pushed first, in seconds since 1970."""


class ImageCatalog:
    """The images of all repositories. All its calls come from one thread, that of the event loop.

    Args:
        file: the SQLite file. It is created if there is none.
        clock: returns the seconds since 1970.
    """

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clock = clock
        # It is made in the main thread and used in the event loop's.
        self._database = sqlite3.connect(file, check_same_thread=False)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def put(self, repository: str, manifest: Manifest, tag: str | None, *, immutable: bool = False) -> None:
        """Record a pushed image. Its tag moves from the image that had it.

        Raises:
            TagExists: the tag exists already, on whatever image, and tags are immutable.
        """
        size = max([manifest.size, *(child.manifest.size for child in self._children(repository, manifest))])
        with self._database:
            if tag and immutable and self.digest(repository, tag):
                raise TagExists(tag)
            self._database.execute(
                "INSERT OR IGNORE INTO image VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    repository,
                    manifest.digest,
                    manifest.media_type,
                    manifest.artifact_media_type,
                    size,
                    json.dumps(manifest.children),
                    self._clock(),
                ),
            )
            if tag:
                self._database.execute(
                    "INSERT OR REPLACE INTO tag VALUES (?, ?, ?)", (repository, tag, manifest.digest)
                )

    def digest(self, repository: str, tag: str) -> str | None:
        """Return the digest that a tag names."""
        query = "SELECT digest FROM tag WHERE repository = ? AND name = ?"
        row = self._database.execute(query, (repository, tag)).fetchone()
        return str(row[0]) if row else None

    def image(self, repository: str, digest: str) -> Image | None:
        """Return the image with this digest."""
        return next((image for image in self.images(repository) if image.manifest.digest == digest), None)

    def images(self, repository: str) -> list[Image]:
        """Return the images of a repository in the order of their first push."""
        tags: dict[str, list[str]] = {}
        query = "SELECT digest, name FROM tag WHERE repository = ? ORDER BY name"
        for digest, name in self._database.execute(query, (repository,)):
            tags.setdefault(digest, []).append(name)
        query = (
            "SELECT digest, media_type, artifact_media_type, size, children, pushed_at FROM image WHERE repository = ? "
            "ORDER BY pushed_at, rowid"
        )
        return [
            Image(
                Manifest(digest, media_type, artifact_media_type, size, tuple(json.loads(children))),
                tuple(tags.get(digest, ())),
                pushed_at,
            )
            for digest, media_type, artifact_media_type, size, children, pushed_at in self._database.execute(
                query, (repository,)
            )
        ]

    def delete_tag(self, repository: str, tag: str) -> None:
        """Delete a tag; its image stays."""
        with self._database:
            self._database.execute("DELETE FROM tag WHERE repository = ? AND name = ?", (repository, tag))

    def delete_image(self, repository: str, digest: str) -> None:
        """Delete an image with its tags."""
        with self._database:
            for table in ("image", "tag"):
                query = f"DELETE FROM {table} WHERE repository = ? AND digest = ?"  # noqa: S608 - two constant names
                self._database.execute(query, (repository, digest))

    def delete_before(self, repository: str, created_at: float) -> None:
        """Delete what an earlier repository of the same name left.

        A repository can be deleted without a call of ECR's API that passes through here, by CloudFormation.

        Args:
            repository: its name.
            created_at: when the present repository was created, in seconds since 1970.
        """
        old = "SELECT digest FROM image WHERE repository = :name AND pushed_at < :time"
        values = {"name": repository, "time": created_at}
        with self._database:
            for table in ("tag", "image"):
                query = f"DELETE FROM {table} WHERE repository = :name AND digest IN ({old})"  # noqa: S608 - constants
                self._database.execute(query, values)

    def _children(self, repository: str, manifest: Manifest) -> list[Image]:
        return [image for image in self.images(repository) if image.manifest.digest in manifest.children]
