"""A worker that dies between the server's yes and its own note of it: the mail may come twice, but it is one mail."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.ports import Store
from tests.cli.program import environment
from tests.mail.shop import shop
from tests.mail.sink import Sink
from tests.outbox.world import until
from tests.torture.processes import Program, waited

_SETTINGS = {"smtp_timeout": "0.6", "webhook_timeout": "0.5", "task_lease": "1", "mail_from": "orders@example.com"}


@pytest.fixture
def worker(database_url: str, tmp_path: Path) -> Iterator[Program]:
    program = Program(("worker",), environment(database_url, log_level="info", **_SETTINGS), tmp_path / "worker.log")
    yield program
    program.kill()


async def test_at_most_twice_under_one_id(store: Store, sink: Sink, worker: Program) -> None:
    made = await shop(store, sink)
    await made.write_to()
    worker.environment["DRAGOMAN_SMTP_URL"] = sink.url

    async def kill() -> None:
        """It is taken, and nobody hears of that."""
        sink.on_data = None
        await asyncio.to_thread(worker.kill)

    sink.on_data = kill
    worker.start()
    await sink.got(1, 60.0)
    await until(lambda: _gone(worker))
    assert await made.queue() == 1
    await asyncio.to_thread(worker.start)
    assert await asyncio.to_thread(waited, worker.ready, worker.check)
    await until(made.idle, 60.0)
    first, second = (envelope.original_content for envelope in sink.received)
    assert first == second
    assert sink.parsed(0)["Message-ID"] == sink.parsed(1)["Message-ID"]
    assert worker.kills == 1
    assert "Traceback" not in worker.text


async def _gone(worker: Program) -> bool:
    return worker.kills == 1
