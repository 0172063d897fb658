"""The two round trips of a cancel and nothing else: the driver, the statements, the values.

`python -m bench.trips URL FIRST COUNT IN_FLIGHT` writes how many a second there were.
"""

import asyncio
import subprocess
import sys
import time

import asyncpg
import uvloop

from app.core.ports import Ref, ReplayKey
from app.store import loading, statements
from bench.data import TENANT, order_id
from bench.floor import recorded


def trips(url: str, first: int, count: int, in_flight: int) -> float:
    """Per second, from a process of its own."""
    command = [sys.executable, "-m", "bench.trips", url, str(first), str(count), str(in_flight)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


async def _measure(url: str, numbers: range, in_flight: int) -> float:
    commits = iter([(n, recorded(n, lambda at: at)) for n in numbers])
    connections = [await asyncpg.connect(url) for _ in range(in_flight)]

    async def walk(connection: asyncpg.Connection) -> None:
        for n, rows in commits:
            ref = Ref.to_order("native", order_id(n))
            await connection.fetch(
                statements.LOAD, *loading.parameters(TENANT, ref, ReplayKey("bench", order_id(n)))
            )  # fmt: skip
            await connection.fetch(statements.commit(rows.shape), *rows.flat())

    started = time.perf_counter()
    await asyncio.gather(*map(walk, connections))
    return len(numbers) / (time.perf_counter() - started)


def main() -> None:
    url, first, count, in_flight = sys.argv[1], *map(int, sys.argv[2:5])
    print(uvloop.run(_measure(url, range(first, first + count), in_flight)))


if __name__ == "__main__":
    main()
