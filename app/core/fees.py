"""Fees are credited together with what is cancelled or comes back, never over what they were."""

from app.core import money
from app.core.aftersales import CreditFees, NewCredit
from app.core.copying import replace
from app.core.entries import TakenUnits
from app.core.ledger import Ledger
from app.core.messages import Change, Context
from app.core.model import CaseKind, FeeCredit, Order, Step
from app.core.parts import Index, Part
from app.core.refusal import Code, Refusal
from app.core.write import Numbering, next_version, settle

_WHILE = frozenset({Step.APPROVED, Step.RESTOCKED})


def decide_credit_fees(before: Ledger, command: CreditFees, ctx: Context) -> Change:
    """Credit parts of fees, or all that is left of them. `amount` counts once, however many items it comes with.

    Refuses: INVALID (no item, no fee, or a credit in place of a fee), ADJUSTMENT_NOT_FOUND, STEP_NOT_ALLOWED (items
    that are not approved yet, or finished), FEE_NOT_FOUND, AMOUNT_OUT_OF_RANGE.
    """
    parts = Index(before, ctx.actor.dialect).parts(command.targets)
    for part in parts:
        _check(part, before)
    if not command.credits:
        raise Refusal(Code.INVALID, field="fees", problem="names no fee")
    items = tuple(TakenUnits(part.adjustment.origin, part.units) for part in parts)
    numbering = Numbering(before.order.id, before.order.children)
    order = before.order
    for wanted in command.credits:
        credit = FeeCredit(
            id=numbering.next(),
            fee_id=wanted.fee_id,
            amount=_amount(order, wanted),
            items=items,
            actor=ctx.actor,
            version=next_version(before),
            created_at=ctx.now,
        )
        order = replace(order, fee_credits=(*order.fee_credits, credit), children=numbering.used)
    return settle(before, order, ctx, "fees.credited", case=before.cases[parts[0].adjustment.case_id])


def _check(part: Part, before: Ledger) -> None:
    adjustment = part.adjustment
    returned = adjustment.step is Step.RECEIVED and before.cases[adjustment.case_id].kind is CaseKind.RETURN
    if adjustment.step not in _WHILE and not returned:  # received, and nobody has to approve it
        raise Refusal(Code.STEP_NOT_ALLOWED, step="credit_fees", at=adjustment.step.value, field=part.target.field)


def _amount(order: Order, wanted: NewCredit) -> int:
    fee = next((fee for fee in order.fees if fee.id == wanted.fee_id), None)
    if fee is None:
        if any(credit.id == wanted.fee_id for credit in order.fee_credits):
            raise Refusal(Code.INVALID, field=wanted.field, problem="is a credit, not a fee")
        raise Refusal(Code.FEE_NOT_FOUND, field=wanted.field)
    left = money.fee_left(order, fee)
    amount = left if wanted.amount is None else wanted.amount
    if not 0 < amount <= left:
        raise Refusal(Code.AMOUNT_OUT_OF_RANGE, field=wanted.field, minimum=1, maximum=left, currency=order.currency)
    return amount
