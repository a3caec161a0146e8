"""Text that a client carries for us: what is in it can be read by anybody, but written by this program alone.

The seal is an HMAC of SHA-256 over the purpose and the content, so that one kind of text is not taken for another.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

import orjson

KEY_VARIABLE = "CKGQA_CONTEXT_KEY"
_SEAL_CHARS = 32


class Sealing:
    """Seals records, and opens what it sealed.

    Args:
        purpose: what the text is for.
        key: the secret; empty for one that anybody can know.
    """

    def __init__(self, purpose: str, key: str = "") -> None:
        self._key = key.encode() or b"ckgqa"
        self._purpose = purpose

    def close(self, record: Mapping[str, object]) -> str:
        """Write a record as ASCII text of letters, digits, `-`, `_`, `=` and `.`."""
        content = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        body = base64.urlsafe_b64encode(content).decode()
        return f"{body}.{self._seal(body)}"

    def open(self, text: str) -> Mapping[str, object]:
        """Read what `close` wrote.

        Without a secret anybody can seal, so nobody's content is trusted: nested too deep, or holding half a Unicode
        character, it is not ours.

        Raises:
            ValueError: it was written by somebody else, or for another purpose.
        """
        body, _, seal = text.partition(".")
        if not text.isascii() or not hmac.compare_digest(self._seal(body), seal):
            raise ValueError("the seal is broken")
        # orjson bounds the depth and refuses half characters; its errors and base64's are ValueErrors.
        record = orjson.loads(base64.urlsafe_b64decode(body))
        if not isinstance(record, dict):
            raise ValueError("an object is expected")  # noqa: TRY004 -- one kind of error for all that is not ours
        return record

    def _seal(self, body: str) -> str:
        return hmac.new(self._key, f"{self._purpose}\n{body}".encode(), hashlib.sha256).hexdigest()[:_SEAL_CHARS]
