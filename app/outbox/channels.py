"""Jobs in hand: so many at once to one place outside, so many in all, so that a slow place never holds up another.

A channel that fails gets one job at a time; with every success it gets twice as many again, up to its bound.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core.outbox import Job
from app.outbox.limits import Limits

log = logging.getLogger("dragoman.outbox")


@dataclass(frozen=True, slots=True)
class Work:
    """`run` answers whether the place outside did well."""

    job: Job
    run: Callable[[], Awaitable[bool]]


class Channels:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: dict[str, deque[Work]] = {}
        self._running: dict[str, int] = {}
        self._careful: dict[str, int] = {}
        self._held_back: dict[str, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, channel: str, work: Work) -> None:
        self._waiting.setdefault(channel, deque()).append(work)
        self._start(channel)

    def busy(self) -> list[str]:
        """Channels that have enough to do already."""
        return [each for each, waiting in self._waiting.items() if len(waiting) >= self._limits.waiting_per_channel]

    def clear(self) -> list[Job]:
        """Forget what was not begun; the jobs of it."""
        jobs = [work.job for waiting in self._waiting.values() for work in waiting]
        self._waiting.clear()
        return jobs

    async def finish(self, seconds: float) -> None:
        """Wait for what is under way, and end it after that time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(0.0, seconds))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, channel: str) -> None:
        waiting = self._waiting.get(channel)
        allowed = self._careful.get(channel, self._limits.per_channel)
        while waiting and self._running.get(channel, 0) < allowed:
            if len(self._tasks) >= self._limits.in_flight:
                self._held_back[channel] = None
                return
            self._running[channel] = self._running.get(channel, 0) + 1
            task = asyncio.create_task(self._run(channel, waiting.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not waiting:
            self._waiting.pop(channel, None)

    async def _run(self, channel: str, work: Work) -> None:
        well = False
        try:
            well = await work.run()
        except Exception:
            log.exception("a task could not be finished", extra={"facts": {"task": work.job.id}})
        finally:
            self._ended(channel, well=well)

    def _ended(self, channel: str, *, well: bool) -> None:
        left = self._running.pop(channel) - 1
        if left:
            self._running[channel] = left
        if not well:
            self._careful[channel] = 1
        elif channel in self._careful:
            self._careful[channel] *= 2
            if self._careful[channel] >= self._limits.per_channel:
                del self._careful[channel]
        # In the next turn of the loop, when this one no longer counts.
        asyncio.get_running_loop().call_soon(self._go_on, channel)

    def _go_on(self, channel: str) -> None:
        """Those that were held back come first, each in its turn."""
        self._held_back.setdefault(channel, None)
        while self._held_back and len(self._tasks) < self._limits.in_flight:
            first = next(iter(self._held_back))
            del self._held_back[first]
            self._start(first)
