"""Cancels and returns that another face walks step by step, as HappyColis shows them and tells of them at each step."""

from typing import Any

from app.core.aftersales import AnnounceReturn, CreditFees, GiveBack, MoveFulfillment, NewCredit, StepTarget
from app.core.messages import Change, Fulfil, FulfilItem, NewFee
from app.core.model import FeeKind, FulfillmentState, Payment, PaymentStatus, Stage, Step
from app.core.refusal import Code, Refusal
from app.dialects.happycolis import errors, picture, requests, snapshots
from app.dialects.happycolis.hooks import HOOKS
from tests.core.building import HAMBURG, L1, LYON, Story, go, lines, placed, take, whole
from tests.dialects.occasions import Mailbox, subscription

MAILBOX = Mailbox(HOOKS, subscription("happycolis"), ("a secret",))
PAID = Payment(status=PaymentStatus.PAID)


def story(*quantities: int, **fields: Any) -> Story:
    return Story(placed(*(quantities or (4,)), payment=PAID, **fields), dialect="afosto")


def begun(told: Story, *targets: Any) -> Change:
    return told.do(lines(*targets, stepwise=True, opened=True))


def order(told: Story) -> tuple[str, bool, list[tuple[int, int, str]]]:
    """State, locked, and of each line quantity, fulfilled quantity, status; webhooks say the same."""
    shown, sent = picture.from_order(told.ledger), snapshots.of_order(told.ledger)
    assert (shown["state"], shown["locked"], shown["lines"]) == (sent["state"], sent["locked"], sent["lines"])
    return shown["state"], shown["locked"], [_line(line) for line in shown["lines"]]


def delivery_order(told: Story, n: int = 0) -> tuple[str, list[tuple[int, int, str]], list[str]]:
    """Status, lines, and the types of its events."""
    shown = picture.from_allocation(told.ledger, told.ledger.order.allocations[n])
    return shown["status"], [_line(x) for x in shown["lines"]], [x["type"] for x in shown["fulfillmentData"]["events"]]


def _line(line: Any) -> tuple[int, int, str]:
    return line["quantity"], line["fulfilledQuantity"], line["status"]


def request(told: Story) -> tuple[str, str, str]:
    """Type, state and message of the newest one."""
    shown = requests.from_case(told.ledger, told.ledger.order.cases[-1].id)
    assert shown is not None
    return shown["type"], shown["state"], shown["message"]


def test_a_cancel_that_nobody_else_has_to_agree_to() -> None:
    told = story(3, fees=(NewFee(kind=FeeKind.SHIPPING, amount=500),))
    assert MAILBOX.topics(begun(told, take(L1, 2))) == []
    assert order(told) == ("OPENED", False, [(3, 0, "PENDING")])
    assert request(told) == ("CANCEL", "PENDING", "Cancellation request submitted")

    [adjustment] = told.ledger.order.adjustments
    assert MAILBOX.topics(told.do(go(Step.APPROVED, f"{adjustment.id}.2"))) == ["order/updated"]
    assert order(told) == ("OPENED", False, [(2, 0, "PENDING")])
    assert request(told)[1] == "PENDING"
    assert MAILBOX.topics(told.do(go(Step.APPROVED, f"{adjustment.id}.3"))) == ["order/updated"]
    assert request(told) == ("CANCEL", "ACCEPTED", "Cancelled")

    fee = told.ledger.order.fees[0].id
    parts = [f"{adjustment.id}.2", f"{adjustment.id}.3"]
    later = [
        told.do(CreditFees(targets=(StepTarget(ref=parts[0]),), credits=(NewCredit(fee_id=fee, amount=100),))),
        told.do(go(Step.RESTOCKED, parts[0], location="loc-shop")),
        told.do(go(Step.FINISHED, *parts)),
    ]
    assert [MAILBOX.topics(change) for change in later] == [[]] * 3
    assert order(told) == ("OPENED", False, [(1, 0, "PENDING")])


def test_a_cancel_that_a_fulfilment_service_agrees_to_first() -> None:
    told = story(4).hold(HAMBURG, stage=Stage.ACCEPTED)
    assert MAILBOX.topics(begun(told, take(L1, 3))) == []
    assert delivery_order(told) == ("OPENED", [(4, 0, "ACCEPTED")], ["FULFILLMENT_REQUESTED", "FULFILLMENT_ACCEPTED"])
    assert MAILBOX.topics(told.answer(True, message="Put back")) == []
    assert order(told) == ("OPENED", True, [(4, 0, "ACCEPTED")])
    assert request(told)[:2] == ("CANCEL", "PENDING")

    [adjustment] = told.ledger.order.adjustments
    some = told.do(go(Step.APPROVED, f"{adjustment.id}.3", f"{adjustment.id}.4"))
    assert MAILBOX.topics(some) == ["delivery_order/updated", "order/updated"]
    assert order(told) == ("OPENED", True, [(2, 0, "ACCEPTED")])
    assert delivery_order(told)[:2] == ("OPENED", [(2, 0, "ACCEPTED")])
    assert MAILBOX.topics(told.do(go(Step.RESTOCKED, f"{adjustment.id}.4", location="loc-shop"))) == []
    told.do(go(Step.APPROVED, f"{adjustment.id}.2"))
    assert request(told) == ("CANCEL", "ACCEPTED", "Put back")

    begun(told, take(L1, 1))
    told.answer(True)
    last = told.do(go(Step.APPROVED, told.ledger.order.adjustments[-1].id))
    assert MAILBOX.topics(last) == ["delivery_order/cancelled", "order/cancelled"]
    assert order(told) == ("COMPLETED", False, [(4, 0, "CANCELED")])
    assert delivery_order(told)[0] == "COMPLETED"
    assert delivery_order(told)[2][-1] == "CANCELED"
    at = picture.from_order(told.ledger)["completedAt"]
    assert MAILBOX.topics(told.do(go(Step.FINISHED, *(a.id for a in told.ledger.order.adjustments)))) == []
    assert picture.from_order(told.ledger)["completedAt"] == at


def test_a_cancel_that_a_fulfilment_service_refuses() -> None:
    told = story(2).hold(HAMBURG, take(L1, 1), stage=Stage.PICKING)
    begun(told, take(L1, 2))
    change = told.answer(False, message="Packed")
    assert MAILBOX.topics(change) == ["delivery_order/cancellation_rejected"]
    assert order(told) == ("OPENED", True, [(2, 0, "IN_PROGRESS")])
    assert request(told) == ("CANCEL", "REJECTED", "Packed")


def test_two_services_that_differ() -> None:
    told = story(2).hold(HAMBURG, take(L1, 1)).hold(LYON, take(L1, 1))
    begun(told, take(L1, 2))
    assert MAILBOX.topics(told.answer(True, HAMBURG)) == []
    assert MAILBOX.topics(told.answer(False, LYON)) == ["delivery_order/cancellation_rejected"]
    agreed = next(a for a in told.ledger.order.adjustments if a.step is Step.AWAITING_APPROVAL)
    assert MAILBOX.topics(told.do(go(Step.APPROVED, agreed.id))) == ["delivery_order/cancelled", "order/updated"]
    assert order(told) == ("OPENED", True, [(1, 0, "PENDING")])
    assert [delivery_order(told, n)[0] for n in (0, 1)] == ["COMPLETED", "PENDING"]
    assert request(told)[:2] == ("CANCEL", "REJECTED")


def test_cancelling_here_while_another_face_works_on_it_names_its_request() -> None:
    told = story(2)
    begun(told, take(L1))
    code, facts = told.refuses(whole(keep_shipped=True), "happycolis")
    assert code is Code.CANCELLATION_PENDING
    answered = requests.refused(Refusal(code, **facts), "CANCEL", told.ledger.order.id)
    assert (answered["id"], answered["state"]) == (told.ledger.order.cases[0].id, "PENDING")
    assert errors.in_band(Refusal(code, **facts))


def test_a_return_step_by_step() -> None:
    told = story(3).hold(HAMBURG).ship()
    before = order(told), delivery_order(told), picture.from_order(told.ledger)
    assert before[0] == ("COMPLETED", False, [(3, 3, "FULFILLED")])

    assert MAILBOX.topics(told.do(AnnounceReturn(targets=(take(L1, 2),)))) == []
    assert request(told) == ("RETURN", "PENDING", "Return announced")
    assert MAILBOX.topics(told.step(Step.RECEIVED)) == []
    assert request(told)[:2] == ("RETURN", "PENDING")
    assert MAILBOX.topics(told.step(Step.APPROVED)) == []
    assert request(told) == ("RETURN", "ACCEPTED", "Returned")
    assert MAILBOX.topics(told.step(Step.RESTOCKED, location="loc-shop")) == []
    assert MAILBOX.topics(told.step(Step.FINISHED)) == []
    # Nothing of what left has another state here for having come back; when it was completed stays so, too.
    assert (order(told), delivery_order(told), picture.from_order(told.ledger)) == before


def test_a_shipment_that_arrives() -> None:
    told = story(3).hold(HAMBURG, take(L1, 1)).hold(LYON, take(L1, 1))
    told.do(Fulfil(items=(FulfilItem(line=L1, quantity=1),)))
    told.ship()
    first, second = told.ledger.order.fulfillments
    arrive = [MoveFulfillment(fulfillment_id=f.id, state=FulfillmentState.DELIVERED) for f in (first, second)]
    assert MAILBOX.topics(told.do(arrive[0])) == ["delivery_order/updated", "order/updated"]
    assert order(told) == ("COMPLETED", False, [(3, 3, "FULFILLED")])
    assert [delivery_order(told, n)[1] for n in (0, 1)] == [[(1, 1, "DELIVERED")], [(1, 1, "FULFILLED")]]
    assert MAILBOX.topics(told.do(arrive[1])) == ["delivery_order/updated", "order/updated"]
    assert order(told) == ("COMPLETED", False, [(3, 3, "DELIVERED")])
    assert delivery_order(told)[2].count("COMPLETED") == 1


def test_a_shipment_that_never_left() -> None:
    told = story(3).hold(HAMBURG, stage=Stage.PICKING).ship()
    assert order(told)[0] == "COMPLETED"
    [made] = told.ledger.order.fulfillments
    change = told.do(MoveFulfillment(fulfillment_id=made.id, state=FulfillmentState.VOID))
    assert MAILBOX.topics(change) == ["delivery_order/updated", "order/updated"]
    assert order(told) == ("OPENED", True, [(3, 0, "IN_PROGRESS")])
    assert delivery_order(told) == (
        "OPENED",
        [(3, 0, "IN_PROGRESS")],
        ["FULFILLMENT_REQUESTED", "FULFILLMENT_ACCEPTED"],
    )
    assert picture.from_order(told.ledger)["completedAt"] is None
    again = told.do(Fulfil())
    assert MAILBOX.topics(again) == ["delivery_order/updated", "delivery_order/completed", "order/completed"]


def test_money_that_goes_back_is_told_of_only_where_something_is_cancelled_along() -> None:
    told = story(3)
    assert MAILBOX.topics(told.do(GiveBack(amount=100))) == []
    assert MAILBOX.topics(told.do(GiveBack(targets=(take(L1, 1),), cancel=True))) == ["order/updated"]
    assert MAILBOX.topics(told.do(GiveBack(cancel=True))) == ["order/cancelled"]
    assert order(told) == ("COMPLETED", False, [(3, 0, "CANCELED")])
