"""Somebody else's system on a free port of this machine: it answers as it is told, and keeps what it was asked."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from anyio.from_thread import start_blocking_portal


@dataclass(frozen=True)
class Asked:
    """Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Asked], "bytes | Awaitable[bytes]"]


def answer(status: int = 200, body: Any = b"", **headers: str) -> bytes:
    """The bytes of an HTTP answer; a body that is not bytes is sent as JSON. `retry_after` is `Retry-After`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def yes(message: str | None = None) -> bytes:
    return answer(200, {"accepted": True, "message": message})


def no(message: str | None = None) -> bytes:
    return answer(200, {"accepted": False, "message": message})


@dataclass
class Service:
    """`answers` are given one after the other, the last one again and again."""

    url: str = ""
    answers: list[Answer | bytes] = field(default_factory=lambda: [yes()])
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            asked = await _read(reader)
            self.asked.append(asked)
            told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            given = told if isinstance(told, bytes) else told(asked)
            writer.write(given if isinstance(given, bytes) else await given)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has gone


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(first.split()[1], headers, await reader.readexactly(int(headers.get("content-length", "0"))))


@asynccontextmanager
async def running(*answers: Answer | bytes) -> AsyncIterator[Service]:
    service = Service()
    if answers:
        service.answers = list(answers)
    async with listening(service._serve) as service.url:
        yield service


@contextmanager
def in_thread(*answers: Answer | bytes) -> Iterator[Service]:
    """The same for a test that is no coroutine."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running(*answers)) as service:
        yield service


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The URL of a server; at the end nothing of it is left running."""
    under_way: set[asyncio.Task[None]] = set()

    async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            await serve(reader, writer)
        finally:
            await _closed(writer)
            under_way.discard(task)

    server = await asyncio.start_server(kept, "127.0.0.1", 0, ssl=context)
    try:
        scheme = "https" if context is not None else "http"
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
