"""What is asked for at once goes to PostgreSQL together: one statement, run for each, in one round trip.

Under load that is half the work of the database and less than half of the driver's (docs/decisions/0024): messages,
process switches and the wait for the disk are shared. Who is alone waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_One = tuple[tuple[Any, ...], str | None, "asyncio.Future[Any]"]

MOST = 16
"""Rows of one round trip."""
LANES = 2
"""Round trips under way at once for one key: while the database works on one, the next is on its way."""


@dataclass(slots=True)
class _Queue:
    waiting: deque[_One] = field(default_factory=deque)
    under_way: int = 0
    called: bool = False

    def take(self) -> list[_One]:
        """The first of them, each about something else; whoever has gone meanwhile is left out."""
        taken: list[_One] = []
        later: list[_One] = []
        about: set[str] = set()
        while self.waiting and len(taken) < MOST and len(later) < MOST:
            one = self.waiting.popleft()
            _, subject, future = one
            if future.done():
                continue
            if subject is None:
                taken.append(one)
            elif subject in about:
                later.append(one)
            else:
                about.add(subject)
                taken.append(one)
        self.waiting.extendleft(reversed(later))
        return taken


class Gathering(Generic[_Key]):
    """`send` is given a key and rows that were put under it, and answers each, in their order, or with what went wrong
    with that one; what it raises goes to all of them.
    """

    def __init__(self, send: Callable[[_Key, list[tuple[Any, ...]]], Awaitable[Sequence[Any]]]) -> None:
        self._send = send
        self._queues: dict[_Key, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, key: _Key, row: tuple[Any, ...], subject: str | None = None) -> "asyncio.Future[Any]":
        """The answer for this row. Two about one subject do not go together."""
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        queue.waiting.append((row, subject, future))
        self._call(key, queue)
        return future

    def _call(self, key: _Key, queue: _Queue) -> None:
        """Once all that this turn of the loop brings is here."""
        if not queue.called and queue.under_way < LANES:
            queue.called = True
            asyncio.get_running_loop().call_soon(self._start, key, queue)

    def _start(self, key: _Key, queue: _Queue) -> None:
        queue.called = False
        if taken := queue.take():
            queue.under_way += 1
            task = asyncio.create_task(self._run(key, queue, taken))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif not queue.under_way:
            del self._queues[key]

    async def _run(self, key: _Key, queue: _Queue, taken: list[_One]) -> None:
        answers: Sequence[Any]
        try:
            answers = await self._send(key, [row for row, _, _ in taken])
        except Exception as error:
            answers = [error] * len(taken)
        queue.under_way -= 1
        if queue.waiting:
            self._call(key, queue)
        elif not queue.under_way and not queue.called:
            del self._queues[key]
        for (_, _, future), answer in zip(taken, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
