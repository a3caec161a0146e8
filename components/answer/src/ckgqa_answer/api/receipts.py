"""Receipts: signed records of answers that the client carries, so that a verdict on one needs no state here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import get_args

from ckgqa.runtime.errors import InputError
from ckgqa_answer.api.schemas import MAX_RECEIPT_CHARS
from ckgqa_answer.dialogue.signing import Signer
from ckgqa_answer.generation.reply import Status

_REJECTED = "the receipt is not one that this service gave; send back what came with the answer"


@dataclass(frozen=True)
class Receipt:
    """One answer."""

    request_id: str
    question: str
    status: Status
    answer: str
    """Its wording, cut if it is long."""


class ReceiptCodec:
    """Encodes and decodes receipts.

    Args:
        key: the secret that signs them; empty for the public default key.
    """

    def __init__(self, key: str = "") -> None:
        self._signer = Signer("receipt", key)

    def encode(self, receipt: Receipt) -> str:
        """Encode a receipt of at most `MAX_RECEIPT_CHARS` characters; a longer answer is cut."""
        while len(text := self._signer.sign(asdict(receipt))) > MAX_RECEIPT_CHARS and receipt.answer:
            receipt = replace(receipt, answer=receipt.answer[: len(receipt.answer) // 2])
        return text

    def decode(self, text: str) -> Receipt:
        """Decode what `encode` encoded.

        Raises:
            InputError: this program did not sign it.
        """
        try:
            return _receipt(self._signer.verify(text))
        except ValueError as error:
            raise InputError(_REJECTED) from error


def _receipt(record: Mapping[str, object]) -> Receipt:
    """Validate the payload as untrusted input.

    Raises:
        ValueError: the fields are not those of a receipt.
    """
    names = [field.name for field in fields(Receipt)]
    texts = {name: value for name, value in record.items() if isinstance(value, str)}
    if texts.keys() != set(names) or len(record) != len(names):
        raise ValueError(f"expected the texts {', '.join(names)}")
    return Receipt(texts["request_id"], texts["question"], _status(texts["status"]), texts["answer"])


def _status(text: str) -> Status:
    statuses: tuple[Status, ...] = get_args(Status)
    for status in statuses:
        if status == text:
            return status
    raise ValueError(f"expected one of {', '.join(statuses)}")
