"""The core's order as the partner's Order, every key of contract 2.1 (seed), also where the core has no value."""

from app.core import model, money, standing
from app.core.ledger import Ledger
from app.core.model import FeeKind
from app.dialects.shopline import addresses, goods, market, statuses, sums, times, wire
from app.web.currency import decimal_text


def from_order(ledger: Ledger) -> wire.Order:
    order, facts, items = ledger.order, statuses.facts_of(ledger), goods.line_items(ledger)
    known, amounts = goods.kept(order), Amounts(ledger)
    return {
        "id": goods.id_of(order),
        "note": order.note,
        "number": order.number,
        "financial_status": statuses.shown(statuses.FINANCIAL, facts),
        "status": statuses.shown(statuses.STATUS, facts),
        "cancel_reason": standing.cancel_reason(ledger),
        "fulfillment_status": statuses.shown(statuses.FULFILLMENT, facts),
        "email_status": "waiting",
        "recovery_status": statuses.shown(statuses.RECOVERY, facts),
        "refund_status": sums.mode(order),
        "payment_method": order.payment.method or "",
        # public docs: the buyer accepts unless it is said otherwise.
        "buyer_accepts_marketing": known.get("buyer_accepts_marketing", True),
        "currency": order.currency,
        **amounts.shown(),
        "product_tax_included": order.prices_include_tax,
        "created_at": times.text(order.created_at),
        "updated_at": times.text(order.changed_at),
        "canceled_at": times.maybe_text(standing.cancelled_at(ledger)),
        # A draft was never placed, and cancelling it does not place it.
        "placed_at": times.text(order.placed_at) if order.opened_at is not None else None,
        "tags": ", ".join(order.tags),
        "shipping_line": {"name": _shipping_name(order)},
        "customer": addresses.from_customer(order.customer),
        "shipping_address": addresses.from_shipping(order.shipping_address, known.get("shipping_address")),
        "billing_address": addresses.from_billing(order.billing_address),
        "payment_line": market.payment_line(order),
        "line_items": list(items.values()),
        "fulfillments": goods.order_fulfillments(ledger, items),
        "config": market.config(order),
        **market.NOT_KEPT,
    }


class Amounts:
    """The money of an order as placed, which cancelling does not change (3.3), and what was refunded of it.

    Fees below nothing are discounts; the tax that the partner gave for the whole order (1.5) is a fee, marked by its
    place in our extras. So every face sees the same total.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._order = order = ledger.order
        tax_fee = goods.tax_fee(order)
        taxes = [fee.amount for n, fee in enumerate(order.fees) if n == tax_fee]
        charges = [fee for n, fee in enumerate(order.fees) if n != tax_fee and fee.amount >= 0]
        self.tax = money.order_tax(order) + sum(taxes)
        self.discount = -sum(fee.amount for fee in order.fees if fee.amount < 0)
        self.shipping = sum(fee.amount for fee in charges if fee.kind is FeeKind.SHIPPING)
        self.additional = [fee for fee in charges if fee.kind is not FeeKind.SHIPPING]
        self.goods = sum(line.unit_price * line.quantity for line in order.lines)
        self.total = money.order_total(order)
        # Refunded money was paid once: `total_paid` is what came in (2.1).
        self.paid = money.paid(order)
        self.refunded = sums.Totals(ledger, tax_fee)

    def shown(self) -> wire.Amounts:
        return {
            "total_price": self._text(self.total),
            "sub_total": self._text(self.goods),
            "total_discount": self._text(self.discount),
            "total_tax": self._text(self.tax),
            "total_shipping": self._text(self.shipping),
            "code_discount_total": self._text(0),
            "line_item_discount_total": self._text(0),
            "gift_card_total": self._text(0),
            "total_refund_price": self._text(self.refunded.total),
            "total_refund_discount": self._text(self.refunded.discount),
            "total_refund_tax": self._text(self.refunded.tax),
            "additional_total": self._text(sum(fee.amount for fee in self.additional)),
            "addtional_prices": [{"name": fee.title, "price": self._text(fee.amount)} for fee in self.additional],
            "shipping_tax_total": self._text(0),
            "total_tip_received": self._text(0),
            "total_paid": self._text(self.paid),
        }

    def _text(self, amount: int) -> str:
        return decimal_text(amount, self._order.currency)


def _shipping_name(order: model.Order) -> str:
    return next((fee.title for fee in order.fees if fee.kind is FeeKind.SHIPPING), "")
