"""Who goes together, who does not, and that nobody notices what becomes of the others."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextvars import ContextVar
from typing import Any

import pytest

from app.core.ports import Moved
from app.core.refusal import Code, Refusal
from app.store.gathering import LANES, MOST, Apart, Gathering

Row = tuple[Any, ...]


about: ContextVar[str | None] = ContextVar("about", default=None)


class Sent:
    """A database that answers each row with itself doubled, once it is told to. `bad` ones spoil their groups."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, list[int]]] = []
        self.about: list[str | None] = []
        self.go = asyncio.Event()
        self.awake = asyncio.Event()
        self.fault: Exception | None = None
        self.bad: dict[int, Exception] = {}
        self.slow: set[int] = set()
        self.short = False

    async def __call__(self, key: str, rows: list[Row]) -> Sequence[Any]:
        values = [value for (value,) in rows]
        self.rows.append((key, values))
        self.about.append(about.get())
        await self.go.wait()
        if self.fault is not None:
            raise self.fault
        if self.slow >= set(values):
            await self.awake.wait()
        if self.bad.keys() & set(values):
            if len(values) > 1:
                raise Apart
            raise self.bad[values[0]]
        return [2 * value for value in values[self.short :]]


async def _turn() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


async def _answers(futures: Sequence[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), 5))


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def gathered(sent: Sent) -> Gathering[str]:
    return Gathering(sent, patience=5)


async def test_what_one_turn_brings_goes_together_and_each_gets_its_own(sent: Sent, gathered: Gathering[str]):
    sent.go.set()
    assert await _answers([gathered.put("a", (n,)) for n in range(5)]) == [0, 2, 4, 6, 8]
    assert sent.rows == [("a", [0, 1, 2, 3, 4])]


async def test_keys_do_not_mix(sent: Sent, gathered: Gathering[str]):
    sent.go.set()
    await _answers([gathered.put("ab"[n % 2], (n,)) for n in range(4)])
    assert sent.rows == [("a", [0, 2]), ("b", [1, 3])]


async def test_never_more_at_once_than_allowed_and_the_rest_in_its_turn(sent: Sent, gathered: Gathering[str]):
    many = 3 * MOST + 3
    asked = [gathered.put("a", (n,)) for n in range(many)]
    await _turn()
    assert [len(rows) for _, rows in sent.rows] == [MOST] * LANES
    sent.go.set()
    assert await _answers(asked) == [2 * n for n in range(many)]
    assert [n for _, rows in sent.rows for n in rows] == [*range(many)]


async def test_two_about_one_subject_are_never_under_way_at_once(sent: Sent, gathered: Gathering[str]):
    asked = [gathered.put("a", (n,), subject) for n, subject in enumerate(["y", "x", "y", "z", "y"])]
    await _turn()
    assert [rows for _, rows in sent.rows] == [[1, 0, 3]], "in the order of their subjects"
    asked.append(gathered.put("a", (5,), "w"))
    await _turn()
    assert [rows for _, rows in sent.rows] == [[1, 0, 3], [5]]
    sent.go.set()
    assert await _answers(asked) == [0, 2, 4, 6, 8, 10]
    assert [rows for _, rows in sent.rows] == [[1, 0, 3], [5], [2], [4]]


async def test_a_fault_of_all_is_everybodys_and_of_nobody_after_them(sent: Sent, gathered: Gathering[str]):
    sent.go.set()
    sent.fault = OSError()
    assert [type(answer) for answer in await _answers([gathered.put("a", (n,)) for n in range(3)])] == [OSError] * 3
    sent.fault = None
    assert await _answers([gathered.put("a", (7,))]) == [14]


async def test_where_one_may_be_at_fault_each_goes_by_itself(sent: Sent, gathered: Gathering[str]):
    sent.go.set()
    sent.bad = {1: Moved(), 3: ValueError()}
    answers = await _answers([gathered.put("a", (n,), f"s{n}") for n in range(5)])
    assert [type(answer) for answer in answers] == [int, Moved, int, ValueError, int]
    assert [rows for _, rows in sent.rows] == [[0, 1, 2, 3, 4], [0], [1], [2], [3], [4]]


async def test_one_that_hangs_by_itself_holds_up_only_what_is_about_the_same(sent: Sent, gathered: Gathering[str]):
    sent.go.set()
    sent.bad = {0: Moved()}
    sent.slow = {0}
    hangs = gathered.put("a", (0,), "s0")
    others = [gathered.put("a", (n,), f"s{n}") for n in range(1, 4)]
    assert await _answers(others) == [2, 4, 6]
    behind = gathered.put("a", (10,), "s0")
    assert await _answers([gathered.put("a", (n,), f"s{n}") for n in range(4, 60)]) == [2 * n for n in range(4, 60)]
    assert not hangs.done()
    assert not behind.done()
    sent.awake.set()
    assert [type(answer) for answer in await _answers([hangs, behind])] == [Moved, int]


async def test_what_takes_long_is_overtaken_by_all_but_what_is_about_the_same(
    sent: Sent, gathered: Gathering[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.store.gathering.SLOW", 0.02)
    sent.slow = {0, 1}
    asked = [gathered.put("a", (0,), "s0")]
    await _turn()
    asked.append(gathered.put("a", (1,), "s1"))
    await _turn()
    asked += [gathered.put("a", (n,), f"s{n % 5}") for n in range(2, 10)]
    sent.go.set()
    assert await _answers([*asked[2:5], *asked[7:]]) == [4, 6, 8, 14, 16, 18]
    assert not any(asked[n].done() for n in (0, 1, 5, 6))
    sent.awake.set()
    assert await _answers(asked) == [2 * n for n in range(10)]


async def test_too_few_answers_are_nobodys(sent: Sent, gathered: Gathering[str]):
    sent.go.set()
    sent.short = True
    assert [type(each) for each in await _answers([gathered.put("a", (n,)) for n in range(3)])] == [ValueError] * 3


async def test_whoever_goes_away_takes_nobody_along(sent: Sent, gathered: Gathering[str]):
    under_way = [gathered.put("a", (n,), f"s{n}") for n in range(2)]
    await _turn()
    under_way[0].cancel()
    behind = gathered.put("a", (2,), "s0")
    waiting = [gathered.put("a", (n,), f"s{n}") for n in range(3, 6)]
    waiting[1].cancel()
    sent.go.set()
    assert await _answers([under_way[1], behind, waiting[0], waiting[2]]) == [2, 4, 6, 10]
    assert sent.rows == [("a", [0, 1]), ("a", [3, 5]), ("a", [2])]


async def test_all_may_go_away_before_anything_is_sent(sent: Sent, gathered: Gathering[str]):
    sent.go.set()
    for _ in range(2):
        gathered.put("a", (1,), "s").cancel()
    await _turn()
    assert sent.rows == []
    assert await _answers([gathered.put("a", (2,), "s")]) == [4]


async def test_nobody_waits_for_ever(sent: Sent):
    gathered = Gathering(sent, patience=0.05)
    many = (LANES + 1) * MOST
    asked = [gathered.put("a", (n,)) for n in range(many)]
    await asyncio.sleep(0.1)
    sent.go.set()
    answers = await _answers(asked)
    assert answers[: LANES * MOST] == [2 * n for n in range(LANES * MOST)]
    assert {str(answer) for answer in answers[LANES * MOST :]} == {str(Refusal(Code.TIMED_OUT))}
    assert len(sent.rows) == LANES


@pytest.mark.parametrize("rounds", [1, 100])
async def test_nothing_is_kept_of_whoever_is_answered(sent: Sent, gathered: Gathering[str], rounds: int):
    sent.go.set()
    sent.bad = {5: Moved()}
    for n in range(rounds):
        asked = [gathered.put(f"{n}{m % 3}", (m,), f"s{m // 2}") for m in range(14)]
        asked[7].cancel()
        await _answers(asked)
    await _turn()
    assert (gathered._queues, gathered._tasks) == ({}, set())


async def test_what_is_sent_for_many_is_in_nobodys_context(gathered: Gathering[str], sent: Sent):
    sent.go.set()
    about.set("mine")
    await _answers([gathered.put("a", (1,))])
    assert sent.about == [None]
