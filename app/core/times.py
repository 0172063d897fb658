"""How times read as text, wherever one is written down: RFC 3339 in UTC with milliseconds, fixed width, so it sorts."""

from datetime import UTC, datetime


def text(at: datetime) -> str:
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def maybe_text(at: datetime | None) -> str | None:
    return None if at is None else text(at)
