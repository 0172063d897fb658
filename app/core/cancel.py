"""The decision to cancel: which units go, whether a warehouse has to agree first, and what that is worth."""

from dataclasses import dataclass, replace
from datetime import timedelta

from app.core import money
from app.core import units as u
from app.core.finish import finished_steps, release_allocations, restock_movements
from app.core.ledger import CANCELLED, Ledger, Position
from app.core.messages import Cancel, Change, Context, ForeignKey, Target, Task, TaskKind
from app.core.model import (
    Adjustment,
    Allocation,
    Ask,
    Case,
    CaseKind,
    CaseState,
    Line,
    Scope,
    Stage,
    Step,
    StepEntry,
)
from app.core.refusal import Code, Refusal
from app.core.units import Units
from app.core.write import LineIndex, Numbering, next_version, settle

_ASKS = frozenset({Stage.REQUESTED, Stage.ACCEPTED, Stage.PICKING})
_RANK = {stage: rank for rank, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class _Part:
    """Units of one line that go together: one adjustment."""

    line: Line
    allocation: Allocation | None
    units: Units
    contra_ids: dict[str, str]


def decide_cancel(before: Ledger, command: Cancel, ctx: Context) -> Change:
    """Cancel units that are open. All or nothing: one bad target refuses the whole command.

    Refuses: NOTHING_TO_CANCEL, ALREADY_CANCELLED, ALREADY_FULFILLED, PARTLY_FULFILLED (scope order over shipped
    units), CANCELLATION_PENDING, LINE_NOT_FOUND, SUPERSEDED, QUANTITY_OUT_OF_RANGE, INVALID (reason).
    """
    _check_reason(command, ctx)
    parts = _whole(before, command) if command.scope is not Scope.LINES else _targeted(before, command, ctx)
    numbering = Numbering(before.order.id, before.order.children)
    asked = {} if command.stepwise else _asked(parts)
    case = Case(
        id=numbering.next(),
        kind=CaseKind.CANCEL,
        scope=command.scope,
        actor=ctx.actor,
        reason=command.reason,
        state=CaseState.PENDING if asked or command.stepwise else CaseState.ACCEPTED,
        restock_to=command.restock_to,
        asks=tuple(Ask(location_id=location) for location in asked),
        created_at=ctx.now,
        decided_at=None if asked or command.stepwise else ctx.now,
    )
    adjustments = _adjustments(before, parts, case, asked, numbering, ctx)
    order = replace(
        before.order,
        cases=(*before.order.cases, case),
        adjustments=(*before.order.adjustments, *adjustments),
        children=numbering.used,
    )
    keys = tuple(
        ForeignKey(ctx.actor.dialect, "contra", contra) for part in parts for contra in part.contra_ids.values()
    )
    if case.state is CaseState.PENDING:
        return settle(before, order, ctx, "cancellation.requested", case=case, tasks=_tasks(case, ctx), keys=keys)
    movements = restock_movements(order, adjustments, {case.id: case}, ctx.policy)
    return settle(
        before,
        release_allocations(order, ctx),
        ctx,
        "cancellation.accepted",
        case=case,
        movements=movements,
        keys=keys,
    )


def _check_reason(command: Cancel, ctx: Context) -> None:
    code, allowed = command.reason.code, ctx.policy.reasons
    if code is not None and allowed and code not in allowed:
        raise Refusal(Code.INVALID, field="reason_code", problem="is not one of: " + ", ".join(allowed))


def _whole(before: Ledger, command: Cancel) -> list[_Part]:
    if not before.order.lines:
        raise Refusal(Code.NOTHING_TO_CANCEL)
    if not before.open_units:
        raise _nothing_open(before)
    if command.scope is Scope.ORDER and before.fulfilled_units and not command.keep_shipped:
        raise Refusal(Code.PARTLY_FULFILLED)
    return [part for held in before.positions.values() for part in _split(before, held.line, held.open, {})]


def _nothing_open(before: Ledger) -> Refusal:
    if before.pending_units:
        pending = next(c.id for c in before.order.cases if c.kind is CaseKind.CANCEL and c.state is CaseState.PENDING)
        return Refusal(Code.CANCELLATION_PENDING, case_id=pending)
    return Refusal(Code.ALREADY_FULFILLED if before.fulfilled_units else Code.ALREADY_CANCELLED)


def _targeted(before: Ledger, command: Cancel, ctx: Context) -> list[_Part]:
    if not command.targets:
        raise Refusal(Code.INVALID, field="lines", problem="names no line")
    index = LineIndex(before.order, ctx.actor.dialect)
    left = {line_id: held.open for line_id, held in before.positions.items()}
    parts: list[_Part] = []
    for target in command.targets:
        line = _resolve(before, index, target)
        held = before.positions[line.id]
        units = _units_of(before, target, held, left[line.id])
        left[line.id] = u.minus(left[line.id], units)
        parts += _split(before, line, units, dict(target.contra_ids))
    return parts


def _resolve(before: Ledger, index: LineIndex, target: Target) -> Line:
    line = index.get(target.ref)
    if line is not None:
        if target.chained and before.acceptances(line.id):
            raise Refusal(Code.SUPERSEDED, field=target.field)
        return line
    if target.chained:
        return _resolve_successor(before, index, target)
    raise Refusal(Code.LINE_NOT_FOUND, field=target.field)


def _resolve_successor(before: Ledger, index: LineIndex, target: Target) -> Line:
    maker = next((a for a in before.order.adjustments if a.id == target.ref and a.step in CANCELLED), None)
    if maker is None or maker.line_id is None:
        raise Refusal(Code.LINE_NOT_FOUND, field=target.field)
    chain = before.acceptances(maker.line_id)
    if chain[-1].id == target.ref and u.count(before.positions[maker.line_id].cancelled) < _quantity(before, maker):
        return index.find(maker.line_id, target.field)
    superseded = target.ref in [link.id for link in chain[:-1]]
    raise Refusal(Code.SUPERSEDED if superseded else Code.LINE_NOT_FOUND, field=target.field)


def _quantity(before: Ledger, adjustment: Adjustment) -> int:
    return before.positions[adjustment.line_id or ""].line.quantity


def _units_of(before: Ledger, target: Target, held: Position, left: Units) -> Units:
    """The units a target takes out of those still open; nothing is clipped to fit."""
    if target.units:
        if u.minus(target.units, left):
            raise _why_not(before, held, target, u.count(left))
        return target.units
    available = u.count(left)
    if target.keep is not None:
        fulfilled = u.count(held.fulfilled)
        stands = held.line.quantity - u.count(held.cancelled)
        if fulfilled == stands:
            raise _why_not(before, held, target, available)
        if not fulfilled <= target.keep < stands:
            raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=fulfilled, maximum=stands - 1)
        quantity = stands - target.keep
    else:
        quantity = available if target.quantity is None else target.quantity
    if not available or quantity > available and held.pending:
        raise _why_not(before, held, target, available)
    if not 0 < quantity <= available:
        raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)
    return _choose(before, held.line, left, quantity)


def _why_not(before: Ledger, held: Position, target: Target, available: int) -> Refusal:
    if held.pending:
        waiting = next(
            a.case_id
            for a in before.order.adjustments
            if a.line_id == held.line.id and a.step in {Step.REQUESTED, Step.AWAITING_APPROVAL}
        )
        return Refusal(Code.CANCELLATION_PENDING, case_id=waiting, field=target.field)
    if held.fulfilled:
        return Refusal(Code.ALREADY_FULFILLED, field=target.field)
    if held.cancelled:
        return Refusal(Code.ALREADY_CANCELLED, field=target.field)
    return Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)


def _by_holder(before: Ledger, line: Line, units: Units) -> list[tuple[Allocation | None, Units]]:
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


def _choose(before: Ledger, line: Line, units: Units, quantity: int) -> Units:
    chosen: Units = u.NONE
    for _, held in _by_holder(before, line, units):
        taken = u.highest(held, min(quantity, u.count(held)))
        chosen = u.union(chosen, taken)
        quantity -= u.count(taken)
        if not quantity:
            break
    return chosen


def _split(before: Ledger, line: Line, units: Units, contra_ids: dict[str, str]) -> list[_Part]:
    return [
        _Part(line, holder, mine, {n: c for n, c in contra_ids.items() if u.both(mine, ((int(n), int(n)),))})
        for holder, mine in _by_holder(before, line, units)
    ]


def _asked(parts: list[_Part]) -> dict[str, str]:
    """Location and its connector, for each that has to agree, in the order of the parts."""
    return {
        part.allocation.location_id: part.allocation.connector
        for part in parts
        if part.allocation and part.allocation.connector and part.allocation.stage in _ASKS
    }


def _adjustments(
    before: Ledger, parts: list[_Part], case: Case, asked: dict[str, str], numbering: Numbering, ctx: Context
) -> tuple[Adjustment, ...]:
    version = next_version(before)
    restocks = case.restock_to is not None or ctx.policy.restock_on_cancel
    steps: tuple[StepEntry, ...]
    if case.state is CaseState.PENDING:
        steps = (StepEntry(Step.REQUESTED if asked else Step.AWAITING_APPROVAL, version, ctx.now),)
    else:
        steps = finished_steps(version, ctx.now, restocked=restocks and before.order.track_inventory)
    return tuple(
        Adjustment(
            id=numbering.next(),
            case_id=case.id,
            line_id=part.line.id,
            allocation_id=part.allocation.id if part.allocation else None,
            asked=_asked_of(part, asked),
            units=part.units,
            amount=money.units_gross(part.line, part.units, tax_included=before.order.prices_include_tax),
            contra_ids=part.contra_ids,
            steps=steps,
        )
        for part in parts
    )


def _asked_of(part: _Part, asked: dict[str, str]) -> str | None:
    holder = part.allocation
    return holder.location_id if holder and holder.stage in _ASKS and holder.location_id in asked else None


def _tasks(case: Case, ctx: Context) -> tuple[Task, ...]:
    tasks = [Task(TaskKind.WAREHOUSE, ctx.now, {"case_id": case.id, "location_id": a.location_id}) for a in case.asks]
    if case.asks and ctx.policy.warehouse_deadline is not None:
        due = ctx.now + timedelta(seconds=ctx.policy.warehouse_deadline)
        tasks.append(Task(TaskKind.DEADLINE, due, {"case_id": case.id}))
    return tuple(tasks)
