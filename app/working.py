"""A process that does nothing but the outbox's work."""

import asyncio
import logging
import signal
from contextlib import suppress

from uvicorn.loops.auto import auto_loop_factory

from app import logs, observing
from app.main import running
from app.settings import Settings

log = logging.getLogger("dragoman.outbox")


def work(settings: Settings) -> None:
    """Until SIGINT or SIGTERM; what is in hand then is finished first."""
    logs.configure(settings.log_format, settings.log_level)
    stop_traces = observing.start()
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_work(settings))
    finally:
        stop_traces()


async def _work(settings: Settings) -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends it there, and what was in hand is done again
            loop.add_signal_handler(each, stopped.set)
    async with running(settings, worker=True):
        log.info("worker started")
        await stopped.wait()
    log.info("worker stopped")
