"""The state of a conversation as the client carries it: the last question and its result, signed.

The server keeps no state. The text is bounded in length; its signature rejects forged and damaged text, and its content
is validated all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent
from ckgqa_answer.dialogue.signing import Signer

MAX_CHARS = 2000
MAX_ANSWERS = 8
"""Names of the last answer that a context keeps."""
MAX_NAME_CHARS = 100
VERSION = 2
"""Version 1 had another signature."""
_REJECTED = (
    "the conversation's context is not one that this service gave; send back what came with the last answer, or none"
)


@dataclass(frozen=True)
class Conversation:
    """The last question that was understood."""

    intent: str
    """Its label."""
    fillers: Mapping[str, tuple[str, ...]]
    """The names in the question, by role."""
    answers: tuple[str, ...]
    """The first names of the answer."""
    complete: bool = True
    """Whether `answers` is the whole answer."""


class ContextCodec:
    """Encodes and decodes contexts.

    Args:
        key: the secret that signs them; empty for the public default key.
    """

    def __init__(self, key: str = "") -> None:
        self._signer = Signer("conversation", key)

    def encode(self, conversation: Conversation) -> str:
        """Encode a context of at most `MAX_CHARS` characters; names that are too long or too many are left out."""
        short = replace(
            conversation,
            answers=_short(conversation.answers),
            fillers={role: names for role, full in conversation.fillers.items() if (names := _short(full))},
        )
        short = replace(short, complete=short.complete and short.answers == conversation.answers)
        while len(text := self._signed(short)) > MAX_CHARS and short.answers:
            short = replace(short, answers=short.answers[:-1], complete=False)
        return text if len(text) <= MAX_CHARS else ""

    def decode(self, text: str) -> Conversation:
        """Decode what `encode` encoded.

        Raises:
            InputError: the text is too long, is not signed by this program, or is of another version.
        """
        if len(text) > MAX_CHARS:
            raise InputError(f"the conversation's context has {len(text)} characters; at most {MAX_CHARS} are allowed")
        try:
            return _conversation(self._signer.verify(text))
        except (ValueError, InputError) as error:  # a forged label is an InputError
            raise InputError(_REJECTED) from error

    def _signed(self, conversation: Conversation) -> str:
        record = {
            "v": VERSION,
            "i": conversation.intent,
            "g": {role: list(names) for role, names in conversation.fillers.items()},
            "f": list(conversation.answers),
            "c": conversation.complete,
        }
        return self._signer.sign(record)


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if len(name) <= MAX_NAME_CHARS)[:MAX_ANSWERS]


def _conversation(record: Mapping[str, object]) -> Conversation:
    """Validate the payload as untrusted input.

    Raises:
        ValueError: a field is missing or of another type, or the version is another one.
        InputError: the intent's label is malformed.
    """
    label, fillers, complete = record.get("i"), record.get("g"), record.get("c")
    if record.get("v") != VERSION:
        raise ValueError(f"expected version {VERSION}")
    if not isinstance(label, str) or not isinstance(fillers, dict) or not isinstance(complete, bool):
        raise ValueError("expected an intent, names by role and a truth value")  # noqa: TRY004 -- see `verify`
    names = {str(role): _names(value) for role, value in fillers.items()}
    return Conversation(Intent.parse(label).label, names, _names(record.get("f")), complete)


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_ANSWERS:
        raise ValueError("expected a short list of names")
    if not all(isinstance(name, str) and 0 < len(name) <= MAX_NAME_CHARS for name in value):
        raise ValueError("expected a name")
    return tuple(value)
