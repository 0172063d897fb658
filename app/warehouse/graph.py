"""Calls of HappyColis' GraphQL, with a token that is asked for once, and again when it ends or is no longer taken."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

import msgspec

from app.service.connectors import Unanswered
from app.warehouse import upstream
from app.warehouse.client import Client
from app.warehouse.retry import check_busy
from app.warehouse.upstream import Document, Refused

_EARLY = 60.0
"""Seconds before its end that a token is no longer used."""
_UNAUTHORIZED = "UNAUTHORIZED"
_MOST_TOKENS = 10_000


class Settings(msgspec.Struct):
    """A client with its secret, or an integration token. `tp_app_id` is where our numbers are external references."""

    url: str
    organization_id: str = ""
    client_id: str | None = None
    client_secret: str | None = None
    integration_token: str | None = None
    token_url: str | None = None
    tp_app_id: str | None = None
    timeout: float = 10.0
    register_webhooks: bool = True
    webhooks: dict[str, str] = {}


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 3600.0


@dataclass(slots=True)
class _Held:
    token: str = ""
    until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Graph:
    """`now` is a monotonic clock. A token is held by what it was asked with, so that other settings ask for another."""

    def __init__(self, client: Client, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now = now
        self._tokens: dict[tuple[str | None, ...], _Held] = {}

    async def call(self, settings: Settings, document: Document, variables: Mapping[str, Any], key: str = "") -> Any:
        """The value of the root field, None if it is null; `key` makes a retry take effect once, where that is known.

        Raises Unanswered (Refused) and Later.
        """
        token = await self._token(settings)
        try:
            return await self._once(settings, document, variables, key, token)
        except Refused as refused:
            if refused.code != _UNAUTHORIZED or settings.integration_token is not None:
                raise
        return await self._once(settings, document, variables, key, await self._token(settings, stale=token))

    async def _once(
        self, settings: Settings, document: Document, variables: Mapping[str, Any], key: str, token: str
    ) -> Any:
        body = msgspec.json.encode({"query": document.text, "variables": variables})
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        headers |= {"Idempotency-Key": key} if key else {}
        answer = await self._client.post(settings.url, body, headers, settings.timeout)
        check_busy(answer, time.time())
        if answer.status == 401:
            raise Refused(_UNAUTHORIZED, "status 401")
        if answer.status not in {200, 400}:
            raise Unanswered(f"status {answer.status}")
        value = upstream.read(answer.body, document)
        if answer.status == 400:
            raise Unanswered("status 400")
        return value

    async def _token(self, settings: Settings, stale: str = "") -> str:
        """Many who need one at once ask for it once."""
        if settings.integration_token is not None:
            return settings.integration_token
        held = self._held(settings)
        async with held.lock:
            if held.token in {"", stale} or held.until <= self._now():
                made = await self._ask_token(settings)
                held.token = made.access_token
                held.until = self._now() + max(made.expires_in - _EARLY, made.expires_in / 2)
            return held.token

    def _held(self, settings: Settings) -> _Held:
        key = (settings.url, settings.token_url, settings.organization_id, settings.client_id, settings.client_secret)
        if key not in self._tokens and len(self._tokens) >= _MOST_TOKENS:
            self._tokens.clear()
        return self._tokens.setdefault(key, _Held())

    async def _ask_token(self, settings: Settings) -> _Token:
        """Where that is the partner does not say (contract 6); beside its GraphQL, unless it is configured."""
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id or "",
            "client_secret": settings.client_secret or "",
            "organization_id": settings.organization_id,
        }
        url = settings.token_url or urljoin(settings.url, "token")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await self._client.post(url, urlencode(form).encode(), headers, settings.timeout)
        check_busy(answer, time.time())
        if answer.status != 200:
            raise Unanswered(f"no token: status {answer.status}")
        try:
            return msgspec.json.decode(answer.body, type=_Token)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise Unanswered(f"no token: {error}") from error
