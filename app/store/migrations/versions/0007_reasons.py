"""A unit may be cancelled for a reason of its own: `order_cancellations` says this one."""

from alembic import op

from app.store import views

revision = "0007"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made = views.POSTGRESQL if op.get_bind().dialect.name == "postgresql" else views.SQLITE
    op.execute("DROP VIEW order_cancellations")
    op.execute(made["order_cancellations"])


def downgrade() -> None:
    """The view reads bodies of before as well, in the same columns."""
