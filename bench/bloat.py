"""`python -m bench.bloat`: what a million cancellations leave behind in a PostgreSQL, beside what they wrote.

Nothing of `make bench`: it takes some ten minutes. All orders of a table are cancelled piece by piece, round by round
in another order each time, while autovacuum does what it does.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import asyncpg

from bench import results
from bench.data import Loaded, load, order_id
from bench.servers import dragoman, drive
from bench.size import fill
from bench.table import Row, render
from tests.postgres import fresh_database, server_url

_LINES, _QUANTITY = 3, 5
_UNTOLD = (
    "ALTER TABLE orders RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, "
    "autovacuum_analyze_scale_factor, autovacuum_vacuum_cost_delay)"
)
_SIZES = """
SELECT c.relname, pg_table_size(c.oid) / 1e6 FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i')
AND (c.relname ~ '^(orders|events|replays)')
"""
_LIVE = "SELECT sum(pg_column_size(body)) / 1e6 FROM orders"
_UPDATES = """
SELECT n_tup_upd, n_tup_hot_upd, n_tup_newpage_upd, autovacuum_count FROM pg_stat_user_tables WHERE relname = 'orders'
"""


async def _ask(url: str, text: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(text))
    finally:
        await connection.close()


def _piece(loaded: Loaded, n: int, part: int) -> dict[str, Any]:
    """One unit of one line, each of an order's fifteen once."""
    order = order_id(n)
    return {
        "method": "POST",
        "path": f"/api/orders/{order}/cancellations",
        "headers": {"Authorization": f"Bearer {loaded.key}", "Idempotency-Key": f"{order}-{part}"},
        "body": {"lines": [{"line_id": f"{order[:-1]}{1 + part % _LINES}", "quantity": 1}], "reason": "Sold out"},
    }


def _rows(asked: argparse.Namespace) -> Iterator[Row]:
    with server_url(durable=True) as server:
        url = asyncio.run(fresh_database(server))
        loaded = load(url, 1)
        asyncio.run(fill(url, 2, asked.orders))
        if asked.untold:
            asyncio.run(_ask(url, _UNTOLD))
        before = dict(asyncio.run(_ask(url, _SIZES)))
        with dragoman(url) as service:
            for part in range(asked.parts):
                numbers = [*range(1, asked.orders + 1)]
                Random(part).shuffle(numbers)
                run = drive(service, asked.in_flight, [_piece(loaded, n, part) for n in numbers])
                if part in {0, asked.parts - 1}:
                    yield Row(f"round {part + 1}: cancels per second", run.per_second)
                    yield Row(f"round {part + 1}: cancel p99, ms", run.percentile(99), better="less")
                print(f"round {part + 1}: {run.per_second:.0f} a second", file=sys.stderr)
        after = dict(asyncio.run(_ask(url, _SIZES)))
        ((updates, hot, elsewhere, vacuums),) = asyncio.run(_ask(url, _UPDATES))
        ((live,),) = asyncio.run(_ask(url, _LIVE))
        yield Row("new versions of orders", updates)
        yield Row("of these HOT", hot)
        yield Row("of these on another page", elsewhere, better="less")
        yield Row("times that autovacuum came", vacuums)
        yield Row("the bodies of orders themselves, MB", float(live))
        for name in sorted(after):
            yield Row(f"{name} before, MB", float(before[name]), better="less")
            yield Row(f"{name} after, MB", float(after[name]), better="less")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bloat", description=__doc__)
    parser.add_argument("--orders", type=int, default=150_000)
    parser.add_argument("--parts", type=int, default=7, help="times that each order is cancelled in part")
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--untold", action="store_true", help="autovacuum as the server has it for any other table")
    parser.add_argument("--out", type=Path, default=results.FOLDER)
    asked = parser.parse_args()
    if not 0 < asked.parts < _LINES * _QUANTITY or asked.orders < 2:
        parser.error(f"--parts: from 1 to {_LINES * _QUANTITY - 1}; --orders: at least 2")
    rows = [*_rows(asked)]
    print(render(rows))
    print(f"\n{results.write(rows, asked.out, sys.argv[1:])}")


if __name__ == "__main__":
    main()
