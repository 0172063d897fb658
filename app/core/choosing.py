"""Which units of a line a cancellation by quantity takes: those no warehouse holds first, then the least advanced."""

from itertools import groupby

from app.core import units as u
from app.core.ledger import Ledger
from app.core.model import Allocation, Line, Stage
from app.core.units import Units

_RANK = {stage: rank for rank, stage in enumerate(Stage)}


def by_holder(before: Ledger, line: Line, units: Units) -> list[tuple[Allocation | None, Units]]:
    """The units apart by who holds them: nobody first, then the least advanced stage."""
    holders: list[tuple[Allocation | None, Units]] = []
    for allocation in sorted(before.order.allocations, key=lambda a: _RANK[a.stage]):
        if allocation.stage is Stage.CANCELLED:
            continue
        for item in allocation.items:
            if item.line_id == line.id and (mine := u.both(units, item.units)):
                holders.append((allocation, mine))
                units = u.minus(units, mine)
    return [(None, units), *holders] if units else holders


def choose(before: Ledger, line: Line, units: Units, quantity: int) -> Units:
    chosen: Units = u.NONE
    for _, equals in groupby(by_holder(before, line, units), key=lambda holder: holder[0] and holder[0].stage):
        held = u.NONE
        for _, mine in equals:
            held = u.union(held, mine)
        taken = u.highest(held, quantity)
        chosen = u.union(chosen, taken)
        quantity -= u.count(taken)
        if not quantity:
            break
    return chosen
