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
    return moment_cursor(order.updated_at, order.id) if by_update else _written(order.id)


def read_cursor(cursor: str | None, *, by_update: bool) -> tuple[datetime | None, str] | None:
    if by_update or cursor is None:
        return read_moment(cursor)
    order_id = _text(cursor)
    if not ids.looks_like_ours(order_id):
        raise bad_cursor("cursor")
    return None, order_id


def moment_cursor(at: datetime, id_: str) -> str:
    return _written(f"{at.isoformat()} {id_}")


def read_moment(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    moment, _, id_ = _text(cursor).rpartition(" ")
    try:
        at = times.read(moment)
    except ValueError as error:
        raise bad_cursor("cursor") from error
    if not ids.looks_like_ours(id_):
        raise bad_cursor("cursor")
    return at, id_


def pair_cursor(first: str, second: str) -> str:
    return _written(f"{first}\n{second}")


def read_pair(cursor: str | None) -> tuple[str, str] | None:
    """Neither of them has control characters in it."""
    if cursor is None:
        return None
    pair = _text(cursor).split("\n")
    if len(pair) != 2 or "\0" in pair[0] + pair[1]:
        raise bad_cursor("cursor")
    return pair[0], pair[1]


def _written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _text(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error) as error:
        raise bad_cursor("cursor") from error


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
