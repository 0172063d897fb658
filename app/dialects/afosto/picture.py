"""The core's order as Afosto shows it (contract 2.5). Pure.

The properties have the schema's names: GraphQL reads those that are asked for, and no other is worked out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from app.core import model, money, parts
from app.core import units as u
from app.core.ledger import CANCELLED, Ledger
from app.core.model import Adjustment, FeeKind, Order, OrderState, Step
from app.dialects.afosto import inputs, rows
from app.dialects.afosto.items import MOST_SHOWN, NAME, Items, sold_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
APPROVAL, RESTOCK, FINISH = "HANDLE_APPROVAL", "HANDLE_RESTOCK", "HANDLE_FINISH"


def milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def id_of(order: Order) -> str:
    return order.keys.get(NAME, order.id)


def status(ledger: Ledger) -> str:
    """CLOSED once nothing is open and no step of anything is left to take: a return reopens an order."""
    if ledger.order.state is OrderState.DRAFT:
        return "CONCEPT"
    return "CLOSED" if ledger.order.state is OrderState.COMPLETED and not ledger.working else "OPEN"


class OrderPicture:
    """Also what a mutation answers: the Order's own fields, and under `order` the same again (2.2)."""

    is_vat_shifted = False

    def __init__(self, ledger: Ledger) -> None:
        order = ledger.order
        self._ledger = ledger
        self._order = order
        self._items = Items(ledger)
        self.id = id_of(order)
        self.number = order.number
        self.currency = order.currency
        self.is_cancelled = ledger.cancelled
        self.is_including_vat = order.prices_include_tax
        self.phone_number = order.customer.phone
        self.meta_data = order.metadata
        self.created_at = milliseconds(order.created_at)
        self.updated_at = milliseconds(order.updated_at)

    @property
    def order(self) -> "OrderPicture":
        return self

    @property
    def status(self) -> str:
        return status(self._ledger)

    progress = status

    @property
    def processing(self) -> list[str]:
        waits = any(a.step is Step.REQUESTED for a in self._order.adjustments)
        return ["CANCEL"] if waits else []

    @property
    def total(self) -> int:
        return money.order_due(self._order)

    @property
    def total_excluding_vat(self) -> int:
        return self.total - sum(self._vat.values())

    @property
    def subtotal(self) -> int:
        settled = sum(money.settled(a) for a in self._order.adjustments)
        goods = money.order_goods(self._order) - settled
        return goods if self._order.prices_include_tax else goods - sum(self._vat.values())

    @property
    def vat(self) -> list[dict[str, Any]]:
        return [{"rate": rate, "amount": amount} for rate, amount in sorted(self._vat.items())]

    @cached_property
    def _vat(self) -> Mapping[float, int]:
        """By rate, of what was neither cancelled nor taken back. Fees have no rate of their own here."""
        amounts: dict[float, int] = {}
        gone: dict[str, u.Units] = {}
        for entry in self._order.adjustments:
            if entry.line_id is not None and entry.step in CANCELLED:
                gone[entry.line_id] = u.union(entry.units, gone.get(entry.line_id, u.NONE))
        for line in self._order.lines:
            tax = self._items.tax(line, u.minus(u.span(line.quantity), gone.get(line.id, u.NONE)))
            if line.tax_rate:
                amounts[rows.percent(line)] = amounts.get(rows.percent(line), 0) + tax
        return amounts

    @property
    def actions(self) -> list[dict[str, Any]]:
        """3.5: one entry for each action, whatever cancellations and returns its items are of.

        With as many ids as one call takes: the others come when these are done.
        """
        found: dict[str, list[str]] = {APPROVAL: [], RESTOCK: [], FINISH: []}
        for entry in self._items.entries():
            if (action := self._action(entry)) is not None:
                ids = found[action]
                units = u.lowest(entry.units, inputs.MOST_ITEMS - len(ids))
                ids += (self._items.entry_id(entry, number) for number in u.numbers(units))
        return [{"action": action, "items": ids, "ids": ids, "item_ids": ids} for action, ids in found.items() if ids]

    def _action(self, entry: Adjustment) -> str | None:
        """3.3 and 3.4. What is received is a step further where nobody has to approve it."""
        if entry.step is Step.AWAITING_APPROVAL:
            return APPROVAL
        if entry.step in {Step.APPROVED, Step.RECEIVED}:
            return RESTOCK if self._order.track_inventory else FINISH
        return FINISH if entry.step is Step.RESTOCKED else None

    @property
    def fees(self) -> dict[str, Any]:
        return {kind.value: [*_fees(self._order, kind)] for kind in (FeeKind.SHIPPING, FeeKind.PAYMENT)}

    @property
    def adjustments(self) -> list[dict[str, Any]]:
        return [
            {
                "id": fee.id,
                "description": fee.title,
                "amount": fee.amount,
                "is_discount": fee.amount < 0,
                "is_percentage": False,
                "outcome": {"amount": money.fee_left(self._order, fee)},
            }
            for fee in self._order.fees
            if fee.kind is FeeKind.OTHER
        ]

    @property
    def items(self) -> list[rows.Row]:
        return [*rows.of_order(self._items)]

    @property
    def customer(self) -> dict[str, Any]:
        who = self._order.customer
        return {"name": who.name, "email": who.email, "phone_number": who.phone}

    @property
    def billing(self) -> dict[str, Any] | None:
        return _address(self._order.billing_address)

    @property
    def delivery(self) -> dict[str, Any] | None:
        return _address(self._order.shipping_address)


def _fees(order: Order, kind: FeeKind) -> Iterator[dict[str, Any]]:
    """The fees themselves, then what was credited of them: together they are what is left."""
    fees = {fee.id: fee for fee in order.fees if fee.kind is kind}
    for fee in fees.values():
        yield {"id": fee.id, "description": fee.title, "is_contra": False, "total": fee.amount}
    yield from (_credit(order, credit) for credit in order.fee_credits if credit.fee_id in fees)


def _credit(order: Order, credit: model.FeeCredit) -> dict[str, Any]:
    title = next((fee.title for fee in order.fees if fee.id == credit.fee_id), "")
    return {"id": credit.id, "description": title, "is_contra": True, "total": -credit.amount}


def _address(address: model.Address | None) -> dict[str, Any] | None:
    if address is None:
        return None
    return {
        "name": address.name,
        "organisation": address.company,
        "address_line_1": address.address1,
        "address_line_2": address.address2,
        "locality": address.city,
        "administrative_area": address.province,
        "postal_code": address.zip,
        "country_code": address.country_code,
        "phone_number": address.phone,
        "email": address.email,
    }


def collection(ledger: Ledger, item_ids: Iterable[str]) -> dict[str, Any]:
    """What fees were credited with (2.2), with all the fees that were."""
    items, index = Items(ledger), parts.Index(ledger, NAME)
    named = [found for item_id in item_ids if (found := index.get(item_id)) is not None]
    shown = ((entry, n) for entry, units in named for n in u.numbers(u.lowest(units, MOST_SHOWN)))
    return {"items": [_collected(items, entry, n) for entry, n in shown]}


def _collected(items: Items, entry: Adjustment, number: int) -> dict[str, Any]:
    line, order = items.line(entry), items.ledger.order
    row = rows.Row(items, line, ((number, number),), entry)
    credited = (
        credit
        for credit in order.fee_credits
        if any(taken.origin == entry.origin and u.both(taken.units, ((number, number),)) for taken in credit.items)
    )
    return {
        "id": items.entry_id(entry, number),
        "type": row.type,
        "sku": row.sku,
        "label": row.label,
        "is_contra": row.is_contra,
        "parent_id": items.parent_id(line, number),
        "item_id": sold_id(line.id, number) if line else None,
        "reason": row.reason,
        "fees": [_credit(order, credit) for credit in credited],
    }
