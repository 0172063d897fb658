"""Orders and configuration on SQLite or PostgreSQL, chosen by one URL."""

from app.store.opening import (
    HEAD,
    SchemaOutdated,
    Unusable,
    clock_ahead,
    is_current,
    is_embedded,
    migrate,
    open_store,
    sqlite_exists,
    sqlite_path,
)

__all__ = [
    "HEAD",
    "SchemaOutdated",
    "Unusable",
    "clock_ahead",
    "is_current",
    "is_embedded",
    "migrate",
    "open_store",
    "sqlite_exists",
    "sqlite_path",
]
