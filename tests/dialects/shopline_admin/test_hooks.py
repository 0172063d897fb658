"""SHOPLINE's messages against contract 4.5: topics by what the order shows, headers, and signatures by plain `hmac`."""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.core.aftersales import AnnounceReturn, Archive, EditFulfillment, GiveBack, MoveFulfillment
from app.core.messages import Allocate, EditOrder, Fulfil, FulfilItem
from app.core.model import FulfillmentState, Payment, PaymentStatus, Reason
from app.dialects.shopline_admin.hooks import HOOKS
from tests.core.building import L1, Story, lines, placed, rest, take, whole
from tests.dialects.occasions import AT, MESSAGE_ID, Mailbox, created, subscription

SECRET = "the-last-part-of-a-key"
ID = "21050342939778451436179579"
MAILBOX = Mailbox(HOOKS, subscription("shopline_admin", settings={"api_version": "v20260901"}), (SECRET,))


def _story(*quantities: int, **fields: Any) -> Story:
    order = placed(*(quantities or (3,)), number="1001", keys={"shopline_admin": ID}, **fields)
    return Story(order, dialect="shopline_admin")


def _ship(quantity: int | None = None) -> Fulfil:
    return Fulfil(items=(FulfilItem(line=L1, quantity=quantity),), carrier="DHL", tracking_code="JD01")


def test_a_whole_message_is_the_bare_order() -> None:
    """Without `status` and `app_id`, with `draft_order_seq`."""
    update, cancelled = MAILBOX.messages(_story().do(whole(reason=Reason(text="late"))))
    assert (update.topic, cancelled.topic) == ("orders/updated", "orders/cancelled")
    assert update.body == cancelled.body
    order = cancelled.content
    assert not {"order", "status", "app_id"} & order.keys()
    assert {name: order[name] for name in ("id", "name", "cancel_reason", "cancelled_at", "draft_order_seq")} == {
        "id": ID,
        "name": "1001",
        "cancel_reason": "late",
        "cancelled_at": "2026-03-01T10:01:00+00:00",
        "draft_order_seq": "",
    }
    assert [(line["quantity"], line["fulfillable_quantity"]) for line in order["line_items"]] == [(3, 0)]
    assert cancelled.body.startswith(b'{"id":"21050342939778451436179579","name":"1001","hidden_order":false,')


def test_a_whole_message_of_a_shipment() -> None:
    shipment, *topics = MAILBOX.messages(_story().do(_ship(1)))
    assert [message.topic for message in topics] == ["orders/updated", "orders/partially_fulfilled"]
    assert (shipment.topic, shipment.content["order_id"], shipment.content["name"]) == (
        "fulfillments/create",
        ID,
        "1001-F1",
    )
    assert [(line["id"], line["quantity"]) for line in shipment.content["line_items"]] == [(L1, 1)]


def test_the_order_is_as_of_its_event() -> None:
    story = _story()
    first, second = story.do(lines(take(L1, 1))), story.do(whole())
    assert [(m.topic, m.content["cancelled_at"]) for m in MAILBOX.messages(first)] == [("orders/updated", None)]
    assert [m.topic for m in MAILBOX.messages(second)] == ["orders/updated", "orders/cancelled"]


def test_an_order_that_comes_to_be() -> None:
    for status in PaymentStatus:
        topics = MAILBOX.topics(created(_story(payment=Payment(status=status)).ledger))
        assert topics == ["orders/create"] + ["orders/paid"] * (status is PaymentStatus.PAID), status


def test_texts_that_are_edited() -> None:
    assert MAILBOX.topics(_story().do(EditOrder(note="call first"))) == ["orders/updated", "orders/edited"]
    assert MAILBOX.topics(_story().do(Allocate(location_id="loc-lyon", connector="http"))) == ["orders/updated"]


def test_shipped_in_part_and_then_as_a_whole() -> None:
    story = _story()
    assert MAILBOX.topics(story.do(_ship(1)))[1:] == ["orders/updated", "orders/partially_fulfilled"]
    assert MAILBOX.topics(story.do(_ship())) == ["fulfillments/create", "orders/updated", "orders/fulfilled"]
    assert MAILBOX.topics(story.do(AnnounceReturn(targets=(take(L1, 1),)))) == ["orders/updated"]
    assert MAILBOX.topics(_story().ship(L1, 1).do(rest())) == ["orders/updated", "orders/fulfilled"]


def test_cancelled_when_nothing_is_left_or_the_warehouse_agrees() -> None:
    assert MAILBOX.topics(_story().ship(L1, 1).do(whole(keep_shipped=True))) == ["orders/updated", "orders/cancelled"]
    story = _story().hold("loc-lyon")
    assert MAILBOX.topics(story.do(whole())) == []
    assert MAILBOX.topics(story.answer(accepted=True)) == ["orders/updated", "orders/cancelled"]
    story = _story().hold("loc-lyon")
    story.do(whole())
    assert MAILBOX.topics(story.answer(accepted=False)) == []


def test_a_refund_has_a_message_of_its_own() -> None:
    story = _story(payment=Payment(status=PaymentStatus.PAID))
    refund, update = MAILBOX.messages(story.do(GiveBack(targets=(take(L1, 2),), reason=Reason(text="broken"))))
    assert (refund.topic, update.topic) == ("refunds/create", "orders/updated")
    assert (refund.content["order_id"], refund.content["note"]) == (ID, "broken")
    assert [moved["amount"] for moved in refund.content["transactions"]] == ["20.00"]
    along = MAILBOX.topics(story.do(GiveBack(along=whole())))
    assert along == ["refunds/create", "orders/updated", "orders/cancelled"]


def test_a_shipment_that_changes() -> None:
    story = _story().ship()
    parcel = story.ledger.order.fulfillments[0].id
    arrived = MoveFulfillment(fulfillment_id=parcel, state=FulfillmentState.DELIVERED)
    for change in (EditFulfillment(fulfillment_id=parcel, carrier="UPS"), arrived):
        assert MAILBOX.topics(story.do(change)) == ["fulfillments/update", "orders/updated"]
    assert MAILBOX.topics(story.do(Archive())) == ["orders/updated"]


def test_the_signature_is_the_hmac_of_the_raw_body_under_the_app_secret() -> None:
    for message in MAILBOX.messages(_story().do(whole())):
        expected = hmac.new(SECRET.encode(), message.body, hashlib.sha256).hexdigest()
        assert message.headers["X-Shopline-Hmac-Sha256"] == expected
        assert message.headers["X-Shopline-Topic"] == message.topic


def test_literal_headers() -> None:
    """The signature is what `openssl dgst -sha256 -hmac the-last-part-of-a-key` makes of the body."""
    assert MAILBOX.headers("orders/cancelled", b'{"order":{}}') == {
        "Content-Type": "application/json",
        "X-Shopline-Topic": "orders/cancelled",
        "X-Shopline-Hmac-Sha256": "c2cdb45cb898404f6ea8dad70fcfdce70283c77eb3fe8b5230e39b3e568b9a08",
        "X-Shopline-Shop-Domain": "tenant-1",
        "X-Shopline-Shop-Id": "tenant-1",
        "X-Shopline-Merchant-Id": "tenant-1",
        "X-Shopline-API-Version": "v20260901",
        "X-Shopline-Webhook-Id": MESSAGE_ID,
    }


def test_of_two_secrets_the_newer_one_signs() -> None:
    both = replace(MAILBOX, secrets=("newer", SECRET)).headers("orders/updated", b"{}")["X-Shopline-Hmac-Sha256"]
    assert both == hmac.new(b"newer", b"{}", hashlib.sha256).hexdigest()


def test_a_retry_is_the_same_message() -> None:
    later = replace(MAILBOX, at=AT + timedelta(minutes=1))
    assert later.headers("orders/updated", b"{}") == MAILBOX.headers("orders/updated", b"{}")


def test_a_store_may_be_known_by_a_domain() -> None:
    known = subscription("shopline_admin", settings={"shop_domain": "open001.example.com"})
    headers = replace(MAILBOX, subscription=known).headers("orders/updated", b"{}")
    assert headers["X-Shopline-Shop-Domain"] == "open001.example.com"
    assert headers["X-Shopline-API-Version"] == "v20240601"
