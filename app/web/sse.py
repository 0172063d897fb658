"""Server-Sent Events: what a live reader gets, as frames, until the client goes, the reader ends or its time is up.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from app.service.chance import CHANCE
from app.service.reader import Reader
from app.service.tail import Item
from app.web.reply import Stream
from app.web.trace import Trace

EVENTS = "text/event-stream"

_HEARTBEAT = b":\n\n"
_GOODBYE = 2.0
"""Seconds for the last bytes: a client that reads nothing more would keep the connection, and the process, for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events(Stream):
    """A comment goes out after `heartbeat` seconds without an event; after `life` seconds it ends (0: never).

    Where the server puts its `abort` into the scope's state, a client that does not let the end through is cut off.
    """

    reader: Reader
    frame: Callable[[Item], bytes]
    scope: Scope
    receive: Receive
    heartbeat: float
    life: float = 0.0

    async def send(self, send: Send, extra: Mapping[str, str]) -> None:
        # nginx would keep back what it thinks too little to pass on.
        headers = {"content-type": EVENTS, "cache-control": "no-store", "x-accel-buffering": "no", **extra}
        pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        Trace.of(self.scope).endless = True
        loop = asyncio.get_running_loop()
        timers = [loop.call_later(self.life, self.reader.close)] if self.life else []
        abort: Callable[[], None] = self.scope.get("state", {}).get("abort", _nothing)
        self.reader.on_end = lambda _: timers.append(loop.call_later(_GOODBYE, abort))
        leaving = asyncio.create_task(self._leaving())
        try:
            await self._send_all(send)
        finally:
            leaving.cancel()
            self.reader.close()
            for timer in timers:
                timer.cancel()

    async def _send_all(self, send: Send) -> None:
        if self.scope["method"] == "HEAD":
            self.reader.close()
        # Many are cut off at the same moment when a process ends: they come back one by one.
        await _part(send, b"retry: %d\n\n" % (1000 + CHANCE.getrandbits(12)))
        while (items := await self.reader.take(self.heartbeat)) is not None:
            await _part(send, b"".join(map(self.frame, items)) or _HEARTBEAT)
        why = self.reader.ended or ""
        await send({"type": "http.response.body", "body": b": ended, %b\n\n" % why.encode(), "more_body": False})

    async def _leaving(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.reader.close()


def frame(id_: str, event: str, data: bytes) -> bytes:
    """`data` must be one line."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (id_.encode(), event.encode(), data)


async def _part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _nothing() -> None: ...
