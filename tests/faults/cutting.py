"""A way to PostgreSQL that breaks at a chosen moment. No test and no fixture is here."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from anyio.from_thread import BlockingPortal, start_blocking_portal


class At(StrEnum):
    QUESTION = "the question is lost"
    ANSWER = "the answer is lost"
    HANGS = "nothing comes any more"


@dataclass
class Cutter:
    """Passes bytes on, until it was told at which question or answer to fail. It fails once; then all is well again,
    but for connections that hang, which stay so."""

    target: tuple[str, int]
    portal: BlockingPortal
    port: int = 0
    fired: bool = False
    _at: At | None = None
    _left: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def arm(self, at: At, nth: int = 1) -> None:
        self.portal.call(self._arm, at, nth)

    def disarm(self) -> None:
        self._at = None

    def _arm(self, at: At, nth: int) -> None:
        self._at, self._left, self.fired = at, nth, False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self.target)
        both = (writer, there_writer)
        for one, other, end in ((reader, there_writer, At.QUESTION), (there_reader, writer, At.ANSWER)):
            task = asyncio.create_task(self._pass(one, other, both, end))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        way: At,
    ) -> None:
        try:
            while chunk := await reader.read(1 << 20):
                if self._fails(way):
                    hangs, self._at = self._at is At.HANGS, None
                    if hangs:
                        await asyncio.Event().wait()
                    break
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass  # the other side was aborted
        finally:
            for each in both:
                each.transport.abort()

    def _fails(self, way: At) -> bool:
        if self._at is None or way is not (At.QUESTION if self._at is At.HANGS else self._at):
            return False
        self._left -= 1
        self.fired = self._left == 0
        return self.fired

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports close in the next round


@contextmanager
def cutter(host: str, port: int) -> Iterator[Cutter]:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_open(portal, host, port)) as made:
        yield made


@asynccontextmanager
async def _open(portal: BlockingPortal, host: str, port: int) -> AsyncIterator[Cutter]:
    made = Cutter((host, port), portal)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await made.close()
