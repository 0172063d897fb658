"""The outbox: lanes and channels of tasks, subscriptions, the log of deliveries, the order as of an event."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

TASK_INDEXES = {
    "tasks_due": (["due_at", "tenant_id"], "kind <> ''"),
    "tasks_channel": (["tenant_id", "channel", "due_at"], "attempts >= 0"),
    "tasks_lane": (["tenant_id", "lane", "place", "id"], "lane IS NOT NULL"),
    "tasks_leased": (["tenant_id", "lane", "lease_until"], "lease_until IS NOT NULL"),
    "tasks_aside": (["tenant_id", "id"], "failed_at IS NOT NULL"),
}


def upgrade() -> None:
    _add("tenants", sa.Column("subscribed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("credentials", sa.Column("sealed_secret", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("format", sa.SmallInteger(), nullable=True))
    op.add_column("events", sa.Column("body", JSON, nullable=True))
    _upgrade_tasks()
    op.create_table(
        "subscriptions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("dialect", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("secrets", JSON, nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("blocking", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    named = sa.text("subscription_id <> ''")
    log = ["tenant_id", "subscription_id", "id"]
    op.create_index("webhook_deliveries_log", "webhook_deliveries", log, postgresql_where=named, sqlite_where=named)


def _upgrade_tasks() -> None:
    # Nobody could subscribe until now, so there is nobody to publish to.
    op.execute("DELETE FROM tasks WHERE kind = 'publish'")
    op.drop_index("tasks_due", "tasks")
    op.add_column("tasks", sa.Column("lane", sa.Text(), nullable=True))
    _add("tasks", sa.Column("place", sa.BigInteger(), nullable=False, server_default="0"))
    _add("tasks", sa.Column("channel", sa.Text(), nullable=False, server_default=""))
    op.add_column("tasks", sa.Column("failed_at", TIME, nullable=True))
    op.add_column("tasks", sa.Column("error", sa.Text(), nullable=True))
    location = "payload->>'location_id'" if _postgresql() else "json_extract(payload, '$.location_id')"
    op.execute(f"UPDATE tasks SET channel = {location} WHERE kind = 'warehouse'")
    for name, (columns, where) in TASK_INDEXES.items():
        op.create_index(name, "tasks", columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _add(table: str, column: sa.Column[object]) -> None:
    """A column that is never null: rows that are there get its default, which then goes. SQLite copies the table."""
    with op.batch_alter_table(table) as batch:
        batch.add_column(column)
    with op.batch_alter_table(table) as batch:
        batch.alter_column(column.name, server_default=None)


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def downgrade() -> None:
    op.drop_table("webhook_deliveries")
    op.drop_table("subscriptions")
    for name in TASK_INDEXES:
        op.drop_index(name, "tasks")
    for name in ("lane", "place", "channel", "failed_at", "error"):
        op.drop_column("tasks", name)
    op.create_index("tasks_due", "tasks", ["tenant_id", "due_at"])
    op.drop_column("events", "body")
    op.drop_column("events", "format")
    op.drop_column("credentials", "sealed_secret")
    op.drop_column("tenants", "subscribed")
