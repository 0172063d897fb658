"""Webhooks: how many a second one worker delivers to a receiver on this machine, and how soon an idle one does."""

import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

from app.service.vault import new_key
from bench.data import cancel_request, load
from bench.servers import Server, drive, running
from bench.table import Row
from tests.postgres import free_port

PORT = free_port()
_PATIENCE = 120.0


def rows(engine: str, url: str, deliveries: int, single: int = 100) -> Iterator[Row]:
    """`deliveries` changes made while no worker runs, then a worker; afterwards, served as usual, some one by one."""
    loaded = load(url, deliveries + single + 500)
    environment = {
        "DRAGOMAN_DATABASE_URL": url,
        "DRAGOMAN_PORT": str(PORT),
        "DRAGOMAN_SECRET_KEY": new_key(),
        "DRAGOMAN_WEBHOOK_ALLOW_PRIVATE": "true",
    }
    app = [sys.executable, "-m", "app"]
    live = f"http://127.0.0.1:{PORT}/health/live"
    with _receiver() as receiver:
        with running([*app, "serve", "--no-worker"], environment, live) as service:
            hook = {"url": f"{receiver.url}/", "dialect": "native", "topics": ["cancellation.accepted"]}
            _ask(f"{service.url}/api/webhooks", loaded.key, hook)
            drive(service, 32, (cancel_request(loaded, n) for n in range(1, deliveries + 1)))
        with running([*app, "worker"], environment, f"{receiver.url}/received") as worker:
            told = _wait(receiver, deliveries)
            cpu = worker.cpu() / deliveries * 1e6
        first, last = told["moments"]
        yield Row(f"{engine}: webhooks a second, one worker", deliveries / (last - first), limit="at least 1000")
        yield Row(f"{engine}: processor time per webhook in the worker, µs", cpu, better="less")
        with running([*app, "serve"], environment, live) as service:
            for n in range(deliveries + 1, deliveries + single + 1):
                request = cancel_request(loaded, n)
                _ask(service.url + request["path"], loaded.key, request["body"])
                time.sleep(0.05)
            lags = [lag * 1000 for lag in _wait(receiver, deliveries + single)["lags"][deliveries:]]
    yield Row(f"{engine}: from the change to the receiver p50, ms", median(lags), "under 50", "less")
    yield Row(f"{engine}: from the change to the receiver p99, ms", quantiles(lags, n=100)[98], better="less")


@contextmanager
def _receiver() -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "bench.receiver", str(port)]
    with running(command, {}, f"http://127.0.0.1:{port}/received") as server:
        yield Server(f"http://127.0.0.1:{port}", server.pid, server.started_in)


def _wait(receiver: Server, count: int) -> dict[str, Any]:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with urllib.request.urlopen(f"{receiver.url}/received") as answer:
            told: dict[str, Any] = json.load(answer)
        if told["count"] >= count:
            return told
        time.sleep(0.2)
    raise RuntimeError(f"{told['count']} of {count} messages came")


def _ask(url: str, key: str, body: Any) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)):
        pass
