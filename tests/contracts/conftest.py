"""The servers of the wire tests, for contracts too."""

from tests.dialects.conftest import postgresql_server as postgresql_server
from tests.dialects.conftest import sqlite_server as sqlite_server
