"""Orders to JSON and back. A body carries the number of its format; every format ever written stays readable."""

from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from app.core.ledger import Ledger
from app.core.model import Order
from app.core.policy import Policy

FORMAT = 1

_ORDERS = msgspec.json.Decoder(Order)
_POLICIES = msgspec.json.Decoder(Policy)
_T = TypeVar("_T")


def encode(value: Any) -> str:
    """Any core value as JSON text: ranges of units as arrays of pairs, decimals as strings, times as RFC 3339."""
    return msgspec.json.encode(value).decode()


def decode_order(format_: int, body: str) -> Order:
    if format_ != FORMAT:
        raise ValueError(f"order body of format {format_}; this program knows {FORMAT}")
    return _ORDERS.decode(body)


@lru_cache(1024)
def decode_policy(text: str) -> Policy:
    return _POLICIES.decode(text)


def decode(text: str, type_: type[_T]) -> _T:
    return msgspec.json.decode(text, type=type_)


def head(ledger: Ledger) -> tuple[str, bool, bool, str, str]:
    """What lists filter by: state, cancelled, shipped, progress, payment."""
    order = ledger.order
    return order.state.value, ledger.cancelled, ledger.shipped, ledger.progress, order.payment.status.value
