"""Compare the artefacts of two runs of one pipeline, file by file and byte by byte.

    python tests/contracts/compare_runs.py BEFORE/runs/NAME AFTER/runs/NAME --volatile sentences_per_second \
        --renamed hidden=hidden_size

A JSON file whose bytes differ is compared by its values: with keys renamed, without those that measure time, and in a
manifest without version and hashes of the inputs, which follow from an input that changed. The exit code is 1 if a file
differs or exists in one run only.
"""

import argparse
import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Verdict = Literal["equal", "equal values", "differs", "only before", "only after"]
RECORDS = {"done.json", "executor_output.json"}
"""Files of the runner beside the artefacts."""
FOLLOWS = {"manifest.json": {"inputs", "version"}, "package.json": {"registered", "run", "model", "report"}}
"""Keys that follow from an input that changed, or from the time."""


@dataclass(frozen=True)
class Tolerance:
    """What may differ in a JSON file."""

    renamed: Mapping[str, str]
    """Key before -> key after."""
    volatile: frozenset[str]
    """Keys that measure time or speed."""


def outputs(run: Path) -> dict[str, Path]:
    """Return every artefact's file of a run by its name, `task/output/file`."""
    found: dict[str, Path] = {}
    for key_folder in sorted((run / "tasks").glob("*/*"), key=lambda folder: folder.stat().st_mtime):
        for file in key_folder.rglob("*"):
            if file.is_file() and file.name not in RECORDS:
                found[f"{key_folder.parent.name}/{file.relative_to(key_folder).as_posix()}"] = file
    return found


def compare(before: Path, after: Path, tolerance: Tolerance) -> Iterator[tuple[str, Verdict]]:
    """Yield each file's name and verdict, sorted by name."""
    old, new = outputs(before), outputs(after)
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield name, "only before"
        elif name not in old:
            yield name, "only after"
        else:
            yield name, _verdict(old[name], new[name], tolerance)


def _verdict(old: Path, new: Path, tolerance: Tolerance) -> Verdict:
    if old.read_bytes() == new.read_bytes():
        return "equal"
    if old.suffix in {".json", ".jsonl"}:
        dropped = tolerance.volatile | FOLLOWS.get(old.name, set())
        values = [
            [_normalised(json.loads(line), names, dropped) for line in _documents(path)]
            for path, names in ((old, tolerance.renamed), (new, {}))
        ]
        return "equal values" if values[0] == values[1] else "differs"
    if old.suffix == ".db":
        return "equal values" if _dump(old) == _dump(new) else "differs"
    return "differs"


def _documents(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return text.splitlines() if path.suffix == ".jsonl" else [text]


def _normalised(value: Any, renamed: Mapping[str, str], dropped: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            renamed.get(key, key): _normalised(item, renamed, dropped)
            for key, item in value.items()
            if key not in dropped
        }
    if isinstance(value, list):
        return [_normalised(item, renamed, dropped) for item in value]
    return value


def _dump(path: Path) -> list[str]:
    """Return what an SQLite file says, its lines sorted: the order of its pages does not matter."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return sorted(connection.iterdump())


def main(argv: list[str]) -> int:
    """Print a line for each file and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("before", type=Path, help="Folder of the first run.")
    parser.add_argument("after", type=Path, help="Folder of the second run.")
    parser.add_argument(
        "--renamed", action="append", default=[], metavar="OLD=NEW", help="A JSON key that was renamed."
    )
    parser.add_argument("--volatile", action="append", default=[], metavar="KEY", help="A JSON key that measures time.")
    typed = parser.parse_args(argv)
    renamed = dict(pair.split("=", 1) for pair in typed.renamed)
    verdicts = list(compare(typed.before, typed.after, Tolerance(renamed, frozenset(typed.volatile))))
    if not verdicts:
        parser.error(f"{typed.before} and {typed.after} hold no outputs of tasks")
    for name, verdict in verdicts:
        sys.stdout.write(f"{verdict:<13} {name}\n")
    return int(any(not verdict.startswith("equal") for _, verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
