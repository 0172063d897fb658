"""A refund with a cancellation of its own, with a part of the fees, with goods that go back to stock: one change."""

from typing import Any

from app.core.aftersales import GiveBack
from app.core.messages import NewFee
from app.core.model import FeeKind, Payment, PaymentStatus, Reason, Scope
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, SHOP, Story, counts, placed, take, whole

_FEES = (NewFee(kind=FeeKind.SHIPPING, title="Parcel", amount=500),)


def _paid(*quantities: int, **fields: Any) -> Story:
    payment = Payment(status=PaymentStatus.PAID)
    return Story(placed(*(quantities or (3,)), payment=payment, fees=_FEES, **fields))


def test_a_cancellation_goes_along_with_an_amount() -> None:
    story = _paid()
    change = story.do(GiveBack(amount=700, along=whole(reason=Reason(text="late"))))
    [case], [refund] = change.ledger.order.cases, change.ledger.order.refunds
    assert (case.scope, case.reason.text, change.case) == (Scope.ORDER, "late", case)
    assert (refund.amount, refund.items, refund.version) == (700, (), change.ledger.order.version)
    assert counts(story.ledger)[:3] == (0, 0, 3)


def test_what_is_refused_of_it_refuses_all() -> None:
    story = _paid().ship(L1, 1)
    assert story.refuses(GiveBack(amount=700, along=whole()))[0] is Code.PARTLY_FULFILLED
    assert story.refuses(GiveBack(amount=9_999, along=whole(keep_shipped=True)))[0] is Code.AMOUNT_OUT_OF_RANGE
    assert Story(placed(3)).refuses(GiveBack(amount=1, along=whole()))[0] is Code.NOTHING_TO_REFUND


def test_fees_go_back_beside_units_and_alone() -> None:
    story = _paid(3, 2)
    first = story.do(GiveBack(targets=(take(L1, 1),), fees=200)).ledger.order.refunds[0]
    assert (first.amount, first.fees) == (1200, 200)
    second = story.do(GiveBack(fees=100)).ledger.order.refunds[1]
    assert (second.amount, second.fees, second.items) == (100, 100, ())
    third = story.do(GiveBack(targets=(take(L2, 1),), all_fees=True)).ledger.order.refunds[2]
    assert (third.amount, third.fees) == (1200, 200)
    assert story.refuses(GiveBack(all_fees=True))[0] is Code.AMOUNT_OUT_OF_RANGE


def test_no_more_of_the_fees_than_is_left() -> None:
    story = _paid()
    code, facts = story.refuses(GiveBack(targets=(take(L1, 1),), fees=501))
    assert (code, facts["field"], facts["maximum"]) == (Code.AMOUNT_OUT_OF_RANGE, "fees", 500)
    assert story.refuses(GiveBack(fees=0))[0] is Code.AMOUNT_OUT_OF_RANGE


def test_with_no_fees_the_last_units_leave_them() -> None:
    story = _paid()
    refund = story.do(GiveBack(targets=(take(L1),), fees=0)).ledger.order.refunds[0]
    assert (refund.amount, refund.fees) == (3000, 0)


def test_what_is_cancelled_with_it_goes_back_to_whom_held_it() -> None:
    story = _paid().hold(HAMBURG, connector=None)
    change = story.do(GiveBack(targets=(take(L1, 2),), cancel=True, restock=True))
    assert [(m.location_id, m.delta) for m in change.movements] == [(HAMBURG, 2)]


def test_what_came_back_goes_where_it_is_said() -> None:
    story = _paid().ship()
    change = story.do(GiveBack(targets=(take(L1, 2),), receive=True, restock_to=SHOP))
    assert [(m.location_id, m.delta) for m in change.movements] == [(SHOP, 2)]
