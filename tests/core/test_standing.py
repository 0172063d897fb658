"""How far an order is, in one word each, at every step of what may happen to it."""

import pytest

from app.core import units as u
from app.core.aftersales import AnnounceReturn, GiveBack, MoveFulfillment
from app.core.model import FulfillmentState, Payment, PaymentStatus, Step
from app.core.policy import Policy
from app.core.standing import after_sales, delivered, line_progress, progress
from tests.core.building import L1, L2, NOW, Story, go, lines, placed, rest, take, whole

PAID = Payment(status=PaymentStatus.PAID)


def story(*quantities: int, **fields) -> Story:
    return Story(placed(*quantities, payment=PAID, **fields))


def move(told: Story, state: FulfillmentState, which: int = -1) -> Story:
    return told.then(MoveFulfillment(fulfillment_id=told.ledger.order.fulfillments[which].id, state=state))


def words(told: Story) -> tuple[str, list[str]]:
    arrived = delivered(told.ledger.order)
    return progress(told.ledger), [
        line_progress(held, arrived.get(id_, u.NONE)) for id_, held in told.ledger.positions.items()
    ]


def test_parcels_leave_and_arrive():
    told = story(2, 1)
    assert words(told) == ("none", ["none", "none"])
    assert words(told.ship(L1, 1)) == ("partial", ["partial", "none"])
    assert words(move(told, FulfillmentState.DELIVERED)) == ("partly_delivered", ["partly_delivered", "none"])
    assert words(told.ship()) == ("partly_delivered", ["partly_delivered", "full"])
    assert words(move(told, FulfillmentState.DELIVERED)) == ("delivered", ["delivered", "delivered"])


def test_a_voided_parcel_never_left():
    told = story(2).ship()
    assert words(told) == ("full", ["full"])
    assert words(move(told, FulfillmentState.VOID)) == ("none", ["none"])
    assert words(told.then(whole())) == ("none", ["none"])


def test_goods_come_back():
    told = move(story(2, 1).ship(), FulfillmentState.DELIVERED).send_back(take(L1, 1))
    assert words(told) == ("returning", ["returning", "delivered"])
    first = told.ledger.order.adjustments[0].id
    assert words(told.then(go(Step.RECEIVED, first))) == ("partly_returned", ["partly_returned", "delivered"])
    told.do(AnnounceReturn(targets=(take(L1), take(L2)), until=Step.FINISHED))
    assert words(told) == ("returned", ["returned", "returned"])


def test_what_was_cancelled_with_the_whole_order_makes_no_full_one():
    assert words(story(3).ship(L1, 1).then(whole(keep_shipped=True))) == ("partial", ["partial"])
    assert words(story(3).ship(L1, 1).then(rest())) == ("full", ["partial"])


@pytest.mark.parametrize("stepwise", [False, True])
def test_a_cancel_step_by_step_is_an_after_sale_and_one_at_once_is_none(stepwise: bool):
    told = story(2).then(lines(take(L1, 1), stepwise=stepwise))
    if not stepwise:
        assert after_sales(told.ledger) == (None, None)
        return
    began = told.ledger.order.cases[0].created_at
    adjustment = told.ledger.order.adjustments[0].id
    assert after_sales(told.ledger) == ("pending", began)
    assert after_sales(told.then(go(Step.APPROVED, adjustment)).ledger) == ("processing", began)
    assert after_sales(told.then(go(Step.FINISHED, adjustment)).ledger) == ("finished", began)


def test_a_cancel_after_a_voided_shipment_is_an_after_sale():
    told = move(story(2).ship(), FulfillmentState.VOID)
    assert after_sales(told.ledger) == (None, None)
    told.do(whole())
    assert after_sales(told.ledger) == ("finished", told.ledger.order.updated_at)


def test_a_return_step_by_step():
    told = Story(placed(2, payment=PAID), Policy(approve_returns=True)).ship().send_back(take(L1, 1))
    began = told.ledger.order.cases[0].created_at
    assert began > NOW
    assert after_sales(told.ledger) == ("pending", began)
    adjustment = told.ledger.order.adjustments[0].id
    for step in (Step.RECEIVED, Step.APPROVED):
        assert after_sales(told.then(go(step, adjustment)).ledger) == ("processing", began)
    assert after_sales(told.then(go(Step.FINISHED, adjustment)).ledger) == ("finished", began)


def test_a_refund_is_an_after_sale_and_what_waits_is_told_before_what_is_done():
    told = story(2).then(GiveBack(amount=100))
    assert after_sales(told.ledger) == ("finished", told.ledger.order.updated_at)
    told.ship().send_back(take(L1, 1))
    assert after_sales(told.ledger) == ("pending", told.ledger.order.updated_at)
    told.do(AnnounceReturn(targets=(take(L1, 1),), until=Step.RECEIVED))
    assert after_sales(told.ledger) == ("pending", told.ledger.order.updated_at)
