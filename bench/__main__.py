"""`make bench`: everything in one run, as ratios against what the machine does without us in the same minute.

`make bench ARGS='compare BEFORE.json AFTER.json'` points out what got slower between two runs.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import importing, live, operations, results, steps, webhooks
from bench.cancels import CLIENTS, FLIGHTS, Bench, Orders
from bench.data import load, settle
from bench.servers import database_of, dragoman
from bench.table import Row, render
from tests.postgres import fresh_database, server_url

_Part = Callable[[Bench], Iterator[Row]]
_SERVED: dict[str, _Part] = {
    "cancels": Bench.cancels,
    "reads": Bench.reads,
    "flights": Bench.flights,
    "operations": operations.rows,
}
PARTS = [*_SERVED, "processes", "start", "import", "webhooks", "steps", "live"]


def main() -> None:
    if sys.argv[1:2] == ["compare"]:
        parser = argparse.ArgumentParser(prog="make bench ARGS='compare …'")
        parser.add_argument("runs", nargs=2, type=Path, metavar="RUN.json")
        sys.exit(results.compare(parser.parse_args(sys.argv[2:]).runs))
    asked = _arguments()
    rows: list[Row] = []
    for row in _measured(asked):
        rows.append(row)
        print(render([row]), file=sys.stderr, flush=True)
    # Only now: a process that is started counts what this one held at that moment as its own memory.
    from bench import plot  # noqa: PLC0415 - see above

    path = results.write(rows, asked.out, sys.argv[1:])
    plot.draw(rows, path.with_suffix(".png"))
    print(render(rows))
    print(f"\n{path} and {path.with_suffix('.png').name}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--only", type=_parts, default=PARTS, help="of " + ",".join(PARTS))
    parser.add_argument("--cancels", type=int, default=4_000, help="requests per measurement")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; the table shows medians")
    parser.add_argument("--orders", type=int, default=0, help="orders loaded on each engine, if more than are needed")
    parser.add_argument("--in-flight", type=int, default=32)
    parser.add_argument("--webhooks", type=int, default=5_000, help="webhooks to deliver on each engine")
    parser.add_argument("--large", type=int, default=20, help="orders per measurement of large orders")
    parser.add_argument("--out", type=Path, default=results.FOLDER, help="folder for the JSON file and the picture")
    asked = parser.parse_args()
    if asked.cancels < max(CLIENTS):
        parser.error(f"--cancels: at least {max(CLIENTS)}, one for each client of pgbench")
    return asked


def _parts(text: str) -> list[str]:
    named = text.split(",")
    if unknown := [name for name in named if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is none of {', '.join(PARTS)}")
    return named


def _measured(asked: argparse.Namespace) -> Iterator[Row]:
    served = {*_SERVED, "processes", "start"} & set(asked.only)
    if served or {"import", "webhooks"} & set(asked.only):
        yield from _postgres(asked, bool(served))
        yield from _sqlite(asked, bool(served))
    if "steps" in asked.only:
        yield from steps.everywhere(asked)
    if "live" in asked.only:
        for tenants in (1, 100):
            yield from live.rows(1_000, tenants, 20)


def _needed(asked: argparse.Namespace) -> int:
    """Each order is changed once."""
    count = asked.cancels
    each = asked.rounds * count * (len(CLIENTS) + 4) * ("cancels" in asked.only)
    each += count // 2 * len(FLIGHTS) * ("flights" in asked.only) + 4 * asked.rounds * count * (
        "processes" in asked.only
    )
    return max(asked.orders, each + 7 * operations.each(asked) + 3_000)


def _postgres(asked: argparse.Namespace, served: bool) -> Iterator[Row]:
    with server_url(durable=True) as server:
        if served:
            url = asyncio.run(fresh_database(server))
            orders = Orders(load(url, _needed(asked)))
            asyncio.run(settle(url))
            with _bench("PostgreSQL", orders, asked) as bench:
                yield from _parts_of(bench)
            if "processes" in asked.only:
                yield from bench.processes()
        if "import" in asked.only:
            yield from importing.rows(asyncio.run(fresh_database(server)), max(20_000, asked.orders))
        if "webhooks" in asked.only:
            yield from webhooks.rows("PostgreSQL", asyncio.run(fresh_database(server)), asked.webhooks)


def _sqlite(asked: argparse.Namespace, served: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as folder:
        if served:
            path = str(Path(folder, "bench.db"))
            orders = Orders(load(f"sqlite:///{path}", _needed(asked)))
            with _bench("SQLite", orders, asked, path) as bench:
                yield from _parts_of(bench)
                if "start" in asked.only:
                    yield Row("start to first answer, s", bench.service.started_in, "under 1.5", "less")
            if "start" in asked.only:
                with dragoman(f"sqlite:///{folder}/new.db") as fresh:
                    yield Row("the same on a new database, s", fresh.started_in, "under 1.5", "less")
        if "webhooks" in asked.only:
            yield from webhooks.rows("SQLite", f"sqlite:///{folder}/webhooks.db", asked.webhooks)


@contextmanager
def _bench(engine: str, orders: Orders, asked: argparse.Namespace, path: str = "") -> Iterator[Bench]:
    url = orders.loaded.url
    with dragoman(url) as service:
        yield Bench(engine, service, database_of(url), orders, asked, path)


def _parts_of(bench: Bench) -> Iterator[Row]:
    for name, part in _SERVED.items():
        if name in bench.asked.only:
            yield from part(bench)
    yield Row(f"{bench.engine}: memory of the web process, MB", bench.service.memory(), "under 150", "less")


if __name__ == "__main__":
    main()
