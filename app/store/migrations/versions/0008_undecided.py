"""Orders of which a cancellation or return is not decided yet, by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WHERE = sa.text("undecided")
_POSTGRESQL = """body->'cases' @> '[{"state": "pending"}]'"""
_SQLITE = "EXISTS (SELECT 1 FROM json_each(body, '$.cases') c WHERE json_extract(c.value, '$.state') = 'pending')"


def upgrade() -> None:
    op.add_column("orders", sa.Column("undecided", sa.Boolean(), nullable=True))
    # What is decided stays null until it is written again: null counts as false.
    here = op.get_bind().dialect.name == "postgresql"
    op.execute(f"UPDATE orders SET undecided = true WHERE {_POSTGRESQL if here else _SQLITE}")
    op.create_index(
        "orders_undecided", "orders", ["tenant_id", "id"], postgresql_where=_WHERE, sqlite_where=_WHERE
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("orders_undecided", "orders")
    op.drop_column("orders", "undecided")
