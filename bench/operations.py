"""Every dialect, operation by operation: how many a second, how soon, and what each takes of processor time."""

import argparse
from collections.abc import Iterator

from bench.cancels import PERCENTILES, Bench
from bench.clients import Client
from bench.servers import costing
from bench.table import Row


def each(asked: argparse.Namespace) -> int:
    """Requests of each operation."""
    return int(max(asked.in_flight, asked.cancels // 4))


def rows(bench: Bench) -> Iterator[Row]:
    count = each(bench.asked)
    client = Client(bench.orders.loaded, lines=3, quantity=5)
    for dialect, operation, ask, changes in client.operations():
        numbers = bench.orders.take(count) if changes else range(1, count + 1)
        load, costs = costing(bench.service, bench.database, bench.asked.in_flight, [ask(n) for n in numbers])
        about = f"{bench.engine}: {dialect} {operation}"
        yield Row(f"{about}, per second", load.per_second)
        for p in PERCENTILES:
            yield Row(f"{about} p{p}, ms", load.percentile(p), better="less")
        place = {"panel": "processor time per request, µs", "at": f"{dialect} {operation}"}
        yield Row(
            f"{about}, processor time in the web process, µs",
            costs.service,
            better="less",
            series=f"{bench.engine}, web process",
            **place,
        )
        if costs.database is not None:
            yield Row(
                f"{about}, processor time in the database, µs",
                costs.database,
                better="less",
                series=f"{bench.engine}, database",
                **place,
            )
