"""Four throw-away views: proof that one ledger draws the pictures of all the faces. The faces have their own mappings.

Each is as small as it can be, follows its contract's words for what it shows, and reads nothing but the ledger.
"""

from dataclasses import dataclass
from typing import Any

from app.core import parts
from app.core import units as u
from app.core.ledger import PENDING, Acceptance, Ledger
from app.core.model import Adjustment, CaseKind, Line, OrderState, Step


@dataclass(frozen=True)
class Item:
    """What Convictional calls an item: a line, or what a partial cancel left of one."""

    id: str
    quantity: int
    cancelled: bool = False
    reason: str = ""
    shipped: int = 0


def chain(ledger: Ledger) -> list[Item]:
    """Originals in their order, then successors in the order in which they came to be (convictional.md 3.2)."""
    originals, successors = [], []
    for line in ledger.order.lines:
        links = _links(ledger, line)
        originals.append(links[0][1])
        successors += links[1:]
    return originals + [item for _, item in sorted(successors, key=lambda link: link[0])]


def _links(ledger: Ledger, line: Line) -> list[tuple[int, Item]]:
    links: list[tuple[int, Item]] = []
    held = Item(line.id, line.quantity)
    version = 0
    for taken in ledger.acceptances(line.id):
        links.append((version, _closed(held, taken)))
        held = Item(taken.id, held.quantity - u.count(taken.units))
        version = taken.version
    if held.quantity:
        shipped = u.count(ledger.positions[line.id].fulfilled)
        links.append((version, Item(held.id, held.quantity, shipped=shipped)))
    return links


def _closed(item: Item, taken: Acceptance) -> Item:
    return Item(item.id, item.quantity, cancelled=True, reason=taken.case.reason.shown or "")


def dispatch(ledger: Ledger) -> dict[str, Any]:
    """HappyColis: requests with a state, an order that is done or not, lines by what is left of them (3.2, 3.3)."""
    return {
        "order": {"draft": "DRAFT", "open": "OPENED", "completed": "COMPLETED"}[ledger.order.state.value],
        "requests": [(case.kind.value.upper(), case.state.value.upper(), case.message) for case in ledger.order.cases],
        "lines": [_line(held.counts(), held.line.quantity) for held in ledger.positions.values()],
    }


def _line(counts: dict[str, int], placed: int) -> tuple[int, str]:
    if counts["cancelled"] == placed:
        return placed, "CANCELED"
    left = placed - counts["cancelled"]
    return left, "FULFILLED" if counts["fulfilled"] == left else "PENDING"


def status(ledger: Ledger) -> dict[str, Any]:
    """Shopline: one word for the order, lines as placed, and how much of each came back or never went."""
    words = {OrderState.DRAFT: "opened", OrderState.OPEN: "placed", OrderState.COMPLETED: "finished"}
    held = [(position.line.quantity, position.counts()) for position in ledger.positions.values()]
    return {
        "status": "cancelled" if ledger.cancelled else words[ledger.order.state],
        "lines": [(placed, counts["cancelled"] + counts["returned"]) for placed, counts in held],
    }


def contra(ledger: Ledger) -> dict[str, Any]:
    """Afosto: a state for each unit, a contra item for each unit that is taken back, and what is to be done next."""
    rows: dict[str, str] = {}
    actions: dict[str, list[str]] = {}
    for adjustment in ledger.order.adjustments:
        ids = contra_ids(adjustment)
        rows |= dict.fromkeys(ids, adjustment.step.value)
        action = _action(ledger, adjustment)
        if action is not None:
            actions.setdefault(action, []).extend(ids)
    return {
        "items": [_units(ledger, line) for line in ledger.order.lines],
        "contra": rows,
        "actions": actions,
        "closed": ledger.done and not actions and not any(held.announced for held in ledger.positions.values()),
    }


def contra_ids(adjustment: Adjustment) -> list[str]:
    """One for each unit: the client's, else derived from where the unit started."""
    return [parts.contra_id(adjustment, number) for number in u.numbers(adjustment.units)]


def _action(ledger: Ledger, adjustment: Adjustment) -> str | None:
    step, kind = adjustment.step, ledger.cases[adjustment.case_id].kind
    if step is Step.AWAITING_APPROVAL:
        return "HANDLE_APPROVAL"
    if step is Step.APPROVED or (step is Step.RECEIVED and kind is CaseKind.RETURN):
        return "HANDLE_RESTOCK" if ledger.order.track_inventory else "HANDLE_FINISH"
    return "HANDLE_FINISH" if step is Step.RESTOCKED else None


def _units(ledger: Ledger, line: Line) -> list[str]:
    states = ["SOLD"] * line.quantity
    for number in u.numbers(ledger.positions[line.id].fulfilled):
        states[number - 1] = "SHIPPED"
    for adjustment in ledger.order.adjustments:
        if adjustment.line_id == line.id and adjustment.step is not Step.REJECTED:
            for number in u.numbers(adjustment.units):
                states[number - 1] = _unit(ledger, adjustment)
    return states


def _unit(ledger: Ledger, adjustment: Adjustment) -> str:
    if ledger.cases[adjustment.case_id].kind is CaseKind.RETURN:
        return "RETURNED" if adjustment.step is Step.FINISHED else "RETURNING"
    return "CANCELLING" if adjustment.step in PENDING else "CANCELLED"


def all_four(ledger: Ledger) -> tuple[list[Item], dict[str, Any], dict[str, Any], dict[str, Any]]:
    return chain(ledger), dispatch(ledger), status(ledger), contra(ledger)
