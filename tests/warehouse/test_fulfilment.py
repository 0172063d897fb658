"""The task `warehouse`: who is asked, with which settings, what becomes of the words, who did it in the history."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from app.core.messages import Answer
from app.core.ports import Ref, ReplayKey, Store
from app.core.refusal import Code, Refusal
from app.service.connectors import Unanswered
from app.service.work import Hopeless, Later
from tests.warehouse.asking import SECRET
from tests.warehouse.house import House, house, summary
from tests.warehouse.service import answer, no, running, yes

QUIET = [("requested", "c1", "native", "seller")]


async def test_agreed(store):
    async with house(store) as here:
        await here.location("dock", "simulator", message="Put back")
        order = await here.ask(await here.asked({"dock": 3}), "dock")

        assert summary(order) == ("accepted", "Put back", ["accepted"])
        assert (await here.read(order)).cancelled
        assert await here.events(order) == [*QUIET, ("accepted", "location:dock", "warehouse", "warehouse")]
        assert here.meter.seen == [("simulator", "accepted")]


async def test_refused(store):
    async with house(store) as here:
        await here.location("dock", "simulator", behaviour="refuse", message="Already packed")
        order = await here.ask(await here.asked({"dock": 3}, free=2), "dock")

        assert summary(order) == ("rejected", "Already packed", ["rejected"])
        assert (await here.read(order)).open_units == 5
        assert (await here.events(order))[1][:2] == ("rejected", "location:dock")
        assert here.meter.seen == [("simulator", "rejected")]


async def test_silent(store):
    async with house(store) as here:
        await here.location("dock", "simulator", behaviour="silent")
        order = await here.ask(await here.asked({"dock": 3}), "dock")

        assert summary(order)[0] == "pending"
        assert await here.events(order) == QUIET
        assert here.meter.seen == [("simulator", "asked")]


async def test_late(store):
    async with house(store) as here:
        await here.location("dock", "simulator", delay=600)
        order = await here.asked({"dock": 3})
        with pytest.raises(Later):
            await here.ask(order, "dock")
        assert here.meter.seen == [("simulator", "later")]

        here.world.watch.at += 600 * here.world.watch.step * 1000
        assert summary(await here.ask(order, "dock"))[0] == "accepted"


@pytest.mark.parametrize("behaviour", ["twice", "contradict"])
async def test_a_second_answer_is_ignored_and_recorded(store, behaviour, caplog):
    caplog.set_level(logging.INFO, "dragoman.warehouse")
    async with house(store) as here:
        await here.location("dock", "simulator", behaviour=behaviour)
        before = await here.asked({"dock": 3})
        order = await here.ask(before, "dock")

        assert (order.version, summary(order)[0]) == (before.version + 1, "accepted")
        assert here.meter.seen == [("simulator", "accepted"), ("simulator", "ignored")]
    (line,) = [record for record in caplog.records if record.message == "answer ignored"]
    assert line.facts == {
        "tenant_id": "t1",
        "credential_id": "location:dock",
        "order_id": order.id,
        "request_id": order.cases[0].id,
        "location_id": "dock",
        "answer": "accepted" if behaviour == "twice" else "rejected",
        "state": "accepted",
    }


async def test_an_order_may_say_what_the_simulator_does(store):
    async with house(store) as here:
        await here.location("dock", "simulator")
        order = await here.ask(await here.asked({"dock": 1}, metadata={"simulate": "refuse"}), "dock")

        assert summary(order)[:2] == ("rejected", "Refused by the simulator")


async def test_several_warehouses_with_mixed_answers(store):
    async with house(store) as here:
        await here.location("dock", "simulator", message="Done")
        await here.location("pier", "simulator", behaviour="refuse", message="Already packed")
        order = await here.asked({"dock": 2, "pier": 3}, free=1)
        assert summary(await here.ask(order, "dock")) == ("pending", None, ["accepted", "pending"])
        order = await here.ask(order, "pier")

        assert summary(order) == ("rejected", "Already packed", ["accepted", "rejected"])
        held = await here.read(order)
        assert (held.open_units, held.cancelled_units) == (3, 3)


async def test_the_connector_is_the_location_s_of_now(store):
    """The allocation was made when somebody answered by hand."""
    async with house(store) as here:
        await here.location("dock", "manual")
        order = await here.asked({"dock": 1}, kind="manual")
        assert summary(await here.ask(order, "dock"))[0] == "pending"

        await here.location("dock", "simulator")
        assert summary(await here.ask(order, "dock"))[0] == "accepted"


@pytest.mark.parametrize("kind", ["manual", None, "pigeon"])
async def test_nobody_is_called_where_somebody_answers_by_hand(store, kind):
    async with house(store) as here:
        await here.location("dock", kind)
        order = await here.asked({"dock": 1})
        assert await here.ask(order, "dock") == order
        assert here.meter.seen == []


async def test_a_location_that_is_not_there_is_not_called(store):
    async with house(store) as here:
        order = await here.asked({"dock": 1})
        assert await here.ask(order, "dock") == order


async def test_after_an_answer_nobody_is_asked(store):
    async with running() as service, house(store) as here:
        await here.location("dock", "http", url=service.url, secret=SECRET)
        order = await here.asked({"dock": 1}, kind="http")
        await here.world.act(order.id, Answer(case_id=order.cases[0].id, accepted=False))
        order = await here.world.order(order.id)

        assert await here.ask(order, "dock") == order
    assert service.asked == []


async def test_a_fulfilment_service_answers(store):
    async with running(no("Already packed"), yes("Put back")) as service, house(store) as here:
        await here.location("dock", "http", url=service.url, secret=SECRET)
        order = await here.asked({"dock": 1}, kind="http")
        assert summary(await here.ask(order, "dock"))[:2] == ("rejected", "Already packed")
        await here.cancel(order)
        order = await here.world.order(order.id)
        assert summary(await here.ask(order, "dock"))[:2] == ("accepted", "Put back")

    assert [seen.json["reason"]["text"] for seen in service.asked] == ["Changed my mind"] * 2
    keys = [seen.headers["idempotency-key"] for seen in service.asked]
    assert keys == [f"{case.id}:dock" for case in order.cases]


@pytest.mark.parametrize("garbled", [answer(500, b"oops"), answer(200, {"accepted": "yes"}), b"oops"])
async def test_what_is_no_answer_changes_nothing_and_is_tried_again(store, garbled):
    async with running(garbled, yes()) as service, house(store) as here:
        await here.location("dock", "http", url=service.url, secret=SECRET)
        order = await here.asked({"dock": 1}, kind="http")
        with pytest.raises(Unanswered):
            await here.ask(order, "dock")
        assert await here.world.order(order.id) == order

        assert summary(await here.ask(order, "dock"))[0] == "accepted"
        assert here.meter.seen == [("http", "failed"), ("http", "accepted")]


async def test_an_inactive_tenant_s_question_waits(store):
    async with house(store) as here:
        await here.location("dock", "simulator")
        order = await here.asked({"dock": 1})
        tenant = await store.tenant("t1")
        await store.save_tenant(replace(tenant, active=False))

        for act in (lambda: here.ask(order, "dock"), lambda: here.deadline(order)):
            with pytest.raises(Later) as later:
                await act()
            assert later.value.seconds == 3600


class _Away:
    """A store that is out of reach."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def load(self, tenant_id: str, ref: Ref | None, replay: ReplayKey | None) -> Any:
        raise Refusal(Code.UNAVAILABLE)


async def test_while_the_database_is_away_no_try_is_lost(store):
    async with house(store) as here:
        await here.location("dock", "simulator")
        order = await here.asked({"dock": 1})
        away = House(replace(here.world, store=_Away(store)), here.client)

        for act in (lambda: away.ask(order, "dock"), lambda: away.deadline(order)):
            with pytest.raises(Later) as later:
                await act()
            assert later.value.seconds is None


async def test_a_task_that_says_too_little_is_set_aside(store):
    async with house(store) as here:
        order = await here.asked({"dock": 1})
        with pytest.raises(Hopeless):
            await here.fulfilment.ask(here.job("warehouse", order))


async def test_a_task_about_something_that_is_not_there_is_done(store):
    async with house(store) as here:
        order = await here.asked({"dock": 1})
        gone = {"case_id": order.lines[0].id, "location_id": "dock"}
        await here.fulfilment.ask(here.job("warehouse", order, **gone))
        await here.fulfilment.overdue(here.job("deadline", order, case_id=order.lines[0].id))
        elsewhere = "01a1fc59-875e-7ca2-9952-db974c600001"
        await here.fulfilment.overdue(here.job("deadline", order, case_id=elsewhere))

        assert await here.world.order(order.id) == order
