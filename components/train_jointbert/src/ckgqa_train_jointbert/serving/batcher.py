"""Batches the questions of many requests for the model.

One thread computes. Questions that arrive meanwhile wait in a queue and form the next batch: a single client never
waits for others, and many clients share the cost of each batch.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ckgqa_train_jointbert.inference.predictions import QuestionPrediction

SMOOTHING = 0.9  # of the running mean of the time per question
INITIAL_SECONDS_PER_QUESTION = 0.01  # before the first measurement


class Overloaded(Exception):  # noqa: N818 -- a reply to a client, no error of the program
    """Too many questions are waiting.

    Args:
        retry_after_s: whole seconds after which the queue should be empty.
    """

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class _QueuedQuestions:
    """Questions of one request that go into one batch, and the future of their predictions."""

    questions: Sequence[str]
    predictions: "asyncio.Future[list[QuestionPrediction]]"


class Batcher:
    """Collects questions and predicts them in batches.

    Args:
        predict: predicts a batch; the batcher calls it in a thread of its own.
        max_batch: maximum questions in a batch.
        max_wait_s: maximum time that a question waits for a full batch while the thread is idle.
        max_waiting: queued questions from which on the batcher accepts no request.
    """

    def __init__(
        self,
        predict: Callable[[Sequence[str]], list[QuestionPrediction]],
        max_batch: int,
        max_wait_s: float,
        max_waiting: int,
    ) -> None:
        self._predict_batch, self._max_batch = predict, max_batch
        self._max_wait_s, self._max_waiting = max_wait_s, max_waiting
        self._queue: deque[_QueuedQuestions] = deque()
        self._waiting = 0
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._seconds_per_question = INITIAL_SECONDS_PER_QUESTION

    async def predict(self, questions: Sequence[str]) -> list[QuestionPrediction]:
        """Predict for the questions of one request; a long request goes in parts, so that others get a turn between.

        Raises:
            Overloaded: too many questions are waiting.
        """
        if self._waiting >= self._max_waiting:
            raise Overloaded(max(1, math.ceil(self._waiting * self._seconds_per_question)))
        predictions: list[QuestionPrediction] = []
        for start in range(0, len(questions), self._max_batch):
            future = asyncio.get_running_loop().create_future()
            part = _QueuedQuestions(questions[start : start + self._max_batch], future)
            self._queue.append(part)
            self._waiting += len(part.questions)
            self._arrived.set()
            predictions += await part.predictions
        return predictions

    async def run(self) -> None:
        """Serve the queue until cancelled."""
        while True:
            await self._arrived.wait()
            await self._wait_for_full_batch()
            parts = self._take_batch()
            if not self._queue:
                self._arrived.clear()
            if parts:
                await self._compute(parts)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)

    async def _wait_for_full_batch(self) -> None:
        """Wait for more questions, at most `max_wait_s` and only while the batch is not full."""
        deadline = time.monotonic() + self._max_wait_s
        while self._waiting < self._max_batch and (left := deadline - time.monotonic()) > 0:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except TimeoutError:
                break

    def _take_batch(self) -> list[_QueuedQuestions]:
        """Take parts from the head of the queue while they fit into one batch, at least one."""
        parts: list[_QueuedQuestions] = []
        size = 0
        while self._queue and (not parts or size + len(self._queue[0].questions) <= self._max_batch):
            part = self._queue.popleft()
            self._waiting -= len(part.questions)
            if not part.predictions.cancelled():
                size += len(part.questions)
                parts.append(part)
        return parts

    async def _compute(self, parts: Sequence[_QueuedQuestions]) -> None:
        """Predict a batch and resolve the futures of its parts, with the exception if the prediction fails."""
        questions = [question for part in parts for question in part.questions]
        started = time.monotonic()
        try:
            loop = asyncio.get_running_loop()
            predictions = await loop.run_in_executor(self._thread, self._predict_batch, questions)
        except Exception as error:  # noqa: BLE001 -- any failure goes to its clients, and the next batch is served
            for part in parts:
                if not part.predictions.done():
                    part.predictions.set_exception(error)
            return
        seconds_per_question = (time.monotonic() - started) / len(questions)
        self._seconds_per_question = SMOOTHING * self._seconds_per_question + (1 - SMOOTHING) * seconds_per_question
        start = 0
        for part in parts:
            if not part.predictions.done():
                part.predictions.set_result(predictions[start : start + len(part.questions)])
            start += len(part.questions)
