"""Amounts in integer minor units. Rounding is half up, per line, and cumulative: parts always add up to the whole."""

from decimal import ROUND_HALF_UP, Decimal

from app.core.model import Adjustment, Fee, Line, Order, PaymentStatus, Step
from app.core.units import Units

_ONE = Decimal(1)
_PAID = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED})
_SETTLED = frozenset({Step.APPROVED, Step.RESTOCKED, Step.FINISHED})


def line_gross(line: Line, quantity: int, *, tax_included: bool) -> int:
    """What the first `quantity` units cost, tax included."""
    net = line.unit_price * quantity
    if tax_included or not line.tax_rate:
        return net
    return _half_up(net * (_ONE + line.tax_rate))


def line_tax(line: Line, quantity: int, *, tax_included: bool) -> int:
    """The tax within `line_gross`."""
    net = line.unit_price * quantity
    if not line.tax_rate:
        return 0
    return _half_up(net * line.tax_rate / (_ONE + line.tax_rate) if tax_included else net * line.tax_rate)


def units_gross(line: Line, units: Units, *, tax_included: bool) -> int:
    """What certain units are worth: each is the difference of cumulative sums, whichever order they go in."""
    return sum(
        line_gross(line, last, tax_included=tax_included) - line_gross(line, first - 1, tax_included=tax_included)
        for first, last in units
    )


def units_tax(line: Line, units: Units, *, tax_included: bool) -> int:
    """The tax within `units_gross`."""
    return sum(
        line_tax(line, last, tax_included=tax_included) - line_tax(line, first - 1, tax_included=tax_included)
        for first, last in units
    )


def order_goods(order: Order) -> int:
    return sum(line_gross(x, x.quantity, tax_included=order.prices_include_tax) for x in order.lines)


def order_tax(order: Order) -> int:
    return sum(line_tax(x, x.quantity, tax_included=order.prices_include_tax) for x in order.lines)


def order_fees(order: Order) -> int:
    return sum(fee.amount for fee in order.fees)


def order_total(order: Order) -> int:
    """As placed, tax and fees included; cancelling does not change it."""
    return order_goods(order) + order_fees(order)


def fee_left(order: Order, fee: Fee) -> int:
    """What was not credited of a fee."""
    return fee.amount - sum(credit.amount for credit in order.fee_credits if credit.fee_id == fee.id)


def order_credits(order: Order) -> int:
    """What was credited of fees."""
    return sum(credit.amount for credit in order.fee_credits)


def settled(adjustment: Adjustment) -> int:
    """What an adjustment takes off the order: nothing before it is approved, or done without."""
    return adjustment.amount if adjustment.step in _SETTLED else 0


def order_due(order: Order) -> int:
    """What the order comes to now: as placed, without what was cancelled or came back, without what was credited."""
    return order_total(order) - sum(settled(a) for a in order.adjustments) - order_credits(order)


def paid(order: Order) -> int:
    """What came in: as told, else the whole order once its status says so."""
    if order.payment.amount is not None:
        return order.payment.amount
    return order_total(order) if order.payment.status in _PAID else 0


def refunded(order: Order) -> int:
    return sum(refund.amount for refund in order.refunds)


def refundable(order: Order) -> int:
    """What may still go back: never more than came in. An order that came here as refunded has nothing left."""
    if order.payment.status is PaymentStatus.REFUNDED:
        return 0
    return paid(order) - refunded(order)


def _half_up(amount: Decimal) -> int:
    return int(amount.quantize(_ONE, rounding=ROUND_HALF_UP))
