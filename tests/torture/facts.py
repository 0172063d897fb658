"""What is there after the storm, read as anybody could read it. No test and no fixture is here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.torture.asking import Ask, Client
from tests.torture.receiver import Receipt

_PAGE = 250
_DUE = "dragoman_tasks_due "


@dataclass
class Facts:
    """Of one tenant. `events` has every event of the feed once; `log` is, by subscription, every delivery."""

    asks: Sequence[Ask] = ()
    orders: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Any] = ()
    log: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    dialects: Mapping[str, str] = field(default_factory=dict)
    """Of subscriptions, by their names."""
    receipts: Sequence[Receipt] = ()
    tasks: Sequence[Any] = ()
    """Set aside after their last try."""
    due: float = 0

    @property
    def history(self) -> dict[str, list[Any]]:
        """Events by order and by version."""
        found: dict[str, list[Any]] = {order_id: [] for order_id in self.orders}
        for event in sorted(self.events, key=lambda event: event["version"]):
            found.setdefault(event["order_id"], []).append(event)
        return found

    def cases(self) -> Iterator[tuple[Any, Any]]:
        for order in self.orders.values():
            for case in order["cases"]:
                yield order, case


def pages(client: Client, path: str, what: str) -> Iterator[Any]:
    """Every entry of a list, over all its pages."""
    following: str | None = ""
    while following is not None:
        page = client.get(f"{path}?limit={_PAGE}" + (f"&cursor={following}" if following else ""))
        yield from page[what]
        following = page["next_cursor"]


def orders(client: Client) -> dict[str, Any]:
    return {order["id"]: order for order in pages(client, "/api/orders", "orders")}


class Feed:
    """A tenant's events, read on from where it was left; its end overlaps, so they are told apart by their ids."""

    def __init__(self) -> None:
        self.events: dict[str, Any] = {}
        self._after = ""

    def read(self, client: Client) -> None:
        page: Sequence[Any] = [None] * _PAGE
        while len(page) == _PAGE:
            told = client.get(f"/api/events?limit={_PAGE}" + (f"&after={self._after}" if self._after else ""))
            page, self._after = told["events"], told["next_cursor"]
            self.events |= {event["id"]: event for event in page}

    @property
    def undecided(self) -> set[str]:
        """Cases that were made and wait."""
        by_type: dict[str, set[str]] = {}
        for event in self.events.values():
            by_type.setdefault(event["type"], set()).add(event["request_id"])
        return by_type.get("cancellation.requested", set()).difference(
            by_type.get("cancellation.accepted", ()), by_type.get("cancellation.rejected", ())
        )


def events(client: Client) -> list[Any]:
    feed = Feed()
    feed.read(client)
    return list(feed.events.values())


def due(client: Client) -> float:
    """Tasks of all tenants that could be done now, as the server's metrics have it."""
    return next(float(line.split()[1]) for line in client.text("/metrics").splitlines() if line.startswith(_DUE))
