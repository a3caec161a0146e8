"""Passwords of `docker login`: what `ecr:GetAuthorizationToken` hands out.

A token names its principal and its end, and is signed with a key in the state folder. So it survives a restart, and
nothing has to be stored per token.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path

from localaws.registry.keys import read_or_create_key

LIFE_S = 12 * 3600
"""Life of a token in ECR. `period_divisor` does not shorten it: a rehearsal needs its login until its end."""


class InvalidToken(Exception):  # noqa: N818 - a state of the token
    """The token was not issued here, or it was changed."""


class ExpiredToken(Exception):  # noqa: N818 - a state of the token
    """The token was issued here more than 12 hours ago."""


class TokenIssuer:
    """Issues tokens and checks them.

    Args:
        key_file: file of the signing key. It is created, readable by its owner alone, if there is none.
        clock: returns the seconds since 1970.
    """

    def __init__(self, key_file: Path, clock: Callable[[], float] = time.time) -> None:
        self._key = read_or_create_key(key_file)
        self._clock = clock

    def issue(self, principal: str) -> tuple[str, float]:
        """Return a token of the principal, and when it expires in seconds since 1970."""
        expires_at = self._clock() + LIFE_S
        payload = json.dumps({"principal": principal, "expires_at": expires_at}).encode()
        return f"{_encode(payload)}.{_encode(self._sign(payload))}", expires_at

    def verify(self, token: str) -> str:
        """Return the token's principal.

        Raises:
            InvalidToken: it is no token of this localaws.
            ExpiredToken: its 12 hours are over.
        """
        try:
            payload, signature = (_decode(part) for part in token.split("."))
        except ValueError as error:
            raise InvalidToken("the token has another format") from error
        if not hmac.compare_digest(signature, self._sign(payload)):
            raise InvalidToken("the signature of the token is wrong")
        values = json.loads(payload)
        if self._clock() >= values["expires_at"]:
            raise ExpiredToken("the token has expired")
        return str(values["principal"])

    def _sign(self, payload: bytes) -> bytes:
        return hmac.new(self._key, payload, hashlib.sha256).digest()


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
