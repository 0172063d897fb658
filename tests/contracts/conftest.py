"""The servers of the wire tests, for contracts too."""

from tests.dialects.conftest import postgresql_server, sqlite_server

__all__ = ["postgresql_server", "sqlite_server"]
