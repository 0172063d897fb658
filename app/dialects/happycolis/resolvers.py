"""HappyColis' orders (contract 2.1 and 2.2). Each resolver checks the scope, maps, calls, maps back."""

from collections.abc import Callable
from typing import Any

from ariadne import MutationType, QueryType

from app.core.commands import Command, Dispatch, Hold
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.dialects.happycolis import inputs, mapping, picture, requests
from app.dialects.happycolis.finding import by_reference, call_for, named, names
from app.service.desk import Done
from app.web.faults import Detail, Fault, FaultCode
from app.web.graphql import Info

query = QueryType()
mutation = MutationType()


@query.field("order")
async def order(_: Any, info: Info, **given: Any) -> Any:
    call = call_for(info, "view_orders")
    id_, reference = given.get("id"), given.get("byExternalReference")
    if (id_ is None) == (reference is None):
        raise Fault(FaultCode.INVALID, Detail("order", "takes either id or byExternalReference"))
    if reference is None:
        ledger = await call.services.desk.read(call.caller, mapping.to_ref(str(id_)))
    else:
        ledger = await by_reference(call, reference["tpAppId"], reference["externalReference"])
    return picture.from_order(ledger, await names(info, ledger))


@query.field("dispatchableRequest")
async def dispatchable_request(_: Any, info: Info, **given: Any) -> Any:
    """A case of the core; else a version of an order, which its history knows."""
    call = call_for(info, "view_orders")
    order_id, _, version = given["id"].partition(".")
    try:
        ledger = await call.services.desk.read(call.caller, Ref.through(picture.NAME, "case", order_id))
    except Refusal as refusal:
        raise requests.unknown(refusal) from refusal
    found = requests.from_case(ledger, given["id"])
    if found is None and (before := requests.version_before(ledger, order_id, version)) is not None:
        events = await call.services.desk.history(call.caller, ledger.order.id, before, 1)
        found = requests.from_event(events[0]) if events else None
    if found is None:
        raise Refusal(Code.CASE_NOT_FOUND)
    return found


async def _request(info: Info, type_: str, ref: Ref, command: Command, to_value: Callable[[Done], Any]) -> Any:
    """A refusal that has to do with the order's state is an answer like another (3.2, row 7)."""
    try:
        return await info.context.act(info, ref, command, to_value)
    except Refusal as refusal:
        return requests.refused(refusal, type_, ref.key)


def _dispatched(type_: str) -> Callable[[Done], Any]:
    return lambda done: requests.dispatched(done, type_)


@mutation.field("orderCancel")
async def order_cancel(_: Any, info: Info, **given: Any) -> Any:
    call_for(info, "edit_orders")
    return await _request(info, "CANCEL", mapping.to_ref(given["id"]), mapping.to_cancel(), requests.cancelled)


@mutation.field("orderCreate")
async def order_create(_: Any, info: Info, **given: Any) -> Any:
    call = call_for(info, "create_orders")
    body = inputs.read(given["input"], inputs.NewOrder)
    if body.organization_id != call.caller.tenant_id:
        raise Fault(FaultCode.INVALID, Detail("organizationId", "is not the organization of the token"))
    command = mapping.to_create(body, call.caller.credential_id)
    return await call.create(info, command, lambda done: picture.from_order(done.ledger))


@mutation.field("orderUpdate")
async def order_update(_: Any, info: Info, **given: Any) -> Any:
    call = call_for(info, "edit_orders")
    body = inputs.read(given["input"], inputs.OrderUpdate)
    ref, currency = await named(call, body), body.currency
    if currency is None and body.lines is not None:
        currency = (await call.services.desk.read(call.caller, ref)).order.currency
    command = mapping.to_revise(body, currency or mapping.CURRENCY)
    return await _request(info, "UPDATE", ref, command, _dispatched("UPDATE"))


@mutation.field("orderOpen")
async def order_open(_: Any, info: Info, **given: Any) -> Any:
    call_for(info, "edit_orders")
    return await _request(info, "OPEN", mapping.to_ref(given["id"]), Dispatch(), _dispatched("OPEN"))


@mutation.field("orderRequestFulfillment")
async def order_request_fulfillment(_: Any, info: Info, **given: Any) -> Any:
    call_for(info, "edit_orders")
    type_ = "REQUEST_FULFILLMENT"
    return await _request(info, type_, mapping.to_ref(given["id"]), Dispatch(request=True), _dispatched(type_))


@mutation.field("orderOpenLines")
async def order_open_lines(_: Any, info: Info, **given: Any) -> Any:
    return await _lines(info, given["input"], request=False)


@mutation.field("orderRequestFulfillmentLines")
async def order_request_fulfillment_lines(_: Any, info: Info, **given: Any) -> Any:
    return await _lines(info, given["input"], request=True)


async def _lines(info: Info, given: Any, *, request: bool) -> Any:
    """2.3: both are of the type REQUEST_FULFILLMENT."""
    call_for(info, "edit_orders")
    body, type_ = inputs.read(given, inputs.Lines), "REQUEST_FULFILLMENT"
    command = mapping.to_dispatch(body, request=request)
    return await _request(info, type_, mapping.to_ref(body.order_id), command, _dispatched(type_))


@mutation.field("orderHold")
async def order_hold(_: Any, info: Info, **given: Any) -> Any:
    call_for(info, "edit_orders")
    return await _request(info, "HOLD", mapping.to_ref(given["id"]), Hold(), _dispatched("HOLD"))


@mutation.field("orderResume")
async def order_resume(_: Any, info: Info, **given: Any) -> Any:
    call_for(info, "edit_orders")
    return await _request(info, "RESUME", mapping.to_ref(given["id"]), Hold(held=False), _dispatched("RESUME"))
