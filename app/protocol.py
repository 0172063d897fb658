"""HTTP connections that send an answer's head and body together.

uvicorn writes them one after the other, and each write over loopback or a network card costs as much as all the rest of
a read (docs/decisions/0006); here everything written within one turn of the event loop goes out in one.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class _Together:
    """A transport whose writes wait for the end of the loop's turn; all else is the transport's own."""

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
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            data, self._waiting = b"".join(self._waiting), []
            self._transport.write(data)


class Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast(asyncio.Transport, _Together(transport)))
        self.app_state = {**self.app_state, "abort": transport.abort}

    def shutdown(self) -> None:
        """As uvicorn's, which waits for what is in flight; what never ends by itself is told to."""
        self.app_state.get("end_streams", _nothing)()
        super().shutdown()


def _nothing() -> None: ...
