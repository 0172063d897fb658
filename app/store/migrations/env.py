"""Alembic's way in: the connection is handed over by `app.store.migrating`; there is no configuration file.

The declarations are not imported: a script stands for itself, and a new database starts a third of a second sooner.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
