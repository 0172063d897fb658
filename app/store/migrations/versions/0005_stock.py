"""Stock booked by hand, and an index for each way to list movements and levels."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LEVEL = ["tenant_id", "location_id", "sku", "at", "id", "delta"]
INDEXES = {
    "stock_movements_feed": (["tenant_id", "at", "id"], "delta <> 0"),
    "stock_movements_location": (["tenant_id", "location_id", "at", "id"], "location_id <> ''"),
    "stock_movements_sku": (["tenant_id", "sku", "at", "id"], "tenant_id <> ''"),
}


def upgrade() -> None:
    op.add_column("stock_movements", sa.Column("credential_id", sa.Text(), nullable=True))
    op.add_column("stock_movements", sa.Column("note", sa.Text(), nullable=True))
    op.drop_index("stock_movements_sku", "stock_movements")
    op.create_index("stock_movements_level", "stock_movements", LEVEL)
    for name, (columns, where) in INDEXES.items():
        op.create_index(
            name, "stock_movements", columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where)
        )  # fmt: skip


def downgrade() -> None:
    for name in ("stock_movements_level", *INDEXES):
        op.drop_index(name, "stock_movements")
    op.create_index("stock_movements_sku", "stock_movements", ["tenant_id", "location_id", "sku"])
    op.drop_column("stock_movements", "note")
    op.drop_column("stock_movements", "credential_id")
