"""Names of hosts to addresses, without one slow name server holding up everybody."""

import asyncio
import socket
from contextlib import suppress
from threading import Thread


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, none if it has none. In a thread of its own: a name server may take its time."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def settle(known: list[str]) -> None:
        if not found.done():
            found.set_result(known)

    def look() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            infos = []
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(settle, [str(info[4][0]) for info in infos])

    Thread(target=look, daemon=True, name="dragoman-resolve").start()
    return await found
