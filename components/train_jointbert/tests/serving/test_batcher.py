"""The batcher: everyone gets their own answers, what waits goes together, and limits hold."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest
from ckgqa_train_jointbert.batcher import Batcher, Overloaded
from ckgqa_train_jointbert.reading import Reading


class Reader:
    """Reads a question as itself, as slowly as it is told, and remembers the batches."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.batches: list[list[str]] = []
        self.free = threading.Event()
        self.free.set()

    def predict(self, questions: Sequence[str]) -> list[Reading]:
        self.batches.append(list(questions))
        self.free.wait(20)
        time.sleep(self.seconds)
        if "bad" in questions:
            raise ValueError("broken")
        return [Reading(question, {question: 1.0}, ()) for question in questions]


def run(reader: Reader, work: Callable[[Batcher], Awaitable[None]], **changed: float) -> None:
    """Run some work against a batcher that serves meanwhile."""
    settings = {"max_batch": 4, "max_wait_s": 0.0, "max_waiting": 100} | changed

    async def serve() -> None:
        batcher = Batcher(reader.predict, **settings)  # type: ignore[arg-type]
        worker = asyncio.create_task(batcher.run())
        try:
            await asyncio.wait_for(work(batcher), 20)
        finally:
            reader.free.set()
            worker.cancel()
            batcher.close()

    asyncio.run(serve())


async def asked(batcher: Batcher, *questions: str) -> list[str]:
    return [reading.label for reading in await batcher.ask(questions)]


def test_everyone_gets_their_own_answers_in_order():
    async def work(batcher: Batcher) -> None:
        requests = [[f"{n}-{k}" for k in range(n % 7 + 1)] for n in range(40)]
        answers = await asyncio.gather(*(asked(batcher, *request) for request in requests))
        assert answers == requests

    reader = Reader()
    run(reader, work, max_waiting=1000)
    assert max(map(len, reader.batches)) == 4


def test_what_comes_while_the_model_reads_goes_together_next():
    async def work(batcher: Batcher) -> None:
        first = asyncio.create_task(asked(batcher, "a"))
        await asyncio.sleep(0.1)
        rest = [asyncio.create_task(asked(batcher, name)) for name in "bcdef"]
        await asyncio.sleep(0.1)
        reader.free.set()
        await asyncio.gather(first, *rest)

    reader = Reader()
    reader.free.clear()
    run(reader, work)
    assert reader.batches == [["a"], ["b", "c", "d", "e"], ["f"]]


def test_a_single_client_waits_for_nobody_unless_told_to():
    async def work(batcher: Batcher) -> None:
        started = time.monotonic()
        await asked(batcher, "a")
        spent.append(time.monotonic() - started)

    spent: list[float] = []
    run(Reader(), work)
    run(Reader(), work, max_wait_s=0.5)
    assert spent[0] < 0.4
    assert spent[1] >= 0.5


def test_a_full_batch_does_not_wait():
    async def work(batcher: Batcher) -> None:
        started = time.monotonic()
        await asyncio.gather(*(asked(batcher, name) for name in "abcd"))
        assert time.monotonic() - started < 5

    reader = Reader()
    run(reader, work, max_wait_s=10.0)
    assert len(reader.batches) == 1


def test_a_long_request_lets_others_in_between():
    async def work(batcher: Batcher) -> None:
        long = asyncio.create_task(asked(batcher, *"abcdefghijklmnop"))
        await asyncio.sleep(0.02)
        await asked(batcher, "z")
        assert not long.done()
        assert await long == list("abcdefghijklmnop")

    run(Reader(seconds=0.05), work)


def test_too_many_waiting_are_refused_and_told_when_to_come_back():
    async def work(batcher: Batcher) -> None:
        tasks = [asyncio.create_task(asked(batcher, "a"))]
        await asyncio.sleep(0.1)  # being read; the next ones wait
        tasks += [asyncio.create_task(asked(batcher, name)) for name in "bc"]
        await asyncio.sleep(0.1)
        with pytest.raises(Overloaded) as refused:
            await batcher.ask(["d"])
        assert refused.value.retry_after_s >= 1
        reader.free.set()
        assert await asyncio.gather(*tasks) == [["a"], ["b"], ["c"]]
        assert await asked(batcher, "d") == ["d"]

    reader = Reader()
    reader.free.clear()
    run(reader, work, max_waiting=2)


def test_a_failure_reaches_those_who_asked_and_the_next_are_served():
    async def work(batcher: Batcher) -> None:
        with pytest.raises(ValueError, match="broken"):
            await batcher.ask(["bad"])
        assert await asked(batcher, "good") == ["good"]

    run(Reader(), work)


def test_who_left_is_not_read_for():
    async def work(batcher: Batcher) -> None:
        first = asyncio.create_task(asked(batcher, "a"))
        await asyncio.sleep(0.1)
        gone = asyncio.create_task(asked(batcher, "b"))
        stays = asyncio.create_task(asked(batcher, "c"))
        await asyncio.sleep(0.1)
        gone.cancel()
        await asyncio.sleep(0)
        reader.free.set()
        await asyncio.gather(first, stays)

    reader = Reader()
    reader.free.clear()
    run(reader, work)
    assert reader.batches == [["a"], ["c"]]
