"""Sends a message to a receiver that somebody named: public addresses only, as resolved and checked for this very
connection, no redirects, verified TLS, one limit of time for all of it, and no more of the answer than a log needs.
"""

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import urlsplit

import httpx

from app.outbox.connection import Broken, Connection, Origin, Pool, Response
from app.service import addresses, names

log = logging.getLogger("dragoman.outbox")

MOST_SHOWN = 1_000
"""Characters of an answer that are kept for the log."""
_MOST_READ = 16 << 10
_LONGEST_WAIT = 86_400.0
_AGENT = "Dragoman-Webhooks/1"

Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """`error` says why there is no status. `retry_after` is seconds from now."""

    seconds: float
    status: int | None = None
    text: str = ""
    error: str | None = None
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Failed(Exception):  # noqa: N818 - its text is what the log shows
    pass


class Sender:
    """Made within the event loop that it sends in. `timeout` is seconds for a whole try."""

    def __init__(
        self,
        *,
        timeout: float,
        allow_private: bool = False,
        resolve: Resolve = names.resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.timeout = timeout
        self._allow_private = allow_private
        self._resolve = resolve
        self._context = context or httpx.create_ssl_context()
        self._pool = Pool()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Never raises: whatever goes wrong is the answer."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.timeout):
                response = await self._exchange(url, headers, body)
        except TimeoutError:
            return Answer(time.monotonic() - started, error=f"no answer within {self.timeout:g} seconds")
        except (_Failed, Broken) as failed:
            return Answer(time.monotonic() - started, error=str(failed))
        except Exception as error:
            log.exception("a message could not be sent")
            return Answer(time.monotonic() - started, error=f"it could not be sent: {type(error).__name__}")
        return Answer(
            time.monotonic() - started,
            status=response.status,
            text=_shown(response.body),
            retry_after=_seconds(response.retry_after),
        )

    def close(self) -> None:
        self._pool.close()

    async def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        origin, target, host = _parts(url)
        request = _request(target, host, headers, body)
        connection = self._pool.take(origin)
        if connection is not None:
            try:
                return await self._on(connection, origin, request)
            except Broken as broken:
                if not broken.untouched:
                    raise
        return await self._on(await self._connect(origin), origin, request)

    async def _on(self, connection: Connection, origin: Origin, request: bytes) -> Response:
        response = await connection.exchange(request, _MOST_READ)
        self._pool.give(origin, connection)
        return response

    async def _connect(self, origin: Origin) -> Connection:
        """To an address that was checked: the name is not looked up again, so it cannot have changed its mind."""
        error: Exception = _Failed("the name of the host does not resolve")
        found = await self._addresses(origin)
        for n, address in enumerate(found, start=1):
            try:
                # One address that swallows everything must leave time for the next.
                async with asyncio.timeout(self.timeout / 2 if n < len(found) else None):
                    return await self._open(address, origin)
            except ssl.SSLError as failed:
                raise _Failed(f"TLS failed: {_why(failed)}") from failed
            except OSError as failed:
                error = _Failed(f"cannot connect: {_why(failed)}")
        raise error

    async def _addresses(self, origin: Origin) -> list[str]:
        is_address = addresses.parse(origin.host) is not None
        found = [origin.host] if is_address else await self._resolve(origin.host, origin.port)
        allowed = [each for each in found if self._allow_private or addresses.is_public(each)]
        if found and not allowed:
            raise _Failed("the host has no public address")
        return allowed

    async def _open(self, address: str, origin: Origin) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection,
            address,
            origin.port,
            ssl=self._context if origin.tls else None,
            server_hostname=origin.host if origin.tls else None,
        )
        return connection


@lru_cache(1024)
def _parts(url: str) -> tuple[Origin, str, str]:
    """Where to, what of it, and what the Host header says."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    name = parts.hostname or ""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = f"[{name}]" if ":" in name else name
    if parts.port is not None:
        host += f":{parts.port}"
    return Origin(tls, name, parts.port or (443 if tls else 80)), target, host


def _request(target: str, host: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {target} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in {"User-Agent": _AGENT, **headers}.items()]
    if any("\r" in line or "\n" in line for line in lines):
        raise _Failed("a header or the URL holds a line break")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body


def _shown(body: bytes) -> str:
    """As a text that any database holds."""
    return body[: 4 * MOST_SHOWN].decode("utf-8", "replace")[:MOST_SHOWN].replace("\0", "\N{REPLACEMENT CHARACTER}")


def _seconds(retry_after: str) -> float | None:
    """Seconds, or a date (RFC 9110, 10.2.3); at most a day."""
    text = retry_after.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None
    return min(max(at - time.time(), 0.0), _LONGEST_WAIT)


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ssl.SSLError):
        return getattr(error, "verify_message", "") or error.reason or type(error).__name__
    return os.strerror(error.errno) if error.errno else type(error).__name__
