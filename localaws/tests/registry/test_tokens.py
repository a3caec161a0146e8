import base64
import json
import stat

import pytest
from localaws.registry.tokens import ExpiredToken, InvalidToken, TokenIssuer


def issuer(tmp_path, now):
    return TokenIssuer(tmp_path / "state" / "token.key", lambda: now)


def test_a_token_names_its_principal_for_12_hours_and_over_a_restart(tmp_path):
    token, expires_at = issuer(tmp_path, 1000.0).issue("arn:aws:iam::000000000000:user/张三")
    assert expires_at == 1000.0 + 43200
    assert issuer(tmp_path, 44199.0).verify(token) == "arn:aws:iam::000000000000:user/张三"
    with pytest.raises(ExpiredToken):
        issuer(tmp_path, 44200.0).verify(token)


def test_the_key_is_readable_by_its_owner_alone(tmp_path):
    issuer(tmp_path, 0.0)
    assert stat.S_IMODE((tmp_path / "state" / "token.key").stat().st_mode) == 0o600
    assert (tmp_path / "state" / "token.key").read_bytes() != bytes(32)


def test_a_token_of_another_localaws_is_invalid(tmp_path):
    token, _ = issuer(tmp_path / "other", 0.0).issue("alice")
    with pytest.raises(InvalidToken):
        issuer(tmp_path, 0.0).verify(token)


def test_a_changed_token_is_invalid(tmp_path):
    token, _ = issuer(tmp_path, 0.0).issue("alice")
    payload = base64.urlsafe_b64encode(json.dumps({"principal": "root", "expires_at": 9e9}).encode()).decode()
    with pytest.raises(InvalidToken):
        issuer(tmp_path, 0.0).verify(payload.rstrip("=") + "." + token.partition(".")[2])


@pytest.mark.parametrize("token", ["", ".", "a", "a.b.c", "ministack-auth-token", "\u00e9.\u00e9", "!!!.???", "a.a"])
def test_nonsense_is_invalid(tmp_path, token):
    with pytest.raises(InvalidToken):
        issuer(tmp_path, 0.0).verify(token)
