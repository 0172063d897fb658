"""The circuit breaker: closed, open, one probe, and what counts as a failure of the location."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.core.refusal import Code, Refusal
from app.service.connectors import CallBack, Heard, Question, Unanswered, Word
from app.service.work import Hopeless, Later
from app.warehouse.breaker import FAILURES, LONGEST_REST, REST, Breaker, Guarded
from tests.warehouse.asking import Asking, asked


class Watch:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


class Scripted:
    """A connector that does one thing after the other, the last one again and again."""

    def __init__(self, *acts: BaseException | Word) -> None:
        self.acts = list(acts)
        self.asked = 0

    async def ask(self, question: Question) -> Sequence[Word]:
        self.asked += 1
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        if isinstance(act, BaseException):
            raise act
        return [act]

    async def hear(self, call: CallBack) -> Heard:
        return Heard(id="m")


def opened(watch: Watch) -> Breaker:
    breaker = Breaker(watch)
    for _ in range(FAILURES):
        assert breaker.enter() == 0
        breaker.failed()
    return breaker


def test_it_opens_after_that_many_failures_in_a_row():
    breaker = Breaker(Watch())
    for _ in range(FAILURES - 1):
        assert (breaker.enter(), breaker.failed()) == (0, False)
    breaker.passed()
    for _ in range(FAILURES - 1):
        assert (breaker.enter(), breaker.failed()) == (0, False)

    assert breaker.failed()
    assert breaker.enter() == REST


def test_after_its_rest_one_probe_goes_through():
    watch = Watch()
    breaker = opened(watch)

    watch.at += REST - 1
    assert breaker.enter() == 1
    watch.at += 1
    assert breaker.enter() == 0
    assert breaker.enter() > 0


def test_a_probe_that_passes_closes_it():
    watch = Watch()
    breaker = opened(watch)
    watch.at += REST
    breaker.enter()

    breaker.passed()

    assert [breaker.enter(), breaker.enter()] == [0, 0]
    assert not breaker.failed()


def test_each_probe_that_fails_doubles_the_rest_up_to_a_bound():
    watch = Watch()
    breaker = opened(watch)
    rests = []
    for _ in range(8):
        watch.at += breaker.enter()
        assert breaker.enter() == 0
        assert breaker.failed()
        rests.append(breaker.enter())

    assert rests[:3] == [2 * REST, 4 * REST, 8 * REST]
    assert rests[-1] == LONGEST_REST


def test_a_probe_that_came_to_nothing_is_made_again():
    watch = Watch()
    breaker = opened(watch)
    watch.at += REST
    assert breaker.enter() == 0

    breaker.left()

    assert breaker.enter() == 0


def test_failures_of_calls_that_were_under_way_do_not_prolong_the_rest():
    watch = Watch()
    breaker = opened(watch)
    watch.at += 10

    assert not breaker.failed()
    assert breaker.enter() == REST - 10


async def test_an_open_location_is_not_asked_and_no_try_is_lost():
    watch, connector = Watch(), Scripted(Unanswered("status 500"))
    guarded, question = Guarded(connector, watch), Asking(asked(), {}).question()
    for _ in range(FAILURES):
        with pytest.raises(Unanswered):
            await guarded.ask(question)

    with pytest.raises(Later) as later:
        await guarded.ask(question)

    assert later.value.seconds is not None
    assert REST <= later.value.seconds <= REST + 1
    assert connector.asked == FAILURES


async def test_a_location_that_works_again_is_asked_again():
    watch, connector = Watch(), Scripted(*[Unanswered("status 500")] * FAILURES, Word(True))
    guarded, question = Guarded(connector, watch), Asking(asked(), {}).question()
    for _ in range(FAILURES):
        with pytest.raises(Unanswered):
            await guarded.ask(question)
    watch.at += REST

    assert await guarded.ask(question) == [Word(True)]
    assert await guarded.ask(question) == [Word(True)]


@pytest.mark.parametrize(
    "harmless",
    [
        Unanswered("NOT_FOUND", alive=True),
        Later("busy", 5),
        Hopeless("no settings"),
        Refusal(Code.UNAVAILABLE),
        asyncio.CancelledError(),
    ],
    ids=["works, but not for this", "busy", "badly configured", "our own database", "cancelled"],
)
async def test_what_is_not_the_location_s_fault_does_not_open_it(harmless):
    guarded, question = Guarded(Scripted(harmless), Watch()), Asking(asked(), {}).question()

    for _ in range(FAILURES + 1):
        with pytest.raises(type(harmless)):
            await guarded.ask(question)


async def test_a_question_of_many_slow_calls_has_its_end_and_counts():
    class Endless(Scripted):
        async def ask(self, question: Question) -> Sequence[Word]:
            self.asked += 1
            await asyncio.sleep(20)
            return []

    connector = Endless(Word(True))
    guarded, question = Guarded(connector, Watch(), longest=0.01), Asking(asked(), {}).question()
    for _ in range(FAILURES):
        with pytest.raises(Unanswered, match="not done within"):
            await guarded.ask(question)
    with pytest.raises(Later):
        await guarded.ask(question)
    assert connector.asked == FAILURES


async def test_one_location_does_not_close_another():
    connector = Scripted(*[Unanswered("status 500")] * FAILURES, Word(True))
    guarded, here = Guarded(connector, Watch()), Asking(asked(), {}).question()
    for _ in range(FAILURES):
        with pytest.raises(Unanswered):
            await guarded.ask(here)
    elsewhere = replace(here, place=replace(here.place, tenant_id="tenant-2"))

    assert await guarded.ask(elsewhere) == [Word(True)]


async def test_call_backs_are_heard_whatever_the_breaker_says():
    guarded = Guarded(Scripted(Unanswered("status 500")), Watch())

    assert await guarded.hear(Asking(asked(), {}).call_back(b"", {})) == Heard(id="m")
