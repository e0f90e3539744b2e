"""How the database grows: Alembic's environment and one module per step in ``versions``."""
