"""Messages of `graphql-transport-ws` over an ASGI WebSocket.

Source: PROTOCOL.md of enisdenjo/graphql-ws, whose close codes these are.
"""

import asyncio
from typing import Any

import msgspec
from starlette.types import Message, Receive, Scope, Send

from app.web import decode
from app.web.faults import Fault

PROTOCOL = "graphql-transport-ws"

TRY_AGAIN = 1013
INVALID = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
NO_PROTOCOL = 4406
TIMED_OUT = 4408
TAKEN = 4409
TOO_MANY = 4429
INTERNAL = 4500

_LONGEST_REASON = 120
"""Bytes; a close frame holds 123."""


class Closed(Exception):  # noqa: N818 - an end
    """The connection is to be closed: with a code and a reason, or, with no code, since nobody is there to read."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Wire:
    """`patience`: seconds that a client may take to read one message; its unread ones are not collected here."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, patience: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._patience = patience

    async def accept(self) -> None:
        """Raises Closed if the client does not speak the protocol."""
        await self._receive()  # websocket.connect
        offered = PROTOCOL in self._scope["subprotocols"]
        await self._send_now({"type": "websocket.accept", "subprotocol": PROTOCOL if offered else None})
        if not offered:
            raise Closed(NO_PROTOCOL, f"Subprotocol not acceptable: {PROTOCOL} is")

    async def receive(self) -> dict[str, Any]:
        """A message with its type. Raises Closed, also for what is none."""
        event = await self._receive()
        if event["type"] != "websocket.receive":
            raise Closed
        try:
            message = decode.parse_json((event.get("text") or "").encode())
        except Fault:
            raise Closed(INVALID, "Invalid message: it must be JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(INVALID, "Invalid message: it must be an object with a type")
        return message

    async def send(self, kind: str, id_: str | None = None, payload: Any = None) -> None:
        """Raises Closed if the client is gone, or does not read."""
        message = {"id": id_} if id_ is not None else {}
        message["type"] = kind
        if payload is not None:
            message["payload"] = payload
        await self._send_now({"type": "websocket.send", "text": msgspec.json.encode(message).decode()})

    async def close(self, code: int, reason: str) -> None:
        short = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
        try:
            await self._send_now({"type": "websocket.close", "code": code, "reason": short})
        except Closed:
            return

    async def _send_now(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._send(message)
                await asyncio.sleep(0)  # a source that has much to tell would else let nothing out, and nobody else in
        except TimeoutError:
            # A close frame would wait behind what is not read, as would the end of the connection.
            self._scope.get("state", {}).get("abort", _nothing)()
            raise Closed from None
        except OSError:
            raise Closed from None


def _nothing() -> None: ...
