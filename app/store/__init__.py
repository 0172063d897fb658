"""Orders and configuration on SQLite or PostgreSQL, chosen by one URL."""

from app.store.opening import HEAD, SchemaOutdated, is_current, is_embedded, migrate, open_store

__all__ = ["HEAD", "SchemaOutdated", "is_current", "is_embedded", "migrate", "open_store"]
