"""What a process does beside its requests. When that fails the process ends, and is not left to serve without it."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

log = logging.getLogger("dragoman")


@asynccontextmanager
async def beside(
    work: Mapping[str, Coroutine[Any, Any, None]], stop: Callable[[Mapping[str, asyncio.Task[None]]], None]
) -> AsyncIterator[None]:
    """Each runs by itself, by name; `stop` tells them that it is time to end, and they are waited for.

    One that fails is logged at once, and the process asked to end as by SIGTERM: requests in flight are answered, what
    is in hand is finished, and the failure comes out of here, so that the status tells whoever starts it again. Nothing
    is lost by that, and everything is by going on: webhooks that nobody sends look like a quiet day.
    """
    tasks = {name: asyncio.create_task(doing, name=name) for name, doing in work.items()}
    for task in tasks.values():
        task.add_done_callback(_ended)
    try:
        yield
    finally:
        stop(tasks)
        await asyncio.wait(tasks.values())
        for failure in filter(None, map(_failure, tasks.values())):
            raise failure


def _ended(task: asyncio.Task[None]) -> None:
    failure = _failure(task)
    if failure is not None:
        log.critical("%s failed, so this process ends", task.get_name(), exc_info=failure)
        signal.raise_signal(signal.SIGTERM)


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()
