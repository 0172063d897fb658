"""What goes off an order is worth what the buyer paid for it: a discount is never left over, nor taken off twice."""

from hypothesis import given
from hypothesis import strategies as st

from app.core import letters, money
from app.core.aftersales import AnnounceReturn, GiveBack, StepTarget, TakeStep
from app.core.commands import AddLines, ReviseDraft
from app.core.messages import Fulfil, NewFee, NewLine
from app.core.model import CaseKind, FeeKind, Payment, PaymentStatus, Step
from tests.core.building import L1, L2, Story, lines, placed, rest, take, whole

PAID = Payment(status=PaymentStatus.PAID)
LINE = NewLine(sku="D", quantity=1, unit_price=1000)


def off(amount: int, *, shipping: int = 0) -> tuple[NewFee, ...]:
    fees = (NewFee(kind=FeeKind.OTHER, title="Welcome", amount=-amount),)
    return (*fees, NewFee(kind=FeeKind.SHIPPING, amount=shipping)) if shipping else fees


def due(story: Story) -> int:
    return money.order_due(story.ledger.order)


def test_an_order_cancelled_as_a_whole_comes_to_nothing():
    assert due(Story(placed(2, fees=off(100))).then(whole())) == 0
    assert due(Story(placed(2, fees=off(100, shipping=500))).then(whole())) == 500
    assert due(Story(placed(1, fees=off(1200, shipping=500))).then(whole())) == 300


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 5000), st.booleans(), st.data())
def test_however_it_goes_it_all_adds_up(quantities, discount, included, data):
    """Unit by unit, cancelled or shipped and returned: off goes what a refund of it gives back and a mail tells of."""
    facts = {"tax_rate": "0.21", "prices_include_tax": included, "price": 333}
    story = Story(placed(*quantities, fees=off(discount), payment=PAID, **facts))
    total = money.order_total(story.ledger.order)
    shipped = data.draw(st.booleans())
    if shipped:
        story.then(Fulfil())
    everything = [
        ref for ref, quantity in zip(story.ledger.positions, quantities, strict=True) for _ in range(quantity)
    ]
    for ref in data.draw(st.permutations(everything)):
        before = due(story)
        command = AnnounceReturn(targets=(take(ref, 1),), until=Step.FINISHED) if shipped else lines(take(ref, 1))
        story.then(command)
        [gone] = [a for a in story.ledger.order.adjustments if a.case_id == story.ledger.order.cases[-1].id]
        assert before - due(story) == gone.amount == story.ledger.worth.part(gone, gone.units)
        kind = CaseKind.RETURN if shipped else CaseKind.CANCEL
        assert letters.letter(story.ledger, kind, [(gone.origin, gone.units)]).total == gone.amount
    assert due(story) == min(0, total)  # no more than the discount exceeds the goods by


def test_what_parts_from_an_entry_takes_its_share_along():
    story = Story(placed(3, fees=off(100))).then(lines(take(L1), stepwise=True))
    [entry] = story.ledger.order.adjustments
    assert entry.amount == 2900
    for number, left in ((2, 1934), (1, 967), (3, 0)):
        story.then(TakeStep(step=Step.APPROVED, targets=(StepTarget(ref=f"{entry.id}.{number}"),)))
        assert due(story) == left


def test_a_draft_that_grows_or_gets_another_discount_spreads_it_anew():
    story = Story(placed(2, draft=True, fees=off(100))).then(lines(take(L1, 1)))
    assert due(story) == 950
    story.then(AddLines(lines=(LINE, LINE)))
    assert [a.amount for a in story.ledger.order.adjustments] == [975]
    story.then(ReviseDraft(fees=off(400)))
    assert [a.amount for a in story.ledger.order.adjustments] == [900]
    assert due(story.then(rest())) == 0


def test_a_paid_draft_that_grows_was_paid_what_it_was():
    for change in (AddLines(lines=(LINE,)), ReviseDraft(lines=(LINE, LINE, LINE))):
        story = Story(placed(2, draft=True, payment=PAID)).then(change)
        assert money.sums(story.ledger.order) == (3000, 3000, 2000, 0)
        assert story.do(GiveBack()).ledger.order.refunds[0].amount == 2000


def test_an_unpaid_draft_that_grows_is_paid_in_full_later():
    story = Story(placed(1, draft=True)).then(AddLines(lines=(LINE,)))
    assert story.ledger.order.payment.amount is None


def test_lines_and_fees_add_up_to_what_is_due():
    story = Story(placed(2, 3, fees=off(700, shipping=300))).then(lines(take(L1, 1), take(L2, 2)))
    order = story.ledger.order
    goods = sum(money.line_due(order, line) for line in order.lines)
    assert goods + sum(money.fee_left(order, fee) for fee in order.fees) == due(story)
