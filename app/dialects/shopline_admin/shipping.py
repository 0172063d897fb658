"""SHOPLINE's routes on fulfilments (contract 1.3: rows 15 to 19)."""

from typing import Any

from app.core.aftersales import MoveFulfillment
from app.core.model import FulfillmentState
from app.core.shipments import fulfillment_of
from app.dialects.shopline_admin import bodies, envelopes, goods, mapping
from app.web.face import Routes
from app.web.reply import Reply, json
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]
_ALL = "/orders/{order_id}/fulfillments"


@routes.get(_ALL + ".json", scope="read_orders", answer=envelopes.FulfillmentList)
async def list_fulfillments(call: _Call) -> Reply:
    """List the fulfilments of an order, oldest first."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    return json({"fulfillments": goods.fulfillments(ledger)})


@routes.get(_ALL + "/count.json", scope="read_orders", answer=envelopes.Count)
async def count_fulfillments(call: _Call) -> Reply:
    """Count the fulfilments of an order, cancelled ones among them."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    return json({"count": len(ledger.order.fulfillments)})


@routes.post(_ALL + ".json", scope="fulfil_orders", body=bodies.FulfillmentIn, answer=envelopes.OneFulfillment)
async def create_fulfillment(call: Call[bodies.FulfillmentIn, Nothing]) -> Reply:
    """Ship line items of an order, or all that is open. More than is open is refused with 422."""
    return await call.act(
        mapping.to_ref(call.path["order_id"]),
        mapping.to_fulfil(call.body),
        lambda done: json(
            {"fulfillment": goods.from_fulfillment(done.ledger, done.ledger.order.fulfillments[-1])}
        ),
    )  # fmt: skip


@routes.post(_ALL + "/{fulfillment_id}/cancel.json", scope="fulfil_orders", answer=envelopes.OneFulfillment)
async def cancel_fulfillment(call: _Call) -> Reply:
    """Cancel a fulfilment that never left: its line items can be shipped anew, or the order be cancelled.

    One that arrived or is cancelled, or of which something came back or is on its way, is refused with 422.
    """
    return await _cancel(call)


@routes.post(
    "/fulfillments/{order_id}/{fulfillment_id}/cancel.json", scope="fulfil_orders", answer=envelopes.OneFulfillment
)
async def cancel_order_fulfillment(call: _Call) -> Reply:
    """The same under its other path."""
    return await _cancel(call)


async def _cancel(call: _Call) -> Reply:
    id_ = call.path["fulfillment_id"]
    return await call.act(
        mapping.to_ref(call.path["order_id"]),
        MoveFulfillment(fulfillment_id=id_, state=FulfillmentState.VOID),
        lambda done: json(
            {"fulfillment": goods.from_fulfillment(done.ledger, fulfillment_of(done.ledger.order, id_))}
        ),
    )  # fmt: skip
