"""Cancels and reads, as ratios of what the same machine does without us in the same minute."""

import argparse
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import msgspec

from bench import floor
from bench.data import Loaded, cancel_request, order_cancel_request, read_request
from bench.servers import Costs, Load, Server, costing, dragoman, drive, running
from bench.share import limited
from bench.table import Row
from bench.trips import trips
from tests.postgres import free_port

CLIENTS = (4, 8, 16, 32)
FLIGHTS = (1, 8, 32, 128)
PERCENTILES = (50, 99, 99.9)
PART = 0.3
"""Of a core, so that two web processes, their load and the database have enough of two."""
_WARM = 2_000
"""Requests that nobody measures: before them nothing is prepared yet."""
_Request = Callable[[Loaded, int], dict[str, Any]]


@dataclass
class Orders:
    """Hands out orders that nobody has changed."""

    loaded: Loaded
    next: int = 1

    def take(self, count: int) -> range:
        first, self.next = self.next, self.next + count
        if self.next > self.loaded.orders + 1:
            raise RuntimeError(f"{self.loaded.orders} orders are not enough: more with --orders")
        return range(first, self.next)


@dataclass
class Bench:
    """One engine: the service on it, its orders, and how much of everything was asked for."""

    engine: str
    service: Server
    database: int | None
    orders: Orders
    asked: argparse.Namespace
    path: str = ""

    def requests(self, request: _Request, count: int) -> list[dict[str, Any]]:
        return [request(self.orders.loaded, n) for n in self.orders.take(count)]

    def cancels(self) -> Iterator[Row]:
        """Rounds of floor and service in turn, so that both meet the same weather.

        pgbench is taken at the number of clients that is best in the median of all rounds: the best of each round would
        be that of the luckiest.
        """
        count, in_flight = self.asked.cancels, self.asked.in_flight
        drive(self.service, in_flight, self.requests(cancel_request, _WARM))
        ours: list[tuple[Load, Costs]] = []
        graphql: list[Load] = []
        more: list[Load] = []
        each: list[list[float]] = []
        bare: list[float] = []
        for _ in range(self.asked.rounds):
            each.append(self._floors(count))
            ours.append(costing(self.service, self.database, in_flight, self.requests(cancel_request, count)))
            graphql.append(drive(self.service, in_flight, self.requests(order_cancel_request, count)))
            more.append(drive(self.service, 2 * in_flight, self.requests(cancel_request, count)))
            if self.database:
                bare.append(trips(self.orders.loaded.url, self.orders.take(count)[0], count, in_flight))
        loads = [load for load, _ in ours]
        floors = max((list(rounds) for rounds in zip(*each, strict=True)), key=median)
        against = "plain loop" if self.path else "pgbench, its best"
        yield self._row(f"cancels over {against}", _ratio(loads, floors), "at least 0.35, aim 0.5")
        yield self._row(f"the same with {2 * in_flight} in flight", _ratio(more, floors))
        yield self._row(f"{against}, per second", median(floors))
        if bare:
            yield self._row("cancels over their two round trips alone", _ratio(loads, bare))
            yield self._row("the two round trips alone, per second", median(bare))
        per_second = [load.per_second for load in loads]
        yield self._row("GraphQL orderCancel over the REST cancel", _ratio(graphql, per_second), "at least 0.9")
        yield self._row("cancels per second", median(per_second))
        for p in PERCENTILES:
            yield self._row(f"cancel p{p}, ms", median(load.percentile(p) for load in loads), better="less")
        yield from self._costs("cancel", [costs for _, costs in ours])

    def reads(self) -> Iterator[Row]:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(port), "--log-level", "warning"]
        loaded, count, in_flight = self.orders.loaded, self.asked.cancels, self.asked.in_flight
        size = len(msgspec.json.encode(_one_order(self.service, loaded)))
        ours: list[tuple[Load, Costs]] = []
        bare: list[float] = []
        with running(command, {"BARE_BYTES": str(size)}, f"http://127.0.0.1:{port}/health/live") as constant:
            for _ in range(self.asked.rounds):
                request = {"method": "GET", "path": "/order", "headers": {}, "body": None}
                bare.append(drive(constant, in_flight, [request] * count).per_second)
                reads = [read_request(loaded, n) for n in range(1, count + 1)]
                ours.append(costing(self.service, self.database, in_flight, reads))
        loads = [load for load, _ in ours]
        yield self._row("reads over a bare FastAPI route", _ratio(loads, bare), "at least 0.5")
        yield self._row("reads per second", median(load.per_second for load in loads))
        for p in PERCENTILES:
            yield self._row(f"read p{p}, ms", median(load.percentile(p) for load in loads), better="less")
        yield from self._costs("read", [costs for _, costs in ours])

    def flights(self) -> Iterator[Row]:
        """The REST cancel with ever more requests at once."""
        count = self.asked.cancels // 2
        for in_flight in FLIGHTS:
            load, costs = costing(
                self.service, self.database, in_flight, self.requests(cancel_request, count)
            )  # fmt: skip
            about = f"{in_flight} in flight"
            yield self._row(f"{about}, cancels per second", load.per_second)
            for p in PERCENTILES:
                yield self._row(
                    f"{about}, cancel p{p}, ms",
                    load.percentile(p),
                    better="less",
                    panel="in flight",
                    series=f"{self.engine} p{p}",
                    at=str(in_flight),
                )
            yield from self._costs(f"{about}, cancel", [costs])

    def processes(self) -> Iterator[Row]:
        """Call it when no service of the bench's own runs; `service` is not used.

        Where no two cores are free for them, each gets a part of one: as much for one as for each of two.
        """
        speed, costs = self._one_and_two(1.0)
        yield self._row("cancels of two web processes over one", _ratio_of(speed[2], speed[1]))
        yield self._row("cancels of two web processes, per second", median(speed[2]))
        ratio = _ratio_of(costs[2], costs[1])
        yield self._row("processor time per cancel, database included, of two over one", ratio, better="less")
        try:
            speed, _ = self._one_and_two(PART)
        except OSError as error:
            print(f"No part of a core can be given to a process here: {error}", file=sys.stderr)
            return
        about = f"cancels of two web processes over one, each with {PART} of a core"
        yield self._row(about, _ratio_of(speed[2], speed[1]), "at least 1.6")
        yield self._row(f"{about}, per second", median(speed[2]))

    def _one_and_two(self, part: float) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
        """What one web process and two do in a second, and what a cancel takes of the processor, round by round."""
        loaded, count, in_flight = self.orders.loaded, self.asked.cancels, 2 * self.asked.in_flight
        speed: dict[int, list[float]] = {1: [], 2: []}
        costs: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(self.asked.rounds):
            for workers, speeds in speed.items():
                with dragoman(loaded.url, workers) as service, limited(service.family(), part):
                    drive(service, in_flight, [read_request(loaded, n) for n in range(1, 500)])
                    load, each = costing(service, self.database, in_flight, self.requests(cancel_request, count))
                    speeds.append(load.per_second)
                    costs[workers].append(each.service + (each.database or 0.0))
        return speed, costs

    def _floors(self, count: int) -> list[float]:
        """Per second; pgbench's for each number of clients."""
        if self.path:
            return [floor.sqlite_loop(self.path, self.orders.take(count)[0], count)]
        url = self.orders.loaded.url
        return [floor.pgbench(url, self.orders.take(count)[0], count, clients) for clients in CLIENTS]

    def _costs(self, about: str, costs: list[Costs]) -> Iterator[Row]:
        yield self._row(
            f"processor time per {about} in the web process, µs", median(c.service for c in costs), better="less"
        )
        if self.database:
            its = median(c.database or 0.0 for c in costs)
            yield self._row(f"processor time per {about} in the database, µs", its, better="less")

    def _row(self, about: str, value: float, limit: str = "", **more: Any) -> Row:
        return Row(f"{self.engine}: {about}", value, limit, **more)


def _ratio(loads: list[Load], floors: list[float]) -> float:
    return _ratio_of([load.per_second for load in loads], floors)


def _ratio_of(ours: list[float], theirs: list[float]) -> float:
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def _one_order(service: Server, loaded: Loaded) -> object:
    request = read_request(loaded, 1)
    asked = urllib.request.Request(service.url + request["path"], headers=request["headers"])
    with urllib.request.urlopen(asked) as answer:
        return msgspec.json.decode(answer.read())
