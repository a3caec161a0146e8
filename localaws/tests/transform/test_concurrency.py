import threading
import time
from collections.abc import Iterator

import pytest
from localaws.transform.concurrency import ordered


def test_results_come_in_the_order_of_the_tasks():
    def call(delay: float) -> float:
        time.sleep(delay)
        return delay * 2

    delays = [0.1, 0.0, 0.05, 0.0]
    assert list(ordered(delays, call, 3)) == [(one, one * 2) for one in delays]


@pytest.mark.parametrize("width", [1, 3])
def test_as_many_tasks_run_at_a_time_as_the_width_says(width):
    together = threading.Barrier(width)

    def call(_: int) -> int:
        return together.wait(10)  # raises if fewer run

    assert len(list(ordered(range(width * 2), call, width))) == width * 2


def test_tasks_are_taken_as_they_are_needed():
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield number

    assert next(ordered(tasks(), lambda task: task, 4)) == (0, 0)
    assert taken == 4
