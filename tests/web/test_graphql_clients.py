"""`gql`, a client that somebody else wrote: over HTTP and WebSocket, with the schema read from the server."""

import asyncio
from typing import Any

import pytest
from gql import Client as Gql
from gql import gql
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport, HTTPXTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import print_schema

from tests.web import toy
from tests.web.server import PATIENCE, Client, wait_until


def _over_http(client: Client) -> HTTPXTransport:
    return HTTPXTransport(url=f"{client.server.base}/toy/graphql", headers=client.authorization, timeout=PATIENCE)


def _over_socket(client: Client, key: str = "") -> WebsocketsTransport:
    return WebsocketsTransport(
        url=f"{client.server.base}/toy/graphql".replace("http://", "ws://"),
        init_payload={"Authorization": f"Bearer {key or client.key}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        connect_timeout=PATIENCE,
    )


def test_it_reads_the_schema(client: Client) -> None:
    with Gql(transport=_over_http(client), fetch_schema_from_transport=True) as session:
        assert session.client.schema is not None
        assert print_schema(session.client.schema) == print_schema(toy.schema())


def test_it_queries_and_changes(client: Client) -> None:
    order = client.order()
    with Gql(transport=_over_http(client), fetch_schema_from_transport=True) as session:
        asked = gql("query ($id: String!) { order(id: $id) { id lines { sku open } } }")
        asked.variable_values = {"id": order}
        lines = [{"sku": "MUG", "open": 2}, {"sku": "TEA", "open": 1}]
        assert session.execute(asked) == {"order": {"id": order, "lines": lines}}
        cancel = gql("mutation ($id: String!) { cancel(id: $id) { state } }")
        cancel.variable_values = {"id": order}
        assert session.execute(cancel) == {"cancel": {"state": "ACCEPTED"}}
        with pytest.raises(TransportQueryError) as refused:
            session.execute(cancel)
    assert refused.value.errors is not None
    assert refused.value.errors[0]["extensions"] == {"code": "ALREADY_CANCELLED"}
    assert refused.value.data == {"cancel": None}


async def test_it_asks_many_things_at_once(client: Client) -> None:
    transport = HTTPXAsyncTransport(url=f"{client.server.base}/toy/graphql", headers=client.authorization)
    async with Gql(transport=transport) as session:
        asked = [gql(f'{{ hello(name: "{n}") }}') for n in range(10)]
        answers = await asyncio.gather(*(session.execute(each) for each in asked))
    assert answers == [{"hello": f"hello {n}"} for n in range(10)]


async def test_it_subscribes(client: Client) -> None:
    async with Gql(transport=_over_socket(client), fetch_schema_from_transport=True) as session:

        async def counted(to: int) -> list[Any]:
            asked = gql("subscription ($to: Int!) { count(to: $to) }")
            asked.variable_values = {"to": to}
            return [event["count"] async for event in session.subscribe(asked)]

        assert (await counted(3), await counted(5)) == ([1, 2, 3], [1, 2, 3, 4, 5])
        assert await session.execute(gql("{ hello }")) == {"hello": "hello you"}


async def test_it_leaves_a_subscription(client: Client) -> None:
    toy.began.clear()
    async with Gql(transport=_over_socket(client)) as session:
        events = session.subscribe(gql("subscription { forever }"))
        assert await anext(events) == {"forever": "x" * 10}
        await events.aclose()
        await asyncio.to_thread(wait_until, lambda: toy.began == ["forever", "-forever"])
        assert await session.execute(gql("{ hello }")) == {"hello": "hello you"}


async def test_it_hears_of_errors(client: Client) -> None:
    async with Gql(transport=_over_socket(client)) as session:
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(gql('{ fails(how: "refusal") }'))
        assert refused.value.errors is not None
        assert refused.value.errors[0]["extensions"] == {"code": "ORDER_NOT_OPEN"}
        with pytest.raises(TransportQueryError):
            await session.execute(gql("{ nothing }"))


async def test_it_is_not_let_in(client: Client) -> None:
    transport = _over_socket(client, "nonsense")
    with pytest.raises(TransportConnectionFailed):
        async with Gql(transport=transport):
            pass
