"""The core's order as the partner's, every key of contract 2.1, also where the core has no value."""

from app.core import model, money, standing
from app.core.ledger import Ledger
from app.core.model import FeeKind
from app.dialects.shopline_admin import goods, people, refunds, statuses, sums, times, wire, wire_parts
from app.web.currency import number

_NOT_KEPT: wire.NotKept = {
    "total_weight": 0.0,
    "tax_number": "",
    "tax_type": "",
    "tax_description": "",
    "note_attributes": [],
    "buyer_note": "",
    "user_id": "",
    "processed_user_id": "",
    "discount_applications": [],
    "discount_codes": [],
    "client_details": {"browser_ip": "", "session_hash": "", "user_agent": ""},
    "company": None,
    "order_source": "",
    "order_status_url": "",
    "browser_ip": "",
    "cart_token": "",
    "checkout_id": "",
    "checkout_token": "",
    "landing_site": "",
    "referring_site": "",
    "source_url": "",
    "source_name": "",
    "source_identifier": "",
    "utm_parameters": "",
    "locations": [],
    "pos_location_id": "",
    "service": None,
    "contract_seq": "",
    "po_number": "",
    "payment_terms": None,
    "credit_limit": None,
}


def from_order(ledger: Ledger) -> wire.Order:
    """In the cancel answer, too, where only some of the keys are documented (gap 4: whether `status` is there)."""
    return {**_told(ledger), "app_id": "", "status": statuses.order(ledger)}


def to_send(ledger: Ledger) -> wire.SentOrder:
    return {**_told(ledger), "draft_order_seq": ""}


def _told(ledger: Ledger) -> wire.Told:
    order = ledger.order
    return {
        "id": goods.id_of(order),
        "name": order.number,
        "hidden_order": order.archived_at is not None,
        "financial_status": statuses.financial(ledger),
        "fulfillment_status": statuses.fulfillment(ledger),
        "cancel_reason": standing.cancel_reason(ledger),
        "cancelled_at": times.maybe_text(standing.cancelled_at(ledger)),
        "created_at": times.text(order.created_at),
        "updated_at": times.text(order.changed_at),
        "processed_at": times.maybe_text(order.opened_at),
        "order_at": times.text(order.placed_at),
        "currency": order.currency,
        "presentment_currency": order.currency,
        **_amounts(order),
        "taxes_included": order.prices_include_tax,
        "tax_lines": goods.tax_lines(order, order.lines),
        "tags": ",".join(order.tags),
        "note": order.note,
        "email": order.customer.email or "",
        "phone": order.customer.phone or "",
        "customer": people.from_customer(order),
        "customer_locale": order.language or "",
        "billing_address": people.from_billing(order.billing_address),
        "shipping_address": people.from_shipping(order.shipping_address),
        "line_items": list(goods.line_items(ledger).values()),
        "shipping_lines": goods.shipping_lines(order),
        "fulfillments": goods.fulfillments(ledger),
        "refunds": refunds.all_of(ledger),
        "payment_details": _payments(ledger),
        "payment_gateway_names": [order.payment.method] if order.payment.method else [],
        "store_id": order.tenant_id,
        **_NOT_KEPT,
    }


def _amounts(order: model.Order) -> wire.Amounts:
    """Fees below nothing are discounts."""
    goods_total = sum(line.unit_price * line.quantity for line in order.lines)
    discount = -sum(fee.amount for fee in order.fees if fee.amount < 0)
    total, tax = money.order_total(order), money.order_tax(order)
    shipping = sum(fee.amount for fee in order.fees if fee.kind is FeeKind.SHIPPING)
    amounts = {
        "current_subtotal_price": goods_total,
        "current_total_price": total,
        "current_total_discounts": discount,
        "current_total_tax": tax,
        "subtotal_price": goods_total - discount,
        "total_discounts": discount,
        "total_line_items_price": goods_total,
        "total_outstanding": max(0, total - money.paid(order)),
        "total_tax": tax,
        "total_tip_received": 0,
        "deduct_member_point_amount": 0,
        "adjust_price": 0,
    }
    texts = {name: sums.text(amount, order.currency) for name, amount in amounts.items()}
    alone = {"current_total_duties": 0, "total_shipping_price": shipping}
    sets = {f"{name}_set": sums.both(amount, order.currency) for name, amount in {**amounts, **alone}.items()}
    shown: wire.Amounts = {**texts, **sets}  # type: ignore[typeddict-item]
    return shown


def _payments(ledger: Ledger) -> list[wire_parts.PaymentDetail]:
    """There is one payment, if there is any at all."""
    order = ledger.order
    paid, status = money.paid(order), statuses.payment(ledger)
    if not paid and not order.payment.method:
        return []
    method, at = order.payment.method or "", times.text(order.placed_at)
    return [
        {
            "pay_seq": order.id,
            "order_seq": goods.id_of(order),
            "pay_amount": number(paid or money.order_total(order), order.currency),
            "pay_status": status,
            "pay_channel_deal_id": "",
            "status_code": "",
            "status_msg": "",
            "create_time": at,
            "processed_at": at,
            "gateway": method,
            "pay_channel": method,
            "payment_method": method,
            "settle_currency": order.currency,
            "settle_pay_amount": number(paid, order.currency),
        }
    ]
