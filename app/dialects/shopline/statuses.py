"""An order's three statuses, as it shows them and as lists filter by them: one table for both, so that a filter finds
exactly the orders that show its word (contract 2.10, public docs; which facts make which word: 3.3, inferred)."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.core import standing
from app.core.ledger import Ledger, Position
from app.core.model import OrderState, PaymentStatus
from app.core.units import Units

Facts = Mapping[str, frozenset[Any]]
"""What must hold, by field of `Query`: each of them has one of the values."""

NOTHING: Facts = {"states": frozenset()}

_DRAFT, _OPEN, _COMPLETED = {OrderState.DRAFT}, {OrderState.OPEN}, {OrderState.COMPLETED}
PLACED: Facts = {"states": frozenset({OrderState.OPEN, OrderState.COMPLETED})}
"""What shows a `placed_at` at all."""

_UNPAID = {PaymentStatus.WAITING, PaymentStatus.PAYING, PaymentStatus.AUTHORIZED, PaymentStatus.FAILED}


def _when(**facts: Iterable[Any]) -> Facts:
    return {name: frozenset(values) for name, values in facts.items()}


STATUS: Mapping[str, Facts] = {
    "opened": _when(states=_DRAFT),
    "placed": _when(states=_OPEN),
    "finished": _when(states=_COMPLETED, cancelled={False}, archived={False}),
    "cancelled": _when(cancelled={True}),
    # Only what is finished can be archived (row 9 of 1.3).
    "closed": _when(archived={True}),
}

FINANCIAL: Mapping[str, Facts] = {
    "waiting": _when(payments={PaymentStatus.WAITING}, cancelled={False}),
    "paying": _when(payments={PaymentStatus.PAYING, PaymentStatus.AUTHORIZED}, cancelled={False}),
    "failed": _when(payments={PaymentStatus.FAILED}, cancelled={False}),
    # Money that was captured stays what it is: a refund is another decision (3.3).
    "paid": _when(payments={PaymentStatus.PAID}),
    "partially_refunded": _when(payments={PaymentStatus.PARTIALLY_REFUNDED}),
    "refunded": _when(payments={PaymentStatus.REFUNDED}),
    "cancelled": _when(payments=_UNPAID, cancelled={True}),
    # A refund is done once it is recorded: none is ever on its way, and none fails.
    "refunding": NOTHING,
    "refund_failed": NOTHING,
}

FULFILLMENT: Mapping[str, Facts] = {
    "initialled": _when(states=_DRAFT),
    "waiting": _when(states=_OPEN, progress={"none"}),
    "partially_shipped": _when(progress={"partial"}),
    "shipped": _when(progress={"full"}, cancelled={False}),
    "cancelled": _when(cancelled={True}, progress={"none"}),
    "partially_finished": _when(progress={"partly_delivered"}),
    "finished": _when(progress={"delivered"}),
    "returning": _when(progress={"returning"}),
    "returned": _when(progress={"returned"}),
    "partially_returned": _when(progress={"partly_returned"}),
}

# No recall mail is ever sent from here.
RECOVERY: Mapping[str, Facts] = {
    "waiting": {},
    **dict.fromkeys(("sending", "recalling", "failed", "success"), NOTHING),
}


def facts_of(ledger: Ledger) -> Mapping[str, Any]:
    """Where an order stands, by the same names."""
    return {
        "states": ledger.order.state,
        "cancelled": ledger.cancelled,
        "archived": ledger.order.archived_at is not None,
        "progress": standing.progress(ledger),
        "payments": ledger.order.payment.status,
    }


def shown(table: Mapping[str, Facts], facts: Mapping[str, Any]) -> str:
    """The one word of the table that the facts allow."""
    return next(
        word for word, wanted in table.items() if all(facts[name] in values for name, values in wanted.items())
    )  # fmt: skip


def narrowed(*wanted: Facts) -> dict[str, Any]:
    """All of them together, as arguments of a `Query`."""
    merged: dict[str, frozenset[Any]] = {}
    for facts in wanted:
        for name, values in facts.items():
            merged[name] = merged.get(name, values) & values
    either = {name: merged.pop(name, _ANY) for name in ("cancelled", "archived")}
    if not all(either.values()):
        return {"states": []}
    one = {name: next(iter(values)) for name, values in either.items()}
    return {**one, **{name: sorted(values) for name, values in merged.items()}}


_ANY = frozenset({None})
_OF_LINE: Mapping[str, str] = {"none": "waiting"} | {
    word: shown for shown, facts in FULFILLMENT.items() for word in facts.get("progress", ()) if word != "none"
}


def of_line(held: Position, arrived: Units) -> str:
    """By what was shipped alone, so that a cancellation leaves it as it was (3.3)."""
    return _OF_LINE[standing.line_progress(held, arrived)]
