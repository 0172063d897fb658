"""Amounts in integer minor units. Rounding is half up, per line, and cumulative: parts always add up to the whole."""

from decimal import ROUND_HALF_UP, Decimal

from app.core import units as u
from app.core.model import Adjustment, Fee, Line, LineUnits, Order, PaymentStatus, Step
from app.core.units import Units

_ONE = Decimal(1)
CAME_IN = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED})
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
    if tax_included or not line.tax_rate:
        return line.unit_price * u.count(units)
    return sum(
        line_gross(line, last, tax_included=False) - line_gross(line, first - 1, tax_included=False)
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


def order_discount(order: Order) -> int:
    """What fees below nothing take off the goods, never more than they cost."""
    return _discount(order, order_goods(order))


def _discount(order: Order, goods: int) -> int:
    return min(goods, -sum(fee.amount for fee in order.fees if fee.amount < 0))


def order_charges(order: Order) -> int:
    """What is paid beside the goods, once these have borne the discount."""
    return order_fees(order) + order_discount(order)


class Worth:
    """What units cost the buyer: each bears its share of the discount, and all of them together all of it.

    Whatever is taken off an order, given back or told of is worth this. Made once for all that is asked of an order
    (`Ledger.worth`): it goes over all of its lines.
    """

    def __init__(self, order: Order) -> None:
        self._tax_included = order.prices_include_tax
        self._lines = {line.id: line for line in order.lines}
        self._starts: dict[str, int] = {}
        self._goods = self._discount = 0
        if any(fee.amount < 0 for fee in order.fees):
            for line in order.lines:
                self._starts[line.id] = self._goods
                self._goods += line_gross(line, line.quantity, tax_included=self._tax_included)
            self._discount = _discount(order, self._goods)

    def part(self, adjustment: Adjustment, units: Units) -> int:
        """What some units of an adjustment, or all of them, take off the order."""
        if adjustment.line_id is None:  # each piece of it costs the same
            return adjustment.amount * u.count(units) // u.count(adjustment.units)
        return self.units(LineUnits(adjustment.line_id, units))

    def units(self, item: LineUnits) -> int:
        """By where they lie on the sum of all goods, line after line."""
        line = self._lines[item.line_id]
        if not self._discount:
            return units_gross(line, item.units, tax_included=self._tax_included)
        start = self._starts[item.line_id]
        return sum(
            self._reached(start + line_gross(line, last, tax_included=self._tax_included))
            - self._reached(start + line_gross(line, first - 1, tax_included=self._tax_included))
            for first, last in item.units
        )

    def _reached(self, goods: int) -> int:
        """Of so much of the goods, what is paid."""
        return goods - _half_up(Decimal(self._discount * goods) / self._goods)


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


def line_due(order: Order, line: Line) -> int:
    """What a line comes to now: as placed, without what was cancelled or came back of it.

    A discount is in what is gone, not in what was placed: so lines and fees add up to `order_due`.
    """
    gone = sum(settled(adjustment) for adjustment in order.adjustments if adjustment.line_id == line.id)
    return line_gross(line, line.quantity, tax_included=order.prices_include_tax) - gone


def order_due(order: Order) -> int:
    """What the order comes to now: as placed, without what was cancelled or came back, without what was credited."""
    return order_total(order) - _taken_off(order)


def paid(order: Order) -> int:
    """What came in: as told, else the whole order once its status says so."""
    return _paid(order, order_total(order)) if order.payment.amount is None else order.payment.amount


def sums(order: Order) -> tuple[int, int, int, int]:
    """Total, due, paid and refunded, as the functions of these names say; the goods are added up once."""
    total = order_total(order)
    came_in = _paid(order, total) if order.payment.amount is None else order.payment.amount
    return total, total - _taken_off(order), came_in, refunded(order)


def _taken_off(order: Order) -> int:
    return sum(map(settled, order.adjustments)) + order_credits(order)


def _paid(order: Order, total: int) -> int:
    return max(0, total) if order.payment.status in CAME_IN else 0


def refunded(order: Order) -> int:
    return sum(refund.amount for refund in order.refunds)


def refundable(order: Order) -> int:
    """What may still go back: never more than came in.

    An order that came here as refunded has nothing left. Nor has one that came as partially refunded without an amount:
    nobody here knows how much of it is gone.
    """
    payment = order.payment
    unknown = payment.status is PaymentStatus.PARTIALLY_REFUNDED and payment.amount is None
    if unknown or payment.status is PaymentStatus.REFUNDED:
        return 0
    return paid(order) - refunded(order)


def _half_up(amount: Decimal) -> int:
    return int(amount.quantize(_ONE, rounding=ROUND_HALF_UP))
