"""Convictional's messages against contract 4.5: topics, envelope, and signatures by plain `hmac`."""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

from app.core.aftersales import AnnounceReturn
from app.core.messages import Allocate, Fulfil, FulfilItem
from app.core.model import Reason, Step
from app.dialects.convictional.hooks import HOOKS
from tests.core.building import L1, L2, ORDER, Story, lines, placed, rest, take, whole
from tests.dialects.occasions import AT, MESSAGE_ID, Mailbox, Message, created, subscription

SECRET, OLDER = "a secret of the receiver's own", "an older one"
MAILBOX = Mailbox(HOOKS, subscription("convictional"), (SECRET,))
ITEM = {
    "_id": L1,
    "sellerItemCode": "1",
    "sellerVariantCode": "A",
    "buyerVariantCode": "",
    "quantity": 3,
    "cancelled": True,
    "cancelledReason": "damaged",
    "cancelledBy": "seller",
    "cancelledDate": "2026-03-01T10:01:00.000Z",
    "extendedPrice": 30.0,
    "extendedRetailPrice": 30.0,
}
LEFT = {
    **ITEM,
    "_id": ORDER[:-5] + "00003",
    "quantity": 2,
    "cancelled": False,
    "cancelledReason": "",
    "cancelledBy": "",
    "cancelledDate": None,
    "extendedPrice": 20.0,
    "extendedRetailPrice": 20.0,
}
DATA = {
    "_id": "66ab",
    "buyerOrderCode": "1001",
    "sellerOrderCode": ORDER,
    "buyerCompanyId": "",
    "sellerCompanyId": "tenant-1",
    "buyerCompanyObjectId": "",
    "sellerCompanyObjectId": "tenant-1",
    "buyerCreatedDate": "2026-03-01T10:00:00.000Z",
    "buyerEmail": "",
    "note": "",
    "currency": "EUR",
    "hasCancellations": True,
    "shippingAddress": None,
    "billingAddress": None,
    "fillTime": None,
    "shipTime": 0,
    "packingSlip": "",
    "custom": [],
    "items": [ITEM, LEFT],
    "created": "2026-03-01T10:00:00.000Z",
    "updated": "2026-03-01T10:01:00.000Z",
    "posted": True,
    "postedDate": "2026-03-01T10:00:00.000Z",
    "shipped": False,
    "shippedDate": None,
    "billed": False,
    "billedDate": None,
    "invoice": None,
    "fulfillments": [],
    "refunds": [],
    "attributes": [],
    "totalPrice": 30.0,
    "totalRetailPrice": 30.0,
}


def _story(*quantities: int) -> Story:
    return Story(placed(*(quantities or (3,)), number="1001", keys={"convictional": "66ab"}), dialect="convictional")


def test_a_whole_message() -> None:
    [message] = MAILBOX.messages(_story().do(lines(take(L1, 1), reason=Reason(text="damaged"))))
    assert message.topic == "order.cancelled"
    assert message.content == {
        "id": MESSAGE_ID,
        "event_type": "order.cancelled",
        "data": DATA,
    }
    start = b'{"id":"%b","event_type":"order.cancelled","data":{"_id":"66ab","buyerOrderCode":"1001",'
    assert message.body.startswith(start % MESSAGE_ID.encode())


def test_one_message_however_many_items_are_cancelled() -> None:
    story = _story(3, 2)
    assert MAILBOX.topics(story.do(lines(take(L1, 1), take(L2)))) == ["order.cancelled"]
    assert MAILBOX.topics(story.do(whole())) == ["order.cancelled"]


def test_the_order_is_as_of_its_event() -> None:
    story = _story()
    first, second = story.do(lines(take(L1, 1))), story.do(whole())
    [early], [late] = MAILBOX.messages(first), MAILBOX.messages(second)
    assert [item["cancelled"] for item in early.content["data"]["items"]] == [True, False]
    assert [item["cancelled"] for item in late.content["data"]["items"]] == [True, True]


def test_what_a_warehouse_has_still_to_agree_to_is_not_cancelled_yet() -> None:
    story = _story().hold("loc-lyon")
    assert MAILBOX.topics(story.do(whole())) == []
    assert MAILBOX.topics(story.answer(accepted=True)) == ["order.cancelled"]
    story = _story().hold("loc-lyon")
    story.do(whole())
    assert MAILBOX.topics(story.answer(accepted=False)) == []


def test_the_locations_that_agreed_are_told_of_one_by_one() -> None:
    story = _story(3, 2).hold("loc-lyon", take(L1)).hold("loc-hamburg", take(L2))
    story.do(whole())
    first, second = story.answer(True, "loc-lyon"), story.answer(False, "loc-hamburg")
    assert MAILBOX.topics(first) == ["order.cancelled"]
    assert MAILBOX.topics(second) == []


def test_a_shipment_is_told_of_when_it_is_added() -> None:
    story = _story()
    [message] = MAILBOX.messages(story.do(Fulfil(items=(FulfilItem(line=L1, quantity=1),))))
    assert message.content["event_type"] == "order.fulfilled"
    assert [part["quantity"] for part in message.content["data"]["fulfillments"][0]["items"]] == [1]
    assert message.content["data"]["shipped"] is False
    assert MAILBOX.topics(story.do(rest())) == ["order.cancelled"]


def test_other_events_are_not_told_of() -> None:
    story = _story()
    assert MAILBOX.topics(created(story.ledger)) == []
    assert MAILBOX.topics(story.do(Allocate(location_id="loc-lyon", connector="http"))) == []
    story.ship()
    assert MAILBOX.topics(story.do(AnnounceReturn(targets=(take(L1, 1),)))) == []
    assert MAILBOX.topics(story.step(Step.RECEIVED)) == []


def test_each_hex_is_the_hmac_of_the_time_and_the_raw_body_under_one_secret() -> None:
    [message] = replace(MAILBOX, secrets=(SECRET, OLDER)).messages(_story().do(whole()))
    assert message.headers.keys() == {"Content-Type", "Convictional-Signature"}
    at, *signatures = message.headers["Convictional-Signature"].split(",")
    assert at == "1772361000"
    assert signatures == [_hex(secret, at, message) for secret in (SECRET, OLDER)]


def _hex(secret: str, at: str, message: Message) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + message.body, hashlib.sha256).hexdigest()


def test_literal_headers() -> None:
    """The signature is what `openssl dgst -sha256 -hmac` makes of `1772361000.{"event_type":"order.cancelled"}`."""
    assert MAILBOX.headers("order.cancelled", b'{"event_type":"order.cancelled"}') == {
        "Content-Type": "application/json",
        "Convictional-Signature": "1772361000,bbb366d1ac0a2611427bf34c9defb129dee21759d974dc2d2c0e103264160691",
    }


def test_a_retry_is_signed_anew() -> None:
    body = b"{}"
    first = MAILBOX.headers("order.cancelled", body)["Convictional-Signature"]
    second = replace(MAILBOX, at=AT + timedelta(minutes=1)).headers("order.cancelled", body)["Convictional-Signature"]
    assert second.split(",")[0] == "1772361060"
    assert first.split(",")[1] != second.split(",")[1]


def test_the_version_of_the_subscription_has_its_names() -> None:
    older = replace(MAILBOX, subscription=subscription("convictional", settings={"version": "2021-01-01"}))
    change = _story().do(whole())
    [message], [newest] = older.messages(change), MAILBOX.messages(change)
    assert message.content["data"]["code"] == "1001"
    assert "code" not in newest.content["data"]
    assert message.content["data"].items() >= newest.content["data"].items()


def test_tries_reach_over_three_days() -> None:
    minutes = [seconds / 60 for seconds in HOOKS.schedule]
    assert minutes == [1, 4, 10, 15, 30, 60, 120, 240, 480, *[480] * 7]
    assert HOOKS.disable_after == sum(HOOKS.schedule) == timedelta(days=3).total_seconds()
    assert HOOKS.topics == ("order.cancelled", "order.fulfilled")
