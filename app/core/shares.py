"""What a refund gave back of each line. Rounding is cumulative: the lines and the fees always add up to the refund."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise

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
    """By line id; none for a refund of an amount alone."""
    lines = {line.id: line for line in order.lines}
    found: dict[str, Share] = {}
    for item, amount in zip(refund.items, amounts(order, refund, refund.items), strict=True):
        share = _share(order, lines[item.line_id], item, amount)
        found[item.line_id] = found.get(item.line_id, _NOTHING) + share
    return found


def amounts(order: Order, refund: Refund, pieces: Sequence[LineUnits]) -> list[int]:
    """What went back for each of these pieces, which together are the refund's items.

    Units are worth what they cost. A refund of all that is left may be less, where an amount alone went back before:
    then each piece has its part of it.
    """
    goods, paid = refund.amount - refund.fees, [money.units_paid(order, [piece]) for piece in pieces]
    whole, reached = sum(paid), list(accumulate(paid, initial=0))
    return [_part(goods, end, whole) - _part(goods, start, whole) for start, end in pairwise(reached)]


def _share(order: Order, line: Line, item: LineUnits, amount: int) -> Share:
    gross = money.units_gross(line, item.units, tax_included=order.prices_include_tax)
    tax = money.units_tax(line, item.units, tax_included=order.prices_include_tax)
    discount = gross - money.units_paid(order, [item])
    return Share(u.count(item.units), amount, _part(amount, tax, gross), discount)


def _part(amount: int, part: int, whole: int) -> int:
    return int((Decimal(amount * part) / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if whole else 0
