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
    _lower_all()
    known = sa.text("email IS NOT NULL")
    op.create_index(
        "orders_email", "orders", ["tenant_id", "email", "id"], postgresql_where=known, sqlite_where=known
    )  # fmt: skip


def _lower_all() -> None:
    """As whoever looks for them does: SQLite knows small letters of ASCII alone, PostgreSQL those of its locale."""
    connection = op.get_bind()
    told = connection.execute(
        sa.text("SELECT tenant_id, id, body->'customer'->>'email' AS email FROM orders WHERE email IS NOT NULL")
    )
    others = [
        {"tenant_id": row.tenant_id, "id": row.id, "email": row.email.lower()}
        for row in told
        if not row.email.isascii()
    ]
    if others:
        connection.execute(
            sa.text("UPDATE orders SET email = :email WHERE tenant_id = :tenant_id AND id = :id"), others
        )


def downgrade() -> None:
    op.drop_index("orders_email", "orders")
    op.drop_column("orders", "email")
