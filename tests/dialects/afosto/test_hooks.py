"""Afosto's messages against contract 4.4: which events, the envelope, headers, signatures by plain `hmac`."""

import hashlib
import hmac
import json
from typing import Any

from app.core import units as u
from app.core.aftersales import AnnounceReturn, MoveFulfillment, SendMail, StepTarget
from app.core.commands import AddLines
from app.core.messages import EditOrder, Fulfil, NewLine, OpenOrder, Target
from app.core.model import CaseKind, Customer, FulfillmentState, Step
from app.dialects.afosto.hooks import HOOKS
from tests.core.building import HAMBURG, L1, ORDER, Story, lines, placed, unit, whole
from tests.dialects.occasions import MESSAGE_ID, Mailbox, created, subscription

SECRETS = ("long-and-random-1", "long-and-random-0")
MAILBOX = Mailbox(HOOKS, subscription("afosto"), SECRETS)
OPENED, UPDATED, CLOSED, MOVING, ARRIVED = "ORDER_OPENED", "ORDER_UPDATED", "ORDER_CLOSED", "IN_TRANSIT", "DELIVERED"


def _story(*quantities: int, **fields: Any) -> Story:
    return Story(placed(*quantities, customer=Customer(email="ann@example.com"), **fields), dialect="afosto")


def _told(story: Story, command: Any) -> list[str]:
    return MAILBOX.topics(story.do(command))


def test_an_order_begins() -> None:
    """There is no word for one that is only written down."""
    draft = _story(1, draft=True)
    assert MAILBOX.topics(created(draft.ledger)) == []
    assert _told(draft, AddLines(lines=(NewLine(sku="X", quantity=1, unit_price=1),))) == [UPDATED]
    assert _told(draft, OpenOrder()) == [OPENED]
    assert MAILBOX.topics(created(_story(1).ledger)) == [OPENED]


def test_a_cancellation_step_by_step() -> None:
    """CLOSED with the last step, not with the last unit; mail changes nothing that is shown."""
    story = _story(1)
    assert _told(story, lines(unit(L1, 1, "c"), stepwise=True, opened=True)) == [UPDATED]
    assert MAILBOX.topics(story.walk(Step.APPROVED, "c")) == [UPDATED]
    assert MAILBOX.topics(story.walk(Step.FINISHED, "c")) == [UPDATED, CLOSED]
    assert _told(story, SendMail(kind=CaseKind.CANCEL, targets=(StepTarget(ref="c"),))) == []
    assert _told(story, EditOrder(note="late")) == [UPDATED]


def test_a_cancellation_in_one_call() -> None:
    assert _told(_story(2), whole()) == [UPDATED, CLOSED]
    assert _told(_story(2, draft=True), whole()) == [UPDATED, CLOSED]


def test_a_shipment_and_a_return() -> None:
    story = _story(2)
    assert _told(story, Fulfil()) == [MOVING, CLOSED]
    shipment = story.ledger.order.fulfillments[0].id
    assert _told(story, MoveFulfillment(fulfillment_id=shipment, state=FulfillmentState.DELIVERED)) == [ARRIVED]
    back = Target(ref=L1, units=u.of([1]), contra_ids={"1": "r"})
    [message] = MAILBOX.messages(story.do(AnnounceReturn(targets=(back,))))
    assert (message.topic, message.content["data"]["status"]) == (UPDATED, "OPEN")
    for step in (Step.RECEIVED, Step.APPROVED, Step.RESTOCKED):
        assert MAILBOX.topics(story.walk(step, "r", location=HAMBURG)) == [UPDATED]
    assert MAILBOX.topics(story.walk(Step.FINISHED, "r")) == [UPDATED, CLOSED]


def test_a_shipment_that_never_left() -> None:
    story = _story(1).ship()
    shipment = story.ledger.order.fulfillments[0].id
    assert _told(story, MoveFulfillment(fulfillment_id=shipment, state=FulfillmentState.VOID)) == [UPDATED]


def test_the_envelope() -> None:
    """What is still to be done, and fees, are not told."""
    story = _story(2, number="1001")
    [message] = MAILBOX.messages(story.do(lines(unit(L1, 1, "c"), stepwise=True, opened=True)))
    content = message.content
    assert [*content] == ["event", "data", "entity_id", "entity_type", "message_id", "triggered_at"]
    assert (content["event"], content["entity_id"], content["entity_type"]) == (UPDATED, ORDER, "ORDER")
    assert (content["message_id"], content["triggered_at"]) == (MESSAGE_ID, 1772361000250)
    order = content["data"]
    assert (order["id"], order["number"], order["total"], order["currency"]) == (ORDER, "1001", 2000, "EUR")
    assert order.keys().isdisjoint({"actions", "fees"})
    assert [(row["ids"], row["is_contra"], row["total"]) for row in order["items"]] == [
        ([f"{L1}.1", f"{L1}.2"], False, 2000),
        (["c"], True, -1000),
    ]


def test_the_signature() -> None:
    """Of the raw body, in hexadecimal, with the newer of two secrets."""
    [message] = MAILBOX.messages(created(_story(1).ledger))
    signed = hmac.new(SECRETS[0].encode(), message.body, hashlib.sha256).hexdigest()
    assert message.headers == {
        "Content-Type": "application/json",
        "X-Afosto-Hmac-Sha256": signed,
        "X-Afosto-Endpoint": "hook-1",
        "X-Afosto-Tenant": "tenant-1",
    }
    assert message.body == json.dumps(message.content, ensure_ascii=False, separators=(",", ":")).encode()
