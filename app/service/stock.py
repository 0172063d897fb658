"""Stock as a tenant sees it, and what people book by hand: opening stock, corrections. Exactly once, like the desk."""

from collections.abc import Callable
from typing import Protocol

from app.core.ports import Registry
from app.core.refusal import Code, Refusal
from app.core.stock import Level, LevelQuery, MovementQuery, StockMovement
from app.core.stock import Stock as Shelves
from app.service.access import Caller
from app.service.clock import Clock
from app.service.desk import Desk, Once, Reply
from app.service.writing import Draft, Writer


class _Store(Shelves, Registry, Protocol):
    pass


class Stock:
    """Levels are summed up when they are asked for; nothing is reserved, and shipments move nothing."""

    def __init__(self, desk: Desk, store: _Store, clock: Clock) -> None:
        self._writer = Writer(desk, clock)
        self._store = store
        self._clock = clock

    async def levels(self, tenant_id: str, query: LevelQuery) -> list[Level]:
        return await self._store.levels(tenant_id, query)

    async def movements(self, tenant_id: str, query: MovementQuery) -> list[StockMovement]:
        return await self._store.movements(tenant_id, query)

    async def move(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[StockMovement], str],
        *,
        location_id: str,
        sku: str,
        delta: int,
        note: str | None,
    ) -> Reply:
        """`render` is called before anything is written. Raises LOCATION_NOT_FOUND."""

        async def draft() -> Draft:
            if await self._store.location(caller.tenant_id, location_id) is None:
                raise Refusal(Code.LOCATION_NOT_FOUND)
            now = self._clock.now()
            movement = StockMovement(
                tenant_id=caller.tenant_id,
                id=self._clock.new_id(now),
                location_id=location_id,
                sku=sku,
                delta=delta,
                credential_id=caller.credential_id,
                note=note,
                at=now,
            )
            text = render(movement)
            return Draft(text, text, lambda kept: self._store.add_movement(movement, kept))

        return await self._writer.write(caller, once, draft)
