"""Failures that may pass are tried again, for a bounded number of attempts and a bounded time."""

import pytest

from ckgqa.runtime import retry
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.retry import RetryPolicy, TransientError


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(retry.time, "sleep", slept.append)
    return slept


def failing(times: int, asked_s: float = 0.0):
    def work(attempt: int) -> int:
        if attempt <= times:
            raise TransientError("busy", asked_s)
        return attempt

    return work


def test_waits_grow_up_to_the_longest(waits):
    policy = RetryPolicy(attempts=5, wait_s=1.0, factor=2.0, longest_wait_s=3.0)
    assert policy.run("server", failing(4)) == 5
    assert waits == [1.0, 2.0, 3.0, 3.0]


def test_the_wait_that_a_service_asks_for_is_kept(waits):
    assert RetryPolicy(attempts=2, wait_s=0.1).run("server", failing(1, asked_s=2.0)) == 2
    assert waits == [2.0]


def test_the_last_failure_is_a_service_error_with_its_cause(waits):
    with pytest.raises(ServiceError, match=r"^server: busy \(tried 2 times\)$") as failed:
        RetryPolicy(attempts=2).run("server", failing(9))
    assert isinstance(failed.value.__cause__, TransientError)
    assert len(waits) == 1


def test_no_attempt_begins_after_the_deadline(waits):
    with pytest.raises(ServiceError, match="tried 1 times"):
        RetryPolicy(attempts=9, wait_s=5.0, deadline_s=1.0).run("server", failing(9))
    assert waits == []


def test_another_error_is_not_tried_again(waits):
    def broken(attempt: int) -> None:
        raise RuntimeError(f"a bug in attempt {attempt}")

    with pytest.raises(RuntimeError, match="attempt 1"):
        RetryPolicy(attempts=3).run("server", broken)


def test_jitter_only_lengthens_a_wait():
    policy = RetryPolicy(wait_s=1.0, jitter=0.25)
    assert all(1.0 <= policy.delay_s(1) <= 1.25 for _ in range(100))


def test_the_failure_is_heard_before_the_wait(waits):
    heard: list[tuple[int, float, str]] = []
    RetryPolicy(attempts=3, wait_s=1.0).run("server", failing(2), lambda *what: heard.append((*what[:2], str(what[2]))))
    assert heard == [(1, 1.0, "busy"), (2, 2.0, "busy")]


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"wait_s": -1}, {"factor": 0.5}, {"deadline_s": 0.0}])
def test_a_policy_without_sense_is_refused(wrong):
    with pytest.raises(InputError, match="expected"):
        RetryPolicy(**wrong)
