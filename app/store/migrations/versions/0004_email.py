"""The customer's e-mail address beside the order, in small letters: lists look for it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("email", sa.Text(), nullable=True))
    op.execute("UPDATE orders SET email = lower(body->'customer'->>'email')")
    known = sa.text("email IS NOT NULL")
    op.create_index(
        "orders_email", "orders", ["tenant_id", "email", "id"], postgresql_where=known, sqlite_where=known
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("orders_email", "orders")
    op.drop_column("orders", "email")
