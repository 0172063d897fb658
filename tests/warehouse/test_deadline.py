"""The task `deadline`: what the policy says then, and an answer that comes at the same moment."""

import asyncio

import pytest

from app.core.messages import Answer
from app.core.policy import OnSilence, Policy
from tests.warehouse.house import House, house, summary

SILENCE = "No answer from the warehouse in time"
ASKED = ("requested", "c1", "native", "seller")


@pytest.mark.parametrize(
    ("on_silence", "state", "event"),
    [(OnSilence.ACCEPT, "accepted", "accepted"), (OnSilence.REJECT, "rejected", "rejected")],
)
async def test_the_policy_answers(store, on_silence, state, event):
    async with house(store, Policy(on_silence=on_silence)) as here:
        order = await here.deadline(await here.asked({"dock": 2}, free=1))

        assert summary(order) == (state, SILENCE, [state])
        assert await here.events(order) == [ASKED, (event, "deadline", "warehouse", "warehouse")]
        assert (await here.read(order)).cancelled == (state == "accepted")


async def test_a_policy_that_waits_says_once_that_it_is_late(store):
    """The worker that wrote it may have died before it could say so."""
    async with house(store) as here:
        before = await here.asked({"dock": 2})
        await here.deadline(before)
        order = await here.deadline(before)

        assert (summary(order)[0], order.version) == ("pending", before.version + 1)
        assert await here.events(order) == [ASKED, ("overdue", "deadline", "warehouse", "warehouse")]

        await here.location("dock", "simulator")
        assert summary(await here.ask(order, "dock"))[0] == "accepted"


async def test_the_policy_of_the_moment_counts(store):
    async with house(store, Policy(on_silence=OnSilence.ACCEPT)) as here:
        order = await here.asked({"dock": 2})
        await here.policy(on_silence=OnSilence.REJECT)

        assert summary(await here.deadline(order))[0] == "rejected"


async def test_each_case_has_its_own(store):
    async with house(store, Policy(on_silence=OnSilence.REJECT)) as here:
        first = await here.deadline(await here.asked({"dock": 2}))
        await here.cancel(first)
        order = await here.deadline(await here.world.order(first.id))

        assert [case.state.value for case in order.cases] == ["rejected", "rejected"]


async def test_in_time_is_in_time(store):
    async with house(store, Policy(on_silence=OnSilence.REJECT)) as here:
        await here.location("dock", "simulator")
        order = await here.ask(await here.asked({"dock": 2}), "dock")

        assert await here.deadline(order) == order


async def test_too_late_is_too_late_and_recorded(store):
    async with house(store, Policy(on_silence=OnSilence.REJECT)) as here:
        await here.location("dock", "simulator")
        order = await here.deadline(await here.asked({"dock": 2}))
        await here.world.act(order.id, Answer(case_id=order.cases[0].id, accepted=True, location_id="dock"))

        assert await here.world.order(order.id) == order
        assert here.meter.seen == [("simulator", "ignored")]


@pytest.mark.parametrize("on_silence", [OnSilence.ACCEPT, OnSilence.REJECT])
async def test_an_answer_and_a_deadline_at_once_one_wins(store, on_silence):
    answers = ("rejected" if on_silence is OnSilence.ACCEPT else "accepted", f"{on_silence}ed")
    async with house(store, Policy(on_silence=on_silence)) as here:
        behaviour = "refuse" if on_silence is OnSilence.ACCEPT else "accept"
        await here.location("dock", "simulator", behaviour=behaviour, message="In time")
        for n in range(6):
            order = await _at_once(here, n)
            state, message, asks = summary(order)
            by = {"In time": ("location:dock", answers[0]), SILENCE: ("deadline", answers[1])}
            credential, expected = by[message or ""]
            assert (state, asks) == (expected, [expected])
            assert await here.events(order) == [ASKED, (expected, credential, "warehouse", "warehouse")]


async def _at_once(here: House, n: int):
    """Now the one is started first, now the other."""
    order = await here.asked({"dock": 2})
    both = [here.ask(order, "dock"), here.deadline(order)]
    await asyncio.gather(*(both if n % 2 else reversed(both)))
    final = await here.world.order(order.id)
    assert final.version == order.version + 1
    return final
