"""Counts what the store asks SQLite: two answers that took the same statements took the same time, whatever the
machine is busy with."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.store import sqlite, tasks, writer

_OF_ITSELF = ("PRAGMA", tasks.BACKLOG.partition("$")[0])


class Statements:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, text: str) -> None:
        """The writer looks at the file's version all the time, and every ten seconds somebody at the queue."""
        self.count += not text.startswith(_OF_ITSELF)

    def taken(self) -> int:
        count, self.count = self.count, 0
        return count


@contextmanager
def counted(path: Path) -> Iterator[Statements]:
    """Of every connection to this file that is opened meanwhile, for as long as it lives."""
    statements, connect = Statements(), writer.connect

    def watched(opened: str, *args: Any) -> sqlite3.Connection:
        connection = connect(opened, *args)
        if Path(opened) == path:  # servers of other tests may run in this process
            connection.set_trace_callback(statements)
        return connection

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(writer, "connect", watched)
        patched.setattr(sqlite, "connect", watched)
        yield statements
