"""A process that does nothing but the outbox's work, and, if asked, tells its numbers and its health."""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from uvicorn.loops.auto import auto_loop_factory

from app import logs, observing
from app.main import health_routes, running
from app.settings import Settings

log = logging.getLogger("dragoman.outbox")


def work(settings: Settings, listening: socket.socket | None = None) -> None:
    """Until SIGINT or SIGTERM; what is in hand then is finished first. On `listening` /metrics and /health."""
    logs.configure(settings.log_format, settings.log_level)
    stop_traces = observing.start()
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_work(settings, listening))
    finally:
        stop_traces()


async def _work(settings: Settings, listening: socket.socket | None) -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends it there, and what was in hand is done again
            loop.add_signal_handler(each, stopped.set)
    async with running(settings, worker=True) as (store, services), _telling(health_routes(store, services), listening):
        log.info("worker started")
        await stopped.wait()
    log.info("worker stopped")


class _Quiet(uvicorn.Server):
    """Leaves signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _telling(routes: list[Route], listening: socket.socket | None) -> AsyncIterator[None]:
    if listening is None:
        yield
        return
    config = uvicorn.Config(
        Starlette(routes=routes), lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=5
    )
    server = _Quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="metrics")
    try:
        yield
    finally:
        server.should_exit = True
        await serving
