"""The one clock and the one source of ids: `core` is given times and randomness, tests give their own."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from app.core import ids


def now() -> datetime:
    """UTC in whole milliseconds, the precision that every face can show and every id carries."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


class Clock:
    """Ids need to be different, not unguessable: keys guard orders. So their bits come without a system call."""

    def __init__(self, now: Callable[[], datetime] = now, bits: Callable[[int], int] | None = None) -> None:
        self.now = now
        # A generator of its own: whoever seeds the common one would make the same ids again.
        self._bits = bits or Random().getrandbits  # noqa: S311 - see above

    def new_id(self, at: datetime) -> str:
        return ids.uuid7(at, self._bits(74))

    def new_uuid4(self) -> str:
        """For what a partner gives ids of that form to, and left to us."""
        return str(UUID(int=self._bits(128), version=4))

    def new_order_id(self, at: datetime) -> str:
        return ids.order_id(at, self._bits(74))
