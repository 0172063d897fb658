"""HappyColis' delivery orders, which are the core's allocations (contract 2.1, 2.2 and 2.4)."""

from typing import Any

from ariadne import MutationType, QueryType

from app.core.commands import CancelAllocation, Command
from app.core.fulfil import allocation_of
from app.core.messages import MoveAllocation
from app.core.model import Stage
from app.core.refusal import Refusal
from app.dialects.happycolis import inputs, mapping, picture, requests
from app.dialects.happycolis.finding import call_for, names
from app.web.graphql import Info

query = QueryType()
mutation = MutationType()


@query.field("deliveryOrder")
async def delivery_order(_: Any, info: Info, **given: Any) -> Any:
    call = call_for(info, "view_delivery_orders")
    try:
        ledger = await call.services.desk.read(call.caller, mapping.to_allocation_ref(given["id"]))
    except Refusal as refusal:
        raise requests.unknown_delivery_order(refusal) from refusal
    allocation = allocation_of(ledger.order, given["id"])
    return picture.from_allocation(ledger, allocation, await names(info, ledger))


@query.field("deliveryOrders")
async def delivery_orders(_: Any, info: Info, **given: Any) -> Any:
    call = call_for(info, "view_delivery_orders")
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(given["orderId"]))
    known = await names(info, ledger)
    return [picture.from_allocation(ledger, allocation, known) for allocation in ledger.order.allocations]


@mutation.field("deliveryOrderCreate")
async def delivery_order_create(_: Any, info: Info, **given: Any) -> Any:
    call = call_for(info, "create_delivery_orders")
    body = inputs.read(given["input"], inputs.NewDeliveryOrder)
    location = await call.services.office.location(call.caller.tenant_id, body.location_id)
    known = {location.id: location.name}
    return await call.act(
        info,
        mapping.to_ref(body.order_id),
        mapping.to_allocate(body, location),
        lambda done: picture.from_allocation(done.ledger, done.ledger.order.allocations[-1], known),
    )


async def _result(info: Info, delivery_order_id: str, command: Command, words: str) -> Any:
    """2.4: what the state of the delivery order forbids is a result like another."""
    ref = mapping.to_allocation_ref(delivery_order_id)
    try:
        return await info.context.act(info, ref, command, lambda _: requests.succeeded(delivery_order_id, words))
    except Refusal as refusal:
        return requests.failed(delivery_order_id, refusal)


@mutation.field("deliveryOrderUpdate")
async def delivery_order_update(_: Any, info: Info, **given: Any) -> Any:
    call = call_for(info, "edit_delivery_orders")
    body = inputs.read(given["input"], inputs.DeliveryOrderUpdate)
    location = None
    if body.location_id is not None:
        location = await call.services.office.location(call.caller.tenant_id, body.location_id)
    return await _result(info, body.id, mapping.to_edit_allocation(body, location), "updated")


@mutation.field("deliveryOrderOpen")
async def delivery_order_open(_: Any, info: Info, **given: Any) -> Any:
    return await _move(info, given["id"], Stage.OPENED, "opened")


@mutation.field("deliveryOrderRequestFulfillment")
async def delivery_order_request_fulfillment(_: Any, info: Info, **given: Any) -> Any:
    return await _move(info, given["id"], Stage.REQUESTED, "requested")


async def _move(info: Info, delivery_order_id: str, stage: Stage, words: str) -> Any:
    call_for(info, "edit_delivery_orders")
    return await _result(info, delivery_order_id, MoveAllocation(allocation_id=delivery_order_id, stage=stage), words)


@mutation.field("deliveryOrderCancel")
async def delivery_order_cancel(_: Any, info: Info, **given: Any) -> Any:
    call_for(info, "edit_delivery_orders")
    return await _result(info, given["id"], CancelAllocation(allocation_id=given["id"]), "cancelled")
