"""The native API's messages: whole bodies, and signatures that somebody else's library takes."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

import app.core
from app.core import steps
from app.core.model import CaseState, Reason, Step
from app.dialects.native.hooks import EVENTS, HOOKS
from app.service.hooks import DISABLED, Draft, Envelope
from tests.core.building import L1, ORDER, Story, lines, placed, take, whole
from tests.dialects.occasions import AT, EVENT_ID, MESSAGE_ID, Mailbox, subscription

SECRET = "whsec_c2VjcmV0cyBhcmUgYXMgbG9uZyBhcyB0aGlzIG9uZQ=="
OLDER = "whsec_YW4gb2xkZXIgc2VjcmV0IHRoYXQgc3RpbGwgaG9sZHM="
MAILBOX = Mailbox(HOOKS, subscription("native"), (SECRET,))

LINE: dict[str, Any] = {
    "id": L1,
    "sku": "A",
    "title": "A",
    "type": "offer",
    "parent_id": None,
    "quantity": 3,
    "open": 2,
    "pending": 0,
    "cancelled": 1,
    "fulfilled": 0,
    "returned": 0,
    "unit_price": 1000,
    "tax_rate": 0.0,
    "total": 3000,
    "refunded": 0,
    "keys": {},
}
COUNTS = ("open", "pending", "cancelled", "fulfilled", "returned")
EVENT = {
    "id": EVENT_ID,
    "type": "cancellation.accepted",
    "order_id": ORDER,
    "version": 2,
    "at": "2026-03-01T10:01:00.000Z",
    "dialect": "native",
    "party": "seller",
    "credential_id": "credential-1",
    "request_id": ORDER[:-5] + "00002",
    "before": {
        "state": "open",
        "cancelled": False,
        "lines": {L1: dict(zip(COUNTS, (3, 0, 0, 0, 0), strict=True))},
    },
    "after": {
        "state": "open",
        "cancelled": False,
        "lines": {L1: dict(zip(COUNTS, (2, 0, 1, 0, 0), strict=True))},
    },
}


def _story() -> Story:
    return Story(placed(3, number="1001"))


def test_a_whole_message() -> None:
    [message] = MAILBOX.messages(_story().do(lines(take(L1, 1), reason=Reason("DAMAGED", "broken"))))
    assert message.topic == "cancellation.accepted"
    content = message.content
    order = content["data"].pop("order")
    assert content == {
        "type": "cancellation.accepted",
        "timestamp": "2026-03-01T10:01:00.000Z",
        "data": {"event": EVENT},
    }
    assert order["lines"] == [LINE]
    assert order["cases"][0]["reason"] == {"code": "DAMAGED", "text": "broken"}
    assert {name: order[name] for name in ("id", "number", "state", "version", "total", "has_cancellations")} == {
        "id": ORDER,
        "number": "1001",
        "state": "open",
        "version": 2,
        "total": 3000,
        "has_cancellations": True,
    }


def test_the_bytes_have_no_spaces_and_keep_their_order() -> None:
    [message] = MAILBOX.messages(_story().do(whole()))
    assert message.body.startswith(
        b'{"type":"cancellation.accepted","timestamp":"2026-03-01T10:01:00.000Z","data":{"event":{"id":"'
        + EVENT_ID.encode()
    )


def test_the_order_is_as_of_its_event() -> None:
    story = _story()
    first, second = story.do(lines(take(L1, 1))), story.do(whole())
    [early], [late] = MAILBOX.messages(first), MAILBOX.messages(second)
    assert early.content["data"]["order"]["lines"][0]["cancelled"] == 1
    assert early.content["data"]["order"]["state"] == "open"
    assert late.content["data"]["order"]["lines"][0]["cancelled"] == 3
    assert late.content["data"]["order"]["state"] == "completed"


def test_every_event_of_an_order_is_one_message_of_its_own_type() -> None:
    story = _story()
    changes = [story.do(command) for command in (lines(take(L1, 1)), whole())]
    assert [MAILBOX.topics(change) for change in changes] == [["cancellation.accepted"], ["cancellation.accepted"]]
    story = _story().hold("loc-lyon")
    changes = [story.do(whole()), story.answer(accepted=False, message="packed")]
    assert [MAILBOX.topics(change) for change in changes] == [["cancellation.requested"], ["cancellation.rejected"]]


def test_what_is_about_no_event_came_to_be_with_its_message() -> None:
    envelope = Envelope(id=MESSAGE_ID, tenant_id="tenant-1", at=AT, subscription=subscription("native"))
    body = HOOKS.body(Draft(DISABLED, {"webhook": {"id": "hook-2"}}), envelope)
    assert json.loads(body) == {
        "type": "webhook.disabled",
        "timestamp": "2026-03-01T10:30:00.250Z",
        "data": {"webhook": {"id": "hook-2"}},
    }


def test_literal_headers() -> None:
    """The signature is what `openssl dgst -sha256 -mac HMAC` makes of `id.timestamp.body`."""
    assert MAILBOX.headers("order.created", b'{"type":"order.created"}') == {
        "Content-Type": "application/json",
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": "1772361000",
        "webhook-signature": "v1,kYp9RQ6SqZalK21q0MdT0DFw1RM9zWC8hkk4TIsBd88=",
    }


@pytest.mark.parametrize("secret", [SECRET, SECRET.rstrip("=")])
def test_another_library_takes_the_signature(secret: str) -> None:
    [message] = replace(MAILBOX, secrets=(secret,), at=datetime.now(UTC)).messages(_story().do(whole()))
    assert Webhook(secret).verify(message.body, dict(message.headers)) == message.content


def test_another_library_refuses_another_body_secret_or_time() -> None:
    now = datetime.now(UTC)
    [message] = replace(MAILBOX, at=now).messages(_story().do(whole()))
    [late] = replace(MAILBOX, at=now - timedelta(minutes=6)).messages(_story().do(whole()))
    for secret, body, headers in (
        (SECRET, message.body + b" ", message.headers),
        (OLDER, message.body, message.headers),
        (SECRET, late.body, late.headers),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, dict(headers))


def test_while_secrets_are_rotated_both_verify() -> None:
    [message] = replace(MAILBOX, secrets=(SECRET, OLDER), at=datetime.now(UTC)).messages(_story().do(whole()))
    assert re.fullmatch(r"v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=", message.headers["webhook-signature"])
    for secret in (SECRET, OLDER):
        assert Webhook(secret).verify(message.body, dict(message.headers)) == message.content


def test_a_retry_has_the_same_body_and_id_and_a_signature_of_its_own() -> None:
    body = b'{"type":"order.created"}'
    first = MAILBOX.headers("order.created", body)
    second = replace(MAILBOX, at=AT + timedelta(seconds=5)).headers("order.created", body)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 5
    assert first["webhook-signature"] != second["webhook-signature"]


def test_tries_are_spread_over_three_days() -> None:
    assert [*HOOKS.schedule] == [5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 57600, 57600, 86400]
    assert HOOKS.disable_after == sum(HOOKS.schedule) == timedelta(hours=71, minutes=42, seconds=35).total_seconds()


def test_topics_are_all_events_there_are() -> None:
    made = {f"cancellation.{state}" for state in CaseState if state is not CaseState.PENDING}
    made |= {f"{kind}.{step}" for (kind, _), following in steps._FOLLOWS.items() for step in following}
    made |= {f"return.{step}" for step in (Step.ANNOUNCED, Step.RECEIVED, Step.FINISHED)}
    assert sorted({*_written(), *made}) == sorted(EVENTS)
    assert HOOKS.topics == (*EVENTS, "webhook.disabled")


def _written() -> Iterator[Any]:
    """Types of events that stand in the core as they are; the test above knows how the others are put together."""
    for path in sorted(Path(next(iter(app.core.__path__))).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and re.fullmatch(r"[a-z]+\.[a-z_]+", value):
                yield value
