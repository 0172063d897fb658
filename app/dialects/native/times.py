"""Times as the native API writes them: RFC 3339 in UTC, milliseconds, `Z`."""

from datetime import datetime


def text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def maybe_text(at: datetime | None) -> str | None:
    return None if at is None else text(at)
