"""What is shown of addresses that hold a password."""

import pytest

from ckgqa.runtime.log import without_credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("wss://me:secret@host:8182/gremlin", "wss://***@host:8182/gremlin"),
        ("wss://me:se@cret@host/g and ws://a:b@c", "wss://***@host/g and ws://***@c"),
        ("http://example.com?user=a@b", "http://example.com?user=a@b"),
        ("http://example.com#a@b", "http://example.com#a@b"),
        ("http://example.com/a@b", "http://example.com/a@b"),
    ],
)
def test_user_and_password_go_and_the_rest_stays(text: str, shown: str) -> None:
    assert without_credentials(text) == shown
