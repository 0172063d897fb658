"""A line as Convictional shows it: the item as ordered, then one more for what each partial cancellation left over.

Contract 3.2 (R4 seed, the rest inferred). A pure fold over what was accepted as cancelled, in the order of acceptance.
"""

from dataclasses import dataclass
from datetime import datetime

from app.core import units as u
from app.core.ledger import Acceptance, Ledger
from app.core.model import Line, Party
from app.core.units import Units

NAME = "convictional"


@dataclass(frozen=True, slots=True)
class Item:
    """A link of a line's chain; `ended` is the acceptance that cancelled it and, if anything is left, made the next."""

    id: str
    line: Line
    ordinal: int
    quantity: int
    ended: Acceptance | None


def items(ledger: Ledger) -> list[Item]:
    """All as ordered, in line order; then what is left over, in the order of acceptance."""
    ordered: list[Item] = []
    left_over: list[tuple[int, Item]] = []
    for ordinal, line in enumerate(ledger.order.lines, start=1):
        links = ledger.acceptances(line.id)
        ordered.append(Item(line.keys.get(NAME, line.id), line, ordinal, line.quantity, links[0] if links else None))
        left = line.quantity
        for link, after in zip(links, [*links[1:], None], strict=False):
            left -= u.count(link.units)
            if left:
                left_over.append((link.version, Item(link.id, line, ordinal, left, after)))
    return [*ordered, *(item for _, item in sorted(left_over, key=lambda made: made[0]))]


def named(ledger: Ledger, item_id: str) -> Item:
    """The item of that id, or of the core's id for the line. The core has taken it for a target: it is there."""
    return next(item for item in items(ledger) if item_id in {item.id, item.line.id})


def tails(ledger: Ledger) -> dict[str, str]:
    """Line to the id of its last item: shipments move along the chain, or a cancelled item would own shipped units."""
    return {item.line.id: item.id for item in items(ledger)}


def before(ledger: Ledger, line: Line, version: int) -> list[tuple[str, Units]]:
    """The ids of a line's items as they were before that version of the order, with the units of each: those that it
    was cancelled with, of the last those that stood."""
    links = [link for link in ledger.acceptances(line.id) if link.version < version]
    ids = [line.keys.get(NAME, line.id), *(link.id for link in links)]
    left = u.span(line.quantity)
    for link in links:
        left = u.minus(left, link.units)
    return [*zip(ids, [*(link.units for link in links), left], strict=True)]


def by(party: Party) -> str:
    return "buyer" if party is Party.BUYER else "seller"


def accepted_at(acceptance: Acceptance) -> datetime:
    return next(step.at for step in acceptance.adjustment.steps if step.version == acceptance.version)
