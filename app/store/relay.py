"""Hints between processes on PostgreSQL: one connection that listens, and speaks for all of this process.

What this process changed within some milliseconds goes out as one notification, outside of every commit. Nothing rests
on it: a lost one costs its hearers a moment, until they look by themselves.
"""

import asyncio
import logging
from contextlib import suppress

import asyncpg
import msgspec

from app.core.ports import Hints
from app.service.chance import CHANCE

CHANNEL = "dragoman"
MOST_BYTES = 7_900
"""PostgreSQL refuses a notification of 8,000."""

_PAUSE = 0.025
"""Seconds between two notifications: the first of an idle process goes at once, and under load few say it all."""
_BACK_OFF = (0.1, 10.0)
_PROOF = 30.0
"""Seconds without a word of ours after which the connection has to show that it lives: listening alone would not."""

_POOLED = "a pooler is between; DRAGOMAN_DIRECT_URL would lead past it"
"""Who listens through it hears nothing: the session that listens is lent to others."""

log = logging.getLogger("dragoman.store")
_Changes = dict[str, dict[str, None]]
"""Orders by tenant; an empty order id: several, or none in particular. The order of the keys is that of the changes."""


class Relay:
    def __init__(self, url: str, hints: Hints, timeout: float) -> None:
        self._url = url
        self._hints = hints
        self._timeout = timeout
        self._speaking = False
        self._changes: _Changes = {}
        self._news = asyncio.Event()
        self._stop = hints.relay(self._changed)
        self._task = asyncio.create_task(self._run(), name="dragoman-relay")

    async def close(self) -> None:
        self._stop()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def _changed(self, tenant_id: str, order_id: str) -> None:
        if not self._speaking:
            return
        self._changes.setdefault(tenant_id, {})[order_id] = None
        self._news.set()

    async def _run(self) -> None:
        pause = _BACK_OFF[0]
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url,
                    timeout=self._timeout,
                    command_timeout=self._timeout,
                    server_settings={"application_name": "dragoman-relay"},
                )
                try:
                    if await connection.fetchval("SELECT pg_backend_pid()") != connection.get_server_pid():
                        log.warning("no hints from other processes", extra={"facts": {"cause": _POOLED}})
                        return
                    await connection.add_listener(CHANNEL, self._heard)
                    connection.add_termination_listener(lambda _: self._news.set())
                    pause = _BACK_OFF[0]
                    await self._speak(connection)
                finally:
                    self._speaking = False
                    connection.terminate()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                log.warning("no hints from other processes", extra={"facts": {"cause": type(error).__name__}})
            await asyncio.sleep(pause * CHANCE.uniform(0.5, 1))
            pause = min(2 * pause, _BACK_OFF[1])

    async def _speak(self, connection: asyncpg.Connection) -> None:
        """Until the connection breaks. The first word on either side is for whatever was lost before it."""
        self._hints.heard("")
        self._changes = {"": {"": None}}
        self._speaking = True
        self._news.set()
        while True:
            try:
                async with asyncio.timeout(_PROOF):
                    await self._news.wait()
            except TimeoutError:
                await connection.fetch("SELECT 1")
                continue
            self._news.clear()
            changes, self._changes = self._changes, {}
            await connection.fetch("SELECT pg_notify($1, $2)", CHANNEL, payload(changes))
            await asyncio.sleep(_PAUSE)

    def _heard(self, connection: asyncpg.Connection, pid: int, channel: str, text: str) -> None:
        if pid == connection.get_server_pid():
            return
        for tenant_id, order_id in changes_of(text):
            self._hints.heard(tenant_id, order_id)


def payload(changes: _Changes) -> str:
    """As exact as there is room for: orders, else only their tenants, else nothing but that there was something."""
    for said in (
        {tenant: list(orders) for tenant, orders in changes.items()},
        {tenant: [""] for tenant in changes},
    ):
        text = msgspec.json.encode(said)
        if len(text) <= MOST_BYTES:
            return text.decode()
    return ""


def changes_of(text: str) -> list[tuple[str, str]]:
    try:
        said = msgspec.json.decode(text or "{}", type=dict[str, list[str]])
    except msgspec.DecodeError:
        said = {}
    return [(tenant, order) for tenant, orders in said.items() for order in orders] or [("", "")]
