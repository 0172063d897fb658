"""What one process writes the others soon hear of, and none hears itself; a broken connection is only a pause."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from app.core.ports import Store
from app.service.signals import Signals
from app.store import open_store, relay
from tests.store.world import World, new_order

SOON = 5.0
A_WHILE = 0.5
PASSED_ON = [("", "")]
"""What an engine that only knows that something changed says of it."""


class Process:
    """A store with its signals, as each process has them, and what it has heard."""

    def __init__(self, store: Store, engine: str) -> None:
        self.store = store
        self.engine = engine
        self.signals = Signals()
        self.heard: list[tuple[str, str]] = []
        self._news = asyncio.Event()
        self.signals.listen(self._hear)

    def _hear(self, tenant_id: str, order_id: str) -> None:
        self.heard.append((tenant_id, order_id))
        self._news.set()

    async def until(self, enough: Callable[[list[tuple[str, str]]], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not enough(self.heard):
                self._news.clear()
                await self._news.wait()

    async def quiet(self) -> None:
        """Until nothing comes any more."""
        while self.heard:
            self.heard.clear()
            await asyncio.sleep(A_WHILE)


@pytest.fixture
async def processes(store: Store, second_store: Store) -> list[Process]:
    """Two, who know of each other already."""
    engine = "sqlite" if type(store).__name__ == "SqliteStore" else "postgresql"
    both = [Process(store, engine), Process(second_store, engine)]
    for each in both:
        await each.store.pass_on(each.signals)
        if engine == "postgresql":
            await each.until(bool)
    for each in both:
        each.heard.append(("", ""))
        await each.quiet()
    return both


async def write(world: World, process: Process) -> str:
    order = await world.on(process.store).create(new_order())
    process.signals.changed("t1", order.id)
    return order.id


async def test_the_other_process_hears_of_it(world: World, processes: list[Process]):
    for here, there in (processes, processes[::-1]):
        order_id = await write(world, here)
        await there.until(bool)
        exact = [("t1", order_id)]
        assert there.heard == (PASSED_ON if here.engine == "sqlite" else exact)
        await asyncio.sleep(A_WHILE)
        assert here.heard == exact
        here.heard.clear()
        there.heard.clear()


async def test_a_process_that_only_reads_is_left_alone(world: World, processes: list[Process]):
    await processes[0].store.load("t1", None, None)
    await processes[1].store.due_tenants(world.watch(), 10)
    await asyncio.sleep(A_WHILE)
    assert [each.heard for each in processes] == [[], []]


async def test_nobody_hears_after_closing(world: World, processes: list[Process]):
    here, there = processes
    await there.store.close()
    await write(world, here)
    await asyncio.sleep(A_WHILE)
    assert there.heard == []


async def test_closing_at_once_and_twice(database_url: str):
    store = await open_store(database_url)
    await store.pass_on(Signals())
    await store.close()
    await store.close()


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@only_postgresql
async def test_a_burst_is_few_words(processes: list[Process], server: asyncpg.Connection):
    """One notification for each ten milliseconds, however many the changes."""
    here, there = processes
    said: list[str] = []
    await server.add_listener(relay.CHANNEL, lambda *told: said.append(told[3]))
    for n in range(50):
        for order in range(20):
            here.signals.changed(f"t{n}", f"o{order}")
        await asyncio.sleep(0)
    await there.until(lambda heard: len(heard) >= 1000)
    assert sorted(there.heard) == sorted((f"t{n}", f"o{order}") for n in range(50) for order in range(20))
    assert 1 <= len(said) <= 3


@only_postgresql
async def test_too_much_to_say_is_said_in_fewer_words(processes: list[Process]):
    here, there = processes
    for n in range(1000):
        here.signals.changed("t1", f"order-{n}")
    await there.until(bool)
    assert there.heard == [("t1", "")]


@only_postgresql
async def test_others_are_heard_again_after_the_connection_broke(
    world: World, processes: list[Process], server: asyncpg.Connection, caplog: pytest.LogCaptureFixture
):
    here, there = processes
    with caplog.at_level(logging.ERROR):
        ended = await server.fetchval(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'dragoman-relay'"
        )
        assert ended == 2
        here.signals.changed("t1", "lost")
        await here.until(lambda heard: ("", "") in heard)
        await there.until(lambda heard: ("", "") in heard)
        for each in processes:
            await each.quiet()
        here.signals.changed("t1", "o")
        await there.until(bool)
    assert there.heard == [("t1", "o")]
    assert caplog.records == []


@only_postgresql
async def test_words_of_a_stranger_are_a_hint_too(processes: list[Process], server: asyncpg.Connection):
    for text in ("", "{", "[1]", '{"t1": 5}'):
        processes[0].heard.clear()
        await server.execute(f"NOTIFY {relay.CHANNEL}, '{text}'")
        await processes[0].until(bool)
        assert processes[0].heard == PASSED_ON


def test_a_notification_is_never_too_long():
    orders = dict.fromkeys(f"order-{n}" for n in range(100))
    assert relay.changes_of(relay.payload({"t1": orders})) == [("t1", order) for order in orders]
    many = {f"tenant-{n}": dict(orders) for n in range(20)}
    assert relay.changes_of(relay.payload(many)) == [(tenant, "") for tenant in many]
    assert relay.payload({f"tenant-{n}": dict(orders) for n in range(2000)}) == ""
    assert relay.changes_of("") == PASSED_ON
    for count in range(1, 400, 7):
        assert len(relay.payload({"ü" * 20: dict.fromkeys("ä" * n for n in range(count))}).encode()) <= 7_900
