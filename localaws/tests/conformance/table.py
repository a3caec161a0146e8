"""The table of the operations in localaws' README, made from the conformance tests that exist.

    python localaws/tests/conformance/table.py

writes it; a test holds what stands there against what would be written. A cell holds `yes` if pytest collects the test
of that name for the operation.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"(?<=<!-- operations -->\n).*?(?=<!-- end -->)", re.DOTALL)
COLUMNS = {
    "good": "test_good",
    "missing": "test_missing",
    "invalid": "test_invalid",
    "pages": "test_pages",
    "tags": "test_tags",
    "denied": "test_denied",
    "sagemaker-core": "test_sagemaker_core",
}
"""Column -> the test that fills it."""


class Collected:
    """A plugin of pytest that notes the tests of each operation."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = defaultdict(set)
        self.notes: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the tests that were collected."""
        for item in session.items:
            parameters: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
            case, client = parameters.get("case"), parameters.get("client")
            if hasattr(case, "operation"):
                self.tests[case.operation].add(item.originalname)
                self.notes[case.operation] = case.note
            for operation in getattr(client, "operations", ()):
                self.tests[operation].add(item.originalname)


def operations_table() -> str:
    """Return the Markdown table of all operations that have a case."""
    collected = Collected()
    words = [
        "--collect-only",
        "--quiet",
        "--quiet",
        "--no-header",
        "-p",
        "no:cacheprovider",
        str(Path(__file__).parent),
    ]
    if pytest.main(words, plugins=[collected]) != pytest.ExitCode.OK:
        sys.exit("the conformance tests cannot be collected")
    rows = "".join(_row(name, collected) for name in sorted(collected.notes))
    header = f"| operation | {' | '.join(COLUMNS)} | note |\n|{' --- |' * (len(COLUMNS) + 2)}\n"
    return header + rows


def _row(operation: str, collected: Collected) -> str:
    cells = ["yes" if test in collected.tests[operation] else "" for test in COLUMNS.values()]
    return re.sub(" +", " ", f"| `{operation}` | {' | '.join([*cells, collected.notes[operation]])} |\n")


def main(words: list[str]) -> int:
    """Write the table, or with `--check` only compare it; return the exit code."""
    text = README.read_text(encoding="utf-8")
    table = operations_table()
    wanted = BLOCK.sub(lambda _: table, text)
    if "--check" not in words:
        README.write_text(wanted, encoding="utf-8")
        return 0
    return int(wanted != text or table not in text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
