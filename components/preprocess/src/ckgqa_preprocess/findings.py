"""Bad records and repairs, counted by reason, and the limit on bad records in a file."""

from collections import Counter
from dataclasses import dataclass, field

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject

MAX_EXAMPLES = 20  # listed for each reason; the counts are always complete


class BadRecord(Exception):  # noqa: N818 -- it names what it is about, and is caught in one place
    """A record that cannot be used: a reason to count by, and the detail of this record."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass
class Findings:
    """The count of each reason, with the first examples."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, location: str, detail: str) -> None:
        """Count one finding; `location` is the file and line."""
        self.counts[reason] += 1
        listed = self.examples.setdefault(reason, [])
        if len(listed) < MAX_EXAMPLES:
            listed.append(f"{location}: {detail}")

    def to_json(self) -> JsonObject:
        """Return reason -> count and examples, the most frequent first."""
        return {
            reason: {"count": count, "examples": list(self.examples[reason])}
            for reason, count in sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        }

    def reject_bad_file(self, name: str, records: int, max_bad_fraction: float, record: str) -> None:
        """Raise InputError if a file has no good record, or more bad ones than allowed.

        Args:
            name: the file, for messages.
            records: the number of its records, good and bad; these findings are the bad ones.
            max_bad_fraction: the largest share of bad records, 0 to 1.
            record: what a line of the file holds, for messages.
        """
        if not records:
            raise InputError(f"{name}: it is empty; expected {record}")
        bad = self.counts.total()
        reasons = ", ".join(f"{reason}: {count}" for reason, count in self.counts.most_common())
        first = next(iter(self.examples.values()), [""])[0]
        if bad == records:
            raise InputError(f"{name}: none of its {records} records is usable ({reasons}); first {first}")
        if bad > max_bad_fraction * records:
            raise InputError(
                f"{name}: {bad} of {records} records are bad ({bad / records:.1%}), "
                f"at most {max_bad_fraction:.1%} may be; {reasons}; first {first}"
            )
