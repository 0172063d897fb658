"""HappyColis' messages against contract 4: which events in which order, the envelope, signatures by plain `hmac`."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from app.core.aftersales import AnnounceReturn
from app.core.commands import CancelAllocation, Dispatch, EditAllocation, Hold, ReviseDraft
from app.core.messages import Fulfil, FulfilItem, MoveAllocation
from app.core.model import Stage
from app.core.policy import Policy
from app.dialects.happycolis.hooks import HOOKS
from tests.core.building import HAMBURG, L1, L2, LYON, ORDER, Story, lines, placed, rest, take, whole
from tests.dialects.occasions import MESSAGE_ID, Mailbox, Message, created, subscription

SECRET = "the-last-part-of-a-key"
MAILBOX = Mailbox(HOOKS, subscription("happycolis"), (SECRET,))
HEADER = ["organizationId", "messageId", "webhookId", "type", "date"]
SENT = "delivery_order/pending"


def _story(*quantities: int, **fields: Any) -> Story:
    order = placed(*(quantities or (2,)), number="1001", **fields)
    return Story(order, dialect="happycolis", policy=Policy(dispatch_to=HAMBURG))


def _move(story: Story, stage: Stage, n: int = 0) -> list[str]:
    command = MoveAllocation(allocation_id=story.ledger.order.allocations[n].id, stage=stage)
    return MAILBOX.topics(story.do(command))


def _of(messages: list[Message], topic: str) -> list[Message]:
    return [message for message in messages if message.topic == topic]


def test_a_whole_cancellation() -> None:
    """4.3: one for each delivery order, then the order's; the snapshot of 4.3's example, in its order."""
    story = _story().hold(LYON, take(L1, 1)).hold(HAMBURG, take(L1, 1))
    story.do(whole())

    story.answer(True, LYON, message="Put back")
    last = MAILBOX.messages(story.answer(True, HAMBURG))

    assert [message.topic for message in last] == ["delivery_order/cancelled", "order/cancelled"]
    delivery_order, order = last
    assert [*delivery_order.content] == ["header", "body"]
    assert delivery_order.content["header"] == {
        "organizationId": "tenant-1",
        "messageId": MESSAGE_ID,
        "webhookId": "hook-1",
        "type": "delivery_order/cancelled",
        "date": "2026-03-01T10:30:00.250Z",
    }
    assert [*delivery_order.content["header"]] == HEADER
    body = delivery_order.content["body"]
    keys = ["id", "orderIds", "locationId", "organizationId", "type", "priority", "issuedAt", "lines", "events"]
    assert [key for key in body if key in keys] == keys
    assert (body["orderIds"], body["locationId"], body["type"]) == ([ORDER], HAMBURG, "B2C")
    assert body["status"] == "COMPLETED"
    assert body["lines"] == [
        {"id": L1, "sku": "A", "label": "A", "quantity": 1, "fulfilledQuantity": 0, "status": "CANCELED"}
    ]
    assert [(event["type"], event["level"], event["message"]) for event in body["events"]] == [
        ("FULFILLMENT_REQUESTED", "NORMAL", None),
        ("CANCELED", "NORMAL", None),
    ]
    shown = order.content["body"]
    assert (shown["id"], shown["state"], shown["locked"]) == (ORDER, "COMPLETED", False)
    assert [line["status"] for line in shown["lines"]] == ["CANCELED"]


def test_the_bytes_are_those_of_json_stringify() -> None:
    [message] = _of(MAILBOX.messages(_story(note="Grüße „Ada“").do(whole())), "order/cancelled")
    assert message.body.startswith(b'{"header":{"organizationId":"tenant-1","messageId":"')
    assert b'"comment":"Gr\xc3\xbc\xc3\x9fe \xe2\x80\x9eAda\xe2\x80\x9c"' in message.body
    assert message.body == json.dumps(message.content, ensure_ascii=False, separators=(",", ":")).encode()


def test_signed_with_the_clients_secret() -> None:
    message = MAILBOX.messages(_story().do(whole()))[0]
    expected = base64.b64encode(hmac.new(SECRET.encode(), message.body, hashlib.sha256).digest()).decode()
    assert message.headers == {"Content-Type": "application/json", "x-happycolis-webhook-signature": expected}


def test_with_two_secrets_the_newer_one_signs() -> None:
    rotated = Mailbox(HOOKS, subscription("happycolis"), ("newer", SECRET))
    signature = rotated.headers("order/updated", b"{}")["x-happycolis-webhook-signature"]
    assert signature == base64.b64encode(hmac.new(b"newer", b"{}", hashlib.sha256).digest()).decode()


def test_an_order_that_comes_to_be() -> None:
    assert MAILBOX.topics(created(_story(draft=True).ledger)) == ["order/created"]
    assert MAILBOX.topics(created(_story().ledger)) == ["order/created", "order/opened"]


def test_an_order_is_opened_and_dispatched() -> None:
    story = _story(draft=True)
    assert MAILBOX.topics(story.do(Dispatch())) == ["order/opened", "delivery_order/created", SENT]
    assert MAILBOX.topics(story.do(Dispatch(request=True))) == ["delivery_order/updated", "order/updated"]


def test_a_delivery_order_goes_its_way() -> None:
    story = _story()
    planned = story.hold(LYON, stage=Stage.PLANNED)
    assert _move(planned, Stage.OPENED) == [SENT]
    assert _move(story, Stage.REQUESTED) == ["delivery_order/updated", "order/updated"]
    accepted = ["delivery_order/fulfillment_accepted", "delivery_order/opened", "order/updated"]
    assert _move(story, Stage.ACCEPTED) == accepted
    assert _move(story, Stage.PICKING) == ["delivery_order/updated", "order/updated"]


def test_a_delivery_order_that_leaps() -> None:
    story = _story().hold(LYON, stage=Stage.PLANNED)
    assert _move(story, Stage.PICKING) == [
        SENT,
        "delivery_order/fulfillment_accepted",
        "delivery_order/opened",
        "order/updated",
    ]


def test_a_delivery_order_is_told_anew() -> None:
    story = _story(2, 2).hold(LYON, take(L1, 1), stage=Stage.PLANNED).hold(LYON, take(L2, 1), stage=Stage.PLANNED)
    edit = EditAllocation(allocation_id=story.ledger.order.allocations[1].id, targets=(take(L2, 2),))
    [message] = MAILBOX.messages(story.do(edit))
    assert message.topic == "delivery_order/updated"
    assert message.content["body"]["id"] == story.ledger.order.allocations[1].id


def test_an_order_that_changes() -> None:
    draft = _story(draft=True)
    assert MAILBOX.topics(draft.do(ReviseDraft(note="new"))) == ["order/updated"]
    story = _story()
    assert MAILBOX.topics(story.do(Hold())) == ["order/updated"]
    assert MAILBOX.topics(story.do(Hold(held=False))) == ["order/updated"]
    assert MAILBOX.topics(story.do(lines(take(L1, 1)))) == ["order/updated"]


def test_shipped_in_part_and_then_all() -> None:
    story = _story(2).hold(LYON, stage=Stage.ACCEPTED)
    assert MAILBOX.topics(story.do(_ship(1))) == ["delivery_order/updated", "order/updated"]
    messages = MAILBOX.messages(story.do(_ship()))
    assert [m.topic for m in messages] == ["delivery_order/updated", "delivery_order/completed", "order/completed"]
    order = messages[-1].content["body"]
    assert (order["state"], order["locked"]) == ("COMPLETED", False)
    assert [(line["quantity"], line["fulfilledQuantity"], line["status"]) for line in order["lines"]] == [
        (2, 2, "FULFILLED")
    ]


def _ship(quantity: int | None = None) -> Fulfil:
    return Fulfil(items=(FulfilItem(line=L1, quantity=quantity),))


def test_what_was_left_of_a_delivery_order_is_cancelled() -> None:
    """What was sent completes it; a cancellation of the rest alone completes the order, too."""
    story = _story(2).hold(LYON, stage=Stage.OPENED).ship(L1, 1)
    assert MAILBOX.topics(story.do(rest())) == [
        "delivery_order/updated",
        "delivery_order/completed",
        "order/completed",
    ]


def test_the_whole_order_is_cancelled_after_a_shipment() -> None:
    story = _story(2).ship(L1, 1)
    assert MAILBOX.topics(story.do(whole(keep_shipped=True))) == ["order/cancelled"]


def test_a_delivery_order_alone_is_cancelled() -> None:
    """3.5: `order/cancelled` once all lines are."""
    story = _story(2).hold(LYON, take(L1, 1), stage=Stage.OPENED).hold(HAMBURG, take(L1, 1), stage=Stage.OPENED)
    first, second = (a.id for a in story.ledger.order.allocations)
    topics = [MAILBOX.topics(story.do(CancelAllocation(allocation_id=id_))) for id_ in (first, second)]
    assert topics == [
        ["delivery_order/cancelled", "order/updated"],
        ["delivery_order/cancelled", "order/cancelled"],
    ]


def test_a_cancellation_that_waits_is_no_news() -> None:
    story = _story().hold(LYON)
    assert MAILBOX.topics(story.do(whole())) == []


def test_refused_with_the_warehouses_words() -> None:
    story = _story().hold(LYON, stage=Stage.PICKING)
    story.do(whole())

    [message] = MAILBOX.messages(story.answer(False, LYON, message="Already packed"))

    assert message.topic == message.content["header"]["type"] == "delivery_order/cancellation_rejected"
    body = message.content["body"]
    assert (body["status"], body["lines"][0]["status"]) == ("OPENED", "IN_PROGRESS")
    assert body["events"][-1] == {
        "id": f"{body['id']}.3",
        "type": "CANCELLATION_REJECTED",
        "level": "WARNING",
        "message": "Already packed",
        "date": "2026-03-01T10:03:00.000Z",
    }


def test_mixed_answers() -> None:
    """3.5: whoever agreed is cancelled, whoever refused is told, and the order is updated, not cancelled."""
    story = _story(3).hold(LYON, take(L1, 1)).hold(HAMBURG, take(L1, 1))
    story.do(whole())
    assert MAILBOX.topics(story.answer(True, LYON)) == ["delivery_order/cancelled", "order/updated"]
    messages = MAILBOX.messages(story.answer(False, HAMBURG, message="On its way"))
    assert [message.topic for message in messages] == ["delivery_order/cancellation_rejected"]
    assert messages[0].content["body"]["locationId"] == HAMBURG


def test_one_word_for_both() -> None:
    story = _story(2).hold(LYON, take(L1, 1)).hold(HAMBURG, take(L1, 1))
    story.do(whole())
    messages = MAILBOX.messages(story.answer(False, message="Too late"))
    assert [message.topic for message in messages] == ["delivery_order/cancellation_rejected"] * 2


def test_returns_are_no_news_here() -> None:
    story = _story().ship()
    assert MAILBOX.topics(story.do(AnnounceReturn(targets=(take(L1, 1),)))) == []


@pytest.mark.parametrize("topic", HOOKS.topics)
def test_topics_are_spelt_as_events_are(topic: str) -> None:
    """2.8: two L in an event's name; underscores (7)."""
    family, _, what = topic.partition("/")
    assert family in {"order", "delivery_order"}
    assert "canceled" not in what
