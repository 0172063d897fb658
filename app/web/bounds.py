"""Times in a query as partners whose answers show whole seconds give them: RFC 3339 with an offset, inclusive."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)


def reading(example: str) -> BeforeValidator:
    """For `Annotated[datetime, …]`: in UTC; what is no time is told with an example of the partner's."""

    def read(value: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value)
            if at.tzinfo is None or value[10:11] not in {"T", "t"}:
                raise ValueError("no offset")
            return at.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"must be a time such as {example}") from error

    written = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    return BeforeValidator(read, json_schema_input_type=written)


def first(bound: datetime | None) -> datetime | None:
    """The first moment, in the whole milliseconds that are stored, of what begins at an inclusive bound."""
    if bound is None or not bound.microsecond % 1000:
        return bound
    return _after(bound, _MILLISECOND)


def end(bound: datetime | None) -> datetime | None:
    """The first moment after an inclusive bound. Times show whole seconds, so a bound in whole seconds ends with its
    second: what an order shows always finds it."""
    if bound is None:
        return None
    return _after(bound, _MILLISECOND if bound.microsecond else _SECOND)


def within(at: datetime, low: datetime | None, high: datetime | None) -> bool:
    """Whether a stored time lies within inclusive bounds, as lists of orders take them."""
    after, before = first(low), end(high)
    return (after is None or after <= at) and (before is None or at < before)


def _after(bound: datetime, step: timedelta) -> datetime:
    floor = bound.replace(microsecond=bound.microsecond // 1000 * 1000)
    return min(floor, datetime.max.replace(tzinfo=UTC) - step) + step
