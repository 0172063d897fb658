"""Units are given to locations and shipped. What is cancelled, or may yet be, cannot be."""

from collections.abc import Iterable

from app.core import units as u
from app.core.copying import replace
from app.core.ledger import Ledger
from app.core.messages import Allocate, Change, Context, Fulfil, FulfilItem, MoveAllocation, Target
from app.core.model import Allocation, Fulfillment, LineUnits, Order, OrderState, Stage, Step
from app.core.refusal import Code, Refusal
from app.core.units import Units
from app.core.write import LineIndex, Numbering, at_stage, next_version, settle, with_allocation

LADDER = (Stage.PLANNED, Stage.OPENED, Stage.REQUESTED, Stage.ACCEPTED, Stage.PICKING)
ASKED = frozenset(LADDER[2:])
"""Stages in which a location was asked to go ahead."""


def decide_fulfil(before: Ledger, command: Fulfil, ctx: Context) -> Change:
    """Ship open units, the lowest numbers first.

    Refuses: NOT_OPEN (a draft), NOTHING_TO_FULFIL, LINE_NOT_FOUND, QUANTITY_OUT_OF_RANGE.
    """
    if before.order.state is OrderState.DRAFT:
        raise Refusal(Code.NOT_OPEN)
    left = {line_id: held.open for line_id, held in before.positions.items()}
    if not any(left.values()):
        raise Refusal(Code.NOTHING_TO_FULFIL)
    taken: dict[str, Units] = {}
    if command.items:
        index = LineIndex(before.order, ctx.actor.dialect)
        for item in command.items:
            _take(item, index, left, taken, before)
    else:
        taken = {line_id: units for line_id, units in left.items() if units}
    numbering = Numbering(before.order.id, before.order.children)
    fulfillment = Fulfillment(
        id=numbering.next(),
        items=tuple(LineUnits(line_id, units) for line_id, units in taken.items()),
        carrier=command.carrier,
        tracking_code=command.tracking_code,
        tracking_urls=command.tracking_urls,
        version=next_version(before),
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    order = replace(
        before.order, fulfillments=(*before.order.fulfillments, fulfillment), children=numbering.used
    )  # fmt: skip
    return settle(before, order, ctx, "order.fulfilled")


def _take(item: FulfilItem, index: LineIndex, left: dict[str, Units], taken: dict[str, Units], before: Ledger) -> None:
    if item.line is not None:
        lines = [index.find(item.line, item.field).id]
    else:
        lines = [line.id for line in before.order.lines if line.sku == item.sku]
        if not lines:
            raise Refusal(Code.LINE_NOT_FOUND, field=item.field)
    available = sum(u.count(left[line_id]) for line_id in lines)
    quantity = available if item.quantity is None else item.quantity
    if not 0 < quantity <= available:
        raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=item.field, minimum=1, maximum=available)
    for line_id in lines:
        units = u.lowest(left[line_id], quantity)
        if units:
            left[line_id] = u.minus(left[line_id], units)
            taken[line_id] = u.union(taken.get(line_id, u.NONE), units)
            quantity -= u.count(units)


def decide_allocate(before: Ledger, command: Allocate, ctx: Context) -> Change:
    """Give open units that no location holds to one. Refuses as `decide_fulfil`, and STAGE_NOT_ALLOWED."""
    if before.order.state is OrderState.DRAFT:
        raise Refusal(Code.NOT_OPEN)
    if command.stage is Stage.CANCELLED:
        raise Refusal(Code.STAGE_NOT_ALLOWED, stage=command.stage.value)
    check_not_held(before.order, None, command.stage)
    free = free_units(before)
    if command.targets:
        index = LineIndex(before.order, ctx.actor.dialect)
        items = take_all(command.targets, index, free)
    else:
        items = tuple(LineUnits(line_id, units) for line_id, units in free.items() if units)
    if not items:
        raise Refusal(Code.NOTHING_TO_ALLOCATE)
    return settle(before, allocated(before.order, command, items, ctx), ctx, "order.allocated")


def allocated(order: Order, command: Allocate, items: tuple[LineUnits, ...], ctx: Context) -> Order:
    numbering = Numbering(order.id, order.children)
    allocation = Allocation(
        id=numbering.next(),
        location_id=command.location_id,
        connector=command.connector,
        stage=command.stage,
        items=items,
        extras={ctx.actor.dialect: command.extras} if command.extras else {},
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    allocation = at_stage(allocation, command.stage, order, ctx.now)
    return replace(order, allocations=(*order.allocations, allocation), children=numbering.used)


def take_all(targets: Iterable[Target], index: LineIndex, free: dict[str, Units]) -> tuple[LineUnits, ...]:
    """One entry for each line, however often it is named."""
    taken: dict[str, Units] = {}
    for target in targets:
        item = _take_free(target, index, free)
        taken[item.line_id] = u.union(taken.get(item.line_id, u.NONE), item.units)
    return tuple(LineUnits(line_id, units) for line_id, units in taken.items())


def _take_free(target: Target, index: LineIndex, free: dict[str, Units]) -> LineUnits:
    line = index.find(target.ref, target.field)
    available = u.count(free[line.id])
    quantity = available if target.quantity is None else target.quantity
    if not 0 < quantity <= available:
        raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)
    units = u.lowest(free[line.id], quantity)
    free[line.id] = u.minus(free[line.id], units)
    return LineUnits(line.id, units)


def free_units(before: Ledger, but: str | None = None) -> dict[str, Units]:
    """The open units of each line that no allocation holds, one named by its id left out."""
    free = {line_id: held.open for line_id, held in before.positions.items()}
    for allocation in before.order.allocations:
        if allocation.stage is not Stage.CANCELLED and allocation.id != but:
            for item in allocation.items:
                free[item.line_id] = u.minus(free[item.line_id], item.units)
    return free


def allocation_of(order: Order, allocation_id: str) -> Allocation:
    found = next((a for a in order.allocations if a.id == allocation_id), None)
    if found is None:
        raise Refusal(Code.ALLOCATION_NOT_FOUND)
    return found


def decide_move(before: Ledger, command: MoveAllocation, ctx: Context) -> Change:
    """An allocation goes forward, or is cancelled while it has shipped nothing and owes no answer.

    Refuses: ALLOCATION_NOT_FOUND, STAGE_NOT_ALLOWED (also while the order is held), CANCELLATION_PENDING.
    """
    allocation = allocation_of(before.order, command.allocation_id)
    if allocation.stage is command.stage:
        return Change(ledger=before)
    if command.stage is Stage.CANCELLED:
        _check_can_cancel(before, allocation)
    elif allocation.stage is Stage.CANCELLED or LADDER.index(command.stage) < LADDER.index(allocation.stage):
        raise Refusal(Code.STAGE_NOT_ALLOWED, stage=command.stage.value)
    check_not_held(before.order, allocation.stage, command.stage)
    moved = at_stage(allocation, command.stage, before.order, ctx.now)
    return settle(before, with_allocation(before.order, moved), ctx, "allocation.updated")


def check_not_held(order: Order, now: Stage | None, then: Stage) -> None:
    """While an order is held no location is asked to go ahead; what one was asked before it may go on with."""
    if order.held and then in ASKED and now not in ASKED:
        raise Refusal(Code.STAGE_NOT_ALLOWED, stage=then.value)


def _check_can_cancel(before: Ledger, allocation: Allocation) -> None:
    for adjustment in before.order.adjustments:
        if adjustment.allocation_id == allocation.id and adjustment.step is Step.REQUESTED:
            raise Refusal(Code.CANCELLATION_PENDING, case_id=adjustment.case_id)
    if any(u.both(item.units, before.positions[item.line_id].fulfilled) for item in allocation.items):
        raise Refusal(Code.STAGE_NOT_ALLOWED, stage=Stage.CANCELLED.value)
