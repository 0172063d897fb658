"""Who fulfils an order: it is dispatched to locations, planned by hand, held back, or let go of again."""

from app.core import units as u
from app.core.cancel import decide_cancel
from app.core.commands import CancelAllocation, Dispatch, EditAllocation, Hold
from app.core.copying import replace
from app.core.fulfil import ASKED, LADDER, allocated, allocation_of, check_not_held, free_units, take_all
from app.core.ledger import Ledger
from app.core.messages import Allocate, Cancel, Change, Context, Target
from app.core.model import Allocation, LineUnits, OrderState, Scope, Stage
from app.core.refusal import Code, Refusal
from app.core.units import Units
from app.core.write import LineIndex, at_stage, settle, with_allocation


def decide_dispatch(before: Ledger, command: Dispatch, ctx: Context) -> Change:
    """An allocation that holds units of a named line goes on as a whole.

    Refuses: NOT_OPEN (completed), NOT_A_DRAFT or NOTHING_TO_ALLOCATE (nothing is left to do), STAGE_NOT_ALLOWED
    (the order is held), LINE_NOT_FOUND.
    """
    order = before.order
    if order.state is OrderState.COMPLETED:
        raise Refusal(Code.NOT_OPEN)
    stage = Stage.REQUESTED if command.request else Stage.OPENED
    check_not_held(order, None, stage)
    wanted = _lines(before, command, ctx)
    for allocation in order.allocations:
        if _waits(allocation, stage, before) and any(item.line_id in wanted for item in allocation.items):
            order = with_allocation(order, at_stage(allocation, stage, before.order, ctx.now))
    free = tuple(LineUnits(id_, units) for id_, units in free_units(before).items() if units and id_ in wanted)
    if free and ctx.place is not None and not order.manual:
        gives = Allocate(location_id=ctx.place.location_id, connector=ctx.place.connector, stage=stage)
        order = allocated(order, gives, free, ctx)
    opens = order.state is OrderState.DRAFT
    if order is before.order and (command.request or not opens):
        by_hand = command.request or command.targets
        raise Refusal(Code.NOTHING_TO_ALLOCATE if by_hand else Code.NOT_A_DRAFT)
    if opens:
        order = replace(order, state=OrderState.OPEN, opened_at=ctx.now)
    return settle(before, order, ctx, _event_type(command, opens=opens))


def _lines(before: Ledger, command: Dispatch, ctx: Context) -> set[str]:
    if not command.targets:
        return set(before.positions)
    index = LineIndex(before.order, ctx.actor.dialect)
    return {index.find(target.ref, target.field).id for target in command.targets}


def _waits(allocation: Allocation, stage: Stage, before: Ledger) -> bool:
    """It is behind that stage, and something is left of it to go on with."""
    if allocation.stage is Stage.CANCELLED or LADDER.index(allocation.stage) >= LADDER.index(stage):
        return False
    return any(_open(before, item) for item in allocation.items)


def _event_type(command: Dispatch, *, opens: bool) -> str:
    if command.request:
        return "fulfillment.requested"
    if command.targets:
        return "lines.opened"
    return "order.opened" if opens else "order.dispatched"


def decide_hold(before: Ledger, command: Hold, ctx: Context) -> Change:
    """Refuses: NOT_OPEN, STEP_NOT_ALLOWED (held already, or not held)."""
    if before.order.state is not OrderState.OPEN:
        raise Refusal(Code.NOT_OPEN)
    if before.order.held is command.held:
        raise Refusal(Code.STEP_NOT_ALLOWED, step="hold" if command.held else "resume")
    event = "order.held" if command.held else "order.resumed"
    return settle(before, replace(before.order, held=command.held), ctx, event)


def decide_edit_allocation(before: Ledger, command: EditAllocation, ctx: Context) -> Change:
    """Extras at any time; the location and the units only while nobody was told of them.

    Refuses: ALLOCATION_NOT_FOUND, STAGE_NOT_ALLOWED, NOTHING_TO_ALLOCATE, LINE_NOT_FOUND, QUANTITY_OUT_OF_RANGE.
    """
    allocation = allocation_of(before.order, command.allocation_id)
    if allocation.stage is Stage.CANCELLED:
        raise Refusal(Code.STAGE_NOT_ALLOWED, stage=allocation.stage.value)
    edited = _told_anew(before, allocation, command, ctx)
    if command.extras is not None:
        mine = {**allocation.extras.get(ctx.actor.dialect, {}), **command.extras}
        edited = replace(edited, extras={**allocation.extras, ctx.actor.dialect: mine})
    if edited == allocation:
        return Change(ledger=before)
    edited = replace(edited, updated_at=ctx.now)
    return settle(before, with_allocation(before.order, edited), ctx, "allocation.updated")


def _told_anew(before: Ledger, allocation: Allocation, command: EditAllocation, ctx: Context) -> Allocation:
    edited = allocation
    if command.location_id not in {None, allocation.location_id}:
        edited = replace(edited, location_id=command.location_id, connector=command.connector)
    if command.targets is not None:
        index, free = LineIndex(before.order, ctx.actor.dialect), free_units(before, but=allocation.id)
        edited = replace(edited, items=take_all(command.targets, index, free))
    if edited != allocation and allocation.stage is not Stage.PLANNED:
        raise Refusal(Code.STAGE_NOT_ALLOWED, stage=Stage.PLANNED.value)
    if not edited.items:
        raise Refusal(Code.NOTHING_TO_ALLOCATE)
    return edited


def decide_cancel_allocation(before: Ledger, command: CancelAllocation, ctx: Context) -> Change:
    """At once or not at all: where a location has to agree first, the order has to be cancelled.

    Refuses: ALLOCATION_NOT_FOUND, STAGE_NOT_ALLOWED, ALREADY_CANCELLED, ALREADY_FULFILLED, CANCELLATION_PENDING.
    """
    allocation = allocation_of(before.order, command.allocation_id)
    if allocation.stage is Stage.CANCELLED:
        raise Refusal(Code.ALREADY_CANCELLED)
    open_ = [LineUnits(item.line_id, units) for item in allocation.items if (units := _open(before, item))]
    if open_ and allocation.connector and allocation.stage in ASKED:
        raise Refusal(Code.STAGE_NOT_ALLOWED, stage=Stage.CANCELLED.value)
    # With nothing open all its units are named, so that the refusal says what became of them.
    targets = tuple(Target(ref=item.line_id, units=item.units, field="id") for item in open_ or allocation.items)
    return decide_cancel(before, Cancel(scope=Scope.LINES, targets=targets), ctx)


def _open(before: Ledger, item: LineUnits) -> Units:
    return u.both(item.units, before.positions[item.line_id].open)
