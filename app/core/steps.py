"""Cases that are walked step by step, cancels and returns alike: one table says which step may follow which."""

from collections.abc import Iterable

from app.core import units as u
from app.core.aftersales import TakeStep
from app.core.copying import replace
from app.core.finish import decided
from app.core.ledger import Ledger
from app.core.messages import Change, Context, Movement
from app.core.model import Adjustment, CaseKind, Order, Reason, Step, StepEntry
from app.core.parts import Index, Part, Parting
from app.core.refusal import Code, Refusal
from app.core.write import next_version, settle

_FOLLOWS = {
    (CaseKind.CANCEL, Step.AWAITING_APPROVAL): {Step.APPROVED, Step.REJECTED},
    (CaseKind.RETURN, Step.ANNOUNCED): {Step.RECEIVED, Step.REJECTED},
    (CaseKind.RETURN, Step.RECEIVED): {Step.RESTOCKED, Step.FINISHED},
    (CaseKind.RETURN, Step.AWAITING_APPROVAL): {Step.APPROVED, Step.REJECTED},
    (CaseKind.CANCEL, Step.APPROVED): {Step.RESTOCKED, Step.FINISHED},
    (CaseKind.RETURN, Step.APPROVED): {Step.RESTOCKED, Step.FINISHED},
    (CaseKind.CANCEL, Step.RESTOCKED): {Step.FINISHED},
    (CaseKind.RETURN, Step.RESTOCKED): {Step.FINISHED},
}


def decide_step(before: Ledger, command: TakeStep, ctx: Context) -> Change:
    """Move adjustments on, all or none; units that go by themselves part from the others.

    `rejected` is the way out before anything is approved: units of a cancellation are open again (but not those that
    a warehouse has already given up), and what was to come back does not, or goes to the customer again.

    Refuses: INVALID, ADJUSTMENT_NOT_FOUND, STEP_NOT_ALLOWED.
    """
    restocks = command.step is Step.RESTOCKED
    parts = Index(before, ctx.actor.dialect).parts(command.targets, apart=restocks)
    for part in parts:
        _check(part, command, before)
    parting = Parting(before.order)
    moved: list[tuple[Part, Adjustment]] = []
    for part in parts:
        changed = _step(parting.take(part), part.target.reason, command.step, before, ctx)
        parting.put(part, changed)
        moved.append((part, changed))
    order = parting.order()
    order = replace(order, cases=decided(order.cases, order.adjustments, ctx.now))
    case = next(c for c in order.cases if c.id == moved[0][1].case_id)
    movements = _movements(order, moved) if restocks else ()
    return settle(before, order, ctx, f"{case.kind.value}.{command.step.value}", case=case, movements=movements)


def _check(part: Part, command: TakeStep, before: Ledger) -> None:
    kind, step = before.cases[part.adjustment.case_id].kind, command.step
    allowed = step in _FOLLOWS.get((kind, part.adjustment.step), ()) and command.kind in {None, kind}
    at = part.adjustment.step.value
    if step is Step.RESTOCKED and not before.order.track_inventory:
        allowed, at = False, "untracked"
    if allowed and step is Step.REJECTED and kind is CaseKind.CANCEL and part.adjustment.asked is not None:
        allowed, at = False, "given_up"
    if not allowed or (step is Step.RESTOCKED and not part.target.location_id):
        raise Refusal(Code.STEP_NOT_ALLOWED, step=step.value, at=at, field=part.target.field)


def _step(adjustment: Adjustment, reason: Reason | None, step: Step, before: Ledger, ctx: Context) -> Adjustment:
    steps = [step]
    if step is Step.RECEIVED and needs_approval(adjustment, ctx):
        steps.append(Step.AWAITING_APPROVAL)
    version = next_version(before)
    entries = (*adjustment.steps, *(StepEntry(step, version, ctx.now) for step in steps))
    return replace(adjustment, reason=reason or adjustment.reason, steps=entries)


def needs_approval(adjustment: Adjustment, ctx: Context) -> bool:
    """Of goods that came back: somebody looks at them where money depends on it."""
    return bool(adjustment.amount) and ctx.policy.approve_returns


def _movements(order: Order, moved: Iterable[tuple[Part, Adjustment]]) -> list[Movement]:
    skus = {line.id: line.sku for line in order.lines}
    return [
        Movement(part.target.location_id, skus[a.line_id] if a.line_id else a.sku or "", u.count(a.units), a.id)
        for part, a in moved
        if part.target.location_id is not None
    ]
