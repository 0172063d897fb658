"""Lines that the native API answers streams with, as typed dictionaries."""

from typing import Literal, NotRequired

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict

from app.dialects.native.wire import Problem


class ImportResult(TypedDict):
    """One line of an import's answer. `exists` is an order that was there already, by its keys or its number."""

    line: int
    status: Literal["created", "exists", "rejected"]
    id: str | None
    number: str | None
    problem: NotRequired[Problem]


class BulkResult(TypedDict):
    """One line of a bulk cancellation's answer; `id` is as it was sent."""

    line: int
    id: str | None
    status: Literal["cancelled", "pending", "refused"]
    request_id: str | None
    problem: NotRequired[Problem]
