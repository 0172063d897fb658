"""What a refund gave back of each line. Rounding is cumulative: the lines and the fees always add up to the refund."""

from collections.abc import Iterable, Sequence
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


def shares(order: Order, refund: Refund, worth: money.Worth | None = None) -> dict[str, Share]:
    """By line id; none for a refund of an amount alone. `worth` is the order's, where it is at hand."""
    lines, worth = {line.id: line for line in order.lines}, worth or money.Worth(order)
    values = [worth.units(item) for item in refund.items]
    found: dict[str, Share] = {}
    for item, value, amount in zip(refund.items, values, _divided(refund, values), strict=True):
        share = _share(order, lines[item.line_id], item, value, amount)
        found[item.line_id] = found.get(item.line_id, _NOTHING) + share
    return found


def amounts(refund: Refund, pieces: Iterable[LineUnits], worth: money.Worth) -> list[int]:
    """What went back for each of these pieces, which together are the refund's items."""
    return _divided(refund, [worth.units(piece) for piece in pieces])


def _divided(refund: Refund, worth: Sequence[int]) -> list[int]:
    """Units are worth what they cost. A refund of all that is left may be less, where an amount alone went back before:
    then each piece has its part of it.
    """
    goods, whole, reached = refund.amount - refund.fees, sum(worth), accumulate(worth, initial=0)
    return [part(goods, end, whole) - part(goods, start, whole) for start, end in pairwise(reached)]


def _share(order: Order, line: Line, item: LineUnits, worth: int, amount: int) -> Share:
    gross = money.units_gross(line, item.units, tax_included=order.prices_include_tax)
    tax = money.units_tax(line, item.units, tax_included=order.prices_include_tax)
    return Share(u.count(item.units), amount, part(amount, tax, gross), gross - worth)


def part(amount: int, some: int, whole: int) -> int:
    """Of an amount what some of the whole bear, half up; of cumulative sums the parts add up to the amount."""
    return int((Decimal(amount * some) / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if whole else 0
