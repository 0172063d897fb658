"""Shopline's messages against contract 4.5: topics by what the order shows, headers, and signatures by plain `hmac`."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.core import create
from app.core.aftersales import AnnounceReturn, Archive, EditFulfillment, GiveBack, MoveFulfillment
from app.core.messages import Allocate, EditOrder, Fulfil, FulfilItem
from app.core.model import FulfillmentState, Payment, PaymentStatus, Reason
from app.dialects.shopline.hooks import HOOKS
from tests.core.building import L1, ORDER, Story, context, lines, placed, rest, take, whole
from tests.dialects.occasions import AT, MESSAGE_ID, Mailbox, created, subscription
from tests.dialects.shopline.test_order import ORDER as SHAPE
from tests.dialects.shopline.test_order import wrong

SECRET = "the-last-part-of-a-key"
MAILBOX = Mailbox(HOOKS, subscription("shopline"), (SECRET,))


def _story(*quantities: int, **fields: Any) -> Story:
    order = placed(*(quantities or (3,)), number="1001", keys={"shopline": "633130-1001"}, **fields)
    return Story(order, dialect="shopline")


def _ship(quantity: int | None = None) -> Fulfil:
    return Fulfil(items=(FulfilItem(line=L1, quantity=quantity),), carrier="DHL", tracking_code="JD01")


def test_a_whole_message() -> None:
    update, cancelled = MAILBOX.messages(_story().do(whole(reason=Reason(text="late"))))
    assert (update.topic, cancelled.topic) == ("orders/update", "orders/cancelled")
    assert update.body == cancelled.body
    assert cancelled.content.keys() == {"order"}
    order = cancelled.content["order"]
    assert list(wrong(SHAPE, order)) == []
    assert {name: order[name] for name in ("id", "number", "status", "cancel_reason", "canceled_at", "updated_at")} == {
        "id": "633130-1001",
        "number": "1001",
        "status": "cancelled",
        "cancel_reason": "late",
        "canceled_at": "2026-03-01T10:01:00Z",
        "updated_at": "2026-03-01T10:01:00Z",
    }
    assert order["line_items"][0]["refund_quantity"] == 3
    assert cancelled.body.startswith(b'{"order":{"id":"633130-1001","note":null,"number":"1001",')


def test_a_whole_message_of_a_shipment() -> None:
    shipment, update = MAILBOX.messages(_story().do(_ship(1)))
    assert (shipment.topic, update.topic) == ("fulfillments/create", "orders/update")
    assert shipment.content.keys() == {"fulfillment"}
    parcel = shipment.content["fulfillment"]
    [line] = parcel.pop("line_items")
    assert parcel == {
        "id": ORDER[:-5] + "00002",
        "order_id": "633130-1001",
        "status": "shipped",
        "tracking_company": "DHL",
        "tracking_number": "JD01",
        "tracking_company_code": "",
        "created_at": "2026-03-01T10:01:00+00:00",
        "updated_at": "2026-03-01T10:01:00+00:00",
    }
    assert (line["id"], line["quantity"], line["shipping_quantity"], line["price"]) == (L1, 3, 1, 10.0)


def test_the_order_is_as_of_its_event() -> None:
    story = _story()
    first, second = story.do(lines(take(L1, 1))), story.do(whole())
    early, late = MAILBOX.messages(first), MAILBOX.messages(second)
    assert [(m.topic, m.content["order"]["status"]) for m in early] == [("orders/update", "placed")]
    assert [(m.topic, m.content["order"]["status"]) for m in late] == [
        ("orders/update", "cancelled"),
        ("orders/cancelled", "cancelled"),
    ]


def test_an_order_that_comes_to_be() -> None:
    assert MAILBOX.topics(created(_story().ledger)) == ["orders/create"]
    for status in PaymentStatus:
        topics = MAILBOX.topics(created(_story(payment=Payment(status=status)).ledger))
        assert topics == ["orders/create"] + ["orders/paid"] * (status is PaymentStatus.PAID), status


def test_every_other_event_is_an_update() -> None:
    story = _story()
    edited = create.decide_edit(story.ledger, EditOrder(note="call first"), context(minutes=1))
    assert MAILBOX.topics(edited) == ["orders/update"]
    assert MAILBOX.topics(story.do(Allocate(location_id="loc-lyon", connector="http"))) == ["orders/update"]


def test_fulfilled_once_and_when_nothing_is_left_to_ship() -> None:
    story = _story()
    assert MAILBOX.topics(story.do(_ship(1))) == ["fulfillments/create", "orders/update"]
    assert MAILBOX.topics(story.do(_ship())) == ["fulfillments/create", "orders/update", "orders/fulfilled"]
    assert MAILBOX.topics(story.do(AnnounceReturn(targets=(take(L1, 1),)))) == ["orders/update"]


def test_fulfilled_too_when_the_rest_is_cancelled() -> None:
    """The order then shows `shipped` and `finished`."""
    assert MAILBOX.topics(_story().ship(L1, 1).do(rest())) == ["orders/update", "orders/fulfilled"]


def test_cancelled_and_not_fulfilled_when_the_order_is_cancelled_as_a_whole() -> None:
    topics = MAILBOX.topics(_story().ship(L1, 1).do(whole(keep_shipped=True)))
    assert topics == ["orders/update", "orders/cancelled"]


def test_cancelled_when_the_last_line_is() -> None:
    story = _story(3, 2)
    assert MAILBOX.topics(story.do(lines(take(L1)))) == ["orders/update"]
    assert MAILBOX.topics(story.do(rest())) == ["orders/update", "orders/cancelled"]


def test_cancelled_when_the_warehouse_agrees() -> None:
    """Until then the order is as it was, also for whoever is told."""
    story = _story().hold("loc-lyon")
    assert MAILBOX.topics(story.do(whole())) == []
    assert MAILBOX.topics(story.answer(accepted=True)) == ["orders/update", "orders/cancelled"]
    story = _story().hold("loc-lyon")
    story.do(whole())
    assert MAILBOX.topics(story.answer(accepted=False)) == []
    assert MAILBOX.topics(story.do(whole(stepwise=True))) == ["orders/update"]


def test_refunds_are_updates_and_a_part_of_it_has_a_topic_of_its_own() -> None:
    story = _story(payment=Payment(status=PaymentStatus.PAID))
    assert MAILBOX.topics(story.do(GiveBack(amount=1))) == ["orders/update", "orders/partially_refunded"]
    assert MAILBOX.topics(story.do(EditOrder(note="x"))) == ["orders/update"]
    assert MAILBOX.topics(story.do(GiveBack())) == ["orders/update"]


def test_a_shipment_that_changes_is_an_update() -> None:
    """Cancelled, its goods are to be shipped again: when nothing is left anew, that is told anew."""
    story = _story().ship()
    parcel = story.ledger.order.fulfillments[0].id
    for change in (EditFulfillment(fulfillment_id=parcel, carrier="UPS"), _moved(parcel, FulfillmentState.VOID)):
        assert MAILBOX.topics(story.do(change)) == ["orders/update"]
    assert MAILBOX.topics(story.do(_ship())) == ["fulfillments/create", "orders/update", "orders/fulfilled"]
    parcel = story.ledger.order.fulfillments[1].id
    for last in (_moved(parcel, FulfillmentState.DELIVERED), Archive(), Archive(archived=False)):
        assert MAILBOX.topics(story.do(last)) == ["orders/update"]


def test_fulfilled_when_the_rest_is_cancelled_after_a_part_arrived() -> None:
    story = _story().ship(L1, 1)
    story.do(_moved(story.ledger.order.fulfillments[0].id, FulfillmentState.DELIVERED))
    assert MAILBOX.topics(story.do(rest())) == ["orders/update", "orders/fulfilled"]


def _moved(fulfillment_id: str, state: FulfillmentState) -> MoveFulfillment:
    return MoveFulfillment(fulfillment_id=fulfillment_id, state=state)


def test_the_signature_is_the_hmac_of_the_raw_body_under_the_client_secret() -> None:
    for message in MAILBOX.messages(_story().do(whole())):
        digest = hmac.new(SECRET.encode(), message.body, hashlib.sha256).digest()
        assert base64.b64decode(message.headers["X-Shoplazza-Hmac-Sha256"]) == digest
        assert message.headers["X-Shoplazza-Topic"] == message.topic


def test_literal_headers() -> None:
    """The signature is what `openssl dgst -sha256 -hmac the-last-part-of-a-key -binary | base64` makes of the body."""
    assert MAILBOX.headers("orders/cancelled", b'{"order":{}}') == {
        "Content-Type": "application/json",
        "X-Shoplazza-Topic": "orders/cancelled",
        "X-Shoplazza-Hmac-Sha256": "ws20XLiYQE9uqNrXD8/c5wKDx36z/otSMOObPlaLmgg=",
        "X-Shoplazza-Shop-Domain": "tenant-1",
        "X-Shoplazza-Api-Version": "2022-01",
        "X-Shoplazza-Deduplication-ID": MESSAGE_ID,
    }


def test_of_two_secrets_the_newer_one_signs() -> None:
    both = replace(MAILBOX, secrets=("newer", SECRET)).headers("orders/update", b"{}")["X-Shoplazza-Hmac-Sha256"]
    assert base64.b64decode(both) == hmac.new(b"newer", b"{}", hashlib.sha256).digest()


def test_a_retry_is_the_same_message() -> None:
    later = replace(MAILBOX, at=AT + timedelta(minutes=1))
    assert later.headers("orders/update", b"{}") == MAILBOX.headers("orders/update", b"{}")


def test_a_store_may_be_known_by_a_domain() -> None:
    known = subscription("shopline", settings={"shop_domain": "mugs.example.com"})
    headers = replace(MAILBOX, subscription=known).headers("orders/update", b"{}")
    assert headers["X-Shoplazza-Shop-Domain"] == "mugs.example.com"


def test_tries_are_as_the_partner_says() -> None:
    minutes = [seconds / 60 for seconds in HOOKS.schedule]
    assert minutes == [1, 2, 2, 5, 20, 30, 60, 120, *[240] * 11]
    assert len(minutes) == 19
    assert HOOKS.disable_after == sum(HOOKS.schedule) == timedelta(days=2).total_seconds()


def test_topics() -> None:
    assert HOOKS.topics == (
        "orders/create",
        "orders/update",
        "orders/paid",
        "orders/fulfilled",
        "orders/cancelled",
        "orders/delete",
        "orders/partially_refunded",
        "fulfillments/create",
    )
