"""Invocations that run at the same time, with results in the order of their tasks."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def ordered(tasks: Iterable[Task], call: Callable[[Task], Result], width: int) -> Iterator[tuple[Task, Result]]:
    """Yield every task with its result, in the order of the tasks.

    Args:
        tasks: they are taken as they are needed, so that at most `width` are in memory.
        call: runs in a thread for each task.
        width: how many tasks run at the same time.
    """
    with ThreadPoolExecutor(width) as pool:
        running: deque[tuple[Task, Future[Result]]] = deque()
        for task in tasks:
            running.append((task, pool.submit(call, task)))
            if len(running) == width:
                first, future = running.popleft()
                yield first, future.result()
        for first, future in running:
            yield first, future.result()
