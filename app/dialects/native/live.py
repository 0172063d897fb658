"""The native live stream: the tenant's events as they happen, as Server-Sent Events."""

from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, Field

from app.core import ids
from app.core.ports import StoredEvent
from app.dialects.native import mapping, mapping_requests, wire_events
from app.dialects.native.hooks import EVENTS
from app.service.tail import Item
from app.web import decode
from app.web.face import Routes
from app.web.faults import Detail, Fault, FaultCode
from app.web.headers import plain
from app.web.rest import Call, Nothing
from app.web.sse import Events, frame

routes = Routes()


def _known(type_: str) -> str:
    if type_ not in EVENTS:
        raise ValueError("is no type of event")
    return type_


_Type = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*dict.fromkeys(EVENTS)]})]


class StreamQuery(decode.QueryString):
    after: Annotated[str, Field(pattern=ids.PATTERN)] | None = Field(
        None, description="The id of an event, or a `next_cursor` of `GET /events`: begin after it."
    )
    order_id: decode.Several[decode.Key] = Field(
        [], description="Only events of these orders, by id or `dialect:key`; may repeat, or have commas."
    )
    type: decode.Several[_Type] = Field([], description="Only events of these types; may repeat, or have commas.")


@routes.get("/events/stream", scope="read_orders", query=StreamQuery, answer=wire_events.Event, events=True)
async def stream_events(call: Call[Nothing, StreamQuery]) -> Events:
    """The tenant's events as they happen.

    Each is sent as `GET /events` shows it. It begins after `Last-Event-ID`, else after `after`, else now. A client that
    reads too slowly is cut off, and may come back to where it was.
    """
    desk, named = call.services.desk, dict.fromkeys(call.query.order_id)
    ledgers = [await desk.read(call.caller, mapping.to_ref(id_)) for id_ in named]
    reader = await call.services.live.open(
        call.caller,
        after=_last_event(call) or call.query.after,
        orders=[ledger.order.id for ledger in ledgers],
        types=call.query.type,
    )
    return Events(
        reader=reader,
        frame=_frame,
        scope=call.scope,
        receive=call.receive,
        heartbeat=call.services.heartbeat,
        life=call.services.stream_life,
    )


def _last_event(call: Call[Any, Any]) -> str | None:
    given = plain(call.headers, b"last-event-id")
    if given is not None and not ids.looks_like_ours(given):
        raise Fault(FaultCode.INVALID, Detail("Last-Event-ID", "is not the id of an event", where="header"))
    return given


def _frame(item: Item) -> bytes:
    return item.shown(mapping.NAME, _render)


def _render(event: StoredEvent) -> bytes:
    return frame(event.id, event.type, msgspec.json.encode(mapping_requests.from_event(event)))
