"""What Shopline Admin reads, as typed dictionaries."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class Line(TypedDict):
    """`quantity` is as placed; `cancelled` of them are."""

    id: str
    sku: str
    quantity: int
    cancelled: int


class Order(TypedDict):
    """`status` is `draft`, `open`, `completed` or `cancelled`."""

    id: str
    number: str
    status: str
    lines: list[Line]


class OrderList(TypedDict):
    orders: list[Order]


class Problem(TypedDict):
    code: str
    message: str


class Error(TypedDict):
    error: Problem
