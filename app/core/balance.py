"""What must hold of an order's money and of units that part, whatever was done to it; `ledger.imbalances` asks here."""

from collections.abc import Iterator

from app.core import money
from app.core import units as u
from app.core.model import LineUnits, Order, Step
from app.core.units import Units


def breaches(order: Order) -> Iterator[str]:
    """Every breach, in words."""
    yield from _fees(order)
    yield from _refunds(order)
    yield from _amounts(order)
    yield from _parts(order)


def _fees(order: Order) -> Iterator[str]:
    known = {fee.id for fee in order.fees}
    for fee in order.fees:
        if order.fee_credits and money.fee_left(order, fee) < min(0, fee.amount):
            yield f"fee {fee.id}: more credited than it was"
    for credit in order.fee_credits:
        if credit.fee_id not in known or credit.amount <= 0 or not credit.items:
            yield f"credit {credit.id}: of no fee, of nothing or with nothing"


def _refunds(order: Order) -> Iterator[str]:
    if money.refunded(order) > money.paid(order):
        yield f"{money.refunded(order)} went back of {money.paid(order)}"
    lines = {line.id: line for line in order.lines}
    given: dict[str, list[Units]] = {}
    for refund in order.refunds:
        if not 0 <= refund.fees <= refund.amount or not refund.amount:
            yield f"refund {refund.id}: {refund.fees} of fees within {refund.amount}"
        for item in refund.items:
            given.setdefault(item.line_id, []).append(item.units)
    for line_id, sets in given.items():
        if sum(map(u.count, sets)) != u.count(u.union_all(sets)):
            yield f"line {line_id}: a unit was refunded twice"
        if u.minus(u.union_all(sets), u.span(lines[line_id].quantity)):
            yield f"line {line_id}: a unit was refunded that was never ordered"


def _amounts(order: Order) -> Iterator[str]:
    worth, taken = money.Worth(order), {line.id: 0 for line in order.lines}
    for a in order.adjustments:
        if a.line_id is not None:
            if a.amount != worth.units(LineUnits(a.line_id, a.units)):
                yield f"adjustment {a.id}: {a.amount} is not what its units are worth"
            taken[a.line_id] += a.amount if a.step is not Step.REJECTED else 0
    for line in order.lines:
        if taken[line.id] > worth.units(LineUnits(line.id, u.span(line.quantity))):
            yield f"line {line.id}: {taken[line.id]} cancelled or returned, more than it cost"
    # Goods that were never sold here, and a discount of more than the goods cost, may take off more than there was.
    plain = all(a.line_id is not None for a in order.adjustments) and money.order_charges(order) >= 0
    if plain and money.order_due(order) < 0:
        yield f"the order comes to {money.order_due(order)}"


def _parts(order: Order) -> Iterator[str]:
    known = {a.id: a for a in order.adjustments}
    if len(known) != len(order.adjustments):
        yield "two adjustments have one id"
    taken: dict[str, list[Units]] = {}
    for a in order.adjustments:
        taken.setdefault(a.origin, []).append(a.units)
        first = known.get(a.origin)
        if first is None or (first.line_id, first.case_id, first.root) != (a.line_id, a.case_id, None):
            yield f"adjustment {a.id}: did not start in {a.origin}"
        if not a.units or u.minus(u.of(map(int, a.contra_ids)), a.units):
            yield f"adjustment {a.id}: no units, or a contra id of none of them"
    for origin, sets in taken.items():
        if sum(map(u.count, sets)) != u.count(u.union_all(sets)):
            yield f"adjustment {origin}: two parts of it share a unit"
