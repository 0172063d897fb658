"""A worker that fails takes its process with it: it is told, what is under way is finished, and whoever keeps the
process starts another.
"""

import re
from pathlib import Path

import pytest

from tests.cli.program import PATIENCE, serving, start, until
from tests.cli.reading import new_key, new_tenant
from tests.dialects.receiver import receiving

# Python reads this when it starts. The first worker to see the file removes it, and comes upon a bug.
_FAULT = """
import asyncio
from contextlib import suppress
from pathlib import Path

now, create = Path(__file__).with_name("now"), asyncio.create_task

async def breaking(doing):
    working = asyncio.ensure_future(doing)
    while not working.done():
        await asyncio.sleep(0.02)
        with suppress(FileNotFoundError):
            now.unlink()
            working.cancel()
            await asyncio.wait([working])
            raise RuntimeError("a bug")

asyncio.create_task = lambda doing, *, name=None, **more: create(
    breaking(doing) if name == "outbox" else doing, name=name, **more
)
"""


@pytest.fixture
def fault(tmp_path: Path) -> Path:
    """The file that breaks a worker, of a process whose PYTHONPATH has its folder."""
    folder = tmp_path / "fault"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_FAULT)
    return folder / "now"


def _told(log: str) -> None:
    assert "outbox failed, so this process ends" in log
    assert "RuntimeError" in log


def test_a_worker_of_its_own_ends_with_a_status(database_url: str, fault: Path) -> None:
    new_tenant(database_url)
    fault.touch()
    done = start("worker", database_url=database_url, PYTHONPATH=str(fault.parent))
    assert done.returncode == 1
    _told(done.stderr)


def test_so_does_a_server_with_a_worker_in_it(database_url: str, fault: Path, tmp_path: Path) -> None:
    new_tenant(database_url)
    with serving(tmp_path, database_url, PYTHONPATH=str(fault.parent)) as server:
        until(lambda: server.get("/health/ready").status_code == 200, "the server's start")
        fault.touch()
        assert server.process.wait(PATIENCE) != 0
        _told(server.text)


def test_one_of_several_web_processes_is_started_anew(database_url: str, fault: Path, tmp_path: Path) -> None:
    key = new_key(database_url, new_tenant(database_url))
    more = {"webhook_allow_private": "true", "PYTHONPATH": str(fault.parent)}
    with receiving() as receiver, serving(tmp_path, database_url, "--workers", "2", **more) as server:
        until(lambda: server.get("/health/ready").status_code == 200, "the server's start")
        server.send("POST", "/api/webhooks", key, {"url": receiver.url, "topics": ["order.created"]})
        until(lambda: len(_started(server.text)) == 2, "both processes")
        fault.touch()
        until(lambda: len(_started(server.text)) == 3, "another process in its place")
        _told(server.text)
        order = {"currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 100}]}
        assert server.send("POST", "/api/orders", key, order).status_code == 201
        until(lambda: len(receiver.messages) == 1, "the webhook")


def _started(log: str) -> list[str]:
    return re.findall(r"Started server process \[(\d+)\]", log)
