"""The context that carries a conversation: signed, bounded, and untouched by what is not understood."""

import base64
import hashlib
import hmac
import json

import itsdangerous
import pytest
from ckgqa_answer.dialogue.context import MAX_CHARS, ContextCodec, Conversation

from ckgqa.runtime.errors import InputError


def test_a_conversation_survives_what_is_not_understood_and_what_is_not_known(ask, director):
    lost = ask("？？？", context=director.context)
    assert (lost.status, lost.context) == ("unclear", director.context)
    nothing = ask("它的编剧是谁", "list:编剧/@value", {"subject": "它"}, context=director.context)
    assert nothing.status == "unknown"
    again = ask("它的票房呢", "list:票房/@value", {"subject": "它"}, context=nothing.context)
    assert again.values == ("56.8亿",)


def _forged(record, key="ckgqa", purpose="conversation"):
    return _signed(json.dumps(record), key, purpose)


def _signed(content, key="ckgqa", purpose="conversation"):
    signer = itsdangerous.Signer(key, salt=purpose, key_derivation="hmac", digest_method=hashlib.sha256)
    return signer.sign(base64.urlsafe_b64encode(content.encode()).rstrip(b"=")).decode()


def _of_version_1(record):
    """Encode a context as version 1 did."""
    body = base64.urlsafe_b64encode(json.dumps(record).encode()).decode()
    signature = hmac.new(b"ckgqa", f"conversation\n{body}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"{body}.{signature}"


NESTED = "[" * 700 + "]" * 700
GOOD = {"v": 2, "i": "list:导演/@value", "g": {"subject": ["战狼2"]}, "f": ["吴京"], "c": True}


def test_a_forged_context_is_rejected(ask, director):
    body, _, signature = director.context.partition(".")
    wrong = [
        "x", "吴京", ".", director.context[:-1], f"{body[:-4]}AAAA.{signature}", f"{body}.{'0' * 32}", body,
        _forged(GOOD, "another key"), _forged(GOOD, purpose="receipt"), _forged(GOOD | {"v": 3}),
        _forged(GOOD | {"v": 1}), _of_version_1(GOOD | {"v": 1}), _forged(GOOD | {"i": "list:"}), _forged([]),
        _forged(GOOD | {"f": ["x" * 101]}), _forged(GOOD | {"f": "吴京"}), _forged(GOOD | {"g": []}),
        _forged(GOOD | {"f": ["吴"] * 9}), _forged({}), _forged(GOOD | {"c": 1}), f"!!!.{signature}",
        # Anybody can sign with the public default key: deep nesting, half a character, no JSON.
        _signed("[" * 1400), _signed('{"i":' * 290), _signed("x"),
        _signed(f'{{"v":2,"g":{{}},"f":[],"c":true,"i":{NESTED}}}'),
        _forged(GOOD | {"f": ["\ud83d"]}), _forged(GOOD | {"g": {"subject": ["\ud83d"]}}),
    ]  # fmt: skip
    for context in wrong:
        with pytest.raises(InputError, match="context is not one that this service gave"):
            ask("他的妻子呢？", context=context)
    assert ask("他的妻子呢？", "list:妻子/@value", {"subject": "他"}, context=_forged(GOOD)).values == ("谢楠",)


def test_an_oversized_context_is_refused(ask):
    with pytest.raises(InputError, match="has 2001 characters; at most 2000 are allowed"):
        ask("他的妻子呢？", context="x" * 2001)


def test_a_context_is_never_too_long_and_names_that_do_not_fit_are_left_out():
    contexts = ContextCodec("secret")
    long = tuple(f"{number}{'名' * 98}" for number in range(8))
    text = contexts.encode(Conversation("list:主演/@value", {"subject": ("战狼",)}, long))
    assert len(text) <= MAX_CHARS
    read = contexts.decode(text)
    assert read.answers == long[: len(read.answers)]
    assert 0 < len(read.answers) < 8
    assert not read.complete
    assert contexts.decode(contexts.encode(Conversation("outside", {}, ("名" * 101,)))).answers == ()
    with pytest.raises(InputError):
        ContextCodec("another secret").decode(text)
