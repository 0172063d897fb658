"""The decision that shipped units come back, and goods that were never sold here."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.core import units as u
from app.core.aftersales import AnnounceReturn, LooseReturn
from app.core.copying import replace
from app.core.finish import decided, into_stock
from app.core.ledger import Ledger, Position
from app.core.messages import Change, Context, ForeignKey, Target
from app.core.model import (
    Adjustment,
    Case,
    CaseKind,
    CaseState,
    Fulfillment,
    FulfillmentState,
    Line,
    LineUnits,
    Order,
    Scope,
    Step,
    StepEntry,
)
from app.core.refusal import Code, Refusal
from app.core.steps import needs_approval
from app.core.targets import line_of, new_targets, together
from app.core.units import Units
from app.core.write import LineIndex, Numbering, next_version, settle


def decide_return(before: Ledger, command: AnnounceReturn, ctx: Context) -> Change:
    """Shipped units come back, all or none; targets that only repeat what was announced before change nothing.

    Refuses: INVALID, LINE_NOT_FOUND, NOT_SHIPPED, ALREADY_RETURNED, QUANTITY_OUT_OF_RANGE, RETURN_WINDOW_CLOSED,
    DUPLICATE.
    """
    if not command.targets and not command.loose:
        raise Refusal(Code.INVALID, field="lines", problem="names no line")
    targets = new_targets(before, command.targets, ctx.actor.dialect, CaseKind.RETURN)
    if not targets and not command.loose:
        return Change(ledger=before)
    numbering = Numbering(before.order.id, before.order.children)
    case = Case(
        id=numbering.next(),
        kind=CaseKind.RETURN,
        scope=Scope.LINES,
        actor=ctx.actor,
        reason=command.reason,
        state=CaseState.PENDING,
        restock_to=command.restock_to,
        created_at=ctx.now,
    )
    adjustments = _announced(before, targets, case, numbering, ctx)
    adjustments += [_loose(wanted, case, numbering) for wanted in command.loose]
    adjustments = [_begun(adjustment, command, before, ctx) for adjustment in adjustments]
    (case,) = decided([case], adjustments, ctx.now)
    order = replace(
        before.order,
        cases=(*before.order.cases, case),
        adjustments=(*before.order.adjustments, *adjustments),
        children=numbering.used,
    )
    keys = tuple(ForeignKey(ctx.actor.dialect, "contra", c) for t in targets for c in t.contra_ids.values())
    restocked = (a for a in adjustments if any(entry.step is Step.RESTOCKED for entry in a.steps))
    movements = into_stock(order, ((adjustment, case.restock_to) for adjustment in restocked))
    return settle(before, order, ctx, f"return.{command.until.value}", case=case, keys=keys, movements=movements)


def _announced(
    before: Ledger, targets: Iterable[Target], case: Case, numbering: Numbering, ctx: Context
) -> list[Adjustment]:
    index, late = LineIndex(before.order, ctx.actor.dialect), _late(before.order, ctx)
    left = {line_id: returnable(held) for line_id, held in before.positions.items()}
    groups: dict[tuple[object, ...], list[tuple[Line, Target, Units]]] = {}
    for n, target in enumerate(targets):
        line = line_of(before, index, target, ctx.actor.dialect)
        units = _units_of(target, before.positions[line.id], left[line.id])
        left[line.id] = u.minus(left[line.id], units)
        if u.both(units, late.get(line.id, u.NONE)):
            raise Refusal(Code.RETURN_WINDOW_CLOSED, field=target.field, hours=ctx.policy.return_window_hours)
        groups.setdefault(together(line, target, n), []).append((line, target, units))
    adjustments = []
    for group in groups.values():
        line, first, _ = group[0]
        units = u.union_all(units for _, _, units in group)
        adjustments.append(
            Adjustment(
                id=numbering.next(),
                case_id=case.id,
                line_id=line.id,
                units=units,
                amount=before.worth.units(LineUnits(line.id, units)),
                contra_ids={number: contra for _, target, _ in group for number, contra in target.contra_ids.items()},
                reason=first.reason,
                steps=(),
            )
        )
    return adjustments


def _loose(wanted: LooseReturn, case: Case, numbering: Numbering) -> Adjustment:
    return Adjustment(
        id=numbering.next(),
        case_id=case.id,
        line_id=None,
        units=u.span(wanted.quantity),
        amount=wanted.unit_price * wanted.quantity,
        sku=wanted.sku,
        title=wanted.title,
        reason=wanted.reason,
        steps=(),
    )


def _begun(adjustment: Adjustment, command: AnnounceReturn, before: Ledger, ctx: Context) -> Adjustment:
    version = next_version(before)
    return replace(
        adjustment, steps=tuple(StepEntry(step, version, ctx.now) for step in _steps(adjustment, command, before, ctx))
    )


def _steps(adjustment: Adjustment, command: AnnounceReturn, before: Ledger, ctx: Context) -> list[Step]:
    if command.until is Step.ANNOUNCED:
        return [Step.ANNOUNCED]
    if command.until is Step.RECEIVED:
        return [Step.RECEIVED, Step.AWAITING_APPROVAL] if needs_approval(adjustment, ctx) else [Step.RECEIVED]
    restocked = command.restock_to is not None and before.order.track_inventory
    return [Step.RECEIVED, Step.RESTOCKED, Step.FINISHED] if restocked else [Step.RECEIVED, Step.FINISHED]


def returnable(held: Position) -> Units:
    """Shipped, and neither back nor on its way back."""
    return u.minus(held.fulfilled, u.union(held.announced, held.returned))


def _units_of(target: Target, held: Position, left: Units) -> Units:
    available = u.count(left)
    if target.units:
        if wrong := u.minus(target.units, left):
            raise _why_not(held, target, wrong)
        return target.units
    if not available:
        raise _why_not(held, target, held.fulfilled or u.span(held.line.quantity))
    quantity = available if target.quantity is None else target.quantity
    if not 0 < quantity <= available:
        raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)
    return u.lowest(left, quantity)


def _why_not(held: Position, target: Target, wrong: Units) -> Refusal:
    """What is the matter with units that cannot come back; those that could were taken earlier in the same command."""
    if u.both(wrong, u.union(held.announced, held.returned)):
        return Refusal(Code.ALREADY_RETURNED, field=target.field)
    if u.minus(wrong, held.fulfilled):
        return Refusal(Code.NOT_SHIPPED, field=target.field)
    return Refusal(Code.INVALID, field=target.field, problem="was named before")


def _late(order: Order, ctx: Context) -> dict[str, Units]:
    """The units of each line that came too long ago to be returned."""
    late: dict[str, Units] = {}
    if ctx.policy.return_window_hours is None:
        return late
    window = timedelta(hours=ctx.policy.return_window_hours)
    for fulfillment in order.fulfillments:
        if fulfillment.state is not FulfillmentState.VOID and ctx.now - _arrived(fulfillment) > window:
            for item in fulfillment.items:
                late[item.line_id] = u.union(late.get(item.line_id, u.NONE), item.units)
    return late


def _arrived(fulfillment: Fulfillment) -> datetime:
    """The window opens on delivery, where that is known, else with the shipment."""
    return fulfillment.delivered_at or fulfillment.created_at
