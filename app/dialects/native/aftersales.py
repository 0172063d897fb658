"""Native routes on what follows a sale: returns, steps, fees, refunds, mail, and putting an order away."""

from typing import Any

from app.core.aftersales import Archive, CreditFees, SendMail, TakeStep
from app.core.model import Step
from app.dialects.native import bodies_aftersales as bodies
from app.dialects.native import mapping, mapping_aftersales, wire, wire_aftersales
from app.service.desk import Done
from app.web.face import Routes
from app.web.reply import Reply, json
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]
_ORDER = "/orders/{order_id}"


@routes.post(
    f"{_ORDER}/returns",
    scope="write_orders",
    body=bodies.ReturnIn,
    answer=wire_aftersales.Returned,
    status=201,
)
async def return_order(call: Call[bodies.ReturnIn, Nothing]) -> Reply:
    """Take back what was shipped, and goods that were not sold here: announced, or with `received` here already."""

    def render(done: Done) -> Reply:
        return json(mapping_aftersales.from_returned(done), 201)

    command = mapping_aftersales.to_return(call.body)
    return await call.act(mapping.to_ref(call.path["order_id"]), command, render)


@routes.post(f"{_ORDER}/receive", scope="fulfil_orders", body=bodies.StepIn, answer=wire_aftersales.Stepped)
async def receive(call: Call[bodies.StepIn, Nothing]) -> Reply:
    """Announced goods are here; with the policy `approve_returns` they wait for approval then."""
    return await _step(call, mapping_aftersales.to_step(Step.RECEIVED, call.body))


@routes.post(f"{_ORDER}/approve", scope="write_orders", body=bodies.StepIn, answer=wire_aftersales.Stepped)
async def approve(call: Call[bodies.StepIn, Nothing]) -> Reply:
    """Approve a stepwise cancellation, or what came back: from now on it takes its amount off the order."""
    return await _step(call, mapping_aftersales.to_step(Step.APPROVED, call.body))


@routes.post(f"{_ORDER}/withdraw", scope="write_orders", body=bodies.StepIn, answer=wire_aftersales.Stepped)
async def withdraw(call: Call[bodies.StepIn, Nothing]) -> Reply:
    """The way out before approval: cancelled units are open again, goods do not come back, or are sent back again."""
    return await _step(call, mapping_aftersales.to_step(Step.REJECTED, call.body))


@routes.post(f"{_ORDER}/restock", scope="fulfil_orders", body=bodies.RestockStepIn, answer=wire_aftersales.Stepped)
async def restock(call: Call[bodies.RestockStepIn, Nothing]) -> Reply:
    """Put goods back in stock, all in one location or each in its own. Refused for an order without inventory."""
    return await _step(call, mapping_aftersales.to_restock(call.body))


@routes.post(f"{_ORDER}/finish", scope="write_orders", body=bodies.StepIn, answer=wire_aftersales.Stepped)
async def finish(call: Call[bodies.StepIn, Nothing]) -> Reply:
    """The last step: nothing more happens to these units."""
    return await _step(call, mapping_aftersales.to_step(Step.FINISHED, call.body))


@routes.post(f"{_ORDER}/credit-fees", scope="write_orders", body=bodies.CreditFeesIn, answer=wire_aftersales.Stepped)
async def credit_fees(call: Call[bodies.CreditFeesIn, Nothing]) -> Reply:
    """Credit fees together with what is cancelled or came back, once it is approved and before it is finished."""
    return await _step(call, mapping_aftersales.to_credit(call.body))


@routes.post(f"{_ORDER}/mail", scope="write_orders", body=bodies.MailIn, answer=wire_aftersales.Stepped)
async def send_mail(call: Call[bodies.MailIn, Nothing]) -> Reply:
    """Tell the customer about what is finished. Asked again it is sent again; without an address nothing happens."""
    return await _step(call, mapping_aftersales.to_mail(call.body))


async def _step(call: _Call, command: TakeStep | CreditFees | SendMail) -> Reply:
    def render(done: Done) -> Reply:
        return json(mapping_aftersales.from_stepped(done, command.targets))

    return await call.act(mapping.to_ref(call.path["order_id"]), command, render)


@routes.post(
    f"{_ORDER}/refunds",
    scope="write_orders",
    body=bodies.RefundIn,
    answer=wire_aftersales.Refunding,
    status=201,
)
async def refund(call: Call[bodies.RefundIn, Nothing]) -> Reply:
    """Record that money goes back: for lines, an amount, or all that is left. Never more than came in."""

    def render(done: Done) -> Reply:
        return json(mapping_aftersales.from_refunding(done), 201)

    command = mapping_aftersales.to_refund(call.body)
    return await call.act(mapping.to_ref(call.path["order_id"]), command, render)


@routes.post(f"{_ORDER}/archive", scope="write_orders", answer=wire.Order)
async def archive(call: _Call) -> Reply:
    """Put a completed order away. It comes back by itself once there is something to do."""
    return await call.act(mapping.to_ref(call.path["order_id"]), Archive(), _order)


@routes.post(f"{_ORDER}/unarchive", scope="write_orders", answer=wire.Order)
async def unarchive(call: _Call) -> Reply:
    """Take an order out again."""
    return await call.act(mapping.to_ref(call.path["order_id"]), Archive(archived=False), _order)


def _order(done: Done) -> Reply:
    return json(mapping.from_order(done.ledger))
