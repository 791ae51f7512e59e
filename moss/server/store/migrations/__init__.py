"""How the tables came to be, step by step (Alembic). `migration.py` runs them; nobody needs the `alembic` command."""
