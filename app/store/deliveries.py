"""The log of messages, and the events they tell of with the order as of each, on either engine."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.core import ids
from app.core.outbox import Attempt, Delivery, DeliveryState, Failing, Published
from app.store import codec, loading, statements
from app.store.rows import Row
from app.store.sql import NIL, Sql

_DELIVERY = statements.INSERTS["webhook_deliveries"]
ONE = f"SELECT {_DELIVERY} FROM webhook_deliveries WHERE tenant_id = $1 AND id = $2"
LOG = f"""
SELECT {_DELIVERY} FROM webhook_deliveries
WHERE tenant_id = $1 AND subscription_id = $2 AND subscription_id <> '' AND id < $3 ORDER BY id DESC LIMIT $4
"""
LOG_BY_STATE = LOG.replace("ORDER", "AND state = $5 ORDER")
LOG_FAILING = LOG.replace("ORDER", "AND (state = 'failed' OR state = 'pending' AND attempts <> '[]') ORDER")
_PUBLISHED = f"SELECT {statements.EVENT}, format, body FROM events WHERE tenant_id = $1 AND id"
# An equation would do, and any index that begins with the tenant for that, as long as nobody has counted the events.
PUBLISHED = f"{_PUBLISHED} >= $2 AND id <= $2 ORDER BY id LIMIT 1"
PUBLISHED_BETWEEN = f"{_PUBLISHED} >= $2 AND id < $3 AND id > $4 ORDER BY id LIMIT $5"

_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
"""After every id."""


class SqlDeliveries(Sql):
    async def delivery(self, tenant_id: str, delivery_id: str) -> Delivery | None:
        found = await self.deliveries(tenant_id, [delivery_id])
        return found[0] if found else None

    async def deliveries(self, tenant_id: str, ids: Sequence[str]) -> list[Delivery]:
        rows = await self.fetch_each(ONE, [(tenant_id, id_) for id_ in ids])
        return [self._delivery(row) for row in rows]

    async def delivery_log(
        self, tenant_id: str, subscription_id: str, state: DeliveryState | Failing | None, before: str, limit: int
    ) -> list[Delivery]:
        values: list[Any] = [tenant_id, subscription_id, before or _LAST, limit]
        if state is None:
            rows = await self.fetch(LOG, *values)
        elif state == "failing":
            rows = await self.fetch(LOG_FAILING, *values)
        else:
            rows = await self.fetch(LOG_BY_STATE, *values, state.value)
        return [self._delivery(row) for row in rows]

    async def published(self, tenant_id: str, event_ids: Sequence[str]) -> list[Published]:
        rows = await self.fetch_each(PUBLISHED, [(tenant_id, id_) for id_ in event_ids])
        return [self._published(row) for row in rows]

    async def published_between(
        self, tenant_id: str, first: datetime, end: datetime, after: str, limit: int
    ) -> list[Published]:
        from_, before = ids.first_of(first), ids.first_of(end)
        rows = await self.fetch(PUBLISHED_BETWEEN, tenant_id, from_, before, after or NIL, limit)
        return [self._published(row) for row in rows]

    def _published(self, row: Row) -> Published:
        *event, format_, body = row
        return Published(event=loading.event(tuple(event), self.at(event[4])), format=format_, body=body)

    def _delivery(self, row: Row) -> Delivery:
        return Delivery(
            tenant_id=row[0],
            id=str(row[1]),
            subscription_id=row[2],
            event_id=str(row[3]),
            order_id=str(row[4]),
            topic=row[5],
            body=row[6],
            place=row[7],
            state=DeliveryState(row[8]),
            attempts=codec.decode(row[9], tuple[Attempt, ...]),
            created_at=self.at(row[10]),
            updated_at=self.at(row[11]),
        )
