"""The contract document of a REST dialect: made once, when somebody asks, and nobody else waits for it."""

import asyncio
import threading
from typing import Any, cast

import httpx

from app.web.dialect import Services
from app.web.middleware import Requests
from app.web.prefix import Prefixes
from app.web.rest import RestApp
from tests.web import toy
from tests.web.server import PATIENCE


class _Document:
    """Is not finished before it is let go, or nobody has patience any more."""

    def __init__(self) -> None:
        self.made: list[bool] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        self.made.append(self.go.wait(PATIENCE))
        return '{"openapi": "3.1.0"}'


def _client(document: _Document) -> httpx.AsyncClient:
    prefixes = Prefixes()
    prefixes.mount(["/rest"], RestApp([], toy.Words(toy.EXACT), cast(Services, cast(Any, None)), document))
    transport = httpx.ASGITransport(Requests(prefixes))
    return httpx.AsyncClient(transport=transport, base_url="http://toy")


async def test_others_are_answered_while_it_is_made() -> None:
    document = _Document()
    async with _client(document) as client:
        asked = [asyncio.create_task(client.get("/rest/openapi.json")) for _ in range(3)]
        await asyncio.sleep(0)
        beside = await client.get("/rest/nowhere")
        document.go.set()
        answers = await asyncio.gather(*asked)
    assert beside.status_code == 404
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"openapi": "3.1.0"})] * 3
    assert document.made == [True]


async def test_who_goes_away_meanwhile_leaves_it_to_the_others() -> None:
    document = _Document()
    async with _client(document) as client:
        impatient = asyncio.create_task(client.get("/rest/openapi.json"))
        patient = asyncio.create_task(client.get("/rest/openapi.json"))
        await asyncio.to_thread(document.begun.wait, PATIENCE)
        impatient.cancel()
        document.go.set()
        answer = await patient
        again = await client.get("/rest/openapi.json")
    assert answer.text == again.text == '{"openapi": "3.1.0"}'
    assert document.made == [True]
