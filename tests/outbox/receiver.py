"""A real receiver of webhooks on a free port, which behaves as it is told; no test and no fixture is here."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PATIENCE = 10.0  # seconds

Answer = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """As it came: `headers` with names in lower case, `at` a monotonic time, `connection` counts from 1."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    connection: int

    @property
    def id(self) -> str:
        return self.headers["x-id"]


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Header names with underscores for dashes."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


def raw(data: bytes, *, close: bool = False) -> Answer:
    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return answer


def after(seconds: float, then: Answer) -> Answer:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await then(request, writer)

    return answer


OK = status(200, b"{}")
HANG = after(60, OK)
CLOSE = raw(b"", close=True)


@dataclass
class Receiver:
    """`script` is used up first, an answer for each request; then `answer` is given to all."""

    url: str = ""
    answer: Answer = OK
    script: list[Answer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    by_path: dict[str, Answer] = field(default_factory=dict)
    at_once: int = 0
    most_at_once: int = 0
    connections: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def bodies(self) -> list[bytes]:
        return [request.body for request in self.requests]

    async def got(self, count: int, path: str | None = None) -> list[Request]:
        """Wait for so many requests."""
        async with asyncio.timeout(PATIENCE):
            while len(found := [each for each in self.requests if path in {None, each.path}]) < count:
                self._news.clear()
                await self._news.wait()
        return found

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            while not writer.is_closing():
                await self._one(number, reader, writer)
        self._tasks.discard(task)
        writer.close()

    async def _one(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(first.split(" ")[1], headers, body, time.monotonic(), number)
        self.requests.append(request)
        self._news.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self.script.pop(0) if self.script else self.by_path.get(request.path, self.answer)
            await answer(request, writer)
            await writer.drain()
        finally:
            self.at_once -= 1

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http{'s' if context else ''}://127.0.0.1:{port}"
    try:
        yield receiver
    finally:
        server.close()
        receiver.close()
        await asyncio.gather(*receiver._tasks, return_exceptions=True)
