"""`python -m bench.size`: whether a cancel and a list take as long in a table of millions as in one of thousands.

Nothing of `make bench`: five million orders take some minutes and some 20 GB. Orders are copied inside the database,
row by row what an import of them leaves (order, key, event), under ids that the rest of the benchmark can name.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import asyncpg

from app.store import statements
from bench import results
from bench.data import TENANT, Loaded, cancel_request, load, order_id, settle
from bench.servers import Server, dragoman, drive
from bench.table import Row, render
from tests.postgres import fresh_database, server_url

_FEW = 10_000
_CHUNK = 100_000
_ID = f"'{order_id(0)[:24]}' || lpad(to_hex(n), 7, '0')"
_OURS = order_id(1)[:31]


def _copied(table: str, columns: str, changed: dict[str, str]) -> str:
    """Rows `$1` to `$2` of a table as the first order's, but for the columns that are to differ."""
    named = [name.strip() for name in columns.split(",")]
    values = ", ".join(changed.get(name, f"o.{name}") for name in named)
    own = "id" if table == "orders" else "order_id"
    return (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} o, generate_series($1::int, $2::int) n "
        f"WHERE o.tenant_id = '{TENANT}' AND o.{own} = '{order_id(1)}'"
    )


_NUMBER = "'S-' || lpad(n::text, 10, '0')"
_BODY = f"replace(replace(o.body::text, '{_OURS}', {_ID}), o.number, {_NUMBER})::jsonb"
_LATER = {name: f"o.{name} + n * interval '1 millisecond'" for name in ("placed_at", "created_at", "updated_at")}
_ORDERS = _copied(
    "orders",
    statements.INSERTS["orders"],
    {"id": f"({_ID} || '00000')::uuid", "number": _NUMBER, "body": _BODY, **_LATER},
)
_EVENT_ID = "('01a1fc59-ffff-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
_EVENTS = _copied("events", statements.INSERTS["events"], {"id": _EVENT_ID, "order_id": f"({_ID} || '00000')::uuid"})
_KEYS = (
    "INSERT INTO order_keys (tenant_id, dialect, kind, key, order_id) "
    f"SELECT '{TENANT}', 'shopline', 'order', 's-' || n, ({_ID} || '00000')::uuid "
    "FROM generate_series($1::int, $2::int) n"
)


async def fill(url: str, first: int, last: int) -> None:
    """On two connections: the database has a process for each."""
    starts = iter(range(first, last + 1, _CHUNK))

    async def some() -> None:
        connection = await asyncpg.connect(url)
        for start in starts:
            for text in (_ORDERS, _EVENTS, _KEYS):
                await connection.execute(text, start, min(last, start + _CHUNK - 1))
            print(f"up to order {min(last, start + _CHUNK - 1):,}", file=sys.stderr)
        await connection.close()

    await asyncio.gather(some(), some())
    await settle(url)


async def _bytes(url: str) -> float:
    connection = await asyncpg.connect(url)
    size = await connection.fetchval("SELECT pg_database_size(current_database())")
    await connection.close()
    return float(size)


class _Measured:
    """p50 and p99 of cancels all over the table and of pages of a list, in milliseconds, medians of rounds."""

    def __init__(self, service: Server, loaded: Loaded, fresh: Iterator[int], asked: argparse.Namespace) -> None:
        found: dict[str, list[float]] = {}
        for _ in range(asked.rounds):
            cancels = drive(
                service, asked.in_flight, [cancel_request(loaded, next(fresh)) for _ in range(asked.cancels)]
            )
            lists = drive(service, asked.in_flight, [_list(loaded)] * (asked.cancels // 4))
            for name, run in (("cancel", cancels), ("list of 50", lists)):
                for p in (50, 99):
                    found.setdefault(f"{name} p{p}", []).append(run.percentile(p))
        self.ms = {name: median(values) for name, values in found.items()}


def _list(loaded: Loaded) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {loaded.key}"}
    return {"method": "GET", "path": "/api/orders?state=open&limit=50", "headers": headers, "body": None}


def _shuffled(numbers: range) -> Iterator[int]:
    """Every number once, all over the range, without a list of millions."""
    step = next(n for n in range(len(numbers) * 618 // 1000 | 1, len(numbers), 2) if len(numbers) % n and n % 5)
    offset = Random(len(numbers)).randrange(len(numbers))
    return (numbers[(offset + n * step) % len(numbers)] for n in range(len(numbers)))


def _rows(asked: argparse.Namespace) -> Iterator[Row]:
    with server_url(durable=True) as server:
        url = asyncio.run(fresh_database(server))
        loaded = load(url, 1)
        asyncio.run(fill(url, 2, _FEW))
        few = _serve(url, loaded, range(2, _FEW + 1), asked)
        started = time.perf_counter()
        asyncio.run(fill(url, _FEW + 1, asked.orders))
        yield Row(
            "orders filled in per second, inside the database", (asked.orders - _FEW) / (time.perf_counter() - started)
        )
        many = _serve(url, loaded, range(_FEW + 1, asked.orders + 1), asked)
        yield Row("the database, GB", asyncio.run(_bytes(url)) / 1e9, better="less")
        for name, ms in many.ms.items():
            yield Row(f"{name} with {_FEW:,} orders, ms", few.ms[name], better="less")
            yield Row(f"{name} with {asked.orders:,} orders, ms", ms, better="less")
            limit = "under 1.2" if name.endswith("p99") else ""
            yield Row(f"{name}, {asked.orders:,} orders over {_FEW:,}", ms / few.ms[name], limit, "less")


def _serve(url: str, loaded: Loaded, numbers: range, asked: argparse.Namespace) -> _Measured:
    fresh = _shuffled(numbers)
    with dragoman(url) as service:
        drive(service, asked.in_flight, [cancel_request(loaded, next(fresh)) for _ in range(500)])
        return _Measured(service, loaded, fresh, asked)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.size", description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--cancels", type=int, default=2_000, help="cancels of one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=8)
    parser.add_argument("--out", type=Path, default=results.FOLDER)
    asked = parser.parse_args()
    if asked.rounds * asked.cancels + 500 >= _FEW or asked.orders < 2 * _FEW:
        parser.error(f"{_FEW:,} orders are to be enough for all cancels, and --orders at least twice as many")
    rows = [*_rows(asked)]
    print(render(rows))
    print(f"\n{results.write(rows, asked.out, sys.argv[1:])}")


if __name__ == "__main__":
    main()
