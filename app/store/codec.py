"""Orders to JSON and back. A body carries the number of its format; every format ever written stays readable."""

from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from app.core import standing
from app.core.ledger import Ledger
from app.core.model import CaseState, Order
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


def head(
    ledger: Ledger,
) -> tuple[str, bool, bool, str, str, datetime | None, str | None, datetime | None, str | None, bool]:
    """What lists filter by: state, cancelled, shipped, progress, payment, archived_at, after_sales, after_sales_at,
    email, undecided.
    """
    order = ledger.order
    email = order.customer.email
    return (
        order.state.value,
        ledger.cancelled,
        ledger.shipped,
        standing.progress(ledger),
        order.payment.status.value,
        order.archived_at,
        *standing.after_sales(ledger),
        email.lower() if email else None,
        any(case.state is CaseState.PENDING for case in order.cases),
    )
