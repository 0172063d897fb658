"""What is asked for at once goes to PostgreSQL together, and nobody notices what becomes of the others."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest

from app.core.cancel import decide_cancel
from app.core.messages import Cancel, Target
from app.core.model import Order, Scope
from app.core.ports import Commit, Moved, Ref, ReplayKey, Store
from app.store import gathering
from app.store.gathering import Gathering
from tests.store.world import World, new_order, table

Row = tuple[Any, ...]


class Sent:
    """A database that answers each row with itself doubled, once it is told to."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, list[int]]] = []
        self.go = asyncio.Event()
        self.fault: Exception | None = None
        self.of_one: dict[int, Exception] = {}

    async def __call__(self, key: str, rows: list[Row]) -> Sequence[Any]:
        self.rows.append((key, [value for (value,) in rows]))
        await self.go.wait()
        if self.fault is not None:
            raise self.fault
        return [self.of_one.get(value, 2 * value) for (value,) in rows]


async def _turn() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


async def _answers(futures: Sequence[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), 5))


async def test_what_one_turn_brings_goes_together_and_each_gets_its_own():
    sent = Sent()
    sent.go.set()
    gathered = Gathering(sent)
    assert await _answers([gathered.put("a", (n,)) for n in range(5)]) == [0, 2, 4, 6, 8]
    assert sent.rows == [("a", [0, 1, 2, 3, 4])]


async def test_keys_do_not_mix():
    sent = Sent()
    sent.go.set()
    gathered = Gathering(sent)
    await _answers([gathered.put("ab"[n % 2], (n,)) for n in range(4)])
    assert sent.rows == [("a", [0, 2]), ("b", [1, 3])]


async def test_never_more_at_once_than_allowed_and_the_rest_in_its_turn():
    sent = Sent()
    gathered = Gathering(sent)
    many = gathering.MOST + 3
    first = [gathered.put("a", (n,)) for n in range(many)]
    await _turn()
    assert [len(rows) for _, rows in sent.rows] == [gathering.MOST]
    second = [gathered.put("a", (n,)) for n in range(many, 2 * many)]
    await _turn()
    assert len(sent.rows) == gathering.LANES == 2
    sent.go.set()
    assert await _answers(first + second) == [2 * n for n in range(2 * many)]
    assert [n for _, rows in sent.rows for n in rows] == [*range(2 * many)]


async def test_two_about_one_subject_never_go_together():
    sent = Sent()
    sent.go.set()
    gathered = Gathering(sent)
    subjects = ["x", "y", "x", "z", "x"]
    assert await _answers([gathered.put("a", (n,), subject) for n, subject in enumerate(subjects)]) == [0, 2, 4, 6, 8]
    assert [rows for _, rows in sent.rows] == [[0, 1, 3], [2], [4]]


async def test_a_fault_of_one_is_its_own_and_a_fault_of_all_is_everybodys():
    sent = Sent()
    sent.go.set()
    gathered = Gathering(sent)
    sent.of_one = {1: Moved()}
    zero, one, two = await _answers([gathered.put("a", (n,)) for n in range(3)])
    assert (zero, two) == (0, 4)
    assert isinstance(one, Moved)
    sent.fault = OSError()
    assert [type(answer) for answer in await _answers([gathered.put("a", (n,)) for n in range(3)])] == [OSError] * 3
    sent.fault = None
    assert await _answers([gathered.put("a", (7,))]) == [14]


async def test_whoever_goes_away_takes_nobody_along():
    sent = Sent()
    gathered = Gathering(sent)
    under_way = [gathered.put("a", (n,)) for n in range(2)]
    await _turn()
    under_way[0].cancel()
    lanes = gathered.put("a", (2,))
    await _turn()
    waiting = [gathered.put("a", (n,)) for n in range(3, 6)]
    waiting[1].cancel()
    sent.go.set()
    assert await _answers([under_way[1], lanes, waiting[0], waiting[2]]) == [2, 4, 6, 10]
    assert sent.rows[-1] == ("a", [3, 5])


async def test_all_may_go_away_before_anything_is_sent():
    sent = Sent()
    sent.go.set()
    gathered = Gathering(sent)
    gathered.put("a", (1,)).cancel()
    await _turn()
    assert sent.rows == []
    assert await _answers([gathered.put("a", (2,))]) == [4]


@pytest.mark.parametrize("rounds", [1, 100])
async def test_nothing_is_kept_of_whoever_is_answered(rounds: int):
    sent = Sent()
    sent.go.set()
    gathered = Gathering(sent)
    for n in range(rounds):
        await _answers([gathered.put(f"{n}{m % 3}", (m,)) for m in range(7)])
    await _turn()
    assert (gathered._queues, gathered._tasks) == ({}, set())


@pytest.fixture
async def orders(world: World) -> list[Order]:
    return [await world.create(new_order(5)) for _ in range(6)]


def _cancels(world: World, orders: list[Order]) -> list[Commit]:
    made = []
    for n, order in enumerate(orders):
        command = Cancel(scope=Scope.LINES, targets=(Target(ref=order.lines[0].id, quantity=2),))
        made.append(world.decision(decide_cancel, order, command, key=f"k{n}", fingerprint="f", reply=f"r{n}"))
    return made


async def _together(store: Store, commits: Sequence[Commit]) -> list[type | None]:
    """What each ended with: None is well."""
    ends = await asyncio.gather(*(store.commit(commit) for commit in commits), return_exceptions=True)
    return [None if end is None else type(end) for end in ends]


async def _versions(world: World, orders: list[Order]) -> list[int]:
    return [(await world.order(order.id)).version for order in orders]


async def test_commits_at_once_are_all_written(world: World, orders: list[Order]):
    assert await _together(world.store, _cancels(world, orders)) == [None] * 6
    assert await _versions(world, orders) == [2] * 6
    assert sorted(row["reply"] for row in await table(world.store, "replays")) == [f"r{n}" for n in range(6)]


async def test_one_that_comes_too_late_leaves_the_others_alone(world: World, orders: list[Order]):
    commits = _cancels(world, orders)
    await world.write(world.decision(decide_cancel, orders[2], Cancel(scope=Scope.ORDER)))
    assert await _together(world.store, commits) == [None, None, Moved, None, None, None]
    assert await _versions(world, orders) == [2] * 6
    assert sorted(row["key"] for row in await table(world.store, "replays")) == ["k0", "k1", "k3", "k4", "k5"]
    assert len(await table(world.store, "events")) == 12


async def test_one_whose_key_is_taken_leaves_the_others_alone(world: World, orders: list[Order]):
    commits = _cancels(world, orders)
    await world.store.commit(world.creation(new_order(1), key="k4", fingerprint="f", reply="taken"))
    assert await _together(world.store, commits) == [None, None, None, None, Moved, None]
    assert await _versions(world, orders) == [2, 2, 2, 2, 1, 2]


async def test_of_two_about_one_order_one_is_written(world: World, orders: list[Order]):
    """Both were decided at the same version."""
    commits = [*_cancels(world, orders), *_cancels(world, orders[:1])]
    commits[-1] = world.decision(decide_cancel, orders[0], Cancel(scope=Scope.ORDER), key="other")
    assert await _together(world.store, commits) == [None] * 6 + [Moved]
    assert await _versions(world, orders) == [2] * 6


async def test_new_orders_and_changes_at_once(world: World, orders: list[Order]):
    new = [world.creation(new_order(1, number="same" if n < 2 else None)) for n in range(4)]
    ends = await _together(world.store, [*new, *_cancels(world, orders)])
    assert sorted(map(str, ends[:2])) == sorted([str(None), str(Moved)])
    assert ends[2:] == [None] * 8


async def test_loads_at_once_find_each_its_own(world: World, orders: list[Order]):
    await _together(world.store, _cancels(world, orders[:3]))
    refs: list[Ref | None] = [Ref.to_order("native", order.id) for order in orders]
    refs += [None, Ref.to_order("native", world.clock.new_order_id(world.watch()))]
    replays = [ReplayKey(world.credential_id, f"k{n}") for n in range(8)]
    found = await asyncio.gather(*(world.store.load("t1", *each) for each in zip(refs, replays, strict=True)))
    assert [each and each.order and each.order.id for each in found] == [order.id for order in orders] + [None, None]
    assert [each and each.replay and each.replay.reply for each in found] == ["r0", "r1", "r2"] + [None] * 5


async def test_loads_at_once_of_no_tenant_find_nothing(world: World, orders: list[Order]):
    refs = [Ref.to_order("native", order.id) for order in orders]
    assert await asyncio.gather(*(world.store.load("nobody", ref, None) for ref in refs)) == [None] * 6
