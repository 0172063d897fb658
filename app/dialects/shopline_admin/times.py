"""Times as SHOPLINE writes and reads them: ISO 8601 with an offset, without a fraction (contract 2)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_SECOND = timedelta(seconds=1)


def text(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def maybe_text(at: datetime | None) -> str | None:
    return None if at is None else text(at)


def millis(at: datetime) -> str:
    """As a refund's answer has its `create_at` (2.7)."""
    return str(int(at.timestamp() * 1000))


def _read(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None or value[10:11] not in {"T", "t"}:
            raise ValueError("no offset")
        return at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("must be a time such as 2023-04-12T22:59:52+08:00") from error


Moment = Annotated[
    datetime,
    BeforeValidator(_read, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date-time"})]),
]
"""In UTC."""


def first(bound: datetime | None) -> datetime | None:
    """The first stored moment, in whole milliseconds, of what begins at an inclusive bound."""
    if bound is None or not bound.microsecond % 1000:
        return bound
    return _after(bound, timedelta(milliseconds=1))


def end(bound: datetime | None) -> datetime | None:
    """The first moment after an inclusive bound; one in whole seconds covers its second, as times are shown so."""
    if bound is None:
        return None
    return _after(bound, timedelta(milliseconds=1) if bound.microsecond else _SECOND)


def _after(bound: datetime, step: timedelta) -> datetime:
    floor = bound.replace(microsecond=bound.microsecond // 1000 * 1000)
    return min(floor, datetime.max.replace(tzinfo=UTC) - step) + step
