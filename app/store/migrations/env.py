"""Alembic's way in: the connection is handed over by `app.store.migrate`; there is no configuration file."""

from alembic import context
from sqlmodel import SQLModel

import app.store.tables  # noqa: F401 - declares the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
