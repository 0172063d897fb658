"""Results on their way to the database: as many as there are go together, and none is given up when it is away."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from app.core.outbox import Settled, Tasks
from app.core.refusal import Refusal

log = logging.getLogger("dragoman.outbox")

_MOST = 250
_PAUSE = 1.0


class Settling:
    """`settled` hears of a tenant whose results were written, and when the next of its tries is due."""

    def __init__(self, tasks: Tasks, settled: Callable[[str, datetime | None], None]) -> None:
        self._store = tasks
        self._settled = settled
        self._waiting: dict[str, list[Settled]] = {}
        self._task: asyncio.Task[None] | None = None

    def put(self, result: Settled) -> None:
        self._waiting.setdefault(result.job.tenant_id, []).append(result)
        if self._task is None:
            self._task = asyncio.create_task(self._write())

    async def finish(self, seconds: float) -> None:
        """Write what there is. What cannot be written by then is done again by whoever claims it."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=seconds)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        try:
            while self._waiting:
                tenant_id = next(iter(self._waiting))
                results = self._waiting.pop(tenant_id)
                if len(results) > _MOST:
                    self._waiting[tenant_id] = results[_MOST:]
                await self._write_some(tenant_id, results[:_MOST])
        finally:
            self._task = None

    async def _write_some(self, tenant_id: str, results: list[Settled]) -> None:
        try:
            await self._store.settle(tenant_id, results)
        except Refusal as refusal:
            log.warning("results wait for the database", extra={"facts": {"cause": refusal.code.value}})
            self._waiting.setdefault(tenant_id, [])[:0] = results
            await asyncio.sleep(_PAUSE)
        except Exception:
            if len(results) > 1:
                for result in results:
                    await self._write_some(tenant_id, [result])
                return
            # Nobody can write it. Its lease ends, and it is tried anew.
            log.exception("a result cannot be written", extra={"facts": {"task": results[0].job.id}})
        else:
            times = [result.again_at for result in results if result.again_at is not None]
            self._settled(tenant_id, min(times, default=None))
