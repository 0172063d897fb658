"""Order ids are UUIDv7 whose last 20 bits are zero; everything inside an order is numbered in those bits.

So any child id leads to its order without a lookup. The randomness is passed in: `core` draws none.
"""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_CHILD_DIGITS = 5  # 20 bits as hexadecimal digits
_CHILDREN = 1 << 20
PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
"""Of any id that is made here, as JSON Schema writes it."""

_UUID = re.compile(PATTERN[1:-1])


def uuid7(at: datetime, randomness: int) -> str:
    """A UUIDv7 (RFC 9562) of the given millisecond; `randomness` gives its 74 random bits."""
    value = ((at - _EPOCH) // _MILLISECOND & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (randomness >> 62 & 0xFFF) << 64 | 0b10 << 62 | (randomness & (1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def order_id(at: datetime, randomness: int) -> str:
    return order_of(uuid7(at, randomness))


def child(order: str, number: int) -> str:
    """Raises OverflowError past 1,048,575 children; a line's quantity is not a child, so no real order gets there."""
    if not 0 < number < _CHILDREN:
        raise OverflowError(f"child {number} of order {order}")
    return f"{order[:-_CHILD_DIGITS]}{number:0{_CHILD_DIGITS}x}"


def order_of(any_id: str) -> str:
    """The order that a line, case, adjustment, allocation or fulfillment id belongs to."""
    return any_id[:-_CHILD_DIGITS] + "0" * _CHILD_DIGITS


def looks_like_ours(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def first_of(at: datetime) -> str:
    """The smallest id of that millisecond: ids sort by creation time."""
    return uuid7(at, 0)


def created_at(any_id: str) -> datetime:
    return datetime.fromtimestamp(int(any_id[:8] + any_id[9:13], 16) / 1000, UTC)
