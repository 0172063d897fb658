"""`dragoman worker` and `serve --no-worker`: who sends, who does not, and how it ends. And the key that they share."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.service.vault import read_keys
from tests.cli.program import PATIENCE, command, environment, refused, run, serving, succeed, until
from tests.cli.reading import new_key, new_tenant
from tests.dialects.receiver import Receiver, receiving

_ALLOWED = {"webhook_allow_private": "true"}
_ORDER = {"currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 100}]}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@contextmanager
def _working(folder: Path, database_url: str, *words: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    log = folder / "worker.log"
    with log.open("w") as err:
        process = subprocess.Popen(
            command("worker", *words), env=environment(database_url, **_ALLOWED), stdout=err, stderr=err, text=True
        )
    try:
        until(lambda: "worker started" in log.read_text() or process.poll() is not None, "the worker's start")
        yield process, log
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_process_of_its_own(database_url: str, tmp_path: Path, receiver: Receiver, workers: str) -> None:
    key = new_key(database_url, new_tenant(database_url))
    with serving(tmp_path, database_url, "--no-worker", "--workers", workers, **_ALLOWED) as server:
        until(lambda: server.get("/health/ready").status_code == 200, "the server's start")
        hook = server.send("POST", "/api/webhooks", key, {"url": receiver.url, "topics": ["order.created"]}).json()
        for _ in range(3):
            assert server.send("POST", "/api/orders", key, _ORDER).status_code == 201
        with _working(tmp_path, database_url) as (process, log):
            until(lambda: len(receiver.messages) == 3, "what was left for it")
            assert server.send("POST", "/api/orders", key, _ORDER).status_code == 201
            until(lambda: len(receiver.messages) == 4, "what comes to be while it runs")
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
            assert "Traceback" not in log.read_text()
        assert server.send("POST", "/api/orders", key, _ORDER).status_code == 201
        path = f"/api/webhooks/{hook['id']}/deliveries?state=delivered"
        assert len(server.get(path, key).json()["deliveries"]) == 4
        assert server.stop(signal.SIGTERM) == 0
    assert len(receiver.messages) == 4


def test_it_tells_its_numbers(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        line = refused(run("worker", "--metrics-port", str(port), database_url=database_url))
        assert line == f"cannot listen on 127.0.0.1 port {port}: Address already in use"
    with _working(tmp_path, database_url, "--metrics-port", str(port)) as (process, log):
        told = {
            path: httpx.get(f"http://127.0.0.1:{port}{path}") for path in ("/metrics", "/health/live", "/health/ready")
        }
        assert [answer.status_code for answer in told.values()] == [200] * 3
        assert "\ndragoman_tasks_due 0.0\n" in told["/metrics"].text
        assert "dragoman_tasks_oldest_seconds 0.0" in told["/metrics"].text
        assert httpx.get(f"http://127.0.0.1:{port}/api/orders").status_code == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert "Traceback" not in log.read_text()


def test_the_web_process_does_it_by_itself(database_url: str, tmp_path: Path, receiver: Receiver) -> None:
    key = new_key(database_url, new_tenant(database_url))
    with serving(tmp_path, database_url, **_ALLOWED) as server:
        until(lambda: server.get("/health/ready").status_code == 200, "the server's start")
        server.send("POST", "/api/webhooks", key, {"url": receiver.url})
        assert server.send("POST", "/api/orders", key, _ORDER).status_code == 201
        until(lambda: len(receiver.messages) == 1, "the message")
        assert server.stop(signal.SIGTERM) == 0
        assert "Traceback" not in server.text


def test_postgresql_needs_a_key(postgres: str) -> None:
    """Whoever is told so is told how to make one, too."""
    for words in (("serve", "--port", "0"), ("worker",)):
        line = refused(run(*words, database_url=postgres, secret_key=""))
        assert line.startswith("DRAGOMAN_SECRET_KEY is not set")
        assert "dragoman secret" in line


def test_a_key_that_is_none_is_not_shown(tmp_path: Path) -> None:
    line = refused(run("serve", database_url=f"sqlite:///{tmp_path}/x.db", secret_key="hunter2"))
    assert line.startswith("DRAGOMAN_SECRET_KEY cannot be used")
    assert "hunter2" not in line


def test_a_fresh_key_each_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    first, second = (succeed("secret", database_url=url) for _ in range(2))
    assert first != second
    assert read_keys(first) == [first]
    assert list(tmp_path.iterdir()) == []


def test_a_new_key_of_a_client_is_sealed(tmp_path: Path) -> None:
    """Beside an embedded database the vault's key is made by whoever needs it first."""
    url = f"sqlite:///{tmp_path}/x.db"
    tenant = succeed("tenant", "add", "Acme", database_url=url, secret_key="")
    assert succeed("key", "add", "--tenant", tenant, database_url=url, secret_key="")
    assert (tmp_path / "x.db.key").exists()
