"""HappyColis' webhooks as call backs, and answers of its API that are none."""

from typing import Any

import pytest

from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.service.connectors import Heard, Unanswered, Word
from app.service.work import Later
from app.warehouse.client import Client
from app.warehouse.graph import Graph
from app.warehouse.happycolis import HappyColis
from app.warehouse.settings import callback_urls
from tests.core.building import HAMBURG
from tests.warehouse.asking import Asking, asked
from tests.warehouse.happy import CLIENT_SECRET, ORDER_ID, message
from tests.warehouse.service import Asked, answer, running

HEADER = "x-happycolis-webhook-signature"
REFS = [Ref(None, f"location:{HAMBURG}", "order", ORDER_ID), Ref(None, "happycolis", "order", ORDER_ID)]
REJECTED = "delivery_order/cancellation_rejected"


async def hear(raw: bytes, signature: str, **settings: Any) -> Heard:
    client = Client()
    known = {"url": "https://happy.example/graphql", "client_secret": CLIENT_SECRET, **settings}
    call = Asking(asked(), known).call_back(raw, {HEADER: signature} if signature else {})
    try:
        return await HappyColis(Graph(client), callback_urls("")).hear(call)
    finally:
        await client.close()


async def test_an_order_that_was_cancelled():
    heard = await hear(*message("order/cancelled", {"id": ORDER_ID, "lines": [{"id": "l", "status": "CANCELED"}]}))

    assert heard == Heard(id="m-1", orders=REFS, word=Word(True))


async def test_a_delivery_order_speaks_for_as_many_units_as_it_holds():
    """The contract's own minimal body, with quantities."""
    lines = [{"id": "1", "status": "CANCELED", "quantity": 2}, {"id": "2", "status": "CANCELED", "quantity": 1}]
    body = {"id": "do-1", "orderIds": [ORDER_ID], "lines": lines, "events": [{"type": "CANCELED", "message": None}]}
    heard = await hear(*message("delivery_order/cancelled", body))

    assert (heard.orders, heard.word, heard.units) == (REFS, Word(True), 3)


async def test_a_delivery_order_that_does_not_say_how_many_speaks_for_none():
    body = {"id": "do-1", "orderIds": [ORDER_ID], "lines": [{"id": "1", "status": "CANCELED"}]}

    assert (await hear(*message("delivery_order/cancelled", body))).units == 0


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (
            [
                {"type": "WARNING", "message": "Already packed", "date": "2024-03-15T14:00:00.000Z"},
                {"type": "FULFILLMENT_ACCEPTED", "message": "Taken", "date": "2024-03-14T14:00:00.000Z"},
                {"type": "CANCELED", "message": None, "date": "2024-03-16T14:00:00.000Z"},
            ],
            "Already packed",
        ),
        ([], None),
        (None, None),
    ],
    ids=["the newest that says something", "none", "null"],
)
@pytest.mark.parametrize("kind", [REJECTED, REJECTED.replace("_order", "-order")])
async def test_a_refusal_with_the_words_of_its_newest_event(kind, events, said):
    body = {"id": "do-1", "orderIds": [ORDER_ID, "other"], "events": events, "lines": None, "unknown": {}}
    heard = await hear(*message(kind, body))

    assert (heard.word, heard.units) == (Word(False, said), None)
    assert [ref.key for ref in heard.orders] == [ORDER_ID, ORDER_ID, "other", "other"]


async def test_what_is_about_something_else_is_no_answer():
    heard = await hear(*message("order/updated", {"id": ORDER_ID}))

    assert heard.word is None


@pytest.mark.parametrize("secret", [None, "wrong"], ids=["unsigned", "signed by somebody else"])
async def test_who_does_not_have_the_secret_is_not_heard(secret):
    raw, signature = message(REJECTED, {"id": "do-1", "orderIds": [ORDER_ID]}, secret=secret or CLIENT_SECRET)
    with pytest.raises(Refusal) as no:
        await hear(raw, signature if secret else "")
    assert no.value.code is Code.UNAUTHENTICATED


async def test_without_a_secret_of_ours_nobody_is_heard():
    with pytest.raises(Refusal) as no:
        await hear(*message(REJECTED, {"id": "do-1"}), client_secret=None)
    assert no.value.code is Code.UNAUTHENTICATED


@pytest.mark.parametrize("body", [[], {}, {"id": 7}, {"id": "x", "orderIds": "all"}])
async def test_a_message_that_cannot_be_read(body):
    with pytest.raises(Refusal) as no:
        await hear(*message(REJECTED, body))
    assert no.value.code is Code.INVALID


@pytest.mark.parametrize(
    "sent",
    [
        answer(500, b"oops"),
        answer(200, b""),
        answer(200, b"<html>"),
        answer(200, [1]),
        answer(200, {"data": []}),
        answer(200, {"data": {"order": 7}}),
        answer(200, {"data": {"order": {"id": 7, "state": "OPENED"}}}),
        answer(200, {"data": {"order": {"id": "x", "state": "OPENED", "lines": [{"quantity": "3"}]}}}),
        answer(200, {"data": None, "errors": [{"message": "x"}]}),
        answer(200, {"data": None, "errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}),
        answer(200, {"errors": "all of them"}),
        answer(400, {"data": {"order": {"id": "x", "state": "OPENED", "lines": []}}}),
        answer(302, b"", Location="https://elsewhere.example"),
    ],
)
async def test_an_answer_of_the_api_that_is_none(sent):
    with pytest.raises(Unanswered) as failed:
        await ask(sent)
    assert not failed.value.alive


@pytest.mark.parametrize("sent", [answer(200, {"data": {"order": None}}), answer(200, {"data": None})])
async def test_an_order_that_is_null_is_not_there(sent):
    with pytest.raises(Unanswered) as failed:
        await ask(sent)
    assert failed.value.alive


async def test_the_partner_s_rate_limit():
    """Contract 5.3."""
    sent = answer(429, {"statusCode": 429, "message": "Too many requests."}, Retry_After="30")
    with pytest.raises(Later) as later:
        await ask(sent)
    assert later.value.seconds == 30


@pytest.mark.parametrize(
    "sent", [answer(200, b"{}"), answer(200, {"access_token": None}), answer(400, {"error": "x"}), answer(200, b"")]
)
async def test_a_token_that_is_none(sent):
    with pytest.raises(Unanswered, match="no token"):
        await ask(sent, tokens=True)


async def ask(sent: bytes, *, tokens: bool = False) -> None:
    def serve(asked_: Asked) -> bytes:
        if asked_.path == "/token" and not tokens:
            return answer(200, {"access_token": "t", "expires_in": 3600})
        return sent

    async with running(serve) as service:
        client = Client(allow_private=True)
        settings = {"url": f"{service.url}/graphql", "client_id": "c", "client_secret": "s", "tp_app_id": "a"}
        try:
            await HappyColis(Graph(client), callback_urls("")).ask(Asking(asked(), settings).question())
        finally:
            await client.close()
