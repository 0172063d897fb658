"""What was kept long enough goes: now and then, a bounded number of rows at a time, with pauses for everybody else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.core.ports import Registry
from app.core.refusal import Refusal
from app.core.retention import Retention
from app.service.clock import Clock

log = logging.getLogger("dragoman.outbox")

_ROWS = 500
_PAUSE = 0.02
_REPLAYS = timedelta(hours=25)  # a request with the key may be under way while the reply's 24 hours end
_FIRST = ("", "")


class _Store(Registry, Retention, Protocol):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """For how long; None: for ever. `interval` is in seconds; 0: nothing is ever removed."""

    events: timedelta | None = None
    deliveries: timedelta | None = None
    tasks_aside: timedelta | None = None
    interval: float = 3600.0


class Purging:
    """Any number of processes may do this side by side: what one has removed, the others do not find."""

    def __init__(self, store: _Store, clock: Clock, keep: Keep) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep

    async def run(self) -> None:
        """Until cancelled."""
        while self._keep.interval:
            try:
                removed = await self.purge()
                if removed:
                    log.info("removed what was kept long enough", extra={"facts": {"rows": removed}})
            except Refusal as refusal:
                log.warning("nothing could be removed for now", extra={"facts": {"cause": refusal.code.value}})
            except Exception:
                log.exception("removing what was kept long enough failed")
            await asyncio.sleep(self._keep.interval)

    async def purge(self) -> int:
        """Everything that is due, of every tenant; how many rows, replies to retries not counted."""
        now, keep, removed = self._clock.now(), self._keep, 0
        for tenant in await self._store.tenants():
            for kept, purge in (
                (keep.events, self._store.purge_events),
                (keep.deliveries, self._store.purge_deliveries),
                (keep.tasks_aside, self._store.purge_tasks_aside),
            ):
                if kept is not None:
                    removed += await _all(purge, tenant.id, now - kept)
            await self._replays(tenant.id, now - _REPLAYS)
        return removed

    async def _replays(self, tenant_id: str, before: datetime) -> None:
        after: tuple[str, str] | None = _FIRST
        while after is not None:
            after = await self._store.purge_replays(tenant_id, before, after, _ROWS)
            await asyncio.sleep(_PAUSE)


async def _all(purge: Callable[[str, datetime, int], Awaitable[int]], tenant_id: str, before: datetime) -> int:
    removed = 0
    while some := await purge(tenant_id, before, _ROWS):
        removed += some
        await asyncio.sleep(_PAUSE)
        if some < _ROWS:
            break
    return removed
