"""Times of the native API: RFC 3339, read with any offset, written in UTC with milliseconds and `Z`."""

from datetime import UTC, datetime

_FIRST_YEAR = 1000
"""Below it there are fewer than four digits, and texts no longer sort as times do."""
_EXPECTED = "must be an RFC 3339 time with its offset, such as 2026-01-31T12:00:00Z"


def read(text: str) -> datetime:
    """In UTC. Raises ValueError with a text that says what is expected."""
    try:
        at = datetime.fromisoformat(text)
        utc = at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(_EXPECTED) from error
    if at.tzinfo is None or utc.year < _FIRST_YEAR:
        raise ValueError(_EXPECTED)
    return utc


def text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def maybe_text(at: datetime | None) -> str | None:
    return None if at is None else text(at)
