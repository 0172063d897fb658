"""What is asked for at once goes to PostgreSQL together: one statement, run for each, in one round trip.

Under load that is half the work of the database and less than half of the driver's (docs/decisions/0024): messages,
process switches and the wait for the disk are shared. Who is alone waits for nobody.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from app.core.refusal import Code, Refusal

_Key = TypeVar("_Key", bound=Hashable)

MOST = 16
"""Rows of one round trip."""
LANES = 2
"""Round trips under way at once for one key: while the database works on one, the next is on its way."""
SLOW = 0.1
"""Seconds after which one no longer counts as under way: it waits for what the next may not have to wait for."""


class Apart(Exception):  # noqa: N818 - a finding, not an error
    """Raised by `send`: nothing of this group was done, and one of it may be why. Each is to be sent by itself."""


class _One(NamedTuple):
    row: tuple[Any, ...]
    subject: str | None
    until: float
    future: "asyncio.Future[Any]"


@dataclass(slots=True)
class _Queue:
    """Of one key. Of each subject one waits or is under way, and the rest stands behind it."""

    waiting: deque[_One] = field(default_factory=deque)
    behind: dict[str, deque[_One]] = field(default_factory=dict)
    lanes: int = 0
    running: int = 0
    called: bool = False

    @property
    def idle(self) -> bool:
        return not (self.waiting or self.running or self.called)

    def add(self, one: _One) -> None:
        if one.subject is None:
            self.waiting.append(one)
        elif one.subject in self.behind:
            self.behind[one.subject].append(one)
        else:
            self.behind[one.subject] = deque()
            self.waiting.append(one)

    def take(self, now: float) -> list[_One]:
        """The first of them, by subject, so that no two groups wait for each other. Whoever has gone away is left out,
        whoever has waited too long is refused."""
        taken: list[_One] = []
        while self.waiting and len(taken) < MOST:
            one = self.waiting.popleft()
            if not one.future.done() and one.until >= now:
                taken.append(one)
                continue
            if not one.future.done():
                one.future.set_exception(Refusal(Code.TIMED_OUT))
            self.done(one)
        taken.sort(key=_subject)
        return taken

    def done(self, one: _One) -> None:
        if one.subject is not None:
            if behind := self.behind[one.subject]:
                self.waiting.append(behind.popleft())
            else:
                del self.behind[one.subject]


def _subject(one: _One) -> str:
    return one.subject or ""


class Gathering(Generic[_Key]):
    """`send` is given a key and rows that were put under it, and answers each in their order; what it raises goes to
    all of them, unless that is `Apart`. Nobody waits longer than `patience` seconds to be sent.
    """

    def __init__(
        self, send: Callable[[_Key, list[tuple[Any, ...]]], Awaitable[Sequence[Any]]], *, patience: float
    ) -> None:
        self._send = send
        self._patience = patience
        self._queues: dict[_Key, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, key: _Key, row: tuple[Any, ...], subject: str | None = None) -> "asyncio.Future[Any]":
        """The answer for this row. Two about one subject are never under way at once.

        The future raises what `send` does, and Refusal(TIMED_OUT): then nothing was sent.
        """
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        queue.add(_One(row, subject, time.monotonic() + self._patience, future))
        self._call(key, queue)
        return future

    def _call(self, key: _Key, queue: _Queue) -> None:
        """Once all that this turn of the loop brings is here. In nobody's context: it is for many."""
        if queue.waiting and not queue.called and queue.lanes < LANES:
            queue.called = True
            asyncio.get_running_loop().call_soon(self._start, key, queue, context=Context())

    def _start(self, key: _Key, queue: _Queue) -> None:
        queue.called = False
        while queue.lanes < LANES and (taken := queue.take(time.monotonic())):
            queue.lanes += 1
            self._go(queue, self._together(key, queue, taken))
        self._tidy(key, queue)

    def _go(self, queue: _Queue, work: Coroutine[Any, Any, None]) -> None:
        queue.running += 1
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _together(self, key: _Key, queue: _Queue, taken: list[_One]) -> None:
        counts = True

        def leave() -> None:
            nonlocal counts
            if counts:
                counts = False
                queue.lanes -= 1
                self._call(key, queue)

        slow = asyncio.get_running_loop().call_later(SLOW, leave)
        try:
            await self._settle(key, queue, taken)
        except Apart:
            for one in taken:
                self._go(queue, self._alone(key, queue, one))
        finally:
            slow.cancel()
            leave()
            self._gone(key, queue)

    async def _alone(self, key: _Key, queue: _Queue, one: _One) -> None:
        """Past the lanes: it may be what keeps them waiting."""
        try:
            await self._settle(key, queue, [one])
        finally:
            self._gone(key, queue)

    async def _settle(self, key: _Key, queue: _Queue, taken: list[_One]) -> None:
        answers: list[Any]
        try:
            answers = [*await self._send(key, [one.row for one in taken])]
            if len(answers) != len(taken):
                raise ValueError(f"{len(answers)} answers for {len(taken)}")
        except Exception as error:
            if isinstance(error, Apart) and len(taken) > 1:
                raise
            answers = [error] * len(taken)
        for one, answer in zip(taken, answers, strict=True):
            queue.done(one)
            if one.future.done():
                continue
            if isinstance(answer, Exception):
                one.future.set_exception(answer)
            else:
                one.future.set_result(answer)

    def _gone(self, key: _Key, queue: _Queue) -> None:
        queue.running -= 1
        self._call(key, queue)
        self._tidy(key, queue)

    def _tidy(self, key: _Key, queue: _Queue) -> None:
        if queue.idle:
            self._queues.pop(key, None)
