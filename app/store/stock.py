"""Stock on either engine. A level is summed up where it is asked for, never read, changed and written.

A page of either list reads its own rows and no others: each combination of filters has its index, and says so by a
condition that every movement meets (`app.store.tables`).
"""

from typing import Any

from app.core.ports import Kept
from app.core.stock import Level, LevelQuery, MovementQuery, StockMovement
from app.store.rows import Row
from app.store.sql import Sql

_COLUMNS = "tenant_id, id, location_id, sku, delta, adjustment_id, credential_id, note, at"
ADD = f"INSERT INTO stock_movements ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"


# Found location by location: by sku alone the levels' index would be read from its one end to the other, and with
# EXISTS, which is a join, too, as long as nobody has counted the movements.
_OF_SKU = """
SELECT l.id, $2, (
    SELECT CAST(sum(m.delta) AS BIGINT) FROM stock_movements m
    WHERE m.tenant_id = $1 AND m.location_id = l.id AND m.sku = $2
) FROM locations l
WHERE l.tenant_id = $1 AND l.id > $3 AND (
    SELECT m.delta FROM stock_movements m WHERE m.tenant_id = $1 AND m.location_id = l.id AND m.sku = $2 LIMIT 1
) IS NOT NULL
ORDER BY l.id LIMIT $4
"""


class _Where:
    """Conditions on `stock_movements m`, and their values."""

    def __init__(self, tenant_id: str, query: LevelQuery | MovementQuery) -> None:
        self.parts = ["m.tenant_id = $1"]
        self.values: list[Any] = [tenant_id]
        for column in ("location_id", "sku"):
            wanted = getattr(query, column)
            if wanted is not None:
                self.parts.append(f"m.{column} = {self.value(wanted)}")

    def value(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    @property
    def text(self) -> str:
        return f"FROM stock_movements m WHERE {' AND '.join(self.parts)}"


def select_levels(tenant_id: str, query: LevelQuery) -> tuple[str, list[Any]]:
    if query.sku is not None and query.location_id is None:
        return _OF_SKU, [tenant_id, query.sku, query.after[0] if query.after else "", query.limit]
    where = _Where(tenant_id, query)
    if query.after is not None and query.location_id is not None:
        where.parts.append(f"m.sku > {where.value(query.after[1])}")
    elif query.after is not None:
        location_id, sku = map(where.value, query.after)
        where.parts.append(f"(m.location_id, m.sku) > ({location_id}, {sku})")
    text = (
        f"SELECT m.location_id, m.sku, CAST(sum(m.delta) AS BIGINT) {where.text} "
        f"GROUP BY m.location_id, m.sku ORDER BY m.location_id, m.sku LIMIT {where.value(query.limit)}"
    )
    return text, where.values


def select_movements(tenant_id: str, query: MovementQuery, after: Row | None) -> tuple[str, list[Any]]:
    """`after` is the query's, as the engine writes times."""
    where = _Where(tenant_id, query)
    if query.sku is None:
        where.parts.append("m.delta <> 0" if query.location_id is None else "m.location_id <> ''")
    elif query.location_id is None:
        where.parts.append("m.tenant_id <> ''")
    if after is not None:
        at, id_ = map(where.value, after)
        where.parts.append(f"(m.at, m.id) < ({at}, {id_})")
    columns = ", ".join(f"m.{name}" for name in _COLUMNS.split(", "))
    text = f"SELECT {columns} {where.text} ORDER BY m.at DESC, m.id DESC LIMIT {where.value(query.limit)}"
    return text, where.values


class SqlStock(Sql):
    async def levels(self, tenant_id: str, query: LevelQuery) -> list[Level]:
        text, values = select_levels(tenant_id, query)
        return [Level(location_id=row[0], sku=row[1], level=row[2]) for row in await self.fetch(text, *values)]

    async def movements(self, tenant_id: str, query: MovementQuery) -> list[StockMovement]:
        after = None if query.after is None else (self.to_time(query.after[0]), query.after[1])
        text, values = select_movements(tenant_id, query, after)
        return [self._movement(row) for row in await self.fetch(text, *values)]

    async def add_movement(self, movement: StockMovement, kept: Kept | None = None) -> None:
        await self.execute(
            ADD,
            movement.tenant_id,
            movement.id,
            movement.location_id,
            movement.sku,
            movement.delta,
            movement.adjustment_id,
            movement.credential_id,
            movement.note,
            self.to_time(movement.at),
            replay=self.replay(movement.tenant_id, kept),
        )

    def _movement(self, row: Row) -> StockMovement:
        return StockMovement(
            tenant_id=row[0],
            id=str(row[1]),
            location_id=row[2],
            sku=row[3],
            delta=row[4],
            adjustment_id=None if row[5] is None else str(row[5]),
            credential_id=row[6],
            note=row[7],
            at=self.at(row[8]),
        )
