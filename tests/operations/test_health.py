"""`/health/live` and `/health/ready`, and what is no dialect's."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import migrate
from tests import postgres
from tests.dialects.server import PATIENCE, Server, Wire, serve
from tests.dialects.tenants import Tenant


def test_alive_and_ready(private_server: Server) -> None:
    for path, status in (("/health/live", "live"), ("/health/ready", "ready")):
        answer = private_server.send(Wire("GET", path))
        assert (answer.status_code, answer.json()) == (200, {"status": status})


@pytest.mark.parametrize("path", ["/", "/nowhere", "/apis/orders", "/API/orders", "//api/orders", "/health", "/metrics/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_nobody_serves_is_404_in_json(path: str, method: str, private_server: Server) -> None:
    answer = private_server.send(Wire(method, path))
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"error": "no dialect is served here"}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_operators_only_read(path: str, private_server: Server) -> None:
    answer = private_server.send(Wire("POST", path))
    assert answer.status_code == 405
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


class Stoppable:
    """A PostgreSQL of one test's own, which it can stop and start."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._running: subprocess.Popen[bytes] | None = None
"""placeholder"""
