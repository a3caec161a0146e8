"""The batcher: every request gets its own predictions, waiting questions share a batch, and limits hold."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest
from ckgqa_train_jointbert.inference.predictions import QuestionPrediction
from ckgqa_train_jointbert.serving.batcher import Batcher, Overloaded


class StubModel:
    """Predicts the question itself as the intent after a delay, and records the batches."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.batches: list[list[str]] = []
        self.free = threading.Event()
        self.free.set()

    def predict(self, questions: Sequence[str]) -> list[QuestionPrediction]:
        self.batches.append(list(questions))
        self.free.wait(20)
        time.sleep(self.seconds)
        if "bad" in questions:
            raise ValueError("broken")
        return [QuestionPrediction(question, {question: 1.0}, ()) for question in questions]


def run(model: StubModel, work: Callable[[Batcher], Awaitable[None]], **changed: float) -> None:
    """Run some work beside a running batcher."""
    settings = {"max_batch": 4, "max_wait_s": 0.0, "max_waiting": 100} | changed

    async def serve() -> None:
        batcher = Batcher(model.predict, **settings)  # type: ignore[arg-type]
        worker = asyncio.create_task(batcher.run())
        try:
            await asyncio.wait_for(work(batcher), 20)
        finally:
            model.free.set()
            worker.cancel()
            batcher.close()

    asyncio.run(serve())


async def asked(batcher: Batcher, *questions: str) -> list[str]:
    return [prediction.label for prediction in await batcher.predict(questions)]


def test_every_request_gets_its_own_predictions_in_order():
    async def work(batcher: Batcher) -> None:
        requests = [[f"{n}-{k}" for k in range(n % 7 + 1)] for n in range(40)]
        answers = await asyncio.gather(*(asked(batcher, *request) for request in requests))
        assert answers == requests

    model = StubModel()
    run(model, work, max_waiting=1000)
    assert max(map(len, model.batches)) == 4


def test_questions_that_arrive_during_a_batch_share_the_next_one():
    async def work(batcher: Batcher) -> None:
        first = asyncio.create_task(asked(batcher, "a"))
        await asyncio.sleep(0.1)
        rest = [asyncio.create_task(asked(batcher, name)) for name in "bcdef"]
        await asyncio.sleep(0.1)
        model.free.set()
        await asyncio.gather(first, *rest)

    model = StubModel()
    model.free.clear()
    run(model, work)
    assert model.batches == [["a"], ["b", "c", "d", "e"], ["f"]]


def test_a_single_client_waits_only_if_the_settings_ask_for_it():
    async def work(batcher: Batcher) -> None:
        started = time.monotonic()
        await asked(batcher, "a")
        spent.append(time.monotonic() - started)

    spent: list[float] = []
    run(StubModel(), work)
    run(StubModel(), work, max_wait_s=0.5)
    assert spent[0] < 0.4
    assert spent[1] >= 0.5


def test_a_full_batch_does_not_wait():
    async def work(batcher: Batcher) -> None:
        started = time.monotonic()
        await asyncio.gather(*(asked(batcher, name) for name in "abcd"))
        assert time.monotonic() - started < 5

    model = StubModel()
    run(model, work, max_wait_s=10.0)
    assert len(model.batches) == 1


def test_a_long_request_lets_others_in_between():
    async def work(batcher: Batcher) -> None:
        long = asyncio.create_task(asked(batcher, *"abcdefghijklmnop"))
        await asyncio.sleep(0.02)
        await asked(batcher, "z")
        assert not long.done()
        assert await long == list("abcdefghijklmnop")

    run(StubModel(seconds=0.05), work)


def test_a_full_queue_rejects_requests_and_names_the_time_to_retry():
    async def work(batcher: Batcher) -> None:
        tasks = [asyncio.create_task(asked(batcher, "a"))]
        await asyncio.sleep(0.1)  # in the first batch; the next ones wait
        tasks += [asyncio.create_task(asked(batcher, name)) for name in "bc"]
        await asyncio.sleep(0.1)
        with pytest.raises(Overloaded) as rejected:
            await batcher.predict(["d"])
        assert rejected.value.retry_after_s >= 1
        model.free.set()
        assert await asyncio.gather(*tasks) == [["a"], ["b"], ["c"]]
        assert await asked(batcher, "d") == ["d"]

    model = StubModel()
    model.free.clear()
    run(model, work, max_waiting=2)


def test_a_failure_reaches_its_clients_and_the_next_batch_is_served():
    async def work(batcher: Batcher) -> None:
        with pytest.raises(ValueError, match="broken"):
            await batcher.predict(["bad"])
        assert await asked(batcher, "good") == ["good"]

    run(StubModel(), work)


def test_a_cancelled_request_is_not_predicted():
    async def work(batcher: Batcher) -> None:
        first = asyncio.create_task(asked(batcher, "a"))
        await asyncio.sleep(0.1)
        gone = asyncio.create_task(asked(batcher, "b"))
        stays = asyncio.create_task(asked(batcher, "c"))
        await asyncio.sleep(0.1)
        gone.cancel()
        await asyncio.sleep(0)
        model.free.set()
        await asyncio.gather(first, stays)

    model = StubModel()
    model.free.clear()
    run(model, work)
    assert model.batches == [["a"], ["c"]]
