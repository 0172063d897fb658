"""The one server of the wire tests."""

from tests.dialects.conftest import sqlite_server

__all__ = ["sqlite_server"]
