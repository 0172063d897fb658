"""Cases that are walked step by step, cancels and returns alike: one table says which step may follow which."""

from collections.abc import Iterable
from dataclasses import replace

from app.core import money
from app.core import units as u
from app.core.finish import decided, release_allocations
from app.core.ledger import Ledger
from app.core.messages import AnnounceReturn, Change, Context, ForeignKey, Movement, TakeStep, Target
from app.core.model import Adjustment, Case, CaseKind, CaseState, Order, Scope, Step, StepEntry
from app.core.refusal import Code, Refusal
from app.core.write import LineIndex, Numbering, check_contra_ids, next_version, settle

_FOLLOWS = {
    (CaseKind.CANCEL, Step.AWAITING_APPROVAL): {Step.APPROVED},
    (CaseKind.RETURN, Step.ANNOUNCED): {Step.RECEIVED},
    (CaseKind.RETURN, Step.RECEIVED): {Step.RESTOCKED, Step.FINISHED},
    (CaseKind.RETURN, Step.AWAITING_APPROVAL): {Step.APPROVED},
    (CaseKind.CANCEL, Step.APPROVED): {Step.RESTOCKED, Step.FINISHED},
    (CaseKind.RETURN, Step.APPROVED): {Step.RESTOCKED, Step.FINISHED},
    (CaseKind.CANCEL, Step.RESTOCKED): {Step.FINISHED},
    (CaseKind.RETURN, Step.RESTOCKED): {Step.FINISHED},
}


def decide_return(before: Ledger, command: AnnounceReturn, ctx: Context) -> Change:
    """Announce that shipped units come back. Refuses: INVALID, LINE_NOT_FOUND, QUANTITY_OUT_OF_RANGE, DUPLICATE."""
    if not command.targets:
        raise Refusal(Code.INVALID, field="lines", problem="names no line")
    numbering = Numbering(before.order.id, before.order.children)
    case = Case(
        id=numbering.next(),
        kind=CaseKind.RETURN,
        scope=Scope.LINES,
        actor=ctx.actor,
        reason=command.reason,
        state=CaseState.PENDING,
        created_at=ctx.now,
    )
    adjustments = _announced(before, command, case, numbering, ctx)
    check_contra_ids(before, command.targets, ctx.actor.dialect)
    order = replace(
        before.order,
        cases=(*before.order.cases, case),
        adjustments=(*before.order.adjustments, *adjustments),
        children=numbering.used,
    )
    keys = tuple(ForeignKey(ctx.actor.dialect, "contra", c) for t in command.targets for c in t.contra_ids.values())
    return settle(before, order, ctx, "return.announced", case=case, keys=keys)


def _announced(
    before: Ledger, command: AnnounceReturn, case: Case, numbering: Numbering, ctx: Context
) -> list[Adjustment]:
    index = LineIndex(before.order, ctx.actor.dialect)
    home = {
        line_id: u.minus(held.fulfilled, u.union(held.announced, held.returned))
        for line_id, held in before.positions.items()
    }
    steps = (StepEntry(Step.ANNOUNCED, next_version(before), ctx.now),)
    adjustments = []
    for target in command.targets:
        line = index.find(target.ref, target.field)
        taken = _returned(target, home[line.id])
        home[line.id] = u.minus(home[line.id], taken)
        adjustments.append(
            Adjustment(
                id=numbering.next(),
                case_id=case.id,
                line_id=line.id,
                units=taken,
                amount=money.units_gross(line, taken, tax_included=before.order.prices_include_tax),
                contra_ids=target.contra_ids,
                steps=steps,
            )
        )
    return adjustments


def _returned(target: Target, home: u.Units) -> u.Units:
    available = u.count(home)
    if target.units:
        if u.minus(target.units, home):
            raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)
        return target.units
    quantity = available if target.quantity is None else target.quantity
    if not 0 < quantity <= available:
        raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)
    return u.lowest(home, quantity)


def decide_step(before: Ledger, command: TakeStep, ctx: Context) -> Change:
    """Move adjustments on, all or none. Refuses: INVALID, ADJUSTMENT_NOT_FOUND, STEP_NOT_ALLOWED."""
    wanted = dict.fromkeys(command.adjustment_ids)
    if not wanted:
        raise Refusal(Code.INVALID, field="adjustment_ids", problem="names no adjustment")
    known = {adjustment.id: adjustment for adjustment in before.order.adjustments}
    if not wanted.keys() <= known.keys():
        raise Refusal(Code.ADJUSTMENT_NOT_FOUND)
    moved = {id_: _step(known[id_], command, before, ctx) for id_ in wanted}
    order = replace(before.order, adjustments=tuple(moved.get(a.id, a) for a in before.order.adjustments))
    order = replace(order, cases=tuple(decided(case, order.adjustments, ctx.now) for case in order.cases))
    case = next(c for c in order.cases if c.id == next(iter(moved.values())).case_id)
    movements = _movements(order, moved.values(), command.location_id) if command.step is Step.RESTOCKED else ()
    return settle(
        before, release_allocations(order, ctx), ctx, f"{case.kind.value}.{command.step.value}", case=case,
        movements=movements,
    )  # fmt: skip


def _step(adjustment: Adjustment, command: TakeStep, before: Ledger, ctx: Context) -> Adjustment:
    kind = before.cases[adjustment.case_id].kind
    allowed = command.step in _FOLLOWS.get((kind, adjustment.step), ())
    unplaced = not (command.location_id and before.order.track_inventory)
    if not allowed or (command.step is Step.RESTOCKED and unplaced):
        raise Refusal(Code.STEP_NOT_ALLOWED, step=command.step.value)
    steps = [command.step]
    if command.step is Step.RECEIVED and adjustment.amount and ctx.policy.approve_returns:
        steps.append(Step.AWAITING_APPROVAL)
    version = next_version(before)
    return replace(adjustment, steps=(*adjustment.steps, *(StepEntry(step, version, ctx.now) for step in steps)))


def _movements(order: Order, moved: Iterable[Adjustment], location_id: str | None) -> list[Movement]:
    skus = {line.id: line.sku for line in order.lines}
    return [
        Movement(location_id, skus[a.line_id] if a.line_id else a.sku or "", u.count(a.units), a.id)
        for a in moved
        if location_id is not None
    ]
