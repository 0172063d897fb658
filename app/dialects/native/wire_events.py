"""What the native API answers about events, as typed dictionaries."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing import NotRequired

from typing_extensions import TypedDict

from app.dialects.native.wire import Counts


class Summary(TypedDict, total=False):
    state: str
    cancelled: bool
    lines: dict[str, Counts]


class Also(TypedDict):
    type: str
    request_id: str


class Event(TypedDict):
    """`also`, where it is there: what else happened in the same change, and to which request."""

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
    also: NotRequired[list[Also]]


class EventList(TypedDict):
    events: list[Event]
    next_cursor: str | None
