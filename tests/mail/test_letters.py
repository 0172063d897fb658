"""What a mail is about: units wherever they parted to, what they are worth, fees that belong to them alone."""

import pytest

from app.core import letters
from app.core import units as u
from app.core.aftersales import AnnounceReturn, CreditFees, GiveBack, LooseReturn, NewCredit, StepTarget, TakeStep
from app.core.ledger import Ledger
from app.core.letters import Letter
from app.core.messages import NewFee
from app.core.model import CaseKind, FeeKind, Payment, PaymentStatus, Reason, Step
from app.core.money import order_due, order_total
from app.core.refusal import Code, Refusal
from tests.core.building import HAMBURG, L1, L2, Story, lines, placed, take

FEES = (NewFee(kind=FeeKind.SHIPPING, title="Parcel", amount=500), NewFee(kind=FeeKind.PAYMENT, amount=200))


def told(letter: Letter) -> list[tuple[str, int, int]]:
    return [(item.sku, item.quantity, item.amount) for item in letter.items]


def begun(*quantities: int) -> Story:
    """Of 5 A and 3 B at 10.01 with 21 % on top, so many of each are approved for cancellation."""
    story = Story(placed(5, 3, price=1001, tax_rate="0.21", prices_include_tax=False, fees=FEES))
    targets = [take(ref, n) for ref, n in zip((L1, L2), quantities, strict=False)]
    story.then(lines(*targets, stepwise=True, reason=Reason("LATE")))
    story.step(Step.APPROVED)
    return story


def credit(story: Story, fee: int, amount: int, *refs: str) -> None:
    fees = story.ledger.order.fees
    targets = tuple(StepTarget(ref=ref) for ref in refs)
    story.then(CreditFees(targets=targets, credits=(NewCredit(fee_id=fees[fee].id, amount=amount),)))


def whole(ledger: Ledger) -> list[tuple[str, u.Units]]:
    return [(a.origin, a.units) for a in ledger.order.adjustments]


def test_all_of_it_is_what_goes_off_the_order() -> None:
    story = begun(3, 1)
    a, b = (adjustment.id for adjustment in story.ledger.order.adjustments)
    credit(story, 0, 300, a, b)
    credit(story, 1, 200, b)
    story.step(Step.FINISHED)
    letter = letters.letter(story.ledger, CaseKind.CANCEL, whole(story.ledger))
    assert [(fee.fee.kind.value, fee.amount) for fee in letter.fees] == [("shipping", 300), ("payment", 200)]
    assert letter.total == order_total(story.ledger.order) - order_due(story.ledger.order)
    assert letter.reason == Reason("LATE")


def test_parts_of_it_add_up_to_the_whole_however_they_parted() -> None:
    story = begun(3)
    [adjustment] = story.ledger.order.adjustments
    before = told(letters.letter(story.ledger, CaseKind.CANCEL, [(adjustment.id, adjustment.units)]))
    numbers = u.numbers(adjustment.units)
    story.then(TakeStep(step=Step.FINISHED, targets=(StepTarget(ref=f"{adjustment.id}.{numbers[1]}"),)))
    assert len(story.ledger.order.adjustments) == 2
    assert told(letters.letter(story.ledger, CaseKind.CANCEL, [(adjustment.id, adjustment.units)])) == before
    each = [told(letters.letter(story.ledger, CaseKind.CANCEL, [(adjustment.id, u.of([n]))])) for n in numbers]
    assert [(sku, quantity) for [(sku, quantity, _)] in each] == [("A", 1)] * 3
    assert sum(amount for [(_, _, amount)] in each) == before[0][2]


def test_units_are_worth_what_was_paid_for_them_their_share_of_a_discount_taken_off() -> None:
    """So the mail names the amount that a refund gives back."""
    discount = (NewFee(kind=FeeKind.OTHER, title="Welcome", amount=-100),)
    story = Story(placed(3, 2, price=333, fees=discount, payment=Payment(status=PaymentStatus.PAID)))
    story.then(lines(take(L1, 2), take(L2, 1)))
    letter = letters.letter(story.ledger, CaseKind.CANCEL, whole(story.ledger))
    story.do(GiveBack(targets=(take(L1, 2), take(L2, 1))))
    assert told(letter) == [("A", 2, 626), ("B", 1, 313)]
    assert letter.total == story.ledger.order.refunds[0].amount


def test_a_fee_belongs_to_the_units_it_was_credited_with_and_is_told_once() -> None:
    story = begun(2, 1)
    a, b = story.ledger.order.adjustments
    credit(story, 0, 100, a.id)
    credit(story, 0, 50, a.id, b.id)
    credit(story, 1, 10, f"{b.id}.{u.numbers(b.units)[0]}")
    of_a = letters.letter(story.ledger, CaseKind.CANCEL, [(a.id, a.units)])
    of_b = letters.letter(story.ledger, CaseKind.CANCEL, [(b.id, b.units)])
    of_both = letters.letter(story.ledger, CaseKind.CANCEL, [(a.id, a.units), (b.id, b.units)])
    assert [fee.amount for fee in of_a.fees] == [100]
    assert [fee.amount for fee in of_b.fees] == [10]
    assert [fee.amount for fee in of_both.fees] == [150, 10]


def test_returns_and_goods_never_sold_here() -> None:
    story = Story(placed(5)).ship()
    loose = LooseReturn(sku="Z", title="Zebra", quantity=3, unit_price=250, reason=Reason("GIFT"))
    story.then(AnnounceReturn(targets=(take(L1, 2),), loose=(loose,), reason=Reason("LATE"), until=Step.RECEIVED))
    items = whole(story.ledger)
    letter = letters.letter(story.ledger, CaseKind.RETURN, items)
    assert told(letter) == [("A", 2, 2000), ("Z", 3, 750)]
    assert (letter.reason, [item.reason.code for item in letter.items]) == (None, ["LATE", "GIFT"])
    two = letters.letter(story.ledger, CaseKind.RETURN, [(items[1][0], ((1, 2),))])
    assert told(two) == [("Z", 2, 500)]
    assert told(letters.letter(story.ledger, CaseKind.CANCEL, items)) == []
    assert told(letters.letter(story.ledger, CaseKind.RETURN, [("nothing", ((1, 2),))])) == []


def test_a_line_is_one_item_however_many_cases_it_has() -> None:
    story = begun(2)
    story.then(lines(take(L1, 1), reason=Reason("LATE")))
    assert told(letters.letter(story.ledger, CaseKind.CANCEL, whole(story.ledger))) == [("A", 3, 3634)]


@pytest.mark.parametrize("accepted", [True, False])
def test_of_a_case_all_that_nobody_refused(accepted: bool) -> None:
    story = Story(placed(5)).hold(HAMBURG).then(lines(take(L1, 2)))
    [case] = story.ledger.order.cases
    assert told(letters.letter_of_case(story.ledger, case)) == [("A", 2, 2000)]
    story.answer(accepted, message="Packed")
    [case] = story.ledger.order.cases
    if accepted:
        assert told(letters.letter_of_case(story.ledger, case)) == [("A", 2, 2000)]
        return
    with pytest.raises(Refusal) as refused:
        letters.letter_of_case(story.ledger, case)
    assert (refused.value.code, refused.value.facts) == (Code.CANCELLATION_REFUSED, {"message": "Packed"})
