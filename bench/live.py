"""Live readers: what a thousand of them cost one process, with an event a second for each.

They are read by this process, over connections of their own. With more tenants than one, each tenant has its share of
the readers and its own event a second.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median, quantiles
from urllib.parse import urlsplit

from app.core.policy import Policy
from app.core.ports import Tenant
from app.service.access import Keys
from app.service.clock import Clock
from app.store import migrate, open_store
from bench.servers import Server, running
from bench.table import Row
from tests.postgres import free_port

PORT = free_port()
_ORDER = json.dumps({"currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 100}]}).encode()


class Readers:
    """Open streams, how many events came and how long after they were made."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._tasks: list[asyncio.Task[None]] = []
        self.took: list[float] = []
        self.ended = 0

    async def open(self, key: str) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(_head("GET", "/api/events/stream", key) + b"\r\n")
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"a stream was answered {status!r}")
        while not (await reader.readline()).startswith(b"retry:"):
            pass
        self._tasks.append(asyncio.create_task(self._follow(reader, writer)))

    async def _follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    at = datetime.fromisoformat(json.loads(line[6:])["at"])
                    self.took.append((datetime.now(UTC) - at).total_seconds())
            self.ended += 1
        finally:
            writer.close()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _write(host: str, port: int, keys: list[str], seconds: int) -> None:
    """An order a second for each tenant, evenly over the second."""
    reader, writer = await asyncio.open_connection(host, port)
    started = time.perf_counter()
    for n in range(seconds * len(keys)):
        await asyncio.sleep(max(0.0, started + n / len(keys) - time.perf_counter()))
        head = _head("POST", "/api/orders", keys[n % len(keys)])
        writer.write(head + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_ORDER) + _ORDER)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].split()[0])
        await reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 201 "):
            raise RuntimeError(f"an order was answered {answer!r}")
    writer.close()


def _head(method: str, path: str, key: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n".encode()


async def _tenants(url: str, number: int) -> list[str]:
    """The key of each."""
    store, clock = await open_store(url), Clock()
    keys = []
    for n in range(number):
        tenant = Tenant(id=f"live{n}", name=f"Live {n}", active=True, policy=Policy(), created_at=clock.now())
        await store.add_tenant(tenant)
        keys.append((await Keys(store, clock).add(tenant.id))[1])
    await store.close()
    return keys


async def _measure(server: Server, keys: list[str], readers: int, seconds: int) -> list[Row]:
    address = urlsplit(server.url)
    host, port = address.hostname or "", address.port or 0
    await _write(host, port, keys, 1)  # what the first request loads is not the readers'
    before = server.resident()
    following = Readers(host, port)
    for n in range(readers):
        await following.open(keys[n % len(keys)])
    opened, cpu = server.resident(), server.cpu()
    await _write(host, port, keys, seconds)
    await asyncio.sleep(1)
    cpu = (server.cpu() - cpu) / (seconds + 1)
    wanted = seconds * readers
    if following.ended or len(following.took) != wanted:
        raise RuntimeError(f"{len(following.took)} of {wanted} events came, {following.ended} streams ended")
    after = server.memory()
    await following.close()
    took = [seconds * 1000 for seconds in following.took]
    about = f"live, {readers} readers of {len(keys)} tenant{'s' if len(keys) > 1 else ''}"
    return [
        Row(f"{about}: memory of the web process, MB", after, limit="under 250", better="less"),
        Row(f"{about}: memory of a reader when opened, KB", (opened - before) * 1024 / readers, better="less"),
        Row(f"{about}: memory of a reader in use, KB", (after - before) * 1024 / readers, better="less"),
        Row(f"{about}: from the change to the reader p50, ms", median(took), better="less"),
        Row(
            f"{about}: from the change to the reader p99, ms",
            quantiles(following.took, n=100)[98] * 1000,
            better="less",
        ),
        Row(f"{about}: processor time of the web process per second, ms", cpu * 1000, better="less"),
    ]


def rows(readers: int, tenants: int, seconds: int) -> Iterator[Row]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * readers + 1000), hard))
    with tempfile.TemporaryDirectory(prefix="dragoman-live-") as folder:
        url = f"sqlite:///{folder}/live.db"
        migrate(url)
        keys = asyncio.run(_tenants(url, tenants))
        environment = {"DRAGOMAN_DATABASE_URL": url, "DRAGOMAN_PORT": str(PORT)}
        command = [sys.executable, "-m", "app", "serve"]
        with running(command, environment, f"http://127.0.0.1:{PORT}/health/live") as server:
            yield from asyncio.run(_measure(server, keys, readers, seconds))
