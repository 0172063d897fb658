"""What went back of an order, and in which mode (contract 2.9, public docs)."""

from app.core import money
from app.core.ledger import Ledger
from app.core.model import Order, PaymentStatus
from app.core.shares import part, shares


def mode(order: Order) -> str:
    """`customize`, for good, once a price was refunded; `general` while all that was refunded are items."""
    if not order.refunds:
        return "none"
    return "general" if all(refund.items for refund in order.refunds) else "customize"


def is_whole(order: Order) -> bool:
    """Whether all that came in went back."""
    return total(order) > 0 and money.refundable(order) <= 0


def total(order: Order) -> int:
    """An order that came here as refunded has all of it refunded, though nobody knows how."""
    return money.paid(order) if order.payment.status is PaymentStatus.REFUNDED else money.refunded(order)


class Totals:
    """What went back of an order in minor units. `tax` and `discount` of lines, and of the order's own tax fee.

    `tax_fee` is its place among the fees; it goes back as they do.
    """

    def __init__(self, ledger: Ledger, tax_fee: int | None) -> None:
        order = ledger.order
        given = [share for refund in order.refunds for share in shares(order, refund, ledger.worth).values()]
        self.total = total(order)
        self.discount = sum(share.discount for share in given)
        fees, charges = sum(refund.fees for refund in order.refunds), money.order_charges(order)
        own = 0 if tax_fee is None else part(fees, order.fees[tax_fee].amount, charges)
        self.tax = sum(share.tax for share in given) + own
