"""Calls to systems of others: a limit of time for the whole of it, verified TLS, no redirects, a bounded answer, and
only to an address that was checked for this very connection.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpcore
import httpx

from app.service import addresses, names, tracing
from app.service.connectors import Unanswered

MOST_READ = 1 << 20
_CONNECTIONS = 200
_KEPT_ALIVE = 20
_IDLE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_after` is the header's text."""

    status: int
    body: bytes
    retry_after: str = ""


class Client:
    """One for an event loop. It takes shape at the first call: certificates take a while to read."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private
        self._made: httpx.AsyncClient | None = None

    @property
    def _http(self) -> httpx.AsyncClient:
        self._made = self._made or httpx.AsyncClient(
            transport=_Transport(_Checked(allow_private=self._allow_private)),
            follow_redirects=False,
            trust_env=False,
            timeout=None,  # noqa: S113 - one limit for the whole exchange, below
            headers={"User-Agent": "Dragoman/1", "Accept": "application/json", "Accept-Encoding": "identity"},
        )
        return self._made

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
        """Raises Unanswered: no connection, no answer in time, one that is too long or is not HTTP."""
        with tracing.span("warehouse", tracing.Kind.CLIENT) as span:
            answer = await self._exchange("POST", url, body, {**headers, tracing.KEY: tracing.current()}, seconds)
            span.tell(**{"http.response.status_code": answer.status})
            return answer

    async def look(self, method: Literal["GET", "OPTIONS"], url: str, seconds: float) -> Answer:
        """Ask for what changes nothing over there. Raises Unanswered."""
        return await self._exchange(method, url, b"", {}, seconds)

    async def _exchange(self, method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                async with self._http.stream(method, url, content=body, headers=headers) as response:
                    read = await _body(response)
                return Answer(response.status_code, read, response.headers.get("retry-after", ""))
        except TimeoutError as error:
            raise Unanswered(f"no answer within {seconds:g} seconds") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(f"no answer: {str(error) or type(error).__name__}") from error

    async def close(self) -> None:
        if self._made is not None:
            await self._made.aclose()


async def _body(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unanswered("the answer is compressed, which nobody asked for")
    read = b""
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) > MOST_READ:
            raise Unanswered(f"the answer is longer than {MOST_READ} bytes")
    return read


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked; the name is not looked up again, so it cannot change its mind."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = [host] if addresses.parse(host) is not None else await names.resolve(host, port)
        allowed = [address for address in found if self._allow_private or addresses.is_public(address)]
        error: Exception = httpcore.ConnectError("the host has no address that may be called")
        for address in allowed:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as failed:
                error = failed
        raise error

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Transport(httpx.AsyncBaseTransport):
    """As httpx's own, which does not let one say how to connect."""

    def __init__(self, network: httpcore.AsyncNetworkBackend) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_KEPT_ALIVE,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=network,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        try:
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except _FAILURES as error:
            raise httpx.TransportError(str(error) or type(error).__name__) from error
        return httpx.Response(answer.status, headers=answer.headers, stream=_Stream(answer.stream))

    async def aclose(self) -> None:
        await self._pool.aclose()


_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, httpcore.UnsupportedProtocol)


class _Stream(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._stream:
                yield part
        except _FAILURES as error:
            raise httpx.TransportError(str(error) or type(error).__name__) from error

    async def aclose(self) -> None:
        await self._stream.aclose()
