"""Tasks that were set aside after their last try: somebody looks at them, mends what was wrong, tries again."""

from collections.abc import Callable

from app.core.outbox import Job, Outbox
from app.core.ports import Kept
from app.core.refusal import Code, Refusal
from app.service import checks
from app.service.access import Caller
from app.service.clock import Clock
from app.service.desk import Desk, Once, Reply
from app.service.signals import Signals
from app.service.writing import Draft, Writer


class Tasks:
    def __init__(self, desk: Desk, store: Outbox, signals: Signals, clock: Clock) -> None:
        self._writer = Writer(desk, clock)
        self._store = store
        self._signals = signals
        self._clock = clock

    async def aside(self, tenant_id: str, after: str, limit: int) -> list[Job]:
        """By id, past the id `after`; empty: from the first."""
        return await self._store.tasks_aside(tenant_id, after, limit)

    async def retry(self, caller: Caller, once: Once | None, render: Callable[[str], str], *, task_id: str) -> Reply:
        """Due at once, as if never tried. Raises TASK_NOT_FOUND for one that is not set aside."""

        async def save(kept: Kept | None) -> None:
            known = checks.is_id(task_id)
            if not known or not await self._store.retry_task(caller.tenant_id, task_id, self._clock.now()):
                raise Refusal(Code.TASK_NOT_FOUND)
            self._signals.changed(caller.tenant_id)
            if kept is not None:
                await self._store.keep(caller.tenant_id, kept)

        async def draft() -> Draft:
            text = render(task_id)
            return Draft(text, text, save)

        return await self._writer.write(caller, once, draft)
