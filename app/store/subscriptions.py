"""Subscriptions on either engine, and with each change of them the tenant's flag that commits go by."""

from datetime import datetime
from typing import Any

from app.core.outbox import SealedSecret, Subscription
from app.core.ports import Kept
from app.store import codec
from app.store.rows import Row
from app.store.sql import Sql, Step

_COLUMNS = (
    "tenant_id, id, dialect, credential_id, url, topics, headers, secrets, settings, blocking, active, failing_since, "
    "disabled_reason, created_at, updated_at"
)
# Two changes at once must not each find that the other's subscription is the only one: the first step makes the
# second wait, and what its later steps read is then new.
LOCK = "UPDATE tenants SET subscribed = subscribed WHERE tenant_id = $1"
FLAG = """
UPDATE tenants SET subscribed = EXISTS (SELECT 1 FROM subscriptions s WHERE s.tenant_id = $1 AND s.active)
WHERE tenant_id = $1
"""
SAVE = f"""
INSERT INTO subscriptions ({_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (tenant_id, id) DO UPDATE SET dialect = excluded.dialect, credential_id = excluded.credential_id,
url = excluded.url, topics = excluded.topics, headers = excluded.headers, secrets = excluded.secrets,
settings = excluded.settings, blocking = excluded.blocking, active = excluded.active,
failing_since = excluded.failing_since, disabled_reason = excluded.disabled_reason, updated_at = excluded.updated_at
"""
REMOVE = "DELETE FROM subscriptions WHERE tenant_id = $1 AND id = $2"
REMOVE_TASKS = "DELETE FROM tasks WHERE tenant_id = $1 AND channel = $2"
MARK = "UPDATE subscriptions SET failing_since = $3 WHERE tenant_id = $1 AND id = $2"
DISABLE = """
UPDATE subscriptions SET active = $5, disabled_reason = $3, updated_at = $4
WHERE tenant_id = $1 AND id = $2 AND active
"""
ALL = f"SELECT {_COLUMNS} FROM subscriptions WHERE tenant_id = $1 ORDER BY created_at, id"
ONE = f"SELECT {_COLUMNS} FROM subscriptions WHERE tenant_id = $1 AND id = $2"


class SqlSubscriptions(Sql):
    async def save_subscription(self, subscription: Subscription, kept: Kept | None = None) -> None:
        await self._flagged(subscription.tenant_id, kept, (SAVE, [self._row(subscription)]))

    async def remove_subscription(self, tenant_id: str, subscription_id: str, kept: Kept | None = None) -> None:
        which = [(tenant_id, subscription_id)]
        await self._flagged(tenant_id, kept, (REMOVE, which), (REMOVE_TASKS, which))

    async def mark_failing(self, tenant_id: str, subscription_id: str, since: datetime | None) -> None:
        await self.execute(MARK, tenant_id, subscription_id, self.to_time(since))

    async def disable_subscription(self, tenant_id: str, subscription_id: str, reason: str, now: datetime) -> None:
        values = (tenant_id, subscription_id, reason, self.to_time(now), False)
        await self._flagged(tenant_id, None, (DISABLE, [values]))

    async def subscription(self, tenant_id: str, subscription_id: str) -> Subscription | None:
        rows = await self.fetch(ONE, tenant_id, subscription_id)
        return self._subscription(rows[0]) if rows else None

    async def subscriptions(self, tenant_id: str) -> list[Subscription]:
        return [self._subscription(row) for row in await self.fetch(ALL, tenant_id)]

    async def _flagged(self, tenant_id: str, kept: Kept | None, *steps: Step) -> None:
        which = [(tenant_id,)]
        await self.together((LOCK, which), *steps, (FLAG, which), *self.replay_steps(tenant_id, kept))

    def _row(self, subscription: Subscription) -> Row:
        return (
            subscription.tenant_id,
            subscription.id,
            subscription.dialect,
            subscription.credential_id,
            subscription.url,
            codec.encode(subscription.topics),
            codec.encode(subscription.headers),
            codec.encode(subscription.secrets),
            codec.encode(subscription.settings),
            subscription.blocking,
            subscription.active,
            self.to_time(subscription.failing_since),
            subscription.disabled_reason,
            self.to_time(subscription.created_at),
            self.to_time(subscription.updated_at),
        )

    def _subscription(self, row: Row) -> Subscription:
        return Subscription(
            tenant_id=row[0],
            id=row[1],
            dialect=row[2],
            credential_id=row[3],
            url=row[4],
            topics=codec.decode(row[5], tuple[str, ...]),
            headers=codec.decode(row[6], dict[str, str]),
            secrets=codec.decode(row[7], tuple[SealedSecret, ...]),
            settings=codec.decode(row[8], dict[str, Any]),
            blocking=bool(row[9]),
            active=bool(row[10]),
            failing_since=self.from_time(row[11]),
            disabled_reason=row[12],
            created_at=self.at(row[13]),
            updated_at=self.at(row[14]),
        )
