"""From a change to a receiver: whoever subscribed, in whichever dialect, hears of it in that dialect's own words."""

import asyncio
import base64
import hashlib
import hmac
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from standardwebhooks import Webhook

from app.store import migrate
from tests.conftest import ENGINES
from tests.dialects.server import Server, Wire, serve
from tests.dialects.tenants import Tenant
from tests.outbox.receiver import Receiver, Request, receiving
from tests.postgres import drop_database, fresh_database

BEGINNING = "2020-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def sqlite_sender(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("sent") / "dragoman.db")
    with serve(f"sqlite:///{path}", webhook_allow_private=True) as server:
        yield server


@pytest.fixture(scope="module")
def postgresql_sender(postgres: str) -> Iterator[Server]:
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    with serve(url, webhook_allow_private=True) as server:
        yield server
    asyncio.run(drop_database(postgres, url))


@pytest.fixture(params=ENGINES)
def tenant(request: pytest.FixtureRequest) -> Tenant:
    return Tenant.add(request.getfixturevalue(f"{request.param}_sender"))


class Inbox:
    """A receiver, waited for from outside its own thread."""

    def __init__(self, portal: BlockingPortal, receiver: Receiver) -> None:
        self._portal = portal
        self._receiver = receiver
        self.url = receiver.url

    def got(self, count: int, path: str) -> list[Request]:
        return list(self._portal.call(self._receiver.got, count, path))


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(receiving()) as receiver:
        yield Inbox(portal, receiver)


def _post(tenant: Tenant, path: str, body: Any) -> Any:
    answer = tenant.send(Wire("POST", path, body))
    assert answer.is_success, answer.text
    return answer.json()


def _change_twice(tenant: Tenant) -> Any:
    """Two of five mugs go through Convictional, the rest of the order through Shopline."""
    order = tenant.create(keys={"convictional": "66ab", "shopline": "633130-1"})
    _post(tenant, f"/convictional/items/{order['lines'][0]['id']}/cancel", {"newQuantity": 3, "reason": "broken"})
    _post(tenant, "/shopline/orders/633130-1/cancel", {"reason": "late"})
    return order


def test_in_our_own_words(tenant: Tenant, inbox: Inbox) -> None:
    made = _post(tenant, "/api/webhooks", {"url": f"{inbox.url}/native"})
    order = _change_twice(tenant)
    sent = inbox.got(3, "/native")
    bodies = [Webhook(made["secret"]).verify(each.body, each.headers) for each in sent]
    assert [body["type"] for body in bodies] == ["order.created", "cancellation.accepted", "cancellation.accepted"]
    assert [body["data"]["event"] for body in bodies] == tenant.events(order["id"])
    assert [body["data"]["order"]["lines"][0]["cancelled"] for body in bodies] == [0, 2, 5]
    assert bodies[0]["data"]["order"] == order
    assert len({each.headers["webhook-id"] for each in sent}) == 3


def test_in_convictionals(tenant: Tenant, inbox: Inbox) -> None:
    secrets = ["new-and-long", "old-and-long"]
    body = {
        "targetUrl": f"{inbox.url}/convictional",
        "topics": ["order.cancelled"],
        "secrets": [{"secret": secrets[0]}, {"secret": secrets[1], "expiresDate": "2096-01-01T00:00:00Z"}],
    }
    _post(tenant, "/convictional/webhooks", body)
    _change_twice(tenant)
    sent = inbox.got(2, "/convictional")
    for each in sent:
        at, *signatures = each.headers["convictional-signature"].split(",")
        signed = f"{at}.".encode() + each.body
        assert signatures == [hmac.new(s.encode(), signed, hashlib.sha256).hexdigest() for s in secrets]
    bodies = [json.loads(each.body) for each in sent]
    assert [body["event_type"] for body in bodies] == ["order.cancelled"] * 2
    assert [body["data"]["_id"] for body in bodies] == ["66ab"] * 2
    assert [[item["cancelled"] for item in body["data"]["items"]] for body in bodies] == [
        [True, False, False],
        [True, True, True],
    ]
    assert bodies[1]["data"] == tenant.send(Wire("GET", "/convictional/orders/66ab")).json()


def test_in_shoplines(tenant: Tenant, inbox: Inbox) -> None:
    for topic in ("orders/cancelled", "orders/update"):
        _post(tenant, "/shopline/webhooks", {"address": f"{inbox.url}/{topic}", "topic": topic})
    _change_twice(tenant)
    updates, [cancelled] = inbox.got(2, "/orders/update"), inbox.got(1, "/orders/cancelled")
    client_secret = tenant.key.split(".")[2]
    for each in (*updates, cancelled):
        digest = hmac.new(client_secret.encode(), each.body, hashlib.sha256).digest()
        assert base64.b64decode(each.headers["x-shoplazza-hmac-sha256"]) == digest
        assert f"/{each.headers['x-shoplazza-topic']}" == each.path
        assert each.headers["x-shoplazza-shop-domain"] == tenant.id
    assert [json.loads(each.body)["order"]["status"] for each in updates] == ["placed", "cancelled"]
    assert json.loads(cancelled.body) == tenant.send(Wire("GET", "/shopline/orders/633130-1")).json()
    assert len({each.headers["x-shoplazza-deduplication-id"] for each in (*updates, cancelled)}) == 3


def test_in_afostos(tenant: Tenant, inbox: Inbox) -> None:
    told = {"url": f"{inbox.url}/afosto", "dialect": "afosto", "secret": "long-and-random"}
    made = _post(tenant, "/api/webhooks", told)
    order = _change_twice(tenant)
    sent = inbox.got(4, "/afosto")
    for each in sent:
        signed = hmac.new(b"long-and-random", each.body, hashlib.sha256).hexdigest()
        assert each.headers["x-afosto-hmac-sha256"] == signed
        assert (each.headers["x-afosto-endpoint"], each.headers["x-afosto-tenant"]) == (made["id"], tenant.id)
    bodies = [json.loads(each.body) for each in sent]
    assert [body["event"] for body in bodies] == ["ORDER_OPENED", "ORDER_UPDATED", "ORDER_UPDATED", "ORDER_CLOSED"]
    assert {body["entity_id"] for body in bodies} == {order["id"]}
    assert [body["data"]["status"] for body in bodies] == ["OPEN", "OPEN", "CLOSED", "CLOSED"]
    assert len({body["message_id"] for body in bodies}) == 4


def test_what_is_sent_later_shows_the_order_as_it_was_then(tenant: Tenant, inbox: Inbox) -> None:
    _post(tenant, "/api/webhooks", {"url": f"{inbox.url}/first"})
    _change_twice(tenant)
    inbox.got(3, "/first")
    expected: dict[str, list[Any]] = {
        "native": [("open", 0), ("open", 2), ("completed", 5)],
        "convictional": [True, True],
        "shopline": ["placed", "placed", "cancelled", "cancelled"],
    }
    for dialect in expected:
        late = _post(tenant, "/api/webhooks", {"url": f"{inbox.url}/{dialect}", "dialect": dialect})
        _post(tenant, f"/api/webhooks/{late['id']}/replay", {"from": BEGINNING})
    bodies = {name: [json.loads(each.body) for each in inbox.got(len(expected[name]), f"/{name}")] for name in expected}
    orders = [body["data"]["order"] for body in bodies["native"]]
    assert [(order["state"], order["lines"][0]["cancelled"]) for order in orders] == expected["native"]
    assert [body["data"]["items"][0]["cancelled"] for body in bodies["convictional"]] == expected["convictional"]
    assert [len(body["data"]["items"]) for body in bodies["convictional"]] == [3, 3]
    assert [body["data"]["items"][1]["cancelled"] for body in bodies["convictional"]] == [False, True]
    assert [body["order"]["status"] for body in bodies["shopline"]] == expected["shopline"]


def _happycolis(tenant: Tenant, document: str, **variables: Any) -> Any:
    answer = tenant.send(Wire("POST", "/happycolis/graphql", {"query": document, "variables": variables})).json()
    assert "errors" not in answer, answer
    [value] = answer["data"].values()
    return value


def test_in_happycolis(tenant: Tenant, inbox: Inbox) -> None:
    """The warehouse refuses a cancellation, in its own words, and agrees to the next."""
    subscribe = "mutation ($input: IntegrationWebhookInput!) { integrationWebhookCreate(input: $input) { id } }"
    cancel = "mutation ($id: String!) { orderCancel(id: $id) { id state } }"
    topics = ("delivery_order/cancellation_rejected", "delivery_order/cancelled", "order/cancelled")
    hooks = {
        topic: _happycolis(tenant, subscribe, input={"endPoint": f"{inbox.url}/{topic}", "type": topic})["id"]
        for topic in topics
    }
    order = tenant.create()
    location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})
    held = {"location_id": location["id"], "stage": "picking"}
    held = tenant.api("POST", f"/orders/{order['id']}/allocations", held)
    for word, told in (("reject", "Already packed"), ("accept", "Put back")):
        request = _happycolis(tenant, cancel, id=order["id"])
        assert request["state"] == "PENDING"
        tenant.api("POST", f"/requests/{request['id']}/{word}", {"message": told})
    [refused], [gone], [ended] = (inbox.got(1, f"/{topic}") for topic in topics)
    for topic, sent in zip(topics, (refused, gone, ended), strict=True):
        digest = hmac.new(tenant.key.split(".")[2].encode(), sent.body, hashlib.sha256).digest()
        assert sent.headers["x-happycolis-webhook-signature"] == base64.b64encode(digest).decode()
        header = json.loads(sent.body)["header"]
        assert (header["type"], header["webhookId"], header["organizationId"]) == (topic, hooks[topic], tenant.id)
    bodies = [json.loads(sent.body)["body"] for sent in (refused, gone, ended)]
    assert [body["id"] for body in bodies] == [held["id"], held["id"], order["id"]]
    assert [body["events"][-1]["message"] for body in bodies[:2]] == ["Already packed", "Put back"]
    assert (bodies[0]["status"], bodies[1]["status"], bodies[2]["state"]) == ("OPENED", "COMPLETED", "COMPLETED")
    assert {line["status"] for line in bodies[2]["lines"]} == {"CANCELED"}
