"""A second PostgreSQL that follows the first one, for lists and history. It may be behind, and it may be away."""

import logging
import time
from collections.abc import Sequence

import asyncpg

from app.core.refusal import Refusal
from app.store.connections import Connections
from app.store.rows import Row

log = logging.getLogger("dragoman.store")

_AWAY = 5.0
_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, Refusal)


class Standby:
    """While it is away nobody waits for it: after a failure it is left alone for five seconds."""

    def __init__(self, url: str, *, pool_size: int, timeout: float) -> None:
        self._connections = Connections(url, size=pool_size, timeout=timeout)
        self._again_at = 0.0

    async def fetch(self, text: str, *values: object) -> Sequence[Row] | None:
        """None when it cannot tell: then the first one has to."""
        if time.monotonic() < self._again_at:
            return None
        try:
            connection = await self._connections.take()
            try:
                return await connection.fetch(text, *values)  # type: ignore[no-any-return]
            finally:
                self._connections.give(connection)
        except _ERRORS as error:
            self._again_at = time.monotonic() + _AWAY
            log.warning("the standby is away", extra={"facts": {"cause": type(error).__name__}})
            return None

    async def close(self) -> None:
        await self._connections.close()
