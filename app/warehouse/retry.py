"""When to come again, as HTTP says it."""

from email.utils import parsedate_to_datetime

from app.service.work import Later
from app.warehouse.client import Answer

_LONGEST_WAIT = 3600.0
_BUSY = frozenset({429, 503})


def seconds(retry_after: str, now: float) -> float | None:
    """Of a `Retry-After`: a number or a date (RFC 9110, 10.2.3), at least one second and at most an hour."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return min(max(float(text), 1.0), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError):
        return None
    return min(max(at - now, 1.0), _LONGEST_WAIT)


def check_busy(answer: Answer, now: float) -> None:
    """Raises Later where somebody has too much to do and says until when; without that it is a failure."""
    wait = seconds(answer.retry_after, now)
    if answer.status in _BUSY and wait is not None:
        raise Later(f"status {answer.status}", wait)
