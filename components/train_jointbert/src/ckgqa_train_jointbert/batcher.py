"""Questions of many requests, read by the model together.

One thread computes; what arrives meanwhile waits and goes together next. So a single client waits for nobody, and many
clients share the cost of each batch.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ckgqa_train_jointbert.reading import Reading

SMOOTHING = 0.9  # of the running mean of the time that a question takes
FIRST_GUESS_S = 0.01  # before any was measured


class Overloaded(Exception):  # noqa: N818 -- an answer to a client, no error of the program
    """Too many questions wait already.

    Args:
        retry_after_s: whole seconds after which the queue should be empty.
    """

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class _Job:
    questions: Sequence[str]
    answer: "asyncio.Future[list[Reading]]"


class Batcher:
    """Gathers questions and has them read.

    Args:
        predict: reads questions; called in one thread of its own.
        max_batch: most questions at once.
        max_wait_s: longest time that a question waits for others while nothing is computed.
        max_waiting: questions in the queue from which on no request is taken.
    """

    def __init__(
        self, predict: Callable[[Sequence[str]], list[Reading]], max_batch: int, max_wait_s: float, max_waiting: int
    ) -> None:
        self._predict, self._max_batch = predict, max_batch
        self._max_wait_s, self._max_waiting = max_wait_s, max_waiting
        self._queue: deque[_Job] = deque()
        self._waiting = 0
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._seconds_each = FIRST_GUESS_S

    async def ask(self, questions: Sequence[str]) -> list[Reading]:
        """Read the questions of one request; a long one in parts, so that others get their turn between them.

        Raises:
            Overloaded: too many questions wait already.
        """
        if self._waiting >= self._max_waiting:
            raise Overloaded(max(1, math.ceil(self._waiting * self._seconds_each)))
        answers: list[Reading] = []
        for start in range(0, len(questions), self._max_batch):
            job = _Job(questions[start : start + self._max_batch], asyncio.get_running_loop().create_future())
            self._queue.append(job)
            self._waiting += len(job.questions)
            self._arrived.set()
            answers += await job.answer
        return answers

    async def run(self) -> None:
        """Serve the queue until cancelled."""
        while True:
            await self._arrived.wait()
            await self._linger()
            jobs = self._take()
            if not self._queue:
                self._arrived.clear()
            if jobs:
                await self._compute(jobs)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)

    async def _linger(self) -> None:
        """Wait for more questions, no longer than is set and only while a batch is not full."""
        until = time.monotonic() + self._max_wait_s
        while self._waiting < self._max_batch and (left := until - time.monotonic()) > 0:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except TimeoutError:
                break

    def _take(self) -> list[_Job]:
        """Take jobs from the queue's head as long as they fit into one batch, at least one."""
        jobs: list[_Job] = []
        size = 0
        while self._queue and (not jobs or size + len(self._queue[0].questions) <= self._max_batch):
            job = self._queue.popleft()
            self._waiting -= len(job.questions)
            if not job.answer.cancelled():
                size += len(job.questions)
                jobs.append(job)
        return jobs

    async def _compute(self, jobs: Sequence[_Job]) -> None:
        """Have a batch read and hand the readings out; what goes wrong is told to those who asked."""
        questions = [question for job in jobs for question in job.questions]
        started = time.monotonic()
        try:
            readings = await asyncio.get_running_loop().run_in_executor(self._thread, self._predict, questions)
        except Exception as error:  # noqa: BLE001 -- whatever it is, those who asked get it, and the next are served
            for job in jobs:
                if not job.answer.done():
                    job.answer.set_exception(error)
            return
        each = (time.monotonic() - started) / len(questions)
        self._seconds_each = SMOOTHING * self._seconds_each + (1 - SMOOTHING) * each
        at = 0
        for job in jobs:
            if not job.answer.done():
                job.answer.set_result(readings[at : at + len(job.questions)])
            at += len(job.questions)
