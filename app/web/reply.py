"""Replies: what an operation gives back, how it is packed for a retry, and how it goes out."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from starlette.types import Send

from app.core.ledger import CANCELLED
from app.core.model import CaseKind, CaseState
from app.core.refusal import Code, Refusal
from app.service.desk import Done
from app.service.desk import Reply as StoredReply

JSON = "application/json"
NDJSON = "application/x-ndjson"
_MOST_WAITING = 64 << 20
"""Bytes of results: those of half a million imported orders."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON

    async def send(self, send: Send, extra: Mapping[str, str]) -> None:
        headers = [(b"content-type", self.media_type.encode()), (b"content-length", b"%d" % len(self.body))]
        headers += [(k.lower().encode(), v.encode("latin-1")) for k, v in {**self.headers, **extra}.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Stream(ABC):
    """An answer whose parts are sent as they come to be."""

    __slots__ = ()

    @abstractmethod
    async def send(self, send: Send, extra: Mapping[str, str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Lines(Stream):
    """Lines of NDJSON; an error midway is a line like any other."""

    lines: AsyncIterator[bytes]

    async def send(self, send: Send, extra: Mapping[str, str]) -> None:
        headers = [(b"content-type", NDJSON.encode())]
        headers += [(k.lower().encode(), v.encode("latin-1")) for k, v in extra.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        waiting = _Waiting()
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting.send_all(send))
            async for line in self.lines:
                await waiting.put(line)
            await waiting.put(b"")


class _Waiting:
    """Lines that the client has not read yet. Many clients read nothing until they have sent everything, so there
    may be a great many, yet not without end: then the client has to read before more of what it sends is taken."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        self._size = 0
        self._room = asyncio.Event()

    async def put(self, line: bytes) -> None:
        while self._size > _MOST_WAITING:
            self._room.clear()
            await self._room.wait()
        self._size += len(line)
        self._lines.put_nowait(line)

    async def send_all(self, send: Send) -> None:
        more = True
        while more:
            line = await self._lines.get()
            more = bool(line)
            await send({"type": "http.response.body", "body": line, "more_body": more})
            self._size -= len(line)
            self._room.set()


def json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = JSON) -> Reply:
    return Reply(status, msgspec.json.encode(value), headers or {}, media_type)


def settled(done: Done, value: Any, status: int = 200) -> Reply:
    """The answer of a synchronous face to a command that a warehouse may have to agree to.

    202 and where to look while it has not answered; the face's own refusal once it refused everything; else the
    usual answer, also when only some of several warehouses agreed, since something was cancelled.
    """
    case = done.case
    if case is None or case.kind is not CaseKind.CANCEL or case.state is not CaseState.REJECTED:
        return underway(done, value, status)
    if any(a.case_id == case.id and a.step in CANCELLED for a in done.ledger.order.adjustments):
        return json(value, status)
    raise Refusal(Code.CANCELLATION_REFUSED, message=case.message)


def underway(done: Done, value: Any, status: int = 200) -> Reply:
    """The same where the command took effect whatever a warehouse says to what went along with it."""
    case = done.case
    if case is not None and case.kind is CaseKind.CANCEL and case.state is CaseState.PENDING:
        return json(value, 202, {"Location": f"/api/requests/{case.id}"})
    return json(value, status)


def pack(reply: Reply) -> str:
    """As one text, for the store: status and location, then the body as it is."""
    return f"{reply.status} {reply.headers.get('Location', '')}\n{reply.body.decode()}"


def unpack(stored: StoredReply, media_type: str = JSON) -> Reply:
    head, _, body = stored.text.partition("\n")
    status, _, location = head.partition(" ")
    reply = Reply(int(status), body.encode(), {"Location": location} if location else {}, media_type)
    return replace(reply, headers={**reply.headers, "Idempotency-Replayed": "true"}) if stored.replayed else reply
