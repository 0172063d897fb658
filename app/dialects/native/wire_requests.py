"""What the native API answers about cancellations and returns, as typed dictionaries."""

from typing import Any, Literal

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class LineUnits(TypedDict):
    """`units` are ranges of unit numbers, from 1: `[[1, 3]]`."""

    line_id: str
    quantity: int
    units: list[list[int]]


class TakenUnits(TypedDict):
    """Units of an adjustment, by the `origin` that they keep however they part."""

    origin: str
    quantity: int
    units: list[list[int]]


class Reason(TypedDict):
    code: str | None
    text: str | None


class Step(TypedDict):
    step: str
    at: str


class Adjustment(TypedDict):
    """Units that take their steps together; the one that some part from stays their `origin`.

    A route that takes adjustments also takes one unit, as `<origin>.<number>`. Without a line they were not sold here:
    then `sku` and `title` say what they are. `reason`: another than the request's. `contra_ids`: what a client of a
    dialect that knows units called them, by number.
    """

    id: str
    origin: str
    line_id: str | None
    allocation_id: str | None
    sku: str | None
    title: str | None
    quantity: int
    units: list[list[int]]
    amount: int
    reason: Reason | None
    contra_ids: dict[str, str]
    step: str
    steps: list[Step]


class Ask(TypedDict):
    location_id: str
    state: str
    message: str | None
    answered_at: str | None


class Request(TypedDict):
    """A case: one cancellation or return that somebody asked for. A `stepwise` one waits for somebody's approval.

    `deadline`: until when the locations should have answered; null: whenever they like.
    """

    id: str
    order_id: str
    type: Literal["CANCEL", "RETURN"]
    scope: str
    stepwise: bool
    state: Literal["PENDING", "ACCEPTED", "REJECTED"]
    message: str | None
    dialect: str
    party: str
    credential_id: str
    reason: Reason
    created_at: str
    deadline: str | None
    decided_at: str | None
    asked: list[Ask]
    adjustments: list[Adjustment]


class RequestedLine(TypedDict):
    id: str
    sku: str
    title: str


class RequestedOrder(TypedDict):
    """What somebody needs to know of the order who answers; `lines` are those that the request is about."""

    number: str
    currency: str
    customer: str | None
    placed_at: str
    metadata: dict[str, Any]
    lines: list[RequestedLine]


class WaitingRequest(Request):
    order: RequestedOrder


class RequestList(TypedDict):
    requests: list[WaitingRequest]
    next_cursor: str | None
