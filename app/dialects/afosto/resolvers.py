"""Afosto's queries and mutations (contract 2.1, 2.4, 2.8). Each checks the scope, maps, calls, maps back."""

from collections.abc import Callable
from typing import Any

from ariadne import MutationType, QueryType

from app.core.commands import Command
from app.core.messages import OpenOrder
from app.core.model import CaseKind, Step
from app.core.refusal import Refusal
from app.dialects.afosto import finding, inputs, mapping, picture
from app.dialects.afosto.picture import OrderPicture
from app.service.desk import Done
from app.web.graphql import Call, Info

query = QueryType()
mutation = MutationType()


def _reading(info: Info) -> Call:
    info.context.require("read_orders")
    return info.context


def _writing(info: Info) -> Call:
    info.context.require("write_orders")
    return info.context


def _handling(info: Info) -> Call:
    """Goods arrive, goods go to stock: the scope that it takes in other dialects, too (gap 15)."""
    info.context.require("fulfil_orders")
    return info.context


@query.field("order")
async def order(_: Any, info: Info, **given: Any) -> Any:
    call = _reading(info)
    return OrderPicture(await call.services.desk.read(call.caller, mapping.to_ref(given["id"])))


@query.field("orders")
async def orders(_: Any, info: Info, **given: Any) -> Any:
    return await finding.orders(_reading(info), inputs.read(given, inputs.Orders))


@query.field("inventoryLocations")
async def inventory_locations(_: Any, info: Info, **given: Any) -> Any:
    call = _reading(info)
    page = inputs.read(given, inputs.Page)
    return finding.locations(await call.services.office.locations(call.caller.tenant_id), page)


@query.field("me")
def me(_: Any, info: Info) -> Any:
    return {"id": info.context.caller.credential_id, "email": None}


def _order(done: Done) -> OrderPicture:
    return OrderPicture(done.ledger)


async def _act(info: Info, order_id: str, command: Command) -> Any:
    return await info.context.act(info, mapping.to_ref(order_id), command, _order)


async def _begin(info: Info, given: Any, to_command: Callable[[inputs.Items, Callable[[], str]], Command]) -> Any:
    call = _writing(info)
    body = inputs.read(given, inputs.Items)
    try:
        return await _act(info, body.order_id, to_command(body, call.services.clock.new_uuid4))
    except Refusal as refusal:
        raise mapping.with_place(refusal, body) from refusal


@mutation.field("cancelOrderItems")
async def cancel_order_items(_: Any, info: Info, **given: Any) -> Any:
    return await _begin(info, given["input"], mapping.to_cancel)


@mutation.field("returnOrderItems")
async def return_order_items(_: Any, info: Info, **given: Any) -> Any:
    return await _begin(info, given["input"], mapping.to_return)


@mutation.field("receiveOrderItems")
async def receive_order_items(_: Any, info: Info, **given: Any) -> Any:
    _handling(info)
    body = inputs.read(given["input"], inputs.Receive, inputs.ALSO["ReceiveItemInput"])
    return await _act(info, body.order_id, mapping.to_receive(body))


@mutation.field("approveOrderItems")
async def approve_order_items(_: Any, info: Info, **given: Any) -> Any:
    return await _step(info, Step.APPROVED, given["input"])


@mutation.field("finishOrderItems")
async def finish_order_items(_: Any, info: Info, **given: Any) -> Any:
    return await _step(info, Step.FINISHED, given["input"])


async def _step(info: Info, step: Step, given: Any) -> Any:
    _writing(info)
    body = inputs.read(given, inputs.Step)
    return await _act(info, body.order_id, mapping.to_step(step, body))


@mutation.field("restockOrderItems")
async def restock_order_items(_: Any, info: Info, **given: Any) -> Any:
    _handling(info)
    body = inputs.read(given["input"], inputs.Restock, inputs.ALSO["RestockItemInput"])
    return await _act(info, body.order_id, mapping.to_restock(body))


@mutation.field("addContraFeesToOrderItems")
async def add_contra_fees_to_order_items(_: Any, info: Info, **given: Any) -> Any:
    """Without an order's id: it is that of the first item."""
    call = _writing(info)
    body = inputs.read(given["input"], inputs.ContraFees, inputs.ALSO["ContraFeeInput"])
    ref, command = mapping.to_item_ref(body.item_ids[0]), mapping.to_credit_fees(body)
    try:
        return await call.act(info, ref, command, lambda done: picture.collection(done.ledger, body.item_ids))
    except Refusal as refusal:
        raise await finding.elsewhere(call, body.item_ids, refusal) from refusal


@mutation.field("sendCancellationEmail")
async def send_cancellation_email(_: Any, info: Info, **given: Any) -> Any:
    return await _mail(info, CaseKind.CANCEL, given["input"])


@mutation.field("sendReturnEmail")
async def send_return_email(_: Any, info: Info, **given: Any) -> Any:
    return await _mail(info, CaseKind.RETURN, given["input"])


async def _mail(info: Info, kind: CaseKind, given: Any) -> Any:
    _writing(info)
    body = inputs.read(given, inputs.Mail)
    return await _act(info, body.order_id, mapping.to_mail(kind, body))


@mutation.field("createOrder")
async def create_order(_: Any, info: Info, **given: Any) -> Any:
    call = _writing(info)
    return await call.create(info, mapping.to_create(inputs.read(given["input"], inputs.NewOrder)), _order)


@mutation.field("addItemsToOrder")
async def add_items_to_order(_: Any, info: Info, **given: Any) -> Any:
    _writing(info)
    body = inputs.read(given["input"], inputs.NewItems)
    return await _act(info, body.order_id, mapping.to_add_items(body))


@mutation.field("openOrder")
async def open_order(_: Any, info: Info, **given: Any) -> Any:
    _writing(info)
    return await _act(info, inputs.read(given["input"], inputs.OpenOrder).order_id, OpenOrder())
