"""What the contract shows and says of returns, their steps, fees, refunds, mail and shipments that changed."""

from collections.abc import Mapping
from typing import Any

from app.core import aftersales
from app.core.commands import Command
from app.core.decide import decide
from app.core.ledger import Ledger
from app.core.messages import Change, Fulfil
from app.core.model import FulfillmentState, Step
from app.dialects.native import bodies_aftersales as bodies
from app.dialects.native import mapping, mapping_aftersales
from app.dialects.native.examples import LOCATION_ID, context, created
from app.service.desk import Done

_EDIT = {"state": "delivered", "tracking_code": "JD0146000030"}
_REASON = {"reason_code": "WRONG_ITEM", "reason": "Ordered the wrong colour"}


class _Story:
    """An order that was shipped and delivered, and what happens to it then, a minute after each other."""

    def __init__(self) -> None:
        self._ledger = created().ledger
        self.do(Fulfil(carrier="DHL", tracking_code="JD0146000030"))
        self.shipment = self._ledger.order.fulfillments[0].id
        self.delivered = self.do(
            aftersales.EditFulfillment(fulfillment_id=self.shipment, state=FulfillmentState.DELIVERED)
        )
        self.line = self._ledger.order.lines[0].id
        self.fee = self._ledger.order.fees[0].id

    def do(self, command: Command) -> Done:
        change: Change = decide(self._ledger, command, context(self._ledger.order.version))
        self._ledger = Ledger(change.ledger.order)
        return Done(change.ledger, change.case, change)


def _examples() -> Mapping[str, Any]:
    story = _Story()
    wanted = {"lines": [{"line_id": story.line, "quantity": 2}], **_REASON}
    returned = story.do(mapping_aftersales.to_return(bodies.ReturnIn.model_validate(wanted)))
    step = {"adjustments": [returned.ledger.order.adjustments[0].id]}
    placed, credit = {**step, "location_id": LOCATION_ID}, {**step, "fees": [{"fee_id": story.fee, "amount": 300}]}
    mail = {**step, "kind": "return"}
    plain = bodies.StepIn.model_validate(step)
    walk: list[tuple[str, Any, aftersales.TakeStep | aftersales.CreditFees | aftersales.SendMail]] = [
        ("receive", step, mapping_aftersales.to_step(Step.RECEIVED, plain)),
        ("approve", step, mapping_aftersales.to_step(Step.APPROVED, plain)),
        ("credit_fees", credit, mapping_aftersales.to_credit(bodies.CreditFeesIn.model_validate(credit))),
        ("restock", placed, mapping_aftersales.to_restock(bodies.RestockStepIn.model_validate(placed))),
        ("finish", step, mapping_aftersales.to_step(Step.FINISHED, plain)),
        ("send_mail", mail, mapping_aftersales.to_mail(bodies.MailIn.model_validate(mail))),
    ]
    steps = {
        name: {"request": body, "answer": mapping_aftersales.from_stepped(story.do(command), command.targets)}
        for name, body, command in walk
    }
    unsent = bodies.ReturnIn.model_validate({"lines": [{"line_id": story.line, "quantity": 1}]})
    out = {"adjustments": [story.do(mapping_aftersales.to_return(unsent)).ledger.order.adjustments[-1].id]}
    withdraw = mapping_aftersales.to_step(Step.REJECTED, bodies.StepIn.model_validate(out))
    withdrawn = mapping_aftersales.from_stepped(story.do(withdraw), withdraw.targets)
    money = {"lines": wanted["lines"], **_REASON}
    refunded = story.do(mapping_aftersales.to_refund(bodies.RefundIn.model_validate(money)))
    away, back = story.do(aftersales.Archive()), story.do(aftersales.Archive(archived=False))
    return {
        "edit_fulfillment": {
            "request": _EDIT,
            "answer": mapping.from_fulfilling(story.delivered.ledger, story.shipment),
        },
        "return_order": {"request": wanted, "answer": mapping_aftersales.from_returned(returned)},
        **steps,
        "withdraw": {"request": out, "answer": withdrawn},
        "refund": {"request": money, "answer": mapping_aftersales.from_refunding(refunded)},
        "archive": {"answer": mapping.from_order(away.ledger)},
        "unarchive": {"answer": mapping.from_order(back.ledger)},
    }


EXAMPLES = _examples()

PARAMETERS: Mapping[str, str] = {"fulfillment_id": "The id of a fulfillment of this order."}
