"""How orders are found: by a name that somebody has for one, or by what a list asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core import ids
from app.core.model import OrderState, PaymentStatus

_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

MAX_KEY = 255
"""Longest id or key that anybody may give, in characters."""


@dataclass(frozen=True, slots=True)
class Ref:
    """How a caller names an order: by core id, by an id of its dialect, or through something inside the order."""

    order_id: str | None
    dialect: str
    kind: str
    key: str

    @classmethod
    def to_order(cls, dialect: str, text: str) -> "Ref":
        known = ids.looks_like_ours(text) and ids.order_of(text) == text
        return cls(text if known else None, dialect, "order", text)

    @classmethod
    def through(cls, dialect: str, kind: str, text: str) -> "Ref":
        """By a line, case, adjustment, … id, or the key of one."""
        return cls(ids.order_of(text) if ids.looks_like_ours(text) else None, dialect, kind, text)

    @property
    def storable(self) -> bool:
        """Whether any stored key could be equal to this one."""
        return 0 < len(self.key) <= MAX_KEY and _UNSTORABLE.search(self.key) is None


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody typed. `dialects` are those in which it may be a key, the order's, a line's or an item's."""

    text: str
    dialects: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Filters of a list; None does not filter. Sorted by id (creation), or by change time with `by_update`.

    `after` is the id, or (change time, id), of the last order of the page before; `offset` pages by number instead.
    Bounds on times are inclusive from below and exclusive from above; `changed` are those of an order's `changed_at`.
    `email`: of the customer, in any case.
    `standing`: `draft`; `closed` (completed, and no step of a return or cancellation is left to take); else `open`.
    `extra`: whether the extras of a dialect have something under a name, as (dialect, name, whether).
    `search`: orders that are, hold or have as a key just that, or that number, or the customer's address; only if there
    is none, of the newest 20,000 those whose number or a sku begins so, or whose customer's name, address or phone has
    it in it, in any case. `undecided`: whether a cancellation or return of it is.
    """

    search: Search | None = None
    undecided: bool | None = None
    refs: Sequence[Ref] | None = None
    number: str | None = None
    numbers: Sequence[str] | None = None
    email: str | None = None
    standing: Sequence[str] | None = None
    states: Sequence[OrderState] | None = None
    opened: bool | None = None
    cancelled: bool | None = None
    shipped: bool | None = None
    progress: Sequence[str] | None = None
    payments: Sequence[PaymentStatus] | None = None
    archived: bool | None = None
    after_sales: Sequence[str] | None = None
    after_sales_from: datetime | None = None
    after_sales_before: datetime | None = None
    extra: tuple[str, str, bool] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None
    changed_from: datetime | None = None
    changed_before: datetime | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    by_update: bool = False
    descending: bool = False
    after: tuple[datetime | None, str] | None = None
    offset: int = 0
    limit: int = 50

    @property
    def anonymous(self) -> bool:
        """Whether it asks for whatever is there, rather than for orders that the caller knows of."""
        return self.refs is None and self.number is None and self.numbers is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundQuery:
    """Filters of a list of refunds; None does not filter. Sorted by when they were made."""

    orders: Sequence[Ref] | None = None
    ids: Sequence[str] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    descending: bool = False
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """A list of cases that are not decided yet, oldest first. `asked`: whether a location has still to answer.

    `location_id`: this one has. `after` is when the last one of the page before was made, and its id.
    """

    asked: bool | None = None
    location_id: str | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 50
