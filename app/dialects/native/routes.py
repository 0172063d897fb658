"""Native routes on orders."""

from typing import Any

from app.core.messages import EditOrder, MoveAllocation, OpenOrder
from app.core.model import OrderState
from app.core.ports import Query
from app.dialects.native import bodies, bodies_orders, mapping, mapping_requests, paging, wire, wire_events
from app.service.desk import Done
from app.web.face import Routes
from app.web.reply import Reply, json, settled
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


def _order(done: Done) -> Reply:
    return json(mapping.from_order(done.ledger))


def _created(done: Done) -> Reply:
    return json(mapping.from_order(done.ledger), 201)


def _allocated(done: Done) -> Reply:
    return json(mapping.from_allocating(done.ledger, done.ledger.order.allocations[-1].id), 201)


def _fulfilled(done: Done) -> Reply:
    return json(mapping.from_fulfilling(done.ledger, done.ledger.order.fulfillments[-1].id), 201)


@routes.post("/orders", scope="write_orders", body=bodies.OrderIn, answer=wire.Order, status=201)
async def create_order(call: Call[bodies.OrderIn, Nothing]) -> Reply:
    """Create an order.

    Refused with `duplicate` when the number or one of the keys belongs to another order.
    """
    return await call.create(mapping.to_create(call.body), _created)


@routes.get("/orders", scope="read_orders", query=bodies.OrderQuery, answer=wire.OrderList)
async def list_orders(call: Call[Nothing, bodies.OrderQuery]) -> Reply:
    """List orders, oldest first; with `updated_after` by time of change, or as `sort` says.

    `q` finds them by an id or key of any dialect, by number, customer or sku. `pending`: those with a cancellation or
    return that is not decided yet.
    """
    asked = call.query
    sort = asked.sort or ("created" if asked.updated_after is None else "updated")
    by_update = sort.endswith("updated")
    query = Query(
        search=mapping.to_search(asked.q),
        undecided=asked.pending,
        number=asked.number,
        states=[OrderState(asked.state)] if asked.state else None,
        cancelled=asked.cancelled,
        updated_from=paging.just_after(asked.updated_after),
        by_update=by_update,
        descending=sort.startswith("-"),
        after=paging.read_cursor(asked.cursor, by_update=by_update),
        limit=asked.limit + 1,
    )
    found = await call.services.desk.find(call.caller, query)
    page = found[: asked.limit]
    cursor = paging.cursor_of(page[-1].order, by_update=by_update) if len(found) > asked.limit else None
    return json({"orders": [mapping.from_order(ledger) for ledger in page], "next_cursor": cursor})


@routes.get("/orders/{order_id}", scope="read_orders", answer=wire.Order)
async def get_order(call: _Call) -> Reply:
    """Read an order by its id, or by `dialect:key`."""
    return json(mapping.from_order(await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))))


@routes.patch("/orders/{order_id}", scope="write_orders", body=bodies_orders.OrderPatch, answer=wire.Order)
async def edit_order(call: Call[bodies_orders.OrderPatch, Nothing]) -> Reply:
    """Change texts and metadata of an order, in whatever state it is."""
    body = call.body
    command = EditOrder(note=body.note, tags=None if body.tags is None else tuple(body.tags), metadata=body.metadata)
    return await call.act(mapping.to_ref(call.path["order_id"]), command, _order)


@routes.post("/orders/{order_id}/open", scope="write_orders", answer=wire.Order)
async def open_order(call: _Call) -> Reply:
    """Open a draft."""
    return await call.act(mapping.to_ref(call.path["order_id"]), OpenOrder(), _order)


@routes.post(
    "/orders/{order_id}/allocations",
    scope="fulfil_orders",
    body=bodies.AllocationIn,
    answer=wire.Allocating,
    status=201,
)
async def allocate(call: Call[bodies.AllocationIn, Nothing]) -> Reply:
    """Give open units to a location."""
    location = await call.services.office.location(call.caller.tenant_id, call.body.location_id)
    ref = mapping.to_ref(call.path["order_id"])
    return await call.act(ref, mapping.to_allocate(call.body, location), _allocated)


@routes.patch(
    "/orders/{order_id}/allocations/{allocation_id}",
    scope="fulfil_orders",
    body=bodies.StageIn,
    answer=wire.Allocating,
)
async def move_allocation(call: Call[bodies.StageIn, Nothing]) -> Reply:
    """Move an allocation on, or cancel it while nothing of it was shipped."""
    allocation_id = call.path["allocation_id"]

    def render(done: Done) -> Reply:
        return json(mapping.from_allocating(done.ledger, allocation_id))

    command = MoveAllocation(allocation_id=allocation_id, stage=call.body.stage)
    return await call.act(mapping.to_ref(call.path["order_id"]), command, render)


@routes.post(
    "/orders/{order_id}/fulfillments",
    scope="fulfil_orders",
    body=bodies.FulfillmentIn,
    answer=wire.Fulfilling,
    status=201,
)
async def fulfil(call: Call[bodies.FulfillmentIn, Nothing]) -> Reply:
    """Ship open units."""
    return await call.act(mapping.to_ref(call.path["order_id"]), mapping.to_fulfil(call.body), _fulfilled)


@routes.patch(
    "/orders/{order_id}/fulfillments/{fulfillment_id}",
    scope="fulfil_orders",
    body=bodies.FulfillmentPatch,
    answer=wire.Fulfilling,
)
async def edit_fulfillment(call: Call[bodies.FulfillmentPatch, Nothing]) -> Reply:
    """Say that a shipment was delivered, or void it while nothing came back; change its tracking."""
    fulfillment_id = call.path["fulfillment_id"]

    def render(done: Done) -> Reply:
        return json(mapping.from_fulfilling(done.ledger, fulfillment_id))

    command = mapping.to_edit_fulfillment(fulfillment_id, call.body)
    return await call.act(mapping.to_ref(call.path["order_id"]), command, render)


@routes.post(
    "/orders/{order_id}/cancellations",
    scope="write_orders",
    body=bodies.CancellationIn,
    query=bodies.DryRunQuery,
    answer=wire.Cancelled,
    may_wait=True,
)
async def cancel_order(call: Call[bodies.CancellationIn, bodies.DryRunQuery]) -> Reply:
    """Cancel an order, lines of it, or what is not shipped.

    With `dry_run` it answers what would happen, and writes nothing.
    """
    dry_run = call.query.dry_run

    def render(done: Done) -> Reply:
        body = mapping.from_cancel(done, dry_run=dry_run)
        return json(body) if dry_run else settled(done, body)

    ref = mapping.to_ref(call.path["order_id"])
    return await call.act(ref, mapping.to_cancel(call.body), render, dry_run=dry_run)


@routes.get("/orders/{order_id}/events", scope="read_orders", query=bodies.EventQuery, answer=wire_events.EventList)
async def order_events(call: Call[Nothing, bodies.EventQuery]) -> Reply:
    """The history of an order: what, when, who, through which dialect, before and after."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    after = paging.read_version(call.query.after)
    found = await call.services.desk.history(call.caller, ledger.order.id, after, call.query.limit + 1)
    page = found[: call.query.limit]
    cursor = str(page[-1].version) if len(found) > call.query.limit else None
    return json({"events": [mapping_requests.from_event(event) for event in page], "next_cursor": cursor})


@routes.get("/events", scope="read_orders", query=bodies.EventQuery, answer=wire_events.EventList)
async def list_events(call: Call[Nothing, bodies.EventQuery]) -> Reply:
    """The tenant's events after a cursor; without one, from the beginning.

    The cursor at the end of the feed may give the newest events again: tell them apart by `id`.
    """
    after = paging.read_event_cursor(call.query.after)
    events, cursor = await call.services.desk.feed(call.caller, after, call.query.limit)
    return json({"events": [mapping_requests.from_event(event) for event in events], "next_cursor": cursor})
