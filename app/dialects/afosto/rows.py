"""`Order.items`: a row for each line that was sold, then one for each entry that cancels units or takes them back.

Pure. The properties have the schema's names: GraphQL reads those that are asked for, and no other is worked out.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from app.core import units as u
from app.core.model import Adjustment, Line
from app.core.units import Units
from app.dialects.afosto.items import MOST_SHOWN, Items, sold_id

_PERCENT = 100


class Row:
    brand = mpn = image = url = None
    gtin: tuple[str, ...] = ()
    filters: tuple[Mapping[str, str], ...] = ()

    def __init__(
        self,
        items: Items,
        line: Line | None,
        units: Units,
        entry: Adjustment | None = None,
        most: int = MOST_SHOWN,
    ) -> None:
        """`most` of the units are shown one by one."""
        self._items = items
        self._line = line
        self._units = units
        self._entry = entry
        self._sign = 1 if entry is None else -1
        self._most = most

    @property
    def ids(self) -> list[str]:
        return [self._id(number) for number in self._numbers]

    @property
    def _numbers(self) -> list[int]:
        return u.numbers(u.lowest(self._units, self._most))

    @property
    def quantity(self) -> int:
        return u.count(self._units)

    @property
    def sku(self) -> str:
        return self._line.sku if self._line else (self._entry and self._entry.sku) or ""

    @property
    def label(self) -> str:
        return self._line.title if self._line else (self._entry and self._entry.title) or self.sku

    @property
    def type(self) -> str:
        if self._entry is not None:
            return self._items.type(self._entry)
        return self._line.type.name if self._line else ""

    @property
    def is_contra(self) -> bool:
        return self._entry is not None and self._items.is_contra(self._entry)

    @property
    def reason(self) -> str | None:
        return self._items.reason(self._entry) if self._entry is not None else None

    @property
    def total(self) -> int:
        return self._amount(self._units)

    @property
    def subtotal(self) -> int:
        return self.total if self._items.ledger.order.prices_include_tax else self.total - self._tax

    @property
    def vat(self) -> dict[str, Any]:
        return {"rate": percent(self._line) if self._line else 0.0, "amount": self._tax}

    @property
    def details(self) -> list[dict[str, Any]]:
        return [self._detail(number) for number in self._numbers]

    @property
    def _tax(self) -> int:
        return self._sign * self._items.tax(self._line, self._units) if self._line else 0

    def _amount(self, units: Units) -> int:
        """What was sold is told at its price, what goes off at what the buyer paid: so that it adds up to the total."""
        return self._price(units) if self._entry is None else -self._items.ledger.worth.part(self._entry, units)

    def _price(self, units: Units) -> int:
        """Without a discount."""
        return self._sign * self._items.gross(self._line, units) if self._line else self._amount(units)

    def _id(self, number: int) -> str:
        if self._entry is not None:
            return self._items.entry_id(self._entry, number)
        return sold_id(self._line.id, number) if self._line else ""

    def _detail(self, number: int) -> dict[str, Any]:
        line, unit = self._line, ((number, number),)
        sold = sold_id(line.id, number) if line else None
        return {
            "id": self._id(number),
            "parent_id": self._items.parent_id(line, number),
            "item_id": sold if self._entry is not None else None,
            "contra_item_id": self._items.contra_of(line.id, number) if line and self._entry is None else None,
            "is_cancelled": self._entry is None and self._is(number, "cancelled"),
            "pricing": {"amount": self._amount(unit), "original_amount": self._price(unit)},
            "meta_data": {},
            "inventory": {
                "position": None,
                "is_deducted": self._is(number, "fulfilled") and not self._is(number, "returned"),
                "progress": None,
            },
        }

    def _is(self, number: int, place: str) -> bool:
        """`place` is one of those where the ledger has units."""
        held = self._items.ledger.positions.get(self._line.id) if self._line else None
        return held is not None and bool(u.both(getattr(held, place), ((number, number),)))


def percent(line: Line) -> float:
    return float(line.tax_rate * _PERCENT)


def of_order(items: Items) -> Iterator[Row]:
    left = MOST_SHOWN
    sold = ((line, u.span(line.quantity), None) for line in items.ledger.order.lines)
    taken = ((items.line(entry), entry.units, entry) for entry in items.entries())
    for line, units, entry in chain[tuple[Line | None, Units, Adjustment | None]](sold, taken):
        yield Row(items, line, units, entry, left)
        left = max(0, left - u.count(units))
