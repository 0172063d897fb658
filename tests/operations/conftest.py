"""A server of these tests' own, so that what it logs and counts is theirs."""

import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from app import logs
from tests.cli.conftest import sqlite_url
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.operations.reading import Logged

__all__ = ["sqlite_url"]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """What the program writes to standard error, as `dragoman serve` sets it up."""
    written = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers, root.level
    for name in ("logThreads", "logProcesses", "logMultiprocessing", "_srcfile"):
        monkeypatch.setattr(logging, name, getattr(logging, name))
    # The tests' own client is in this process, too.
    monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", written)
        logs.configure("json", "info")
    yield Logged(written)
    root.handlers = before
    root.setLevel(level)


@pytest.fixture(scope="session")
def private_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = copy(sqlite_template, tmp_path_factory.mktemp("operations") / "dragoman.db")
    with serve(f"sqlite:///{path}") as server:
        yield server


@pytest.fixture
def tenant(private_server: Server) -> Tenant:
    return Tenant.add(private_server)
