"""Defects that other order systems had with returns, refunds and stock: here they do not happen, on one path or all."""

import pytest

from app.core import money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, EditFulfillment, GiveBack, MoveFulfillment
from app.core.messages import NewFee
from app.core.model import CaseState, FeeKind, FulfillmentState, OrderState, Payment, PaymentStatus, Scope, Step
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, SHOP, Story, case_of, counts, go, lines, placed, rest, take, whole

PAID = Payment(status=PaymentStatus.PAID)
SHIPPING = (NewFee(kind=FeeKind.SHIPPING, title="Parcel", amount=500),)


def story(*quantities: int) -> Story:
    return Story(placed(*quantities, payment=PAID, fees=SHIPPING))


@pytest.mark.parametrize("first", [GiveBack(amount=700), GiveBack(targets=(take(L1, 1),))])
def test_an_order_of_which_money_went_back_is_cancelled_and_refunded_to_the_end(first: GiveBack):
    told = story(2, 1).then(first).then(whole())

    assert (told.ledger.cancelled, told.ledger.order.payment.status) == (True, PaymentStatus.PARTIALLY_REFUNDED)
    told.do(GiveBack())
    assert money.refunded(told.ledger.order) == money.order_total(told.ledger.order) == 3500
    assert told.refuses(GiveBack())[0] is Code.NOTHING_TO_REFUND


def test_what_was_cancelled_before_is_refunded_at_what_it_cost():
    told = story(2, 1).then(lines(take(L1, 2)))
    told.then(GiveBack(targets=(take(L1, 2),)))

    assert [refund.amount for refund in told.ledger.order.refunds] == [2000]
    assert counts(told.ledger, L2) == (1, 0, 0, 0, 0)


def test_cancelling_receiving_and_putting_back_give_no_money_and_money_does_none_of_them():
    told = story(3).ship(L1, 2).then(lines(take(L1)))
    told.then(AnnounceReturn(targets=(take(L1, 1),), until=Step.RECEIVED))
    back = told.ledger.order.adjustments[-1].id
    told.then(go(Step.APPROVED, back)).then(go(Step.RESTOCKED, back, location=SHOP)).then(go(Step.FINISHED, back))
    assert (told.ledger.order.refunds, told.ledger.order.payment) == ((), PAID)

    before = told.ledger.positions[L1].counts()
    change = told.do(GiveBack())
    assert (change.movements, change.case, told.ledger.positions[L1].counts()) == ((), None, before)


def test_a_shipment_outlives_all_of_its_units_and_keeps_its_tracking():
    told = story(2).ship()
    [sent] = told.ledger.order.fulfillments
    told.then(EditFulfillment(fulfillment_id=sent.id, carrier="DHL", tracking_code="1Z"))
    change = told.do(AnnounceReturn(targets=(take(L1),), until=Step.FINISHED, restock_to=SHOP))

    [kept] = told.ledger.order.fulfillments
    assert (kept.id, kept.carrier, kept.tracking_code, kept.items) == (sent.id, "DHL", "1Z", sent.items)
    assert kept.state is FulfillmentState.SHIPPED
    case = case_of(change)
    assert (case.state, case.decided_at) == (CaseState.ACCEPTED, told.ledger.order.updated_at)
    assert (
        told.refuses(MoveFulfillment(fulfillment_id=sent.id, state=FulfillmentState.VOID))[0] is Code.ALREADY_RETURNED
    )


def test_a_unit_goes_to_stock_once_whichever_way_it_goes():
    """Cancelled here, returned there, the rest cancelled at last: each unit once, and no more than there were."""
    told = story(6).hold(HAMBURG, take(L1, 4), connector=None).under(restock_on_cancel=True)
    moved = [*told.do(lines(take(L1, 2), restock_to=SHOP)).movements]
    told.ship(L1, 2)
    moved += told.do(AnnounceReturn(targets=(take(L1, 1),), until=Step.FINISHED, restock_to=SHOP)).movements
    told.then(MoveFulfillment(fulfillment_id=told.ledger.order.fulfillments[0].id, state=FulfillmentState.DELIVERED))
    moved += told.do(rest()).movements

    assert told.ledger.order.state is OrderState.COMPLETED
    assert counts(told.ledger) == (0, 0, 4, 2, 1)
    assert sum(each.delta for each in moved) == 5
    assert len({each.adjustment_id for each in moved}) == len(moved)
    places = [a.units for a in told.ledger.order.adjustments if a.id in {each.adjustment_id for each in moved}]
    assert sum(map(u.count, places)) == u.count(u.union_all(places)) == 5


def test_two_ways_through_a_return_end_alike():
    at_once, walked = story(2).ship(), story(2).ship()
    at_once.then(AnnounceReturn(targets=(take(L1, 1),), until=Step.FINISHED, restock_to=SHOP))
    walked.then(AnnounceReturn(targets=(take(L1, 1),)))
    back = walked.ledger.order.adjustments[0].id
    for step in (Step.RECEIVED, Step.APPROVED, Step.RESTOCKED, Step.FINISHED):
        walked.then(go(step, back, location=SHOP if step is Step.RESTOCKED else None))

    for told in (at_once, walked):
        assert counts(told.ledger) == (0, 0, 0, 2, 1)
        assert money.order_due(told.ledger.order) == 1500
        assert [a.amount for a in told.ledger.order.adjustments] == [1000]
        assert [case.scope for case in told.ledger.order.cases] == [Scope.LINES]
        told.then(GiveBack(targets=(take(L1),)))
        assert told.ledger.order.payment == Payment(status=PaymentStatus.REFUNDED, amount=2500)
