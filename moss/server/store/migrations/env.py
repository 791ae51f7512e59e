"""What Alembic runs for each command: our tables, on the connection that the caller hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from moss.server.store.schema import Base, Storable


def written(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """How a column's type stands in a new migration: as what it is in the database, so that old ones need no code."""
    return "sa.Text()" if kind == "type" and isinstance(item, Storable) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=written,
    render_as_batch=True,  # SQLite changes a table by making it again
    transactional_ddl=True,  # all of it or nothing, on both databases
)
with context.begin_transaction():
    context.run_migrations()
