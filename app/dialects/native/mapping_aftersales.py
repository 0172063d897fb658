"""Native returns, steps, fees, refunds and mail to commands, and what became of them back. Pure."""

from collections.abc import Iterable, Iterator

from app.core import model, refunds
from app.core.aftersales import (
    AnnounceReturn,
    CreditFees,
    GiveBack,
    LooseReturn,
    NewCredit,
    SendMail,
    StepTarget,
    TakeStep,
)
from app.core.ledger import Ledger
from app.core.messages import Target
from app.core.parts import Index
from app.dialects.native import bodies_aftersales as bodies
from app.dialects.native import mapping, mapping_money, mapping_requests, wire_aftersales
from app.service.desk import Done
from app.web.faults import Detail, Fault, FaultCode


def to_return(body: bodies.ReturnIn) -> AnnounceReturn:
    return AnnounceReturn(
        targets=tuple(
            Target(ref=x.line_id, quantity=x.quantity, reason=_reason(x), field=f"lines.{n}")
            for n, x in enumerate(body.lines)
        ),
        loose=tuple(
            LooseReturn(
                sku=x.sku,
                title=x.title,
                quantity=x.quantity,
                unit_price=x.unit_price,
                reason=_reason(x),
                field=f"loose.{n}",
            )
            for n, x in enumerate(body.loose)
        ),
        reason=model.Reason(body.reason_code, body.reason),
        until=model.Step.RECEIVED if body.received else model.Step.ANNOUNCED,
    )


def _reason(item: bodies.ReturnedLine | bodies.LooseIn) -> model.Reason | None:
    """None: that of the whole return."""
    if item.reason_code is None and item.reason is None:
        return None
    return model.Reason(item.reason_code, item.reason)


def to_step(step: model.Step, body: bodies.StepIn) -> TakeStep:
    return TakeStep(step=step, targets=_targets(body.adjustments))


def to_restock(body: bodies.RestockStepIn) -> TakeStep:
    """Raises a Fault for an adjustment that goes nowhere."""
    missing = [
        Detail(f"adjustments.{n}.location_id", "is missing, and none is named for all")
        for n, placed in enumerate(body.adjustments)
        if placed.location_id is None and body.location_id is None
    ]
    if missing:
        raise Fault(FaultCode.INVALID, *missing)
    targets = tuple(
        StepTarget(ref=placed.id, location_id=placed.location_id or body.location_id, field=f"adjustments.{n}")
        for n, placed in enumerate(body.adjustments)
    )
    return TakeStep(step=model.Step.RESTOCKED, targets=targets)


def to_credit(body: bodies.CreditFeesIn) -> CreditFees:
    credits_ = (NewCredit(fee_id=x.fee_id, amount=x.amount, field=f"fees.{n}") for n, x in enumerate(body.fees))
    return CreditFees(targets=_targets(body.adjustments), credits=tuple(credits_))


def to_refund(body: bodies.RefundIn) -> GiveBack:
    return GiveBack(
        targets=tuple(
            Target(ref=x.line_id, quantity=x.quantity, field=f"lines.{n}") for n, x in enumerate(body.lines or ())
        ),
        amount=body.amount,
        cancel=body.cancel,
        receive=body.receive,
        reason=model.Reason(body.reason_code, body.reason),
    )


def to_mail(body: bodies.MailIn) -> SendMail:
    return SendMail(kind=model.CaseKind(body.kind), targets=_targets(body.adjustments))


def _targets(adjustments: Iterable[str]) -> tuple[StepTarget, ...]:
    return tuple(StepTarget(ref=ref, field=f"adjustments.{n}") for n, ref in enumerate(adjustments))


def from_returned(done: Done) -> wire_aftersales.Returned:
    if done.case is None:
        raise ValueError("a return makes a case")
    return {"request": mapping_requests.from_case(done.ledger, done.case), "order": mapping.from_order(done.ledger)}


def from_stepped(done: Done, targets: Iterable[StepTarget]) -> wire_aftersales.Stepped:
    """Also when it is drawn anew later: the names that adjustments and their units have stay theirs."""
    cases = [mapping_requests.from_case(done.ledger, case) for case in _named(done.ledger, targets)]
    return {"requests": cases, "order": mapping.from_order(done.ledger)}


def _named(ledger: Ledger, targets: Iterable[StepTarget]) -> Iterator[model.Case]:
    index = Index(ledger, mapping.NAME)
    found = (index.get(target.ref) for target in targets)
    for case_id in dict.fromkeys(named[0].case_id for named in found if named):
        yield ledger.cases[case_id]


def from_refunding(done: Done) -> wire_aftersales.Refunding:
    cases = [] if done.case is None else [mapping_requests.from_case(done.ledger, done.case)]
    return {
        "refund": mapping_money.from_refund(refunds.made(done.ledger.order, done.case)),
        "requests": cases,
        "order": mapping.from_order(done.ledger),
    }
