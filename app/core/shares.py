"""What a refund gave back of each line. Rounding is cumulative: the lines and the fees always add up to the refund."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.core import money
from app.core import units as u
from app.core.model import Line, LineUnits, Order, Refund


@dataclass(frozen=True, slots=True)
class Share:
    """In minor units. `tax` is within `amount`; `discount` is what the units had cost more without one."""

    units: int
    amount: int
    tax: int
    discount: int

    def __add__(self, other: "Share") -> "Share":
        return Share(
            self.units + other.units,
            self.amount + other.amount,
            self.tax + other.tax,
            self.discount + other.discount,
        )


_NOTHING = Share(0, 0, 0, 0)


def shares(order: Order, refund: Refund) -> dict[str, Share]:
    """By line id; none for a refund of an amount alone.

    Units are worth what they cost. A refund of all that is left may be less, where an amount alone went back before:
    then each line has its part of it.
    """
    lines = {line.id: line for line in order.lines}
    goods, whole = refund.amount - refund.fees, money.units_paid(order, refund.items)
    found: dict[str, Share] = {}
    reached = given = 0
    for item in refund.items:
        paid = money.units_paid(order, [item])
        reached += paid
        amount = _part(goods, reached, whole) - given
        given += amount
        share = _share(order, lines[item.line_id], item, paid, amount)
        found[item.line_id] = found.get(item.line_id, _NOTHING) + share
    return found


def _share(order: Order, line: Line, item: LineUnits, paid: int, amount: int) -> Share:
    included = order.prices_include_tax
    gross = money.units_gross(line, item.units, tax_included=included)
    tax = sum(
        money.line_tax(line, last, tax_included=included) - money.line_tax(line, first - 1, tax_included=included)
        for first, last in item.units
    )
    return Share(u.count(item.units), amount, _part(amount, tax, gross), gross - paid)


def _part(amount: int, part: int, whole: int) -> int:
    return int((Decimal(amount * part) / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if whole else 0
