"""What Alembic runs for each command: our tables, on the connection that `migration.py` hands over."""

from __future__ import annotations

from alembic import context

from moss.server.store.schema import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by making it again
    transactional_ddl=True,  # all of it or nothing, on both databases
)
with context.begin_transaction():
    context.run_migrations()
