"""A change that is about several requests, or brings one along, says so in its one event, and tells who listens."""

from app.core.aftersales import AnnounceReturn, GiveBack
from app.core.messages import Fulfil, FulfilItem
from app.core.model import Payment, PaymentStatus, Step
from app.dialects.native.hooks import HOOKS
from tests.core.building import L1, L2, Story, case_of, event_of, go, lines, placed, take
from tests.dialects.occasions import Mailbox, subscription

MAILBOX = Mailbox(HOOKS, subscription("native"), ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",))
PAID = Payment(status=PaymentStatus.PAID)


def test_a_refund_that_cancels_and_takes_back():
    story = Story(placed(2, payment=PAID)).then(Fulfil(items=(FulfilItem(line=L1, quantity=1),)))
    change = story.do(GiveBack(targets=(take(L1),), cancel=True, receive=True))
    cancelled, returned = (case.id for case in story.ledger.order.cases)
    also = [
        {"type": "cancellation.accepted", "request_id": cancelled},
        {"type": "return.finished", "request_id": returned},
    ]
    assert (event_of(change).type, event_of(change).case_id) == ("order.refunded", cancelled)
    assert event_of(change).after["also"] == also
    sent = MAILBOX.messages(change)
    assert [message.topic for message in sent] == ["order.refunded", "cancellation.accepted", "return.finished"]
    assert [message.content["data"]["event"]["also"] for message in sent] == [also] * 3


def test_a_step_over_several_requests():
    story = Story(placed(2, 2)).then(Fulfil(items=(FulfilItem(line=L2),)))
    first, second = (case_of(story.do(lines(take(L1, 1), stepwise=True))).id for _ in range(2))
    third = case_of(story.do(AnnounceReturn(targets=(take(L2),), until=Step.RECEIVED))).id
    change = story.do(go(Step.APPROVED, *(a.id for a in story.ledger.order.adjustments)))
    assert (event_of(change).type, event_of(change).case_id) == ("cancel.approved", first)
    assert event_of(change).after["also"] == [
        {"type": "cancel.approved", "request_id": second},
        {"type": "return.approved", "request_id": third},
    ]
    assert MAILBOX.topics(change) == ["cancel.approved", "return.approved"]


def test_a_change_of_one_request_says_nothing_more():
    story = Story(placed(2, payment=PAID))
    for command in (lines(take(L1, 1)), GiveBack(amount=1)):
        change = story.do(command)
        assert "also" not in event_of(change).after
        assert len(MAILBOX.messages(change)) == 1
