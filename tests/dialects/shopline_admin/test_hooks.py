"""Shopline Admin's messages: topics by what happened, signatures by plain `hmac`."""

import hashlib
import hmac

from app.core.messages import EditOrder
from app.core.model import Reason
from app.dialects.shopline_admin.hooks import HOOKS
from tests.core.building import Story, placed, whole
from tests.dialects.occasions import MESSAGE_ID, Mailbox, created, subscription

SECRET = "long-and-random"
MAILBOX = Mailbox(HOOKS, subscription("shopline_admin"), (SECRET,))


def _story() -> Story:
    order = placed(3, number="1001", keys={"shopline_admin": "A-1001"})
    return Story(order, dialect="shopline_admin")


def test_a_whole_message() -> None:
    update, cancelled = MAILBOX.messages(_story().do(whole(reason=Reason(text="late"))))
    assert (update.topic, cancelled.topic) == ("order.updated", "order.cancelled")
    assert cancelled.content["id"] == MESSAGE_ID
    order = cancelled.content["order"]
    assert (order["id"], order["number"], order["status"]) == ("A-1001", "1001", "cancelled")
    assert [(line["quantity"], line["cancelled"]) for line in order["lines"]] == [(3, 3)]


def test_topics() -> None:
    assert MAILBOX.topics(created(_story().ledger)) == ["order.created"]
    assert MAILBOX.topics(_story().do(EditOrder(note="call first"))) == ["order.updated"]


def test_the_signature_is_the_hmac_of_the_raw_body() -> None:
    for message in MAILBOX.messages(_story().do(whole())):
        assert message.headers["X-Shopline-Admin-Topic"] == message.topic
        expected = hmac.new(SECRET.encode(), message.body, hashlib.sha256).hexdigest()
        assert message.headers["X-Shopline-Admin-Signature"] == expected
