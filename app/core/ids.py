"""Order ids are UUIDv7 whose last 20 bits are zero; everything inside an order is numbered in those bits.

So any child id leads to its order without a lookup. The randomness is passed in: `core` draws none.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_CHILD_DIGITS = 5  # 20 bits as hexadecimal digits
_CHILD_BITS = 4 * _CHILD_DIGITS
_CHILDREN = 1 << _CHILD_BITS
_RANDOM_BITS = 74
_STEP_BITS = 32
_MILLISECONDS = 256
PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
"""Of any id that is made here, as JSON Schema writes it."""

_UUID = re.compile(PATTERN[1:-1])


class Series:
    """Ids that sort in the order in which they are made, also within a millisecond (RFC 9562, 6.2, method 2).

    The random bits of a millisecond start at random, in the lower half, and go up by random steps: so other processes,
    which have series of their own, hardly ever come upon the same, and nobody has to be asked. Of the last milliseconds
    it is known how far they got, so one that comes again, in whatever order requests end or when the clock is set back,
    is gone on with. One that is forgotten, or full after two million ids, starts at random once more.

    `bits` gives so many random bits. `children`: the bits where children are numbered stay zero.
    """

    def __init__(self, bits: Callable[[int], int], *, children: bool = False) -> None:
        self._bits = bits
        self._zeros = _CHILD_BITS if children else 0
        self._width = _RANDOM_BITS - self._zeros
        self._reached: dict[int, int] = {}

    def next(self, at: datetime) -> str:
        millisecond = _milliseconds(at)
        reached = self._reached.pop(millisecond, None)
        value = 1 << self._width if reached is None else reached + 1 + self._bits(_STEP_BITS)
        if value >> self._width:
            value = self._bits(self._width - 1)
        self._reached[millisecond] = value
        if len(self._reached) > _MILLISECONDS:
            del self._reached[next(iter(self._reached))]
        return uuid7(at, value << self._zeros)


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def uuid7(at: datetime, randomness: int) -> str:
    """A UUIDv7 (RFC 9562) of the given millisecond; `randomness` gives its 74 random bits."""
    value = (_milliseconds(at) & 0xFFFF_FFFF_FFFF) << 80
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
