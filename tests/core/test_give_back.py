"""Money goes back for units, as an amount or altogether; never more than came in, whatever was cancelled before."""

from typing import Any

import pytest

from app.core import money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, CreditFees, GiveBack, NewCredit, StepTarget
from app.core.messages import NewFee, Target
from app.core.model import CaseKind, CaseState, FeeKind, OrderState, Payment, PaymentStatus, Reason, Stage, Step
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, Story, case_of, counts, event_of, lines, placed, rest, take, unit

PAID, PARTLY, REFUNDED = PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED
NOTHING: tuple[Code, dict[str, Any]] = (Code.NOTHING_TO_REFUND, {})


def bought(*quantities: int, status: PaymentStatus = PAID, amount: int | None = None, **fields: Any) -> Story:
    """Each unit for 10.00, and 5.00 for the post."""
    fees = (NewFee(kind=FeeKind.SHIPPING, amount=500),)
    return Story(placed(*quantities, fees=fees, payment=Payment(status=status, amount=amount), **fields))


def back(*targets: Target, **fields: Any) -> GiveBack:
    return GiveBack(targets=targets, **fields)


def given(story: Story) -> list[tuple[int, int, dict[str, u.Units]]]:
    return [(r.amount, r.fees, {item.line_id: item.units for item in r.items}) for r in story.ledger.order.refunds]


def status(story: Story) -> tuple[PaymentStatus, int]:
    return story.ledger.order.payment.status, money.refundable(story.ledger.order)


def too_much(most: int, field: str = "lines") -> tuple[Code, dict[str, Any]]:
    return Code.AMOUNT_OUT_OF_RANGE, {"field": field, "minimum": 1, "maximum": most, "currency": "EUR"}


def test_by_units_each_once_and_the_fees_with_the_last():
    story = bought(3, 1)

    change = story.do(back(take(L1, 2), reason=Reason("BROKEN", "in two")))
    assert (event_of(change).type, change.case, status(story)) == ("order.refunded", None, (PARTLY, 2500))
    assert counts(story.ledger) == (3, 0, 0, 0, 0)
    story.do(back(take(L1), take(L2)))

    assert given(story) == [(2000, 0, {L1: u.of([2, 3])}), (2500, 500, {L1: u.of([1]), L2: u.of([1])})]
    assert story.ledger.order.refunds[0].reason == Reason("BROKEN", "in two")
    assert status(story) == (REFUNDED, 0)
    assert story.ledger.positions[L1].refunded == u.span(3)
    assert story.refuses(back(take(L1, 1))) == NOTHING


def test_units_that_went_back_already_or_were_never_there():
    story = bought(3).then(back(unit(L1, 2)))

    out = {"field": "lines", "minimum": 1, "maximum": 2}
    for targets in ((unit(L1, 2),), (take(L1, 3),), (take(L1, 0),), (take(L1, -1),)):
        assert story.refuses(back(*targets)) == (Code.QUANTITY_OUT_OF_RANGE, out)
    assert story.refuses(back(take(L1, 2), take(L1, 1))) == (Code.QUANTITY_OUT_OF_RANGE, {**out, "maximum": 0})
    assert story.refuses(back(unit(L1, 4))) == (Code.LINE_NOT_FOUND, {"field": "lines"})
    assert story.refuses(back(take("nope"))) == (Code.LINE_NOT_FOUND, {"field": "lines"})
    story.do(back(unit(L1, 3), unit(L1, 1)))
    assert status(story) == (REFUNDED, 0)


def test_an_amount_alone_and_then_what_is_left():
    story = bought(2)

    story.do(GiveBack(amount=700))
    assert (given(story), status(story)) == ([(700, 0, {})], (PARTLY, 1800))
    for amount in (0, -1, 1801):
        assert story.refuses(GiveBack(amount=amount, field="refund.amount")) == too_much(1800, "refund.amount")
    assert story.refuses(GiveBack(amount=1, targets=(take(L1),))) == (
        Code.INVALID,
        {"field": "amount", "problem": "goes without lines"},
    )
    assert story.refuses(back(take(L1))) == too_much(1800)
    story.do(back())

    assert given(story)[1] == (1800, 500, {L1: u.span(2)})
    assert status(story) == (REFUNDED, 0)


def test_the_last_unit_brings_what_is_left_of_the_fees_and_no_more_than_there_is():
    story = bought(2).then(GiveBack(amount=300)).then(back(take(L1, 1)))

    story.do(back(take(L1, 1)))

    assert given(story)[-1] == (1200, 200, {L1: u.of([1])})
    assert status(story) == (REFUNDED, 0)


def test_a_fee_that_was_credited_is_money_that_has_to_go_back():
    story = bought(1).then(lines(unit(L1, 1, "c1"), stepwise=True))
    story.walk(Step.APPROVED, "c1")
    fee = story.ledger.order.fees[0].id
    story.then(CreditFees(targets=(StepTarget(ref="c1"),), credits=(NewCredit(fee_id=fee),)))
    assert (money.order_due(story.ledger.order), status(story)) == (0, (PAID, 1500))

    story.do(back(take(L1)))

    assert (given(story), status(story)) == ([(1500, 500, {L1: u.span(1)})], (REFUNDED, 0))


def test_what_costs_nothing_takes_the_fees_along_or_is_no_refund():
    story = bought(2, price=0)

    assert story.refuses(back(take(L1, 1))) == too_much(500)
    story.do(back(take(L1)))
    assert given(story) == [(500, 500, {L1: u.span(2)})]


@pytest.mark.parametrize(
    ("payment", "left"),
    [
        ({"status": PaymentStatus.WAITING}, 0),
        ({"status": PaymentStatus.AUTHORIZED}, 0),
        ({"status": PaymentStatus.FAILED}, 0),
        ({"status": PaymentStatus.WAITING, "amount": 600}, 600),
        ({"status": PAID, "amount": 0}, 0),
        ({"status": PAID, "amount": 1999}, 1999),
        ({"status": PAID}, 2500),
        ({"status": PARTLY}, 0),
        ({"status": PARTLY, "amount": 900}, 900),
        ({"status": REFUNDED}, 0),
        ({"status": REFUNDED, "amount": 2500}, 0),
    ],
    ids=str,
)
def test_never_more_than_came_in(payment: dict[str, Any], left: int):
    story = bought(2, **payment)
    assert money.refundable(story.ledger.order) == left
    if not left:
        assert story.refuses(back()) == story.refuses(GiveBack(amount=1)) == NOTHING
        return

    assert story.refuses(GiveBack(amount=left + 1)) == too_much(left, "amount")
    if left < 2000:
        assert story.refuses(back(take(L1))) == too_much(left)
    paid = money.paid(story.ledger.order)
    story.do(back())

    assert (given(story)[0][0], status(story)) == (left, (REFUNDED, 0))
    assert money.paid(story.ledger.order) == paid


def test_by_quantity_first_what_is_gone_then_what_came_back():
    story = bought(8).then(lines(unit(L1, 4))).ship(L1, 3)
    story.then(AnnounceReturn(targets=(unit(L1, 1),), until=Step.FINISHED)).send_back(unit(L1, 3))
    story.then(lines(unit(L1, 8), stepwise=True))

    taken = [(story.do(back(take(L1, 1))), given(story)[-1][2][L1])[1] for _ in range(8)]

    assert [u.numbers(units) for units in taken] == [[4], [1], [7], [6], [5], [2], [8], [3]]


def test_what_is_not_shipped_is_cancelled_along_with_it():
    story = bought(4, 1).ship(L1, 1)

    change = story.do(back(take(L1, 2), take(L2), cancel=True, reason=Reason("STOCK")))

    case = case_of(change)
    assert (case.kind, case.state, case.reason) == (CaseKind.CANCEL, CaseState.ACCEPTED, Reason("STOCK"))
    assert (event_of(change).type, event_of(change).case_id) == ("order.refunded", case.id)
    assert [counts(story.ledger, line) for line in (L1, L2)] == [(1, 0, 2, 1, 0), (0, 0, 1, 0, 0)]
    assert event_of(change).before["lines"][L1]["open"] - event_of(change).after["lines"][L1]["open"] == 2
    assert {entry.version for a in story.ledger.order.adjustments for entry in a.steps} == {change.ledger.order.version}
    assert story.ledger.order.refunds[0].version == change.ledger.order.version
    assert given(story) == [(3000, 0, {L1: u.of([3, 4]), L2: u.of([1])})]


def test_a_warehouse_that_has_to_agree_is_asked_and_the_money_goes_back_all_the_same():
    story = bought(2).hold(HAMBURG)

    change = story.do(back(cancel=True))

    assert (case_of(change).state, [task.kind.value for task in change.tasks]) == (CaseState.PENDING, ["warehouse"])
    assert (counts(story.ledger), status(story)) == ((0, 2, 0, 0, 0), (REFUNDED, 0))
    story.answer(False)
    assert counts(story.ledger) == (2, 0, 0, 0, 0)
    assert story.refuses(back(take(L1))) == NOTHING
    assert story.then(rest()).ledger.order.allocations[0].stage is Stage.REQUESTED


def test_what_was_shipped_comes_back_along_with_it():
    story = bought(4).ship(L1, 3).send_back(unit(L1, 3))

    change = story.do(back(take(L1, 3), receive=True))

    assert (case_of(change).kind, case_of(change).state) == (CaseKind.RETURN, CaseState.ACCEPTED)
    assert given(story)[0][2] == {L1: u.of([1, 2, 4])}  # those at the buyer's, then the open one; 3 has its own return
    assert counts(story.ledger) == (1, 0, 0, 3, 2)
    assert story.steps()[-1] == ["received", "finished"]


def test_both_in_one_change():
    story = bought(3).ship(L1, 1)

    change = story.do(back(cancel=True, receive=True))

    assert [case.kind for case in story.ledger.order.cases] == [CaseKind.CANCEL, CaseKind.RETURN]
    assert (counts(story.ledger), story.ledger.order.state) == ((0, 0, 2, 1, 1), OrderState.COMPLETED)
    assert case_of(change).kind is CaseKind.CANCEL
    assert status(story) == (REFUNDED, 0)
    assert money.order_due(story.ledger.order) == 500


def test_nothing_to_cancel_or_receive_is_no_obstacle():
    story = bought(2).then(rest())

    change = story.do(back(cancel=True, receive=True))

    assert (change.case, given(story)) == (None, [(2500, 500, {L1: u.span(2)})])


def test_what_the_cancellation_refuses_refuses_all():
    story = bought(2).under(reasons=("STOCK",))

    assert story.refuses(back(cancel=True, reason=Reason("WHIM")))[0] is Code.INVALID
    assert status(story.then(back(cancel=True, reason=Reason("STOCK")))) == (REFUNDED, 0)


def test_a_cancelled_or_refunded_order_is_no_obstacle_to_the_other():
    cancelled = bought(2).then(rest()).then(back(take(L1, 1)))
    refunded = bought(2).then(back()).then(rest())

    assert status(cancelled) == (PARTLY, 1500)
    assert (refunded.ledger.cancelled, status(refunded)) == (True, (REFUNDED, 0))
