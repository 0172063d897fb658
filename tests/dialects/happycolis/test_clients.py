"""Clients that somebody else wrote: `gql` from Python, `graphql-ws` from Node; queries, changes and live events."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport, HTTPXTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import print_schema

from tests.dialects.happycolis.tokens import Application
from tests.dialects.server import PATIENCE
from tests.dialects.tenants import Tenant

_NODE = Path(__file__).parents[2] / "node"
_CANCEL = "mutation ($id: String!) { orderCancel(id: $id) { id type state message } }"
_REQUEST = "query ($id: String!) { dispatchableRequest(id: $id) { state message } }"
_EVENTS = (
    "subscription ($id: String, $after: String, $types: [String!])"
    " { orderEvents(orderId: $id, after: $after, types: $types) { type orderId orderState dispatchableRequestId } }"
)
node = pytest.mark.skipif(
    shutil.which("node") is None or not (_NODE / "node_modules" / ".installed").exists(),
    reason="no Node, or its packages were not to be had (make install them with npm)",
)


def _over_http(tenant: Tenant, token: str) -> HTTPXTransport:
    url = f"{tenant.server.base}/happycolis/graphql"
    return HTTPXTransport(url=url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)


def _socket(tenant: Tenant) -> str:
    return f"{tenant.server.base}/happycolis/graphql".replace("http://", "ws://")


def _over_socket(tenant: Tenant, token: str) -> WebsocketsTransport:
    return WebsocketsTransport(
        url=_socket(tenant),
        init_payload={"Authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        connect_timeout=PATIENCE,
    )


def _ask(document: str, **variables: Any) -> Any:
    asked = gql(document)
    asked.variable_values = variables
    return asked


def _created(tenant: Tenant, order: Any) -> str:
    """The id of its first event: whoever goes on from there misses nothing."""
    return str(tenant.events(order["id"])[0]["id"])


def _picking(tenant: Tenant) -> Any:
    order = tenant.create()
    location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})
    tenant.api("POST", f"/orders/{order['id']}/allocations", {"location_id": location["id"], "stage": "picking"})
    return order


def test_the_schema_that_is_committed_is_the_one_that_is_served(tenant: Tenant) -> None:
    with Client(transport=_over_http(tenant, tenant.key), fetch_schema_from_transport=True) as session:
        assert session.client.schema is not None
        committed = Path(__file__).parents[3] / "schema.graphql"
        assert print_schema(session.client.schema) + "\n" == committed.read_text()


def test_a_cancellation_is_asked_for_and_followed(tenant: Tenant) -> None:
    order = _picking(tenant)
    token = Application(tenant).token()
    with Client(transport=_over_http(tenant, token), fetch_schema_from_transport=True) as session:
        request = session.execute(_ask(_CANCEL, id=order["id"]))["orderCancel"]
        assert request["state"] == "PENDING"
        asked = _ask(_REQUEST, id=request["id"])
        assert session.execute(asked)["dispatchableRequest"]["state"] == "PENDING"
        tenant.api("POST", f"/requests/{request['id']}/reject", {"message": "Already packed"})
        assert session.execute(asked)["dispatchableRequest"] == {"state": "REJECTED", "message": "Already packed"}


def test_what_is_refused_is_raised(tenant: Tenant) -> None:
    with (
        Client(transport=_over_http(tenant, tenant.key)) as session,
        pytest.raises(TransportQueryError) as refused,
    ):
        session.execute(_ask(_CANCEL, id="nope"))
    assert refused.value.errors == [
        {"message": "Order not found", "path": ["orderCancel"], "extensions": {"code": "NOT_FOUND"}}
    ]


async def test_many_at_once(tenant: Tenant) -> None:
    orders = [tenant.create()["id"] for _ in range(5)]
    url = f"{tenant.server.base}/happycolis/graphql"
    transport = HTTPXAsyncTransport(url=url, headers={"Authorization": f"Bearer {tenant.key}"}, timeout=PATIENCE)
    async with Client(transport=transport) as session:
        answers = await asyncio.gather(*(session.execute(_ask(_CANCEL, id=id_)) for id_ in orders))
    assert [answer["orderCancel"]["state"] for answer in answers] == ["PENDING"] * 5


async def test_events_are_followed_live(tenant: Tenant) -> None:
    order, other = _picking(tenant), tenant.create()
    async with Client(transport=_over_socket(tenant, Application(tenant).token())) as session:
        events = session.subscribe(_ask(_EVENTS, id=order["id"], after=_created(tenant, order)))
        first = await anext(events)
        assert first["orderEvents"]["type"] == "delivery_order/created"
        request = (await session.execute(_ask(_CANCEL, id=order["id"])))["orderCancel"]
        await session.execute(_ask(_CANCEL, id=other["id"]))
        tenant.api("POST", f"/requests/{request['id']}/reject", {})
        seen = [(await anext(events))["orderEvents"] for _ in range(2)]
        await events.aclose()
    assert seen == [
        {
            "type": type_,
            "orderId": order["id"],
            "orderState": "OPENED",
            "dispatchableRequestId": request["id"],
        }
        for type_ in ("order/updated", "delivery_order/cancellation_rejected")
    ]


async def test_a_type_that_there_is_not_is_refused(tenant: Tenant) -> None:
    async with Client(transport=_over_socket(tenant, tenant.key)) as session:
        with pytest.raises(TransportQueryError, match=r"types.1 is no type of event"):
            await anext(session.subscribe(_ask(_EVENTS, types=["order/cancelled", "order/canceled"])))


async def test_only_what_was_asked_for_is_told(tenant: Tenant) -> None:
    order = tenant.create()
    after = _created(tenant, order)
    async with Client(transport=_over_socket(tenant, tenant.key)) as session:
        await session.execute(_ask(_CANCEL, id=order["id"]))
        events = session.subscribe(_ask(_EVENTS, after=after, types=["order/cancelled"]))
        seen = (await anext(events))["orderEvents"]
        await events.aclose()
    assert (seen["type"], seen["orderId"], seen["orderState"]) == ("order/cancelled", order["id"], "COMPLETED")


@pytest.mark.parametrize(
    ("scopes", "variables", "code"),
    [
        (("write_orders",), {}, "FORBIDDEN"),
        (("read_orders",), {"after": "yesterday"}, "BAD_USER_INPUT"),
        (("read_orders",), {"id": "nope"}, "NOT_FOUND"),
    ],
)
async def test_a_subscription_is_refused(tenant: Tenant, scopes: Any, variables: Any, code: str) -> None:
    async with Client(transport=_over_socket(tenant, tenant.add_key(scopes=scopes))) as session:
        with pytest.raises(TransportQueryError) as refused:
            await anext(session.subscribe(_ask(_EVENTS, **variables)))
    assert refused.value.errors is not None
    assert [error["extensions"]["code"] for error in refused.value.errors] == [code]


async def _follow(tenant: Tenant, token: str, document: str, variables: Any, most: int) -> list[Any]:
    process = await asyncio.create_subprocess_exec(
        "node",
        "follow.mjs",
        _socket(tenant),
        token,
        document,
        json.dumps(variables),
        str(most),
        cwd=_NODE,
        env={"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert not complaint, complaint.decode()
    return [json.loads(line) for line in said.splitlines()]


@node
async def test_graphql_ws_follows_events(tenant: Tenant) -> None:
    order = tenant.create()
    after, token = _created(tenant, order), Application(tenant).token()
    following = asyncio.create_task(_follow(tenant, token, _EVENTS, {"id": order["id"], "after": after}, 2))
    await asyncio.to_thread(tenant.api, "POST", f"/orders/{order['id']}/cancellations", _part(order))
    await asyncio.to_thread(tenant.api, "POST", f"/orders/{order['id']}/cancellations", {})
    seen = [result["data"]["orderEvents"] for result in await following]
    assert [(event["type"], event["orderState"]) for event in seen] == [
        ("order/updated", "OPENED"),
        ("order/cancelled", "COMPLETED"),
    ]


def _part(order: Any) -> Any:
    return {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}


@node
async def test_graphql_ws_asks_and_is_told_what_is_wrong(tenant: Tenant) -> None:
    [answer] = await _follow(tenant, tenant.key, _CANCEL, {"id": tenant.create()["id"]}, 1)
    assert answer["data"]["orderCancel"]["state"] == "PENDING"
    [answer] = await _follow(tenant, tenant.key, _CANCEL, {"id": "nope"}, 1)
    assert (answer["data"], answer["errors"][0]["extensions"]) == (None, {"code": "NOT_FOUND"})
    [answer] = await _follow(tenant, tenant.key, "{ nothing }", {}, 1)
    assert answer["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


@node
async def test_graphql_ws_is_not_let_in(tenant: Tenant) -> None:
    assert await _follow(tenant, "nonsense", "{ __typename }", {}, 1) == [{"closed": 4403}]
