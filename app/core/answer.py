"""A warehouse answers a pending cancellation: it may agree, refuse, disagree with another, answer late or twice."""

from collections.abc import Iterable

from app.core.copying import replace
from app.core.finish import decided, finished_steps, restock_movements, restocks
from app.core.ledger import Ledger
from app.core.messages import Answer, Change, Context
from app.core.model import Adjustment, Ask, Case, CaseState, Step, StepEntry
from app.core.refusal import Code, Refusal
from app.core.write import next_version, settle


def decide_answer(before: Ledger, command: Answer, ctx: Context) -> Change:
    """Each location decides its own units; free units wait with the case and go as soon as one location agrees.

    A case with mixed answers ends rejected, with the agreed units cancelled; of a stepwise case these have
    still to be approved. An answer to a question that was already answered, or to a decided case, changes nothing.
    Refuses: CASE_NOT_FOUND, LOCATION_NOT_FOUND.
    """
    case = before.cases.get(command.case_id)
    if case is None:
        raise Refusal(Code.CASE_NOT_FOUND)
    answered = _answered_now(case, command)
    if case.state is not CaseState.PENDING or not answered:
        return Change(ledger=before, case=case)
    asks = tuple(_answer(ask, command, ctx) if ask.location_id in answered else ask for ask in case.asks)
    case = replace(case, asks=asks)
    moved = {
        a.id: replace(a, steps=(*a.steps, *_steps(a, case, command, before, ctx)))
        for a in before.order.adjustments
        if _moves(a, case, answered)
    }
    adjustments = tuple(moved.get(a.id, a) for a in before.order.adjustments)
    (case,) = decided([case], adjustments, ctx.now)
    order = replace(
        before.order,
        cases=tuple(case if c.id == case.id else c for c in before.order.cases),
        adjustments=adjustments,
    )
    gone = [a for a in moved.values() if a.step is Step.FINISHED]
    movements = restock_movements(order, gone, {case.id: case}, ctx.policy)
    return settle(before, order, ctx, _event_type(case), case=case, movements=movements, asking=not gone)


def _answered_now(case: Case, command: Answer) -> frozenset[str]:
    if command.location_id is not None and all(ask.location_id != command.location_id for ask in case.asks):
        raise Refusal(Code.LOCATION_NOT_FOUND)
    return frozenset(
        ask.location_id
        for ask in case.asks
        if ask.state is CaseState.PENDING and command.location_id in {None, ask.location_id}
    )


def _answer(ask: Ask, command: Answer, ctx: Context) -> Ask:
    state = CaseState.ACCEPTED if command.accepted else CaseState.REJECTED
    return replace(ask, state=state, message=command.message, answered_at=ctx.now)


def _moves(adjustment: Adjustment, case: Case, answered: frozenset[str]) -> bool:
    if adjustment.case_id != case.id or adjustment.step is not Step.REQUESTED:
        return False
    if adjustment.asked is not None:
        return adjustment.asked in answered
    return _agreed(case.asks) or all(ask.state is not CaseState.PENDING for ask in case.asks)


def _agreed(asks: Iterable[Ask]) -> bool:
    return any(ask.state is CaseState.ACCEPTED for ask in asks)


def _steps(adjustment: Adjustment, case: Case, command: Answer, before: Ledger, ctx: Context) -> tuple[StepEntry, ...]:
    version = next_version(before)
    goes = command.accepted if adjustment.asked is not None else _agreed(case.asks)
    if not goes:
        return (StepEntry(Step.REJECTED, version, ctx.now),)
    if case.stepwise:
        return (StepEntry(Step.AWAITING_APPROVAL, version, ctx.now),)
    held = adjustment.allocation_id is not None
    return finished_steps(version, ctx.now, restocked=restocks(before.order, case, ctx.policy, held=held))


def _event_type(case: Case) -> str:
    return "cancellation.answered" if case.state is CaseState.PENDING else f"cancellation.{case.state.value}"
