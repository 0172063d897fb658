"""A real webhook receiver that is not always at its best, and that remembers what it was sent. No test is here."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from anyio.from_thread import start_blocking_portal
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

_BAD_MANNERS = ("late", "error", "silent")
_BEARABLE = ("late",)


@dataclass(slots=True)
class Receipt:
    """One try as it came in. `problem`: why nobody should have trusted it.

    `arrived` and `taken` are moments of one clock that ticks with every event of the receiver: when it was read, and
    when it was answered with success (0: it was not).
    """

    subscription: str
    id: str
    topic: str
    event_id: str
    digest: str
    arrived: int
    taken: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Mailbox:
    """What a subscription of one dialect is sent: how to read a message, and whether it is signed.

    `forgiving`: a message that failed comes again within seconds, and not after a minute or more.
    """

    name: str
    secret: str
    read: Callable[[Mapping[str, str], Any], tuple[str, str, str]]
    """Headers and body to the message's id, its topic, and the id of its event where the body tells it."""
    verify: Callable[[str, Mapping[str, str], bytes], str]
    forgiving: bool = False

    def receipt(self, headers: Mapping[str, str], body: bytes, arrived: int) -> Receipt:
        id_, topic, event_id = self.read(headers, json.loads(body))
        problem = self.verify(self.secret, headers, body)
        return Receipt(self.name, id_, topic, event_id, hashlib.sha256(body).hexdigest(), arrived, problem=problem)


def verify_standard(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    try:
        Webhook(secret).verify(body, dict(headers))
    except WebhookVerificationError as error:
        return str(error)
    return ""


def verify_convictional(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    at, *signatures = headers.get("convictional-signature", "").split(",")
    wanted = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return "" if wanted in signatures else "no matching signature"


def verify_shopline(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    wanted = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return "" if headers.get("x-shoplazza-hmac-sha256") == wanted else "no matching signature"


def verify_happycolis(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    wanted = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return "" if headers.get("x-happycolis-webhook-signature") == wanted else "no matching signature"


def native(name: str, secret: str) -> Mailbox:
    return Mailbox(name, secret, _read_standard, verify_standard, forgiving=True)


def _read_standard(headers: Mapping[str, str], body: Any) -> tuple[str, str, str]:
    return headers["webhook-id"], body["type"], body["data"]["event"]["id"]


def convictional(name: str, secret: str) -> Mailbox:
    return Mailbox(name, secret, lambda h, b: (b["id"], b["event_type"], ""), verify_convictional)


def shopline(name: str, secret: str) -> Mailbox:
    return Mailbox(
        name, secret, lambda h, b: (h["x-shoplazza-deduplication-id"], h["x-shoplazza-topic"], ""), verify_shopline
    )


def happycolis(name: str, secret: str) -> Mailbox:
    return Mailbox(name, secret, lambda _, b: (b["header"]["messageId"], b["header"]["type"], ""), verify_happycolis)


@dataclass
class Receiver:
    """Listens on `/<name of a mailbox>`. Every message meets with bad manners once at most, and with none once calm."""

    rng: random.Random
    misbehave: float
    port: int = 0
    calm: bool = False
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _clock: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _annoyed: set[tuple[str, str]] = field(default_factory=set)
    _connections: dict[asyncio.StreamWriter, asyncio.Task[Any] | None] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def add(self, mailbox: Mailbox) -> None:
        self.mailboxes[mailbox.name] = mailbox

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, for as long as the sender keeps it."""
        self._connections[writer] = asyncio.current_task()
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever sent it was killed
        finally:
            writer.transport.abort()
            del self._connections[writer]

    async def close(self, server: asyncio.Server) -> None:
        """Tasks that end by themselves: one that is cancelled is a complaint of Python 3.11's event loop."""
        server.close()
        tasks = [task for task in self._connections.values() if task is not None]
        for writer in self._connections:
            writer.transport.abort()
        await asyncio.gather(*tasks)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
        body = await reader.readexactly(int(headers["content-length"]))
        receipt = self._receipt(head[0].split(" ")[1].removeprefix("/"), headers, body)
        manner = "" if receipt is None else self._manner(receipt)
        if manner == "silent":
            return False
        if manner == "error":
            writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n")
            return True
        if manner == "late":
            await asyncio.sleep(self.rng.uniform(0.05, 0.4))
        if receipt is not None:
            # Written down before it is said: an answer that is lost on its way was given all the same.
            receipt.taken = next(self._clock)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        return True

    def _receipt(self, name: str, headers: Mapping[str, str], body: bytes) -> Receipt | None:
        try:
            receipt = self.mailboxes[name].receipt(headers, body, next(self._clock))
        except (KeyError, TypeError, ValueError) as error:
            self.problems.append(f"{name}: {error!r} over {body[:200]!r}")
            return None
        self.receipts.append(receipt)
        return receipt

    def _manner(self, receipt: Receipt) -> str:
        message = (receipt.subscription, receipt.id)
        if self.calm or message in self._annoyed or self.rng.random() >= self.misbehave:
            return ""
        self._annoyed.add(message)
        return self.rng.choice(_BAD_MANNERS if self.mailboxes[receipt.subscription].forgiving else _BEARABLE)


@contextmanager
def receiver(rng: random.Random, misbehave: float = 0.03) -> Iterator[Receiver]:
    """In a thread of its own, on a free port of loopback."""
    receiving = Receiver(rng, misbehave)
    with start_blocking_portal() as portal:
        server = portal.call(asyncio.start_server, receiving.serve, "127.0.0.1", 0)
        receiving.port = server.sockets[0].getsockname()[1]
        try:
            yield receiving
        finally:
            portal.call(receiving.close, server)
