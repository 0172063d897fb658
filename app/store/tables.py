"""The one declaration of all tables; Alembic migrates both engines from it. Nothing here is used at request time.

Every primary key, unique constraint and hot index starts with `tenant_id`, and no sequence gives identity, so that
the schema can be distributed by tenant as it stands.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, Index, Integer, SmallInteger, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

_ID = Uuid(as_uuid=False).with_variant(Text(), "sqlite")
_JSON = JSONB().with_variant(Text(), "sqlite")
_TIME = DateTime(timezone=True).with_variant(Text(), "sqlite")


def _column(type_: Any, *, key: bool = False, null: bool = False) -> Any:
    return Field(sa_type=type_, primary_key=key, nullable=null)


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


class TenantRow(SQLModel, table=True):
    """`subscribed`: some subscription is active, so commits say what to publish."""

    __tablename__ = "tenants"

    tenant_id: str = _column(Text, key=True)
    name: str = _column(Text)
    active: bool = _column(Boolean)
    subscribed: bool = _column(Boolean)
    policy: str = _column(_JSON)
    created_at: datetime = _column(_TIME)


class CredentialRow(SQLModel, table=True):
    __tablename__ = "credentials"

    tenant_id: str = _column(Text, key=True)
    id: str = _column(Text, key=True)
    name: str = _column(Text)
    party: str = _column(Text)
    scopes: str = _column(_JSON)
    dialects: str | None = _column(_JSON, null=True)
    secret_hash: str = _column(Text)
    sealed_secret: str | None = _column(Text, null=True)
    created_at: datetime = _column(_TIME)
    expires_at: datetime | None = _column(_TIME, null=True)
    revoked_at: datetime | None = _column(_TIME, null=True)


class LocationRow(SQLModel, table=True):
    __tablename__ = "locations"

    tenant_id: str = _column(Text, key=True)
    id: str = _column(Text, key=True)
    name: str = _column(Text)
    connector: str | None = _column(Text, null=True)
    settings: str = _column(_JSON)
    created_at: datetime = _column(_TIME)
    updated_at: datetime = _column(_TIME)


class OrderRow(SQLModel, table=True):
    """The order is `body`; the columns before it are the head that lists filter by, written by the same statement.

    `undecided`: a cancellation or return of it is not decided yet.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index("orders_number", "tenant_id", "number", unique=True),
        Index("orders_updated", "tenant_id", "updated_at", "id"),
        _partial("orders_email", "tenant_id", "email", "id", where="email IS NOT NULL"),
        _partial("orders_undecided", "tenant_id", "id", where="undecided"),
    )

    tenant_id: str = _column(Text, key=True)
    id: str = _column(_ID, key=True)
    number: str = _column(Text)
    version: int = _column(Integer)
    state: str = _column(Text)
    cancelled: bool = _column(Boolean)
    shipped: bool = _column(Boolean)
    progress: str = _column(Text)
    payment: str = _column(Text)
    archived_at: datetime | None = _column(_TIME, null=True)
    after_sales: str | None = _column(Text, null=True)
    after_sales_at: datetime | None = _column(_TIME, null=True)
    email: str | None = _column(Text, null=True)
    undecided: bool | None = _column(Boolean, null=True)
    placed_at: datetime = _column(_TIME)
    created_at: datetime = _column(_TIME)
    updated_at: datetime = _column(_TIME)
    format: int = _column(SmallInteger)
    body: str = _column(_JSON)


class OrderKeyRow(SQLModel, table=True):
    """Ids that partners gave, to the order they belong to."""

    __tablename__ = "order_keys"

    tenant_id: str = _column(Text, key=True)
    dialect: str = _column(Text, key=True)
    kind: str = _column(Text, key=True)
    key: str = _column(Text, key=True)
    order_id: str = _column(_ID)


class EventRow(SQLModel, table=True):
    """Append-only; one per change of an order, so its version is its place in the order's history.

    `body` is the order as of the event, of this `format`, where somebody had subscribed.
    """

    __tablename__ = "events"
    __table_args__ = (Index("events_order", "tenant_id", "order_id", "version", unique=True),)

    tenant_id: str = _column(Text, key=True)
    id: str = _column(_ID, key=True)
    order_id: str = _column(_ID)
    version: int = _column(Integer)
    type: str = _column(Text)
    at: datetime = _column(_TIME)
    credential_id: str = _column(Text)
    dialect: str = _column(Text)
    party: str = _column(Text)
    case_id: str | None = _column(_ID, null=True)
    before: str = _column(_JSON)
    after: str = _column(_JSON)
    format: int | None = _column(SmallInteger, null=True)
    body: str | None = _column(_JSON, null=True)


class TaskRow(SQLModel, table=True):
    """The outbox: what has to be done because of a change, written by the statement that made it.

    `due_at` is when the task may be taken: of one that is leased, the end of its lease; of one that is set aside (with
    `failed_at`, and in no lane), never.

    Each index serves the statements that are meant for it and no others, so that no plan depends on how many tasks
    there were when PostgreSQL last counted them. Hence conditions that every task meets: a statement that looks a task
    up by its id does not name them. `tasks_due` is for looks over all tenants.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        _partial("tasks_due", "due_at", "tenant_id", where="kind <> ''"),
        _partial("tasks_channel", "tenant_id", "channel", "due_at", where="attempts >= 0"),
        _partial("tasks_lane", "tenant_id", "lane", "place", "id", where="lane IS NOT NULL"),
        _partial("tasks_leased", "tenant_id", "lane", "lease_until", where="lease_until IS NOT NULL"),
        _partial("tasks_aside", "tenant_id", "id", where="failed_at IS NOT NULL"),
    )

    tenant_id: str = _column(Text, key=True)
    id: str = _column(_ID, key=True)
    order_id: str = _column(_ID)
    kind: str = _column(Text)
    payload: str = _column(_JSON)
    due_at: datetime = _column(_TIME)
    attempts: int = _column(Integer)
    lease_until: datetime | None = _column(_TIME, null=True)
    lane: str | None = _column(Text, null=True)
    place: int = _column(BigInteger)
    channel: str = _column(Text)
    failed_at: datetime | None = _column(_TIME, null=True)
    error: str | None = _column(Text, null=True)


class SubscriptionRow(SQLModel, table=True):
    __tablename__ = "subscriptions"

    tenant_id: str = _column(Text, key=True)
    id: str = _column(Text, key=True)
    dialect: str = _column(Text)
    credential_id: str = _column(Text)
    url: str = _column(Text)
    topics: str = _column(_JSON)
    headers: str = _column(_JSON)
    secrets: str = _column(_JSON)
    settings: str = _column(_JSON)
    blocking: bool = _column(Boolean)
    active: bool = _column(Boolean)
    failing_since: datetime | None = _column(_TIME, null=True)
    disabled_reason: str | None = _column(Text, null=True)
    created_at: datetime = _column(_TIME)
    updated_at: datetime = _column(_TIME)


class WebhookDeliveryRow(SQLModel, table=True):
    """The log of messages. `body` is text: the bytes that were signed are the bytes that are sent again.

    The condition of its index is as those of `tasks` are.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        _partial("webhook_deliveries_log", "tenant_id", "subscription_id", "id", where="subscription_id <> ''"),
    )

    tenant_id: str = _column(Text, key=True)
    id: str = _column(_ID, key=True)
    subscription_id: str = _column(Text)
    event_id: str = _column(_ID)
    order_id: str = _column(_ID)
    topic: str = _column(Text)
    body: str = _column(Text)
    place: int = _column(BigInteger)
    state: str = _column(Text)
    attempts: str = _column(_JSON)
    created_at: datetime = _column(_TIME)
    updated_at: datetime = _column(_TIME)


class ReplayRow(SQLModel, table=True):
    """Replies by idempotency key; `case_id` while the reply depends on a case that is still pending."""

    __tablename__ = "replays"

    tenant_id: str = _column(Text, key=True)
    credential_id: str = _column(Text, key=True)
    key: str = _column(Text, key=True)
    fingerprint: str = _column(Text)
    reply: str = _column(Text)
    order_id: str | None = _column(_ID, null=True)
    case_id: str | None = _column(_ID, null=True)
    created_at: datetime = _column(_TIME)


class StockMovementRow(SQLModel, table=True):
    """Append-only; the level is a sum. A restock's id is its adjustment's, so it cannot be booked twice.

    `stock_movements_level` has all that a sum needs; in its order the levels are listed. The conditions of the other
    indexes are as those of `tasks` are.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        Index("stock_movements_level", "tenant_id", "location_id", "sku", "at", "id", "delta"),
        _partial("stock_movements_feed", "tenant_id", "at", "id", where="delta <> 0"),
        _partial("stock_movements_location", "tenant_id", "location_id", "at", "id", where="location_id <> ''"),
        _partial("stock_movements_sku", "tenant_id", "sku", "at", "id", where="tenant_id <> ''"),
    )

    tenant_id: str = _column(Text, key=True)
    id: str = _column(_ID, key=True)
    location_id: str = _column(Text)
    sku: str = _column(Text)
    delta: int = _column(BigInteger)
    adjustment_id: str | None = _column(_ID, null=True)
    credential_id: str | None = _column(Text, null=True)
    note: str | None = _column(Text, null=True)
    at: datetime = _column(_TIME)


class MailTemplateRow(SQLModel, table=True):
    """A tenant's own texts for mail; a part that is null is the program's."""

    __tablename__ = "mail_templates"

    tenant_id: str = _column(Text, key=True)
    kind: str = _column(Text, key=True)
    language: str = _column(Text, key=True)
    subject: str | None = _column(Text, null=True)
    html: str | None = _column(Text, null=True)
    text: str | None = _column(Text, null=True)
    updated_at: datetime = _column(_TIME)
