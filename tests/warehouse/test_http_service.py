"""The connector `http`: what is sent, what counts as an answer, and what a call back has to look like."""

import json
from datetime import timedelta
from typing import Any

import httpcore
import pytest
import respx
from standardwebhooks import Webhook

from app.core.model import Reason
from app.core.refusal import Code, Refusal
from app.service.connectors import Heard, Unanswered, Word
from app.service.work import Hopeless, Later
from app.warehouse.client import Client
from app.warehouse.http_service import HttpService
from app.warehouse.settings import callback_urls
from tests.core.building import HAMBURG, L1, L2, LYON, NOW, Story, lines, placed, take, whole
from tests.warehouse.asking import SECRET, TENANT, Asking, asked
from tests.warehouse.service import Answer, Asked, answer, no, running, yes

URL = "https://warehouse.example/cancellations"
PUBLIC = "https://dragoman.example/"


async def ask(story: Story, *answers: Answer | bytes, public: str = "", **settings: Any) -> tuple[list[Word], Asked]:
    async with running(*answers) as service:
        client = Client(allow_private=True)
        asking = Asking(story, {"url": service.url, "secret": SECRET, **settings})
        try:
            words = await HttpService(client, callback_urls(public)).ask(asking.question())
        finally:
            await client.close()
    (seen,) = service.asked
    return list(words), seen


async def test_the_question():
    story = Story(placed(3, 2)).hold(HAMBURG, take(L1, 2)).hold(LYON, take(L2))
    story.then(whole(reason=Reason("LATE", "Too late")))
    _, seen = await ask(story, yes(), public=PUBLIC)
    order, case = story.ledger.order, story.ledger.order.cases[0]

    assert seen.json == {
        "type": "cancellation.requested",
        "request_id": case.id,
        "location_id": HAMBURG,
        "requested_at": "2026-03-01T10:03:00.000Z",
        "scope": "order",
        "reason": {"code": "LATE", "text": "Too late"},
        "order": {"id": order.id, "number": order.number, "placed_at": "2026-03-01T10:00:00.000Z"},
        "lines": [
            {
                "line_id": L1,
                "allocation_id": order.allocations[0].id,
                "sku": "A",
                "title": "A",
                "quantity": 2,
                "units": [[1, 2]],
            }
        ],
        "callback_url": f"https://dragoman.example/api/callbacks/{TENANT}/{HAMBURG}",
    }
    assert seen.headers["idempotency-key"] == f"{case.id}:{HAMBURG}"


async def test_it_is_signed():
    """`verify` looks at the machine's clock, so it is given the time of the question through its own signer."""
    _, seen = await ask(asked(), yes())
    name, at = seen.headers["webhook-id"], seen.headers["webhook-timestamp"]

    assert at == str(int((NOW + timedelta(minutes=2)).timestamp()))
    assert seen.headers["webhook-signature"] == Webhook(SECRET).sign(
        name, NOW + timedelta(minutes=2), seen.body.decode()
    )


async def test_a_retry_has_the_same_key_and_the_same_body():
    story = asked()
    _, first = await ask(story, yes())
    await Asking(story, {}).noted.forwarded(order_key="k", reference="r")
    _, second = await ask(story, yes())

    assert (first.body, first.headers["idempotency-key"]) == (second.body, second.headers["idempotency-key"])


async def test_only_what_the_location_holds_is_asked():
    story = Story(placed(3)).hold(HAMBURG, take(L1, 2)).then(lines(take(L1, 2)))
    _, seen = await ask(story, yes())

    assert [(line["quantity"], line["units"]) for line in seen.json["lines"]] == [(1, [[2, 2]])]
    assert seen.json["callback_url"] is None


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        (yes(), Word(True)),
        (yes("put back"), Word(True, "put back")),
        (no("already packed"), Word(False, "already packed")),
        (answer(200, {"accepted": False, "message": ""}), Word(False)),
        (answer(200, {"accepted": True, "more": [1]}), Word(True)),
        (answer(200, {"accepted": False, "message": "a\x00b\nc"}), Word(False, "a b c")),
        (answer(200, {"accepted": False, "message": "é" * 5000}), Word(False, "é" * 1000)),
    ],
)
async def test_an_answer_at_once(sent, word):
    assert (await ask(asked(), sent))[0] == [word]


async def test_an_answer_later():
    assert (await ask(asked(), answer(202)))[0] == []


@pytest.mark.parametrize(("wait", "seconds"), [("30", 30), ("0", 1), ("999999", 3600)])
async def test_one_that_wants_to_be_asked_again(wait, seconds):
    with pytest.raises(Later) as later:
        await ask(asked(), answer(202, Retry_After=wait))
    assert later.value.seconds == seconds


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"yes",
        b"null",
        b"[]",
        b"{}",
        b'{"accepted": 1}',
        b'{"accepted": "true"}',
        b'{"accepted": null}',
        b'{"accepted": true, "message": 7}',
        b'{"accepted": true, "message": "\\ud800"}',
        b'{"accepted": true',
        b"\xff\xfe",
        b"[" * 100_000,
        b"<html>200 OK</html>",
    ],
)
async def test_what_cannot_be_read_is_no_answer(body):
    with pytest.raises(Unanswered, match="the answer cannot be read"):
        await ask(asked(), answer(200, body))


@pytest.mark.parametrize("status", [201, 204, 206, 301, 400, 401, 404, 409, 410, 418, 429, 500, 502, 503, 504, 599])
async def test_other_statuses_are_failures_whatever_they_say(status):
    with respx.mock(using="httpcore") as router:
        route = router.post(URL).respond(status, json={"accepted": True})
        with pytest.raises(Unanswered, match=f"status {status}"):
            await _ask_mocked()
    assert route.call_count == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("120", 120), ("Sun, 01 Mar 2026 10:03:00 GMT", 60), ("Sun, 01 Mar 2026 09:00:00 GMT", 1)],
)
async def test_who_is_busy_says_until_when(status, retry_after, seconds):
    with respx.mock(using="httpcore") as router:
        router.post(URL).respond(status, headers={"Retry-After": retry_after})
        with pytest.raises(Later) as later:
            await _ask_mocked()
    assert later.value.seconds == seconds


@pytest.mark.parametrize("retry_after", ["soon", "-1", "1.5", "", "9" * 40])
async def test_who_is_busy_without_saying_until_when_has_failed(retry_after):
    with respx.mock(using="httpcore") as router:
        router.post(URL).respond(503, headers={"Retry-After": retry_after})
        with pytest.raises(Unanswered):
            await _ask_mocked()


@pytest.mark.parametrize(
    "error", [httpcore.ReadError, httpcore.RemoteProtocolError, httpcore.ConnectTimeout, httpcore.PoolTimeout]
)
async def test_failures_of_the_network(error):
    with respx.mock(using="httpcore") as router:
        router.post(URL).mock(side_effect=error)
        with pytest.raises(Unanswered):
            await _ask_mocked()


async def _ask_mocked() -> None:
    client = Client()
    asking = Asking(asked(), {"url": URL, "secret": SECRET})
    try:
        await HttpService(client, callback_urls("")).ask(asking.question())
    finally:
        await client.close()


async def test_a_location_that_is_not_configured():
    client = Client()
    with pytest.raises(Hopeless):
        await HttpService(client, callback_urls("")).ask(Asking(asked(), {"secret": SECRET}).question())
    await client.close()


def call_back(body: Any, *, secret: str = SECRET) -> tuple[Asking, bytes, dict[str, str]]:
    asking = Asking(asked(), {"url": URL, "secret": SECRET})
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = Webhook(secret).sign("msg-1", asking.now, raw.decode("utf-8", "surrogateescape"))
    stamp = str(int(asking.now.timestamp()))
    return asking, raw, {"webhook-id": "msg-1", "webhook-timestamp": stamp, "webhook-signature": signature}


async def hear(asking: Asking, raw: bytes, headers: dict[str, str]) -> Heard:
    client = Client()
    try:
        return await HttpService(client, callback_urls("")).hear(asking.call_back(raw, headers))
    finally:
        await client.close()


async def test_a_call_back():
    heard = await hear(*call_back({"request_id": "case-1", "accepted": False, "message": "packed"}))

    assert heard == Heard(id="msg-1", case_id="case-1", word=Word(False, "packed"))


async def test_a_call_back_of_somebody_else():
    with pytest.raises(Refusal) as refused:
        await hear(*call_back({"request_id": "case-1", "accepted": True}, secret="whsec_" + "A" * 32))
    assert refused.value.code is Code.UNAUTHENTICATED


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"yes", {"accepted": True}, {"request_id": "x"}, {"request_id": 7, "accepted": True}]
)
async def test_a_call_back_that_says_nothing(body):
    with pytest.raises(Refusal) as refused:
        await hear(*call_back(body))
    assert refused.value.code is Code.INVALID
