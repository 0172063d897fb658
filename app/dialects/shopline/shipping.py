"""Shopline's routes on the fulfilments of an order (contract 1.3: rows 17 to 23, public docs)."""

from typing import Any

from app.core.aftersales import EditFulfillment, MoveFulfillment
from app.core.model import Fulfillment, FulfillmentState
from app.core.shipments import fulfillment_of
from app.dialects.shopline import bodies, envelopes, goods, mapping
from app.service.desk import Done
from app.web import bounds
from app.web.face import Routes
from app.web.reply import Reply, json
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]
_ALL = "/orders/{order_id}/fulfillments"
_ONE = _ALL + "/{fulfillment_id}"


@routes.get(_ALL, scope="read_orders", query=bodies.FulfillmentQuery, answer=envelopes.FulfillmentList)
async def list_fulfillments(call: Call[Nothing, bodies.FulfillmentQuery]) -> Reply:
    """List the fulfilments of an order, oldest first. Bounds on times are inclusive."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    found, asked = _matching(ledger.order.fulfillments, call.query), call.query
    page = found[(asked.page - 1) * asked.limit : asked.page * asked.limit]
    return json({"fulfillments": [goods.from_fulfillment(ledger, fulfillment) for fulfillment in page]})


@routes.get(_ALL + "/count", scope="read_orders", query=bodies.FulfillmentFilters, answer=envelopes.Count)
async def count_fulfillments(call: Call[Nothing, bodies.FulfillmentFilters]) -> Reply:
    """Count the fulfilments of an order. Bounds on times are inclusive."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    return json({"count": len(_matching(ledger.order.fulfillments, call.query))})


def _matching(fulfillments: tuple[Fulfillment, ...], asked: bodies.FulfillmentFilters) -> list[Fulfillment]:
    return [
        fulfillment
        for fulfillment in fulfillments
        if bounds.within(fulfillment.created_at, asked.created_at_min, asked.created_at_max)
        and bounds.within(fulfillment.updated_at, asked.updated_at_min, asked.updated_at_max)
    ]


@routes.post(_ALL, scope="fulfil_orders", body=bodies.FulfillmentIn, answer=envelopes.OneFulfillment)
async def create_fulfillment(call: Call[bodies.FulfillmentIn, Nothing]) -> Reply:
    """Ship line items of an order, or all that is open.

    More than is open, or an order that is not placed or has nothing left, is refused with 406.
    """
    return await call.act(
        mapping.to_ref(call.path["order_id"]),
        mapping.to_fulfil(call.body),
        lambda done: _shown(done, done.ledger.order.fulfillments[-1]),
    )


@routes.get(_ONE, scope="read_orders", answer=envelopes.OneFulfillment)
async def get_fulfillment(call: _Call) -> Reply:
    """Read a fulfilment."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    found = fulfillment_of(ledger.order, call.path["fulfillment_id"])
    return json({"fulfillment": goods.from_fulfillment(ledger, found)})


@routes.put(_ONE, scope="fulfil_orders", body=bodies.FulfillmentPatch, answer=envelopes.OneFulfillment)
async def update_fulfillment(call: Call[bodies.FulfillmentPatch, Nothing]) -> Reply:
    """Change what a fulfilment is tracked by.

    What is left out stays as it is. Its line items cannot be changed, and one that was cancelled is refused with 406.
    """
    return await _change(call, mapping.to_edit_fulfillment(call.path["fulfillment_id"], call.body))


@routes.post(_ONE + "/complete", scope="fulfil_orders", answer=envelopes.OneFulfillment)
async def complete_fulfillment(call: _Call) -> Reply:
    """Say that a fulfilment arrived: it is then `finished`. One that is finished or cancelled is refused with 406."""
    return await _change(call, _to_move(call, FulfillmentState.DELIVERED))


@routes.post(_ONE + "/cancel", scope="fulfil_orders", answer=envelopes.OneFulfillment)
async def cancel_fulfillment(call: _Call) -> Reply:
    """Cancel a fulfilment that never left: its line items can be shipped anew, or the order be cancelled.

    One that is finished or cancelled, or of which something came back or is on its way, is refused with 406.
    """
    return await _change(call, _to_move(call, FulfillmentState.VOID))


def _to_move(call: _Call, state: FulfillmentState) -> MoveFulfillment:
    return MoveFulfillment(fulfillment_id=call.path["fulfillment_id"], state=state)


async def _change(call: _Call, command: MoveFulfillment | EditFulfillment) -> Reply:
    return await call.act(
        mapping.to_ref(call.path["order_id"]),
        command,
        lambda done: _shown(done, fulfillment_of(done.ledger.order, command.fulfillment_id)),
    )


def _shown(done: Done, fulfillment: Fulfillment) -> Reply:
    return json({"fulfillment": goods.from_fulfillment(done.ledger, fulfillment)})
