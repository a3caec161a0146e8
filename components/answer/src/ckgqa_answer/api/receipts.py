"""Receipts: what an answer was, carried by the client and sealed, so that a verdict on it needs no memory here."""

from dataclasses import asdict, dataclass, replace

from ckgqa.runtime.errors import InputError
from ckgqa_answer.api.schemas import MAX_RECEIPT_CHARS
from ckgqa_answer.sealing import Sealing

_WRONG = "the receipt is not one that this service gave; send back what came with the answer"


@dataclass(frozen=True)
class Receipt:
    """One answer."""

    request_id: str
    question: str
    status: str
    answer: str
    """Its words, the first ones where there are many."""


class Receipts:
    """Writes and reads receipts.

    Args:
        key: the secret; empty for one that anybody can know.
    """

    def __init__(self, key: str = "") -> None:
        self._sealing = Sealing("receipt", key)

    def write(self, receipt: Receipt) -> str:
        """Write a receipt of at most `MAX_RECEIPT_CHARS` characters; a longer answer is cut."""
        while len(text := self._sealing.close(asdict(receipt))) > MAX_RECEIPT_CHARS and receipt.answer:
            receipt = replace(receipt, answer=receipt.answer[: len(receipt.answer) // 2])
        return text

    def read(self, text: str) -> Receipt:
        """Read what `write` wrote.

        Raises:
            InputError: this program did not write it.
        """
        try:
            return Receipt(**{key: _text(value) for key, value in self._sealing.open(text).items()})
        except (ValueError, TypeError) as error:
            raise InputError(_WRONG) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value
