"""What a refund comes to: a discount is borne by what it was given on, charges go back with the last, and what the
lines got always adds up to the refund."""

from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import money
from app.core import units as u
from app.core.aftersales import Archive, GiveBack
from app.core.messages import EditOrder, NewFee, NewLine
from app.core.model import FeeKind, LineUnits, Payment, PaymentStatus
from app.core.refusal import Code, Refusal
from app.core.shares import Share, shares
from tests.core.building import L1, L2, L3, Story, counts, placed, take

PAID = Payment(status=PaymentStatus.PAID)


def paid(*quantities: int, shipping: int = 0, discount: int = 0, **fields) -> Story:
    amounts = ((FeeKind.SHIPPING, shipping), (FeeKind.OTHER, -discount))
    fees = tuple(NewFee(kind=kind, title="x", amount=amount) for kind, amount in amounts if amount)
    return Story(placed(*quantities, payment=PAID, fees=fees, **fields))


def refund(story: Story, *targets, **fields) -> tuple[int, int]:
    made = story.do(GiveBack(targets=targets, **fields)).ledger.order.refunds[-1]
    return made.amount, made.fees


def test_units_bear_their_share_of_a_discount_and_charges_go_back_with_the_last():
    story = paid(2, 1, shipping=500, discount=1500)
    assert refund(story, take(L1, 1)) == (500, 0)
    assert refund(story, take(L2, 1)) == (500, 0)
    assert refund(story, take(L1, 1)) == (1000, 500)
    assert story.ledger.order.payment.status is PaymentStatus.REFUNDED


def test_a_discount_that_does_not_divide_is_borne_to_the_cent():
    story = paid(3, discount=100)
    assert [refund(story, take(L1, 1))[0] for _ in range(3)] == [967, 966, 967]


def test_a_discount_never_takes_more_than_the_goods_cost():
    story = paid(1, shipping=500, discount=1200)
    assert money.order_total(story.ledger.order) == 300
    assert refund(story, take(L1, 1)) == (300, 300)


def test_what_is_worth_nothing_is_not_refunded_alone():
    story = paid(2, discount=2000, shipping=300)
    facts = {"field": "lines", "minimum": 1, "maximum": 300, "currency": "EUR"}
    assert story.refuses(GiveBack(targets=(take(L1, 1),))) == (Code.AMOUNT_OUT_OF_RANGE, facts)
    assert refund(story, take(L1, 2)) == (300, 300)


def test_units_that_are_worth_more_than_is_left_are_refused():
    story = paid(2)
    assert refund(story, amount=1500) == (1500, 0)
    facts = {"field": "lines", "minimum": 1, "maximum": 500, "currency": "EUR"}
    assert story.refuses(GiveBack(targets=(take(L1, 1),))) == (Code.AMOUNT_OUT_OF_RANGE, facts)
    assert story.refuses(GiveBack(targets=(take(L1, 2),))) == (Code.AMOUNT_OUT_OF_RANGE, facts)
    assert refund(story) == (500, 0)


def test_an_amount_with_goods_takes_back_all_that_was_shipped():
    story = paid(3, 1).ship(L1, 2)
    assert refund(story, amount=700, receive=True) == (700, 0)
    assert counts(story.ledger) == (1, 0, 0, 2, 2)
    assert story.ledger.positions[L1].refunded == u.NONE
    story = paid(3)
    assert refund(story, amount=700, receive=True) == (700, 0)
    assert story.ledger.order.cases == ()


def test_an_edit_may_ask_that_the_order_is_not_put_away():
    story = paid(1).ship().then(Archive())
    assert story.refuses(EditOrder(note="x", unarchived=True)) == (Code.ARCHIVED, {})
    story.do(Archive(archived=False))
    assert story.do(EditOrder(note="x", unarchived=True)).ledger.order.note == "x"


def test_what_each_line_got():
    story = paid(2, 1, shipping=500, discount=300, tax_rate="0.2", prices_include_tax=False)
    assert money.order_total(story.ledger.order) == 3800
    story.do(GiveBack(targets=(take(L1, 2),)))
    [made] = story.ledger.order.refunds
    assert shares(story.ledger.order, made) == {L1: Share(units=2, amount=2200, tax=367, discount=200)}


def test_what_each_line_got_of_a_rest_that_is_less_than_it_is_worth():
    story = paid(1, 1, 1)
    story.do(GiveBack(amount=1000))
    story.do(GiveBack())
    first, rest = story.ledger.order.refunds
    assert shares(story.ledger.order, first) == {}
    assert [shares(story.ledger.order, rest)[id_].amount for id_ in (L1, L2, L3)] == [667, 666, 667]


@st.composite
def stories(draw) -> Story:
    prices = draw(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 2_000)), min_size=1, max_size=4))
    rate = Decimal(draw(st.sampled_from(["0", "0.07", "0.21"])))
    lines = tuple(NewLine(sku="A", quantity=quantity, unit_price=price, tax_rate=rate) for quantity, price in prices)
    shipping, discount = draw(st.integers(0, 5_000)), draw(st.integers(0, 9_000))
    return paid(shipping=shipping, discount=discount, lines=lines, prices_include_tax=draw(st.booleans()))


@given(stories(), st.data())
def test_whatever_is_refunded_adds_up(story: Story, data: st.DataObject):
    order = story.ledger.order
    whole = [LineUnits(line.id, u.span(line.quantity)) for line in order.lines]
    assert sum(map(money.Worth(order).units, whole)) + money.order_charges(order) == money.order_total(order)
    while (left := money.refundable(story.ledger.order)) > 0:
        line, amount = data.draw(st.sampled_from(order.lines)), data.draw(st.integers(1, left))
        ways = [GiveBack(targets=(take(line.id, 1),)), GiveBack(amount=amount), GiveBack()]
        assert any(_taken(story, command) for command in data.draw(st.permutations(ways)))
    order = story.ledger.order
    assert sum(made.amount for made in order.refunds) == max(0, money.order_total(order))
    for made in order.refunds:
        given_back = sum(share.amount for share in shares(order, made).values())
        assert given_back == (made.amount - made.fees if made.items else 0)


def _taken(story: Story, command: GiveBack) -> bool:
    try:
        story.do(command)
    except Refusal:
        return False
    return True


def test_two_thousand_lines_are_divided_while_nobody_waits():
    """Everybody who reads a list with such an order in it waits for this: line by line over all lines it took 20 s."""
    many = tuple(NewLine(sku="A", quantity=3, unit_price=1001, tax_rate=Decimal("0.21")) for _ in range(2_000))
    story = paid(discount=5_000, lines=many, prices_include_tax=False)
    story.do(GiveBack())
    order, began = story.ledger.order, process_time()
    given_back = shares(order, order.refunds[0]).values()
    assert process_time() - began < 2
    assert sum(share.amount for share in given_back) == money.order_total(order)


@pytest.mark.parametrize("amount", [0, -1, 2001])
def test_an_amount_lies_within_what_is_left(amount: int):
    code, facts = paid(2).refuses(GiveBack(amount=amount, field="price"))
    assert (code, facts["field"], facts["maximum"], facts["currency"]) == (
        Code.AMOUNT_OUT_OF_RANGE,
        "price",
        2000,
        "EUR",
    )
