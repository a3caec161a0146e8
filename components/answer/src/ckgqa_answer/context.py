"""What a conversation has come to, as the client carries it: sealed text that only this program writes and reads.

The server keeps no state. The text says what was asked last and what was found, bounded in length; the seal makes a
forged or damaged one fail, and its content is checked all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent
from ckgqa_answer.sealing import Sealing

MAX_CHARS = 2000
MAX_FOUND = 8
"""Names of the last answer that are kept."""
MAX_NAME_CHARS = 100
VERSION = 1
_WRONG = (
    "the conversation's context is not one that this service gave; send back what came with the last answer, or none"
)


@dataclass(frozen=True)
class Conversation:
    """The last question that was understood."""

    intent: str
    """Its label."""
    given: Mapping[str, tuple[str, ...]]
    """The names that it gave, by role."""
    found: tuple[str, ...]
    """What was found, the first few."""
    complete: bool = True
    """Whether `found` is all of it."""


class Seal:
    """Writes and reads contexts.

    Args:
        key: the secret; empty for one that anybody can know.
    """

    def __init__(self, key: str = "") -> None:
        self._sealing = Sealing("conversation", key)

    def write(self, conversation: Conversation) -> str:
        """Write a context of at most `MAX_CHARS` characters: names that are too long, or too many, are left out."""
        short = replace(
            conversation,
            found=tuple(name for name in conversation.found if len(name) <= MAX_NAME_CHARS)[:MAX_FOUND],
            given={
                role: kept
                for role, names in conversation.given.items()
                if (kept := tuple(name for name in names if len(name) <= MAX_NAME_CHARS)[:MAX_FOUND])
            },
        )
        short = replace(short, complete=short.complete and short.found == conversation.found)
        while len(text := self._sealed(short)) > MAX_CHARS and short.found:
            short = replace(short, found=short.found[:-1], complete=False)
        return text if len(text) <= MAX_CHARS else ""

    def read(self, text: str) -> Conversation:
        """Read what `write` wrote.

        Raises:
            InputError: the text is too long, was not written by this program, or by another version of it.
        """
        if len(text) > MAX_CHARS:
            raise InputError(f"the conversation's context has {len(text)} characters; at most {MAX_CHARS} are allowed")
        try:
            return _conversation(self._sealing.open(text))
        except (ValueError, KeyError, TypeError, AttributeError, InputError) as error:
            raise InputError(_WRONG) from error

    def _sealed(self, conversation: Conversation) -> str:
        record = {
            "v": VERSION,
            "i": conversation.intent,
            "g": {role: list(names) for role, names in conversation.given.items()},
            "f": list(conversation.found),
            "c": conversation.complete,
        }
        return self._sealing.close(record)


def _conversation(record: Mapping[str, object]) -> Conversation:
    """Check the content, as if anybody could have written it."""
    label, given, found, complete = record["i"], record["g"], record["f"], record["c"]
    if record["v"] != VERSION or not isinstance(given, dict) or not isinstance(complete, bool):
        raise ValueError("another version")
    if not isinstance(label, str):
        raise TypeError("an intent's label is expected")
    asked = Intent.parse(label).label
    return Conversation(asked, {str(role): _names(names) for role, names in given.items()}, _names(found), complete)


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_FOUND:
        raise ValueError("a short list of names is expected")
    if not all(isinstance(name, str) and 0 < len(name) <= MAX_NAME_CHARS for name in value):
        raise ValueError("a name is expected")
    return tuple(value)
