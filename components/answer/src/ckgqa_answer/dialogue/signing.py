"""Signed records that a client carries for us: everybody can read them, only this program can write them."""

import hashlib
import json
from collections.abc import Mapping

import itsdangerous
import orjson
from itsdangerous.encoding import base64_decode, base64_encode

KEY_VARIABLE = "CKGQA_CONTEXT_KEY"
DEFAULT_KEY = "ckgqa"
"""Public: it detects damage, not forgery."""


class Signer:
    """Signs records by HMAC-SHA-256, and verifies them.

    Args:
        purpose: separates kinds of records, so that one kind is never accepted as another.
        key: the secret; empty for the public default key.
    """

    def __init__(self, purpose: str, key: str = "") -> None:
        self._signer = itsdangerous.Signer(
            key or DEFAULT_KEY, salt=purpose, key_derivation="hmac", digest_method=hashlib.sha256
        )

    def sign(self, record: Mapping[str, object]) -> str:
        """Encode a record as ASCII text of letters, digits, `-`, `_` and `.`."""
        content = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        return self._signer.sign(base64_encode(content)).decode("ascii")

    def verify(self, text: str) -> Mapping[str, object]:
        """Decode what `sign` encoded.

        Without a secret anybody can sign, so the content is untrusted all the same: orjson bounds its depth and rejects
        half characters.

        Raises:
            ValueError: the signature is wrong or for another purpose, or the content is not a JSON object.
        """
        try:
            record = orjson.loads(base64_decode(self._signer.unsign(text.encode("ascii"))))
        except itsdangerous.BadData as error:
            raise ValueError(f"the signature is wrong: {error}") from error
        if not isinstance(record, dict):
            raise ValueError("expected a JSON object")  # noqa: TRY004 -- one kind of error for every forgery
        return record
