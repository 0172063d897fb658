"""The one clock and the one source of ids: `core` is given times and randomness, tests give their own."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from app.core import ids


class Steady:
    """UTC in whole milliseconds, the precision that every face can show and every id carries; it never goes back.

    Feeds are in the order of ids, which begin with the time: events of a time that readers have passed would never be
    found. So when the machine's clock is set back, this one goes on at half its pace until both meet again.
    """

    def __init__(self, wall: Callable[[], int] = time.time_ns, elapsed: Callable[[], int] = time.monotonic_ns) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._last, self._at = 0, 0

    def __call__(self) -> datetime:
        at, told = self._elapsed(), self._wall()
        if told < self._last:
            told = self._last + max(0, at - self._at) // 2
        self._last, self._at = told, at
        return datetime.fromtimestamp(told // 1_000_000 / 1000, UTC)


now = Steady()
"""Of this process."""


class Clock:
    """Ids need to be different, not unguessable: keys guard orders. So their bits come without a system call.

    Of one clock, ids of one millisecond sort in the order in which they were made.
    """

    def __init__(self, now: Callable[[], datetime] = now, bits: Callable[[int], int] | None = None) -> None:
        self.now = now
        # A generator of its own: whoever seeds the common one would make the same ids again.
        self._bits = bits or Random().getrandbits  # noqa: S311 - see above
        self._ids, self._order_ids = ids.Series(self._bits), ids.Series(self._bits, children=True)

    def new_id(self, at: datetime) -> str:
        return self._ids.next(at)

    def new_uuid4(self) -> str:
        """For what a partner gives ids of that form to, and left to us."""
        return str(UUID(int=self._bits(128), version=4))

    def new_order_id(self, at: datetime) -> str:
        return self._order_ids.next(at)
