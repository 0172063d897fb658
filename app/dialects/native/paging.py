"""Cursors of the native lists: opaque to clients, checked when they come back."""

import base64
import binascii
from datetime import datetime, timedelta

from app.core import ids
from app.core.model import Order
from app.dialects.native import times
from app.web.faults import Detail, Fault, FaultCode

_MILLISECOND = timedelta(milliseconds=1)
FIRST = "00000000-0000-0000-0000-000000000000"


def cursor_of(order: Order, *, by_update: bool) -> str:
    text = f"{order.updated_at.isoformat()} {order.id}" if by_update else order.id
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *, by_update: bool) -> tuple[datetime | None, str] | None:
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, order_id = text.rpartition(" ")
        at = times.read(moment) if by_update else None
    except (ValueError, binascii.Error) as error:
        raise bad_cursor("cursor") from error
    if not ids.looks_like_ours(order_id) or bool(moment) != by_update:
        raise bad_cursor("cursor")
    return at, order_id


def just_after(at: datetime | None) -> datetime | None:
    """`updated_after` is exclusive, and times are whole milliseconds."""
    if at is None:
        return None
    floor = at.replace(microsecond=at.microsecond // 1000 * 1000)
    try:
        return floor + _MILLISECOND
    except OverflowError as error:
        raise bad_cursor("updated_after") from error


def read_version(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isascii() or not after.isdigit() or len(after) > 9:
        raise bad_cursor("after")
    return int(after)


def read_event_cursor(after: str | None) -> str:
    if after is None:
        return FIRST
    if not ids.looks_like_ours(after):
        raise bad_cursor("after")
    return after


def bad_cursor(field: str) -> Fault:
    return Fault(FaultCode.INVALID, Detail(field, "is not a cursor that was given out", where="query"))
