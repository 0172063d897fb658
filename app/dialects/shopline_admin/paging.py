"""Pages of the order list by `link` header (contract 4.4). `page_info` is opaque; base64 JSON, as the partner's is."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from app.core import ids
from app.core.ledger import Ledger
from app.dialects.shopline_admin import bodies
from app.web.faults import Detail, Fault, FaultCode
from app.web.links import link
from app.web.rest import Call, Nothing

_NEXT, _PREVIOUS = "next", "previous"


@dataclass(frozen=True, slots=True)
class Place:
    """After which order a page starts, and whether it is read backwards from there. None: at the start."""

    since_id: str | None = None
    backwards: bool = False


def place_of(asked: bodies.OrderQuery) -> Place:
    """Raises INVALID for what no header had."""
    if asked.page_info is None:
        return Place(_checked(asked.since_id, "since_id") if asked.since_id else None)
    try:
        known = msgspec.json.decode(base64.b64decode(asked.page_info, altchars=b"-_", validate=True))
        return Place(_checked(known["sinceId"], "page_info"), known["direction"] == _PREVIOUS)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise _bad("page_info") from error


def _checked(id_: Any, field: str) -> str:
    if not isinstance(id_, str) or not ids.looks_like_ours(id_):
        raise _bad(field)
    return id_


def _bad(field: str) -> Fault:
    return Fault(FaultCode.INVALID, Detail(field, "is not one that was given out", where="query"))


def page(found: Sequence[Ledger], asked: bodies.OrderQuery, place: Place) -> tuple[list[Ledger], bool, bool]:
    """Of one more than the limit: those of the page, whether others come before them, and whether others follow."""
    shown, more = list(found[: asked.limit]), len(found) > asked.limit
    if place.backwards:
        return shown[::-1], more, True
    return shown, asked.page_info is not None, more


def links(
    call: Call[Nothing, bodies.OrderQuery], shown: Sequence[Ledger], *, before: bool, after: bool
) -> dict[str, str]:
    """No header where there is nothing else (4.4). The filters stay beside `page_info`."""
    if not shown:
        return {}
    parts = []
    if before:
        parts.append(f'<{_url(call, shown[0], _PREVIOUS)}>; rel="previous"')
    if after:
        parts.append(f'<{_url(call, shown[-1], _NEXT)}>; rel="next"')
    return {"Link": ", ".join(parts)} if parts else {}


def _url(call: Call[Nothing, bodies.OrderQuery], ledger: Ledger, direction: str) -> str:
    known = {"sinceId": ledger.order.id, "direction": direction, "limit": call.query.limit}
    given = dict(parse_qsl(call.scope["query_string"].decode()))
    kept = {name: value for name, value in given.items() if name not in {"page_info", "since_id", "limit"}}
    cursor = base64.b64encode(msgspec.json.encode(known), altchars=b"-_").decode()
    return link(call, "/orders.json", {**kept, "limit": call.query.limit, "page_info": cursor})
