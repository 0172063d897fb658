"""What the native API answers once a return, a step, a refund or a mail was asked for, as typed dictionaries."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict

from app.dialects.native.wire import Order, Refund
from app.dialects.native.wire_requests import Request


class Returned(TypedDict):
    request: Request
    order: Order


class Stepped(TypedDict):
    """`requests` are those that the adjustments are of."""

    requests: list[Request]
    order: Order


class Refunding(Stepped):
    """`requests` has the cancellation or the return that went with the refund, if one did."""

    refund: Refund
