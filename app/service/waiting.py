"""Requests that wait for an order to change: each costs an entry in a table and a timer, and holds nothing else.

What wakes them is a hint, so whoever waits looks for himself, and from time to time without a hint.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from app.core.model import Case, CaseState, Order
from app.service.signals import Signals

MANUAL = "manual"
"""The connector of a location where a person answers."""
_FIRST_LOOK = 0.5
_VAGUE = 0.25
"""Seconds: a hint that names no order is good for one look, however many of them come."""


def asked(case: Case) -> bool:
    """Whether a warehouse has still to answer; a case that waits for somebody's approval has all its answers."""
    return case.state is CaseState.PENDING and any(ask.state is CaseState.PENDING for ask in case.asks)


def answers_soon(order: Order, case: Case) -> bool:
    """Whether all the answers may come while somebody waits: a person takes longer than that."""
    silent = {ask.location_id for ask in case.asks if ask.state is CaseState.PENDING}
    return asked(case) and not any(a.connector == MANUAL and a.location_id in silent for a in order.allocations)


class _Waiter:
    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        self._woken.set()

    def wake_soon(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(_VAGUE, self._wake_now)

    def _wake_now(self) -> None:
        self._timer = None
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class Waiting:
    """Whoever waits in this process, by tenant and order."""

    def __init__(self, signals: Signals) -> None:
        self._waiters: dict[tuple[str, str], set[_Waiter]] = {}
        signals.listen(self._hear)

    def __len__(self) -> int:
        return sum(map(len, self._waiters.values()))

    async def until(self, tenant_id: str, order_id: str, seconds: float, look: Callable[[], Awaitable[bool]]) -> None:
        """Until `look` says so, or the time is up; the last look is at the end of it."""
        end, pause = time.monotonic() + seconds, _FIRST_LOOK
        with self._waiter(tenant_id, order_id) as waiter:
            while (left := end - time.monotonic()) > 0:
                await waiter.wait(min(left, pause))
                if await look():
                    return
                pause *= 2

    @contextmanager
    def _waiter(self, tenant_id: str, order_id: str) -> Iterator[_Waiter]:
        waiter, key = _Waiter(), (tenant_id, order_id)
        self._waiters.setdefault(key, set()).add(waiter)
        try:
            yield waiter
        finally:
            waiter.close()
            self._waiters[key].discard(waiter)
            if not self._waiters[key]:
                del self._waiters[key]

    def _hear(self, tenant_id: str, order_id: str) -> None:
        if order_id:
            for waiter in self._waiters.get((tenant_id, order_id), ()):
                waiter.wake()
            return
        for (tenant, _), waiters in self._waiters.items():
            if tenant_id in {"", tenant}:
                for waiter in waiters:
                    waiter.wake_soon()
