"""What the native API answers about events, as typed dictionaries."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict

from app.dialects.native.wire import Counts


class Summary(TypedDict, total=False):
    state: str
    cancelled: bool
    lines: dict[str, Counts]


class Event(TypedDict):
    id: str
    type: str
    order_id: str
    version: int
    at: str
    dialect: str
    party: str
    credential_id: str
    request_id: str | None
    before: Summary
    after: Summary


class EventList(TypedDict):
    events: list[Event]
    next_cursor: str | None
