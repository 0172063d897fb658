"""While a warehouse has not answered: its own system has the question, or its deadline passes."""

from app.core.answer import decide_answer
from app.core.copying import replace
from app.core.ledger import Ledger
from app.core.messages import Answer, Change, Context, ForeignKey, Forwarded, Silence
from app.core.model import Ask, Case, CaseState
from app.core.policy import OnSilence
from app.core.refusal import Code, Refusal
from app.core.write import settle


def location_key(location_id: str) -> str:
    """The name under which an order keeps what a location's own system calls it; no dialect has such a name."""
    return f"location:{location_id}"


def decide_forwarded(before: Ledger, command: Forwarded, ctx: Context) -> Change:
    """Writes down what the location's system calls the order and the question. What is known already, or comes after
    the answer, changes nothing.

    Refuses: CASE_NOT_FOUND, LOCATION_NOT_FOUND.
    """
    case = _case(before, command.case_id)
    ask = next((ask for ask in case.asks if ask.location_id == command.location_id), None)
    if ask is None:
        raise Refusal(Code.LOCATION_NOT_FOUND)
    order, name, key = before.order, location_key(command.location_id), command.order_key
    known = key is None or order.keys.get(name) == key
    told = replace(ask, reference=command.reference or ask.reference)
    if ask.state is not CaseState.PENDING or (known and told == ask):
        return Change(ledger=before, case=case)
    type_ = "cancellation.matched" if told == ask else "cancellation.forwarded"
    case = _with_ask(case, told)
    order = replace(order, cases=tuple(case if c.id == case.id else c for c in order.cases))
    if known or key is None:
        return settle(before, order, ctx, type_, case=case, asking=True)
    keys = (ForeignKey(name, "order", key),)
    order = replace(order, keys={**order.keys, name: key})
    return settle(before, order, ctx, type_, case=case, keys=keys, asking=True)


def decide_silence(before: Ledger, command: Silence, ctx: Context) -> Change:
    """By the policy as it is now: an answer for all who have not given one, or only a word in the history.

    Refuses: CASE_NOT_FOUND.
    """
    case = _case(before, command.case_id)
    if all(ask.state is not CaseState.PENDING for ask in case.asks):
        return Change(ledger=before, case=case)
    if ctx.policy.on_silence is OnSilence.WAIT:
        return settle(before, before.order, ctx, "cancellation.overdue", case=case, asking=True)
    accepted = ctx.policy.on_silence is OnSilence.ACCEPT
    return decide_answer(before, Answer(case_id=case.id, accepted=accepted, message=command.message), ctx)


def _case(before: Ledger, case_id: str) -> Case:
    case = before.cases.get(case_id)
    if case is None:
        raise Refusal(Code.CASE_NOT_FOUND)
    return case


def _with_ask(case: Case, told: Ask) -> Case:
    return replace(case, asks=tuple(told if ask.location_id == told.location_id else ask for ask in case.asks))
