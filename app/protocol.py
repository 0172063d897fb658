"""HTTP connections that send an answer's head and body together, and that nobody holds open for nothing.

uvicorn writes head and body one after the other, and each write over loopback or a network card costs as much as all
the rest of a read (docs/decisions/0006); here everything written within one turn of the event loop goes out in one.
It also waits for the rest of a request for ever, and takes as many headers as are sent; here both have an end.
A method that its parser does not know and a path longer than that takes are answered by the face that was asked.
"""

import asyncio
import re
import sys
from collections.abc import Iterator
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

STREAMS = "streams"
"""Set in `scope["state"]` for a request whose body may take as long as it likes, as long as some of it comes."""

_TOO_LONG = b"431 Request Header Fields Too Large"
_TOO_SLOW = b"408 Request Timeout"
_LONGEST_URL = 0xFFFF  # of what the parser takes apart
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) (/[\w.~%!$&'()*+,;=:@/?-]{0,65000}) HTTP/1\.[01]\r\n")
_NO_ROUTES_METHOD = b"PURGE"  # the parser knows it


class _Together:
    """A transport whose writes wait for the end of the loop's turn; all else is the transport's own.

    For `linger` seconds after its end a client may still send what nobody reads, so that it gets to see why.
    """

    linger = 0.0

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        if self.linger:
            self._loop.call_later(self.linger, self._transport.close)
        else:
            self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            data, self._waiting = b"".join(self._waiting), []
            self._transport.write(data)


class _Nowhere:
    """Takes trailers, which nobody reads, in place of the list of headers."""

    def append(self, _: Any) -> None: ...

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class Protocol(HttpToolsProtocol):
    """`longest_head` in bytes; `patience` is the seconds that a head may take, and then the body; `every` those between
    two looks; `linger` is as a transport's, after a request that was not read to its end.
    """

    longest_head = 1 << 17
    patience = 30.0
    every = 5.0
    linger = 1.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast(asyncio.Transport, _Together(transport)))
        self.app_state = {**self.app_state, "abort": transport.abort}
        self._in_head, self._head, self._refused, self._begun, self._first = True, 0, False, False, b""
        self._since = self._heard = self.loop.time()
        self._watching = self.loop.call_later(self.every, self._watch)

    def connection_lost(self, exc: Exception | None) -> None:
        self._watching.cancel()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._watching.cancel()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        unfinished = self._in_head
        self._heard = self.loop.time()
        if not self._begun or not (unfinished or self.cycle.more_body):
            self._first = data
        super().data_received(data)
        # What a head begins in may be the end of a body: one chunk, which is bounded, is not counted.
        if unfinished and self._in_head:
            self._head += len(data)
            if self._head > self.longest_head:
                if self._has_endless_path():
                    self._ask(self.parser.get_method(), _face(self.url))
                else:
                    self._refuse(_TOO_LONG)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head, self._begun, self._since = True, 0, True, self._heard

    def on_headers_complete(self) -> None:
        self._first = b""
        if self._has_endless_path():
            self.url = _face(self.url)
        super().on_headers_complete()
        self._in_head, self._since = False, self._heard
        if not self.parser.should_upgrade():
            self.headers = cast(Any, _Nowhere())

    def send_400_response(self, msg: str) -> None:
        """A method that is not known is one that no route has: whose face it is says so."""
        line = _LINE.match(self._first)
        if line is None or not isinstance(sys.exception(), httptools.HttpParserInvalidMethodError):
            super().send_400_response(msg)
        else:
            self._ask(_NO_ROUTES_METHOD, line[2])
            self.scope["method"] = line[1].decode()

    def shutdown(self) -> None:
        """As uvicorn's, which waits for what is in flight; what never ends by itself is told to."""
        self.app_state.get("end_streams", _nothing)()
        super().shutdown()

    def _watch(self) -> None:
        cycle: Any = self.cycle  # None before the first head is there
        since = None
        if self._in_head:
            since = self._since
        elif cycle is not None and cycle.more_body and not cycle.response_complete and not self.flow.read_paused:
            since = self._heard if cycle.scope["state"].get(STREAMS) else self._since
        if since is not None and self.loop.time() - since > self.patience:
            self._refuse(_TOO_SLOW)
        elif not self.transport.is_closing():
            self._watching = self.loop.call_later(self.every, self._watch)

    def _has_endless_path(self) -> bool:
        """A query is not cut off: without it, another thing would be asked."""
        return len(self.url) > _LONGEST_URL and b"?" not in self.url

    def _ask(self, method: bytes, target: bytes) -> None:
        """Has the application answer this in place of what came, without its headers, and reads nothing more."""
        self._refused = True
        cast(_Together, self.transport).linger = self.linger
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(b"%s %s HTTP/1.1\r\nconnection: close\r\n\r\n" % (method, target))

    def _refuse(self, status: bytes) -> None:
        """Reads nothing more. Says why, unless an answer is on its way, or nothing was asked: that would answer what is
        asked next."""
        self._refused = True
        cycle: Any = self.cycle
        answering = cycle is not None and cycle.response_started and not cycle.response_complete
        if self._begun and not answering:
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        self.loop.call_later(self.linger, self.transport.close)


def _face(url: bytes) -> bytes:
    """Where no route is, in the face that the URL begins with."""
    prefix, _, path = url[1:].partition(b"/")
    return b"/%s/" % prefix if path and len(prefix) < _LONGEST_URL else b"/"


def _nothing() -> None: ...
