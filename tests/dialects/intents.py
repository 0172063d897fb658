"""What somebody may want of an order, in a dialect's words, and what the dialect then shows of it.

Each dialect's `speaker.py` says it; `speakers.py` finds them all. A line is named by its place, from 0, with a
sku of its own. No test and no fixture is here.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx

from app.core.ledger import Ledger
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

SKUS = ("MUG-RED", "TEA-GREEN", "TRAY-OAK")
QUANTITIES = (5, 2, 1)


@dataclass(frozen=True)
class Seen:
    """`alive` is how much of each sku is not cancelled; `over` whether the order reads as cancelled."""

    alive: Mapping[str, int]
    over: bool


class Outcome(StrEnum):
    DONE = "done"
    WAITS = "waits"
    REFUSED = "refused"


class Speaker(ABC):
    """`None` where the dialect has no words for it."""

    name: str
    says_why: bool = True
    """Whether a cancellation has a reason."""
    rest: bool = True
    """Whether `cancel_rest` goes on where something was shipped; else it is `cancel_whole`."""

    def outcome(self, tenant: Tenant, answer: httpx.Response) -> tuple[Outcome, str]:
        """Of anything that was asked for, with the id of the request that waits for a warehouse."""
        if answer.status_code == 202:
            return Outcome.WAITS, answer.headers["Location"].rpartition("/")[2]
        return (Outcome.DONE if answer.is_success else Outcome.REFUSED), ""

    def go_on(self, tenant: Tenant, order: Mapping[str, Any]) -> None:
        """What is left to do for whoever cancelled, once the warehouse has answered."""
        return

    @abstractmethod
    def read(self, order: Mapping[str, Any]) -> Wire: ...

    @abstractmethod
    def see(self, body: Any) -> Seen: ...

    @abstractmethod
    def cancel_part(self, order: Mapping[str, Any], body: Any, line: int, units: int, reason: str) -> Wire | None:
        """`body` is what `read` was answered."""

    @abstractmethod
    def cancel_rest(self, order: Mapping[str, Any], body: Any, reason: str | None) -> Wire: ...

    @abstractmethod
    def cancel_whole(self, order: Mapping[str, Any], reason: str) -> Wire | None:
        """Refused once something was shipped."""

    @abstractmethod
    def ship(self, order: Mapping[str, Any], line: int, units: int) -> Wire | None: ...

    # -- what is shown of an order as a whole

    inside: tuple[str | int, ...] = ()
    """Where the order is in what it is read with (`faces.py`)."""

    def show(self, order_id: str) -> Wire:
        """Reads all that the dialect shows of an order."""
        return self.read({"id": order_id})

    def agrees(self, ledger: Ledger, order: Any, seen: Any) -> None:
        """Asserts that what it shows, out of its envelope, is what the core and the native API say."""
        return


def lines() -> list[dict[str, Any]]:
    """Of an order to talk about."""
    return [
        {"sku": sku, "quantity": quantity, "unit_price": 333 * (n + 1), "tax_rate": 0.21}
        for n, (sku, quantity) in enumerate(zip(SKUS, QUANTITIES, strict=True))
    ]
