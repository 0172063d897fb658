"""Cases that are walked step by step, cancels and returns alike: one table says which step may follow which."""

from app.core.aftersales import TakeStep
from app.core.copying import replace
from app.core.finish import decided, into_stock
from app.core.ledger import Ledger
from app.core.messages import Change, Context
from app.core.model import Adjustment, Case, CaseKind, Reason, Step, StepEntry
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
    cases = {case.id: case for case in order.cases}
    first, *others = (cases[id_] for id_ in dict.fromkeys(adjustment.case_id for _, adjustment in moved))
    movements = into_stock(order, ((entry, part.target.location_id) for part, entry in moved)) if restocks else ()
    also = [(_event(other, command.step), other.id) for other in others]
    return settle(before, order, ctx, _event(first, command.step), case=first, movements=movements, also=also)


def _event(case: Case, step: Step) -> str:
    return f"{case.kind.value}.{step.value}"


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
