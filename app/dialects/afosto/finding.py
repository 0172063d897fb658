"""Lists by cursor (contract 4.3), and the orders that items belong to."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.core import ids, parts
from app.core.ports import Location, Query
from app.core.refusal import Code, Refusal
from app.dialects.afosto import inputs, mapping
from app.dialects.afosto.items import NAME
from app.dialects.afosto.picture import OrderPicture
from app.web.faults import Detail, Fault, FaultCode
from app.web.graphql import Call

_STANDING = {"CONCEPT": "draft", "OPEN": "open", "CLOSED": "closed"}


def _check(page: inputs.Page) -> None:
    for one, other in (("first", "last"), ("after", "before"), ("after", "last")):
        if getattr(page, one) is not None and getattr(page, other) is not None:
            raise Fault(FaultCode.INVALID, Detail(other, f"does not go with {one}"))


def _size(page: inputs.Page) -> int:
    return page.last or page.first or inputs.USUAL_PAGE


async def orders(call: Call, asked: inputs.Orders) -> dict[str, Any]:
    """One statement. A page before a cursor is read the other way round, from there."""
    _check(asked)
    back = asked.before is not None or asked.last is not None
    cursor = asked.before if back else asked.after
    if cursor is not None and not ids.looks_like_ours(cursor):
        raise Fault(FaultCode.INVALID, Detail("before" if back else "after", "is no cursor"))
    size = _size(asked)
    query = Query(
        email=asked.email,
        numbers=asked.number.values if asked.number else None,
        refs=[mapping.to_ref(text) for text in asked.id.values] if asked.id else None,
        standing=[_STANDING[value] for value in asked.progress.values] if asked.progress else None,
        created_from=_time(asked.created_at, "gte", "gt", max),
        created_before=_time(asked.created_at, "lt", "lte", min),
        descending=not back,
        after=(None, cursor) if cursor is not None else None,
        limit=size + 1,
    )
    found = await call.services.desk.find(call.caller, query)
    page = found[:size][::-1] if back else found[:size]
    edges = [(ledger.order.id, OrderPicture(ledger)) for ledger in page]
    more, beyond = len(found) > size, cursor is not None
    return _connection(edges, before=more if back else beyond, after=beyond if back else more)


def _time(bounds: inputs.Bounds | None, exact: str, past: str, pick: Any) -> datetime | None:
    """Times are kept in milliseconds: past one is from the next."""
    if bounds is None:
        return None
    given = [(getattr(bounds, exact), 0), (getattr(bounds, past), 1)]
    found = [value + more for value, more in given if value is not None]
    return datetime.fromtimestamp(pick(found) / 1000, UTC) if found else None


def locations(held: Sequence[Location], page: inputs.Page) -> dict[str, Any]:
    """A tenant has few: they are read all together."""
    _check(page)
    places = sorted(held, key=lambda location: location.id)
    start, end = 0, len(places)
    known = [location.id for location in places]
    for cursor in (page.after, page.before):
        if cursor is not None and cursor not in known:
            raise Fault(FaultCode.INVALID, Detail("after" if cursor is page.after else "before", "is no cursor"))
    if page.after is not None:
        start = known.index(page.after) + 1
    if page.before is not None:
        end = known.index(page.before)
    if page.before is not None or page.last is not None:
        start = max(start, end - _size(page))
    else:
        end = min(end, start + _size(page))
    edges = [(location.id, {"id": location.id, "name": location.name}) for location in places[start:end]]
    return _connection(edges, before=start > 0, after=end < len(places))


def _connection(found: Sequence[tuple[str, Any]], *, before: bool, after: bool) -> dict[str, Any]:
    return {
        "edges": [{"cursor": cursor, "node": node} for cursor, node in found],
        "nodes": [node for _, node in found],
        "pageInfo": {
            "hasNextPage": after,
            "hasPreviousPage": before,
            "startCursor": found[0][0] if found else None,
            "endCursor": found[-1][0] if found else None,
        },
    }


async def elsewhere(call: Call, item_ids: Sequence[str], refusal: Refusal) -> Refusal:
    """Why an item is not among those of the first one's order (3.5): it is unknown, or of another order."""
    if refusal.code is Code.ORDER_NOT_FOUND:
        return Refusal(Code.ADJUSTMENT_NOT_FOUND, field="item_ids.0")
    if refusal.code is not Code.ADJUSTMENT_NOT_FOUND:
        return refusal
    field = str(refusal.facts["field"])
    item_id = item_ids[int(field.rpartition(".")[2])]
    try:
        ledger = await call.services.desk.read(call.caller, mapping.to_item_ref(item_id))
    except Refusal as unknown:
        return refusal if unknown.code is Code.ORDER_NOT_FOUND else unknown
    if parts.Index(ledger, NAME).get(item_id) is None:
        return refusal
    return Refusal(Code.INVALID, field=field, problem="is an item of another order")
