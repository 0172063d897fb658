"""`make bench`: everything in one run, as ratios against what the machine does without us in the same minute."""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import msgspec

from bench import floor, live, steps, webhooks
from bench.data import Loaded, cancel_request, load, order_cancel_request, read_request
from bench.servers import PORT, Load, Server, dragoman, drive, running
from bench.table import Row, render
from tests.postgres import fresh_database, server_url

CLIENTS = (4, 8, 16, 32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000, help="orders loaded on each engine")
    parser.add_argument("--cancels", type=int, default=5_000, help="cancels per measurement")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the table shows medians")
    parser.add_argument("--in-flight", type=int, default=32)
    parser.add_argument("--webhooks", type=int, default=5_000, help="webhooks to deliver on each engine")
    parser.add_argument("--live", action="store_true", help="measure live readers, and nothing else")
    parser.add_argument("--steps", action="store_true", help="measure steps and large orders, and nothing else")
    parser.add_argument("--large", type=int, default=40, help="orders per measurement of large orders")
    asked = parser.parse_args()
    if asked.live:
        print(render([*_live()]))
        return
    if asked.steps:
        print(render([*_steps(asked)]))
        return
    needed = asked.rounds * asked.cancels * (len(CLIENTS) + 2)
    if needed > asked.orders:
        parser.error(f"{asked.rounds} rounds of {asked.cancels} cancels need {needed} orders")
    rows = [*_postgres(asked), *_sqlite(asked), *_steps(asked), *_live()]
    print(render(rows))


def _postgres(asked: argparse.Namespace) -> Iterator[Row]:
    with server_url(durable=True) as server:
        url = asyncio.run(fresh_database(server))
        loaded = load(url, asked.orders)
        with dragoman(url) as service:
            yield from _cancels("PostgreSQL", service, loaded, asked, against="pgbench, its best")
            yield from _reads("PostgreSQL", service, loaded, asked)
            yield Row("memory of the web process, MB", service.memory(), limit="under 150")
        yield from _import(asyncio.run(fresh_database(server)), asked.orders)
        yield from webhooks.rows("PostgreSQL", asyncio.run(fresh_database(server)), asked.webhooks)


def _sqlite(asked: argparse.Namespace) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as folder:
        path = str(Path(folder, "bench.db"))
        loaded = load(f"sqlite:///{path}", asked.orders)
        with dragoman(loaded.url) as service:
            yield from _cancels("SQLite", service, loaded, asked, against="plain loop", path=path)
            yield from _reads("SQLite", service, loaded, asked)
            yield Row("memory of the web process, MB", service.memory(), limit="under 150")
            yield Row("start to first answer, s", service.started_in, limit="under 1.5")
        with dragoman(f"sqlite:///{folder}/new.db") as fresh:
            yield Row("the same on a new database, s", fresh.started_in, limit="under 1.5")
        yield from webhooks.rows("SQLite", f"sqlite:///{folder}/webhooks.db", asked.webhooks)


def _live() -> Iterator[Row]:
    for tenants in (1, 100):
        yield from live.rows(1_000, tenants, 20)


def _steps(asked: argparse.Namespace) -> Iterator[Row]:
    """On databases of their own: what large orders leave behind is no company for the others."""
    with server_url(durable=True) as server:
        yield from steps.rows("PostgreSQL", asyncio.run(fresh_database(server)), asked)
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as folder:
        yield from steps.rows("SQLite", f"sqlite:///{folder}/steps.db", asked)


def _cancels(
    engine: str, service: Server, loaded: Loaded, asked: argparse.Namespace, *, against: str, path: str = ""
) -> Iterator[Row]:
    """Rounds of floor and service in turn, so that both meet the same weather."""
    ours: list[Load] = []
    graphql: list[Load] = []
    floors: list[float] = []
    cpu: list[float] = []
    first = 1
    for _ in range(asked.rounds):
        best = 0.0
        if path:
            best = floor.sqlite_loop(path, first, asked.cancels)
            first += asked.cancels
        for clients in () if path else CLIENTS:
            best = max(best, floor.pgbench(loaded.url, first, asked.cancels, clients))
            first += asked.cancels
        floors.append(best)
        before = service.cpu()
        numbers = range(first, first + asked.cancels)
        ours.append(drive(service, asked.in_flight, (cancel_request(loaded, n) for n in numbers)))
        cpu.append((service.cpu() - before) / asked.cancels * 1e6)
        first += asked.cancels
        numbers = range(first, first + asked.cancels)
        graphql.append(drive(service, asked.in_flight, (order_cancel_request(loaded, n) for n in numbers)))
        first += asked.cancels
    ratio = median(load.per_second / floor_ for load, floor_ in zip(ours, floors, strict=True))
    yield Row(f"{engine}: cancels over {against}", ratio, limit="at least 0.35, aim 0.5")
    yield Row(f"{engine}: {against}, per second", median(floors))
    ratio = median(a.per_second / b.per_second for a, b in zip(graphql, ours, strict=True))
    yield Row(f"{engine}: GraphQL orderCancel over the REST cancel", ratio, limit="at least 0.8")
    yield Row(f"{engine}: cancels per second", median(load.per_second for load in ours))
    yield Row(f"{engine}: cancel p50, ms", median(load.percentile(50) for load in ours))
    yield Row(f"{engine}: cancel p99, ms", median(load.percentile(99) for load in ours))
    yield Row(f"{engine}: processor time per cancel in the web process, µs", median(cpu))


def _reads(engine: str, service: Server, loaded: Loaded, asked: argparse.Namespace) -> Iterator[Row]:
    command = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(PORT + 1), "--log-level", "warning"]
    size = len(msgspec.json.encode(_one_order(service, loaded)))
    ours, bare = [], []
    with running(command, {"BARE_BYTES": str(size)}, f"http://127.0.0.1:{PORT + 1}/health/live") as constant:
        for _ in range(asked.rounds):
            request = {"method": "GET", "path": "/order", "headers": {}, "body": None}
            bare.append(drive(constant, asked.in_flight, [request] * asked.cancels))
            numbers = range(1, asked.cancels + 1)
            ours.append(drive(service, asked.in_flight, (read_request(loaded, n) for n in numbers)))
    ratio = median(a.per_second / b.per_second for a, b in zip(ours, bare, strict=True))
    yield Row(f"{engine}: reads over a bare FastAPI route", ratio, limit="at least 0.5")
    yield Row(f"{engine}: reads per second", median(load.per_second for load in ours))
    yield Row(f"{engine}: read p50, ms", median(load.percentile(50) for load in ours))
    yield Row(f"{engine}: read p99, ms", median(load.percentile(99) for load in ours))


def _one_order(service: Server, loaded: Loaded) -> object:
    request = read_request(loaded, 1)
    asked = urllib.request.Request(service.url + request["path"], headers=request["headers"])
    with urllib.request.urlopen(asked) as answer:
        return msgspec.json.decode(answer.read())


def _import(url: str, orders: int) -> Iterator[Row]:
    """`dragoman import` of a file, its memory as the system saw it."""
    line = {
        "currency": "EUR",
        "lines": [{"sku": f"SKU-{n}", "title": f"Thing {n}", "quantity": 5, "unit_price": 1000} for n in range(3)],
        "customer": {"name": "Ada Byron", "email": "ada@example.com"},
    }
    environment = {**os.environ, "DRAGOMAN_DATABASE_URL": url}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "orders.ndjson")
        with file.open("wb") as out:
            for n in range(orders):
                out.write(msgspec.json.encode({"number": f"N-{n}", "keys": {"shopline": f"s-{n}"}, **line}) + b"\n")
        for words in (["migrate"], ["tenant", "add", "Import"]):
            subprocess.run([sys.executable, "-m", "app", *words], env=environment, check=True, capture_output=True)
        started = time.perf_counter()
        command = [sys.executable, "-m", "app", "import", str(file), "--tenant", "Import"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    if status:
        raise RuntimeError("the import failed")
    yield Row("PostgreSQL: orders imported per second", orders / seconds, limit="at least 5000")
    yield Row("memory of the import at its highest, MB", usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
