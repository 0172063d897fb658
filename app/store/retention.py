"""Removing what was kept long enough, on either engine. Ids carry their time, so most need no index of their own."""

from abc import abstractmethod
from datetime import datetime
from typing import Any

from app.core import ids
from app.store.sql import Sql

# An event stays while a task is there to tell it: its own, of the same id, or after a fault one for a dialect alone.
EVENTS = """
DELETE FROM events WHERE tenant_id = $1 AND id IN (
SELECT e.id FROM events e WHERE e.tenant_id = $1 AND e.id < $2
AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.tenant_id = $1 AND t.id = e.id)
AND NOT EXISTS (
    SELECT 1 FROM tasks t
    WHERE t.tenant_id = $1 AND t.channel = 'publish' AND t.attempts >= 0 AND t.order_id = e.order_id
)
ORDER BY e.id LIMIT $3
)
"""
DELIVERIES = """
DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND id IN (
SELECT d.id FROM webhook_deliveries d WHERE d.tenant_id = $1 AND d.id < $2
AND d.state <> 'pending' ORDER BY d.id LIMIT $3
)
"""
ASIDE = """
DELETE FROM tasks WHERE tenant_id = $1
AND id IN (SELECT t.id FROM tasks t WHERE t.tenant_id = $1 AND t.failed_at < $2 AND t.failed_at IS NOT NULL LIMIT $3)
"""
REPLAY_STEP = """
SELECT credential_id, key FROM replays
WHERE tenant_id = $1 AND (credential_id, key) > ($2, $3) ORDER BY credential_id, key LIMIT $4
"""
REPLAYS = """
DELETE FROM replays
WHERE tenant_id = $1 AND (credential_id, key) > ($2, $3) AND (credential_id, key) <= ($4, $5) AND created_at < $6
"""


class SqlRetention(Sql):
    @abstractmethod
    async def changed(self, text: str, *values: Any) -> int:
        """How many rows it changed."""

    async def purge_events(self, tenant_id: str, before: datetime, limit: int) -> int:
        return await self.changed(EVENTS, tenant_id, ids.first_of(before), limit)

    async def purge_deliveries(self, tenant_id: str, before: datetime, limit: int) -> int:
        return await self.changed(DELIVERIES, tenant_id, ids.first_of(before), limit)

    async def purge_tasks_aside(self, tenant_id: str, before: datetime, limit: int) -> int:
        return await self.changed(ASIDE, tenant_id, self.to_time(before), limit)

    async def purge_replays(
        self, tenant_id: str, before: datetime, after: tuple[str, str], limit: int
    ) -> tuple[str, str] | None:
        rows = await self.fetch(REPLAY_STEP, tenant_id, *after, limit)
        if not rows:
            return None
        last = (rows[-1][0], rows[-1][1])
        await self.changed(REPLAYS, tenant_id, *after, *last, self.to_time(before))
        return last if len(rows) == limit else None
