"""Which units of a line a cancellation by quantity takes: those no warehouse holds first, then the least advanced."""

from itertools import groupby

from app.core import units as u
from app.core.ledger import Ledger
from app.core.model import Allocation, Line
from app.core.units import Units


def by_holder(before: Ledger, line: Line, units: Units) -> list[tuple[Allocation | None, Units]]:
    """The units apart by who holds them: nobody first, then the least advanced stage."""
    holders: list[tuple[Allocation | None, Units]] = []
    for allocation, given in before.holders(line.id):
        if mine := u.both(units, given):
            holders.append((allocation, mine))
            units = u.minus(units, mine)
    return [(None, units), *holders] if units else holders


def choose(before: Ledger, line: Line, units: Units, quantity: int) -> Units:
    if not before.holders(line.id):
        return u.highest(units, quantity)
    chosen: Units = u.NONE
    for _, equals in groupby(by_holder(before, line, units), key=lambda holder: holder[0] and holder[0].stage):
        taken = u.highest(u.union_all(mine for _, mine in equals), quantity)
        chosen = u.union(chosen, taken)
        quantity -= u.count(taken)
        if not quantity:
            break
    return chosen
