"""What follows when a cancellation becomes final, whichever way it got there: restock, and holders let go."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from app.core import units as u
from app.core.ledger import Ledger
from app.core.messages import Context, Movement
from app.core.model import Adjustment, Allocation, Case, Order, Stage, Step, StepEntry
from app.core.policy import Policy


def finished_steps(version: int, now: datetime, *, restocked: bool) -> tuple[StepEntry, ...]:
    """A one-call cancel approves and finishes at once; the restock in between is shown if there was one."""
    steps = (Step.RESTOCKED, Step.FINISHED) if restocked else (Step.FINISHED,)
    return tuple(StepEntry(step, version, now) for step in steps)


def restock_movements(
    order: Order, adjustments: Iterable[Adjustment], cases: Mapping[str, Case], policy: Policy
) -> list[Movement]:
    """Goods go back to where the caller said, else, by policy, to the location that held them.

    Units that no location held and no caller placed move nothing: they never left a shelf that we know of.
    """
    if not order.track_inventory:
        return []
    holders = {allocation.id: allocation.location_id for allocation in order.allocations}
    skus = {line.id: line.sku for line in order.lines}
    movements = []
    for adjustment in adjustments:
        location = cases[adjustment.case_id].restock_to
        if location is None and policy.restock_on_cancel and adjustment.allocation_id is not None:
            location = holders[adjustment.allocation_id]
        if location is not None and adjustment.line_id is not None:
            count = u.count(adjustment.units)
            movements.append(Movement(location, skus[adjustment.line_id], count, adjustment.id))
    return movements


def release_allocations(order: Order, ctx: Context) -> Order:
    """An allocation all of whose units were cancelled is cancelled with them; one that shipped any is left alone."""
    if not order.allocations:
        return order
    ledger = Ledger(order)
    allocations = tuple(
        replace(allocation, stage=Stage.CANCELLED, updated_at=ctx.now) if _gone(allocation, ledger) else allocation
        for allocation in order.allocations
    )
    return replace(order, allocations=allocations)


def _gone(allocation: Allocation, ledger: Ledger) -> bool:
    return allocation.stage is not Stage.CANCELLED and all(
        not u.minus(item.units, ledger.positions[item.line_id].cancelled) for item in allocation.items
    )
