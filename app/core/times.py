"""How times read as text, wherever one is written down: RFC 3339 in UTC with milliseconds, fixed width, so it sorts."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(1024)
def text(at: datetime) -> str:
    """Remembered, since most of an order's times are the same one: writing it costs 1 µs, finding it 0.05."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def maybe_text(at: datetime | None) -> str | None:
    return None if at is None else text(at)
