"""`manifest.json` in every artefact's folder: its format, and the command, settings and inputs that made it.

A manifest holds no time and no absolute path, so that the same input and settings give the same bytes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ckgqa.runtime.artefacts import MANIFEST_JSON, REMEDIES, ArtefactFormat
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, canonical_json, read_json, write_json


@dataclass(frozen=True)
class Manifest:
    """One artefact's description."""

    format: str
    """Name of the data contract, such as `ckgqa/sentences`."""
    version: int
    """Version of that contract; a reader refuses one that it does not know."""
    schema_hash: str
    """`schema_hash` of the schema that the content follows; empty if it follows none."""
    made_by: str
    """Stage and command that wrote it, such as `preprocess duie`."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """The settings that shaped the content, without paths."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Input name -> hash of the content that was read."""


def schema_hash(schema: Mapping[str, object]) -> str:
    """Return the SHA-256 of a schema's canonical JSON; artefacts of one schema have the same.

    Args:
        schema: the content of `schema.json`.
    """
    return hashlib.sha256(canonical_json(schema).encode()).hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into the artefact's folder."""
    write_json(folder / MANIFEST_JSON, asdict(manifest))


def read_manifest(folder: Path, wanted: ArtefactFormat) -> Manifest:
    """Read an artefact's manifest and refuse any other format or version.

    Raises:
        InputError: the folder or the manifest is missing, or it has another format or version; the message on an
            older version names the command that makes the artefact again.
    """
    expected = f"expected a folder written as {wanted}"
    if not (folder / MANIFEST_JSON).is_file():
        raise InputError(f"{folder}: no {MANIFEST_JSON} there; {expected}")
    found = read_json(folder / MANIFEST_JSON)
    if (found.get("format"), found.get("version")) != wanted:
        actual = f"this is {found.get('format')} version {found.get('version')}"
        raise InputError(f"{folder}: {actual}; {expected}{_remedy(found, wanted)}")
    return Manifest(
        format=wanted.name,
        version=wanted.version,
        schema_hash=str(found.get("schema_hash", "")),
        made_by=str(found.get("made_by", "")),
        settings=_object(found, "settings"),
        inputs={name: str(value) for name, value in _object(found, "inputs").items()},
    )


def _remedy(found: JsonObject, wanted: ArtefactFormat) -> str:
    """Return the remedy for an artefact of an older version, or an empty text for any other artefact."""
    version, made_by = found.get("version"), found.get("made_by")
    if found.get("format") != wanted.name or not isinstance(version, int) or version >= wanted.version:
        return ""
    remedy = REMEDIES.get(wanted.name) or (f"run `{made_by}` again" if made_by else "")
    return f"; {remedy}" if remedy else ""


def _object(found: JsonObject, key: str) -> JsonObject:
    """Return the JSON object at `key`, or an empty one if the key is missing."""
    value = found.get(key, {})
    if not isinstance(value, dict):
        raise InputError(f"{MANIFEST_JSON}: {key} is {value!r}; expected an object")
    return value
