"""The decision to cancel: which units go, whether a warehouse has to agree first, and what that is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from app.core import units as u
from app.core.choosing import by_holder, choose
from app.core.copying import replace
from app.core.finish import finished_steps, restock_movements, restocks
from app.core.fulfil import ASKED
from app.core.ledger import PENDING, Ledger, Position
from app.core.mail import told
from app.core.messages import Cancel, Change, Context, ForeignKey, Target, Task, TaskKind
from app.core.model import (
    Adjustment,
    Allocation,
    Ask,
    Case,
    CaseKind,
    CaseState,
    Line,
    LineUnits,
    OrderState,
    Reason,
    Scope,
    Step,
    StepEntry,
)
from app.core.parts import of_units
from app.core.refusal import Code, Refusal
from app.core.targets import line_of, link_of, new_targets, together
from app.core.units import Units
from app.core.write import LineIndex, Numbering, next_version, settle


@dataclass(frozen=True, slots=True)
class _Part:
    """Units of one line that go together: one adjustment."""

    line: Line
    allocation: Allocation | None
    units: Units
    contra_ids: Mapping[str, str] = field(default_factory=dict)
    reason: Reason | None = None

    @property
    def asked(self) -> str | None:
        """The location that has to agree; one without a connector is internal and does not."""
        if (holder := self.allocation) is None:
            return None
        return holder.location_id if holder.connector and holder.stage in ASKED else None


def decide_cancel(before: Ledger, command: Cancel, ctx: Context) -> Change:
    """Cancel units that are open. All or nothing: one bad target refuses the whole command.

    Targets that only repeat what was taken before, under the same contra ids, change nothing.

    Refuses: NOT_OPEN (a draft, where that matters), NOTHING_TO_CANCEL, ALREADY_CANCELLED, ALREADY_FULFILLED,
    PARTLY_FULFILLED (scope order over shipped units), CANCELLATION_PENDING, LINE_NOT_FOUND, SUPERSEDED,
    QUANTITY_OUT_OF_RANGE, DUPLICATE, INVALID (reason, or a place for goods that go there by a step of their own).
    """
    _check_reason(command, ctx)
    if command.stepwise and command.restock_to is not None:
        raise Refusal(Code.INVALID, field="restock", problem="does not go with stepwise, where it is a step")
    if command.opened and before.order.state is OrderState.DRAFT:
        raise Refusal(Code.NOT_OPEN)
    parts = _whole(before, command) if command.scope is not Scope.LINES else _targeted(before, command, ctx)
    if not parts:
        return Change(ledger=before)
    numbering = Numbering(before.order.id, before.order.children)
    case = _case(numbering.next(), command, _asked(parts), ctx)
    adjustments = _adjustments(before, parts, case, numbering, ctx)
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
        tasks = _tasks(case, ctx)
        return settle(before, order, ctx, "cancellation.requested", case=case, tasks=tasks, keys=keys, asking=True)
    movements = restock_movements(order, adjustments, {case.id: case}, ctx.policy)
    tasks = told(order, case, adjustments, ctx)
    return settle(before, order, ctx, "cancellation.accepted", case=case, tasks=tasks, movements=movements, keys=keys)


def _case(case_id: str, command: Cancel, asked: Iterable[str], ctx: Context) -> Case:
    asks = tuple(Ask(location_id=location) for location in asked)
    waits = bool(asks) or command.stepwise
    seconds = ctx.policy.warehouse_deadline if asks else None
    return Case(
        id=case_id,
        kind=CaseKind.CANCEL,
        scope=command.scope,
        actor=ctx.actor,
        reason=command.reason,
        state=CaseState.PENDING if waits else CaseState.ACCEPTED,
        stepwise=command.stepwise,
        restock_to=command.restock_to,
        restock=command.restock,
        mail=command.mail,
        asks=asks,
        created_at=ctx.now,
        deadline=ctx.now + timedelta(seconds=seconds) if seconds is not None else None,
        decided_at=None if waits else ctx.now,
    )


def _check_reason(command: Cancel, ctx: Context) -> None:
    allowed = ctx.policy.reasons
    given = [("reason_code", command.reason), *((target.field, target.reason) for target in command.targets)]
    for place, reason in given if allowed else ():
        if reason is not None and reason.code is not None and reason.code not in allowed:
            raise Refusal(Code.INVALID, field=place, problem="is not one of: " + ", ".join(allowed))


def _whole(before: Ledger, command: Cancel) -> list[_Part]:
    if not before.order.lines:
        raise Refusal(Code.NOTHING_TO_CANCEL)
    if not before.open_units:
        raise _nothing_open(before)
    if command.scope is Scope.ORDER and before.fulfilled_units and not command.keep_shipped:
        raise Refusal(Code.PARTLY_FULFILLED)
    return [part for held in before.positions.values() for part in _split(before, held.line, held.open)]


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
    groups: dict[tuple[object, ...], list[_Part]] = {}
    for n, target in enumerate(new_targets(before, command.targets, ctx.actor.dialect, CaseKind.CANCEL)):
        line = _resolve(before, index, target, ctx)
        held = before.positions[line.id]
        units = _units_of(before, target, held, left[line.id])
        left[line.id] = u.minus(left[line.id], units)
        for part in _split(before, line, units, target):
            holder = part.allocation.id if part.allocation else None
            groups.setdefault((together(line, target, n), holder), []).append(part)
    return [_joined(parts) for parts in groups.values()]


def _joined(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    contra_ids = {number: contra for part in parts for number, contra in part.contra_ids.items()}
    return replace(parts[0], units=u.union_all(part.units for part in parts), contra_ids=contra_ids)


def _resolve(before: Ledger, index: LineIndex, target: Target, ctx: Context) -> Line:
    if not target.chained:
        return line_of(before, index, target, ctx.actor.dialect)
    line, since = link_of(before, index, target)
    if since is not None:
        raise Refusal(Code.SUPERSEDED, field=target.field)
    return line


def _units_of(before: Ledger, target: Target, held: Position, left: Units) -> Units:
    """The units a target takes out of those still open; nothing is clipped to fit."""
    if target.units:
        if wrong := u.minus(target.units, left):
            raise _why_not(before, held, target, wrong)
        return target.units
    if not left:
        raise _why_not(before, held, target, held.open or u.span(held.line.quantity))
    available = u.count(left)
    quantity = _quantity(target, held, left)
    if quantity > available and held.pending:
        raise _why_not(before, held, target, held.pending)
    if not 0 < quantity <= available:
        raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)
    return choose(before, held.line, left, quantity)


def _quantity(target: Target, held: Position, left: Units) -> int:
    if target.keep is None:
        return u.count(left) if target.quantity is None else target.quantity
    fulfilled = u.count(held.fulfilled)
    stands = fulfilled + u.count(held.pending) + u.count(left)
    if not fulfilled <= target.keep < stands:
        raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=fulfilled, maximum=stands - 1)
    return stands - target.keep


def _why_not(before: Ledger, held: Position, target: Target, wrong: Units) -> Refusal:
    """What is the matter with units that cannot go; open ones were taken by an earlier target of the same command."""
    if waiting := u.both(wrong, held.pending):
        return Refusal(Code.CANCELLATION_PENDING, case_id=_awaited(before, held.line, waiting), field=target.field)
    if u.both(wrong, held.fulfilled):
        return Refusal(Code.ALREADY_FULFILLED, field=target.field)
    if u.both(wrong, held.cancelled):
        return Refusal(Code.ALREADY_CANCELLED, field=target.field)
    if u.both(wrong, held.open):
        return Refusal(Code.INVALID, field=target.field, problem="was named before")
    return Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=held.line.quantity)


def _awaited(before: Ledger, line: Line, units: Units) -> str:
    return next(
        a.case_id
        for a in before.order.adjustments
        if a.line_id == line.id and a.step in PENDING and u.both(a.units, units)
    )


def _split(before: Ledger, line: Line, units: Units, target: Target | None = None) -> list[_Part]:
    contra_ids, reason = (target.contra_ids, target.reason) if target else ({}, None)
    return [
        _Part(line, holder, mine, of_units(contra_ids, mine), reason) for holder, mine in by_holder(before, line, units)
    ]


def _asked(parts: list[_Part]) -> list[str]:
    """The locations that have to agree, in the order of the parts."""
    return list(dict.fromkeys(part.asked for part in parts if part.asked is not None))


def _adjustments(
    before: Ledger, parts: list[_Part], case: Case, numbering: Numbering, ctx: Context
) -> tuple[Adjustment, ...]:
    version = next_version(before)

    def steps(*, held: bool) -> tuple[StepEntry, ...]:
        if case.state is CaseState.PENDING:
            return (StepEntry(Step.REQUESTED if case.asks else Step.AWAITING_APPROVAL, version, ctx.now),)
        return finished_steps(version, ctx.now, restocked=restocks(before.order, case, ctx.policy, held=held))

    taken = {held: steps(held=held) for held in {part.allocation is not None for part in parts}}
    return tuple(
        Adjustment(
            id=numbering.next(),
            case_id=case.id,
            line_id=part.line.id,
            allocation_id=part.allocation.id if part.allocation else None,
            asked=part.asked,
            units=part.units,
            amount=before.worth.units(LineUnits(part.line.id, part.units)),
            contra_ids=part.contra_ids,
            reason=part.reason,
            steps=taken[part.allocation is not None],
        )
        for part in parts
    )


def _tasks(case: Case, ctx: Context) -> tuple[Task, ...]:
    tasks = [
        Task(TaskKind.WAREHOUSE, ctx.now, {"case_id": case.id, "location_id": ask.location_id}, ask.location_id)
        for ask in case.asks
    ]
    if case.deadline is not None:
        tasks.append(Task(TaskKind.DEADLINE, case.deadline, {"case_id": case.id}))
    return tuple(tasks)
