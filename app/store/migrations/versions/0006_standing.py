"""What lists filter by beside the state: when an order was archived, and how far its after-sales are."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
COLUMNS: dict[str, Any] = {"archived_at": TIME, "after_sales": sa.Text(), "after_sales_at": TIME}


def upgrade() -> None:
    # Null is right for what is there: until now no order was archived, and nothing came back or was refunded.
    for name, type_ in COLUMNS.items():
        op.add_column("orders", sa.Column(name, type_, nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("orders", name)
