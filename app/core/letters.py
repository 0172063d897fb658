"""What a mail to the customer tells: units of one cancellation or return, what they are worth, fees credited with them.

Plain facts in minor units; which words and which language they get is somebody else's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core import units as u
from app.core.ledger import Ledger
from app.core.model import Case, CaseKind, Fee, Order, Reason, Step
from app.core.refusal import Code, Refusal
from app.core.units import Units

Items = Sequence[tuple[str, Units]]
"""Origins of adjustments, each with units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterItem:
    """Units of one line, or of goods that were never sold here. `amount` is what was paid for them, tax included: their
    share of a discount is taken off.
    """

    sku: str
    title: str
    quantity: int
    amount: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class LetterFee:
    fee: Fee
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    order: Order
    kind: CaseKind
    items: tuple[LetterItem, ...]
    fees: tuple[LetterFee, ...]

    @property
    def items_total(self) -> int:
        return sum(item.amount for item in self.items)

    @property
    def fees_total(self) -> int:
        return sum(fee.amount for fee in self.fees)

    @property
    def total(self) -> int:
        return self.items_total + self.fees_total

    @property
    def reason(self) -> Reason | None:
        """The one that all items have; None when they differ."""
        reasons = {item.reason for item in self.items}
        return reasons.pop() if len(reasons) == 1 else None


def letter(ledger: Ledger, kind: CaseKind, items: Items) -> Letter:
    """Of these units, wherever they have parted to since; no items when the order knows none of them."""
    wanted: dict[str, Units] = {}
    for origin, units in items:
        wanted[origin] = u.union(units, wanted.get(origin, u.NONE))
    return Letter(
        order=ledger.order,
        kind=kind,
        items=tuple(_items(ledger, kind, wanted)),
        fees=tuple(_fees(ledger.order, wanted)),
    )


def letter_of_case(ledger: Ledger, case: Case) -> Letter:
    """Of all that a case is about and that nobody refused, whatever step it is at.

    Refuses: CANCELLATION_REFUSED, when that is nothing.
    """
    adjustments = [a for a in ledger.order.adjustments if a.case_id == case.id and a.step is not Step.REJECTED]
    if not adjustments:
        raise Refusal(Code.CANCELLATION_REFUSED, message=case.message)
    return letter(ledger, case.kind, [(a.origin, a.units) for a in adjustments])


def _items(ledger: Ledger, kind: CaseKind, wanted: Mapping[str, Units]) -> Iterable[LetterItem]:
    """One for each line and reason, however many adjustments its units are in."""
    lines = {line.id: line for line in ledger.order.lines}
    found: dict[tuple[str, Reason], LetterItem] = {}
    for adjustment in ledger.order.adjustments:
        case = ledger.cases[adjustment.case_id]
        units = u.both(adjustment.units, wanted.get(adjustment.origin, u.NONE))
        if not units or case.kind is not kind:
            continue
        line = lines.get(adjustment.line_id or "")
        key, reason = adjustment.line_id or adjustment.origin, adjustment.reason or case.reason
        before = found.get((key, reason))
        sku = line.sku if line else adjustment.sku or ""
        found[key, reason] = LetterItem(
            sku=sku,
            title=(line.title if line else adjustment.title) or sku,
            quantity=u.count(units) + (before.quantity if before else 0),
            amount=ledger.worth.part(adjustment, units) + (before.amount if before else 0),
            reason=reason,
        )
    return found.values()


def _fees(order: Order, wanted: Mapping[str, Units]) -> Iterable[LetterFee]:
    """What was credited together with these units and no others: so no credit is told of in two mails."""
    amounts: dict[str, int] = {}
    for credit in order.fee_credits:
        if all(not u.minus(item.units, wanted.get(item.origin, u.NONE)) for item in credit.items):
            amounts[credit.fee_id] = amounts.get(credit.fee_id, 0) + credit.amount
    return (LetterFee(fee, amounts[fee.id]) for fee in order.fees if fee.id in amounts)
