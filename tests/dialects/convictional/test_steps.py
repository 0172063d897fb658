"""A process that another face walks step by step, as Convictional shows it and tells of it at each step."""

from typing import Any

from app.core.aftersales import AnnounceReturn, CreditFees, GiveBack, MoveFulfillment, NewCredit, StepTarget
from app.core.messages import Change, NewFee
from app.core.model import CaseKind, FeeKind, FulfillmentState, Payment, PaymentStatus, Reason, Step
from app.dialects.convictional import buyer, mapping, versions
from app.dialects.convictional.hooks import HOOKS
from tests.core.building import HAMBURG, L1, L2, Story, go, lines, placed, take, unit
from tests.dialects.occasions import Mailbox, subscription

PAID = Payment(status=PaymentStatus.PAID)
MAILBOX = Mailbox(HOOKS, subscription("convictional"), ("a secret",))


def story(*quantities: int, **fields: Any) -> Story:
    return Story(placed(*(quantities or (4, 1)), payment=PAID, **fields), dialect="afosto")


def begun(told: Story, *targets: Any, **fields: Any) -> Change:
    """As Afosto begins a cancel: somebody has still to approve it."""
    return told.do(lines(*targets, stepwise=True, reason=Reason(code="DAMAGED"), **fields))


def order(told: Story) -> Any:
    return mapping.from_order(told.ledger, versions.NEWEST)


def items(told: Story) -> list[tuple[int, bool, str]]:
    """Quantity, cancelled, reason; the buyer sees the same."""
    shown = [(item["quantity"], item["cancelled"], item["cancelledReason"]) for item in order(told)["items"]]
    [seller_order] = buyer.from_order(told.ledger)["sellerOrders"]
    assert [(x["quantity"], x["cancelled"], x["cancelledReason"]) for x in seller_order["items"]] == shown
    assert seller_order["hasCancellations"] is order(told)["hasCancellations"]
    return shown


def test_a_cancel_step_by_step() -> None:
    told = story(4, 1, fees=(NewFee(kind=FeeKind.SHIPPING, amount=500),))
    assert MAILBOX.topics(begun(told, unit(L1, 3, "c3"), unit(L1, 4, "c4"), unit(L2, 1, "c5"))) == []
    assert items(told) == [(4, False, ""), (1, False, "")]
    assert order(told)["hasCancellations"] is False

    assert MAILBOX.topics(told.do(go(Step.APPROVED, "c3"))) == ["order.cancelled"]
    assert items(told) == [(4, True, "DAMAGED"), (1, False, ""), (3, False, "")]
    assert order(told)["hasCancellations"] is True
    assert MAILBOX.topics(told.do(go(Step.APPROVED, "c4", "c5"))) == ["order.cancelled"]
    assert items(told) == [(4, True, "DAMAGED"), (1, True, "DAMAGED"), (3, True, "DAMAGED"), (2, False, "")]

    before = order(told)
    fee = told.ledger.order.fees[0].id
    later = [
        told.do(CreditFees(targets=(StepTarget(ref="c3"),), credits=(NewCredit(fee_id=fee, amount=100),))),
        told.do(go(Step.RESTOCKED, "c3", "c5", location="loc-shop")),
        told.do(go(Step.FINISHED, "c4")),
        told.do(go(Step.FINISHED, "c3", "c5")),
    ]
    assert [MAILBOX.topics(change) for change in later] == [[]] * 4
    after = order(told)
    assert {**after, "updated": before["updated"]} == before
    assert after["shipped"] is False
    told.ship()
    assert (order(told)["shipped"], order(told)["shippedDate"]) == (True, "2026-03-01T10:08:00.000Z")


def test_the_ids_of_items_outlive_the_steps() -> None:
    told = story(5)
    begun(told, *(unit(L1, n, f"c{n}") for n in (3, 4, 5)))
    told.do(go(Step.APPROVED, "c3", "c4", "c5"))
    left = order(told)["items"][1]["_id"]
    for contra in ("c3", "c5", "c4"):
        told.do(go(Step.FINISHED, contra))
        assert order(told)["items"][1]["_id"] == left
    told.do(lines(take(left, chained=True, keep=1)), "convictional")
    assert [quantity for quantity, *_ in items(told)] == [5, 2, 1]


def test_what_a_warehouse_agreed_to_is_cancelled_only_when_it_is_approved() -> None:
    told = story(3).hold(HAMBURG)
    begun(told, take(L1, 2), opened=True)
    assert MAILBOX.topics(told.answer(True)) == []
    assert items(told) == [(3, False, "")]
    [adjustment] = told.ledger.order.adjustments
    assert MAILBOX.topics(told.do(go(Step.APPROVED, adjustment.id))) == ["order.cancelled"]
    assert items(told) == [(3, True, "DAMAGED"), (1, False, "")]


def test_an_order_all_of_which_is_approved_is_wholly_cancelled() -> None:
    told = story(2)
    begun(told, take(L1))
    told.step(Step.APPROVED)
    assert items(told) == [(2, True, "DAMAGED")]
    assert (order(told)["shipped"], order(told)["shippedDate"]) == (False, None)


def test_a_return_step_by_step_changes_no_item() -> None:
    told = story(3).ship()
    before = order(told)
    steps = [
        told.do(AnnounceReturn(targets=(take(L1, 2),), until=Step.ANNOUNCED)),
        told.step(Step.RECEIVED),
        told.step(Step.APPROVED),
        told.step(Step.RESTOCKED, location="loc-shop"),
        told.step(Step.FINISHED),
    ]
    assert [MAILBOX.topics(change) for change in steps] == [[]] * 5
    assert {case.kind for case in told.ledger.order.cases} == {CaseKind.RETURN}
    after = order(told)
    assert {**after, "updated": before["updated"]} == before
    assert (after["hasCancellations"], after["shipped"]) == (False, True)
    assert items(told) == [(3, False, "")]


def test_a_refund_by_another_face_is_shown_by_the_items_as_they_were() -> None:
    told = story(4)
    told.do(lines(take(L1, 1)))
    left = order(told)["items"][1]["_id"]
    told.do(GiveBack(targets=(take(L1, 3),), reason=Reason(text="sorry")))
    told.do(GiveBack(amount=150))
    told.do(lines(take(L1, 1)))

    first, second = order(told)["refunds"]
    assert (first["amount"], first["refundedBy"]) == (30.0, "seller")
    assert first["items"] == [
        {"ItemId": L1, "Reason": "sorry", "QuantityToRefund": 1, "amount": 10.0},
        {"ItemId": left, "Reason": "sorry", "QuantityToRefund": 2, "amount": 20.0},
    ]
    assert (second["amount"], second["items"]) == (1.5, [])
    [seller_order] = buyer.from_order(told.ledger)["sellerOrders"]
    assert (seller_order["refunded"], seller_order["refundedDate"]) == (True, second["created"])


def test_a_refund_that_also_cancels_is_told_of_once() -> None:
    told = story(3)
    assert MAILBOX.topics(told.do(GiveBack(targets=(take(L1, 1),)))) == []
    assert MAILBOX.topics(told.do(GiveBack(targets=(take(L1, 1),), cancel=True))) == ["order.cancelled"]


def test_a_shipment_that_never_left_is_shown_no_more() -> None:
    told = story(2).ship()
    assert order(told)["shipped"] is True
    [made] = told.ledger.order.fulfillments
    move = MoveFulfillment(fulfillment_id=made.id, state=FulfillmentState.VOID)
    assert MAILBOX.topics(told.do(move)) == []
    assert (order(told)["shipped"], order(told)["fulfillments"]) == (False, [])
    assert buyer.from_order(told.ledger)["fulfillments"] == []
    told.ship()
    [again] = told.ledger.order.fulfillments[1:]
    arrived = MoveFulfillment(fulfillment_id=again.id, state=FulfillmentState.DELIVERED)
    assert MAILBOX.topics(told.do(arrived)) == []
    assert [shown["_id"] for shown in order(told)["fulfillments"]] == [again.id]
