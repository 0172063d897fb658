"""The rounding rule: half up, on the cumulative sum of a line. However units go, one by one or together, cancelled,
returned or refunded, their amounts add up to what the line cost, tax and fees included."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.core import money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, GiveBack
from app.core.messages import NewFee, NewLine, Target
from app.core.model import FeeKind, Payment, PaymentStatus, Step
from tests.core.building import L1, Story, lines, placed, take, whole

RATES = [Decimal(text) for text in ("0", "0.05", "0.07", "0.077", "0.19", "0.2", "0.21", "0.3333", "1")]


@st.composite
def orders(draw: st.DrawFn) -> Story:
    """Paid, with lines of odd prices and rates, and perhaps a fee."""
    bought = draw(
        st.lists(
            st.builds(
                NewLine,
                sku=st.just("A"),
                quantity=st.integers(1, 7),
                unit_price=st.integers(1, 3000),
                tax_rate=st.sampled_from(RATES) | st.decimals(0, 1, places=4),
            ),
            min_size=1,
            max_size=3,
        )
    )
    fees = tuple(NewFee(kind=FeeKind.SHIPPING, amount=n) for n in draw(st.lists(st.integers(0, 700), max_size=2)))
    paid = Payment(status=PaymentStatus.PAID)
    included = draw(st.booleans())
    return Story(placed(lines=tuple(bought), fees=fees, payment=paid, prices_include_tax=included), dialect="afosto")


def each_unit(story: Story, draw: st.DataObject) -> list[Target]:
    """All units of the order, in any order and any company, a line at a time."""
    targets = []
    for line in story.ledger.order.lines:
        numbers = draw.draw(st.permutations(range(1, line.quantity + 1)))
        while numbers:
            size = draw.draw(st.integers(1, len(numbers)))
            targets.append(Target(ref=line.id, units=u.of(numbers[:size])))
            numbers = numbers[size:]
    return draw.draw(st.permutations(targets))


@given(st.integers(0, 10**7), st.integers(1, 50), st.sampled_from(RATES), st.booleans())
def test_half_up_of_the_exact_sum(price: int, quantity: int, rate: Decimal, included: bool):
    story = placed(quantity, price=price, tax_rate=str(rate), prices_include_tax=included)
    line = story.order.lines[0]
    exact = Fraction(price * quantity) * (1 if included else 1 + Fraction(rate))
    half_up = int(Decimal(exact.numerator * 2 + exact.denominator) // (exact.denominator * 2))

    assert money.line_gross(line, quantity, tax_included=included) == half_up
    assert money.order_total(story.order) == half_up
    assert abs(half_up - exact) <= Fraction(1, 2)
    net = half_up - money.line_tax(line, quantity, tax_included=included)
    assert net <= half_up
    assert included or net == price * quantity


@given(orders(), st.data())
def test_units_in_any_company_add_up_to_the_order(story: Story, data: st.DataObject):
    """Each part is cancelled, or shipped and returned, or stays; each is refunded by itself."""
    total, fees = money.order_total(story.ledger.order), money.order_fees(story.ledger.order)
    returned = []
    for target in each_unit(story, data):
        if data.draw(st.booleans()):
            story.then(lines(target))
        else:
            returned.append(target)
    if not story.ledger.done:
        story.ship()
    for target in returned:
        story.then(AnnounceReturn(targets=(target,), until=Step.FINISHED))

    order = story.ledger.order
    assert money.order_due(order) == fees
    assert sum(money.settled(a) for a in order.adjustments) == total - fees
    for target in each_unit(story, data):
        story.then(GiveBack(targets=(target,)))
    order = story.ledger.order
    assert (money.refunded(order), money.refundable(order)) == (total, 0)
    assert sum(refund.fees for refund in order.refunds) == fees


@given(orders(), st.data())
def test_whichever_comes_first_the_rest_is_the_rest(story: Story, data: st.DataObject):
    """Part by amount, part by units, then all that is left: together what was paid."""
    total = money.order_total(story.ledger.order)
    target = data.draw(st.sampled_from(each_unit(story, data)))
    story.then(GiveBack(targets=(target,)))
    left = money.refundable(story.ledger.order)
    if left > 1:
        story.then(GiveBack(amount=data.draw(st.integers(1, left - 1))))
    if left:
        story.then(GiveBack())

    assert money.refunded(story.ledger.order) == total
    assert story.ledger.order.payment.status is PaymentStatus.REFUNDED


@given(st.integers(1, 40), st.integers(0, 5000), st.sampled_from(RATES), st.booleans(), st.data())
def test_one_unit_differs_by_a_cent_at_most(
    quantity: int, price: int, rate: Decimal, included: bool, data: st.DataObject
):
    story = Story(placed(quantity, price=price, tax_rate=str(rate), prices_include_tax=included))
    n = data.draw(st.integers(1, quantity))
    line = story.ledger.order.lines[0]

    amount = money.units_gross(line, u.of([n]), tax_included=included)

    fair = Decimal(price) if included else price * (1 + rate)
    assert abs(amount - fair) < 1
    assert amount in {int(fair), int(fair) + 1, int(fair.quantize(Decimal(1), ROUND_HALF_UP))}


def test_an_example():
    """Three at 3.33 and 7 % on top: 3.56, 3.57 and 3.56 make 10.69, whichever goes first."""
    story = Story(placed(3, price=333, tax_rate="0.07", prices_include_tax=False))
    story.then(lines(take(L1, units=u.of([2])))).then(whole())

    assert [a.amount for a in story.ledger.order.adjustments] == [357, 712]
    assert money.order_total(story.ledger.order) == 1069
