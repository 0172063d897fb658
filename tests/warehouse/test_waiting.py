"""A request waits for warehouses: as long as the policy says, woken at once, at little cost, holding nothing."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.core.messages import Answer, Cancel
from app.core.model import CaseState, Order, Scope
from app.core.policy import Policy
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.service.desk import Desk, Done, Once
from app.service.signals import Signals
from app.service.waiting import Waiting
from tests.warehouse.house import House, house

LONG, SHORT = 20.0, 0.3


class Counted:
    """A store that counts the orders it was asked for."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.loads = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def load(self, *given: Any) -> Any:
        self.loads += 1
        return await self._store.load(*given)


def render(done: Done) -> str:
    """As a face that has a refusal of its own."""
    assert done.case is not None
    if done.case.state is CaseState.REJECTED:
        raise Refusal(Code.CANCELLATION_REFUSED, message=done.case.message)
    return done.case.state.value


async def cancel(here: House, order: Order, *, desk: Desk | None = None, key: str | None = None, **how: bool) -> str:
    reply = await (desk or here.desk).act(
        here.world.caller,
        "native",
        Ref.to_order("native", order.id),
        Cancel(scope=Scope.ORDER),
        render,
        once=Once(key, "f") if key else None,
        **{"wait": True, **how},
    )
    return reply.text


async def held(here: House, kind: str = "simulator", *, quantity: int = 2) -> Order:
    """Its location would have to be asked, and nothing was asked yet."""
    order = await here.asked({"dock": quantity}, kind=kind)
    await answer(here, order, accepted=False)
    return await here.world.order(order.id)


async def answer(here: House, order: Order, *, accepted: bool, message: str | None = None) -> None:
    order = await here.world.order(order.id)
    await here.world.act(order.id, Answer(case_id=order.cases[-1].id, accepted=accepted, message=message))


@contextmanager
def taking(least: float, most: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert least <= time.monotonic() - started < most


async def waiting(here: House, count: int = 1) -> None:
    async with asyncio.timeout(LONG):
        while len(here.desk._waiting) < count:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.001)


async def test_woken_by_the_answer(store):
    async with house(store, Policy(sync_wait=LONG)) as here:
        order = await held(here)
        with taking(0, LONG / 4):
            asked = asyncio.create_task(cancel(here, order))
            await waiting(here)
            await answer(here, order, accepted=True)
            assert await asked == "accepted"
        assert len(here.desk._waiting) == 0


async def test_the_face_s_own_refusal(store):
    async with house(store, Policy(sync_wait=LONG)) as here:
        order = await held(here)
        asked = asyncio.create_task(cancel(here, order, key="k"))
        await waiting(here)
        await answer(here, order, accepted=False, message="Already packed")

        for refused in (asked, cancel(here, order, key="k")):
            with pytest.raises(Refusal) as no:
                await refused
            assert (no.value.code, no.value.facts) == (Code.CANCELLATION_REFUSED, {"message": "Already packed"})


async def test_when_the_time_is_up_it_is_as_it_is(store):
    async with house(store, Policy(sync_wait=SHORT)) as here:
        with taking(SHORT, LONG):
            assert await cancel(here, await held(here)) == "pending"


async def test_the_server_s_default_counts_where_the_policy_says_nothing(store):
    async with house(store) as here:
        desk = Desk(store, here.world.clock, sync_wait=SHORT)
        with taking(SHORT, LONG):
            assert await cancel(here, await held(here), desk=desk) == "pending"
        await here.policy(sync_wait=0)
        with taking(0, SHORT):
            assert await cancel(here, await held(here), desk=desk) == "pending"


@pytest.mark.parametrize("how", [{"wait": False}, {"dry_run": True}])
async def test_who_does_not_want_to_wait_does_not(store, how):
    async with house(store, Policy(sync_wait=LONG)) as here:
        with taking(0, LONG / 4):
            assert await cancel(here, await held(here), **how) == "pending"


async def test_a_person_is_not_waited_for(store):
    async with house(store, Policy(sync_wait=LONG)) as here:
        with taking(0, LONG / 4):
            assert await cancel(here, await held(here, "manual")) == "pending"


async def test_a_retry_under_the_same_key_waits_for_the_same_case(store):
    async with house(store, Policy(sync_wait=SHORT)) as here:
        order = await held(here)
        assert await cancel(here, order, key="k") == "pending"
        await here.policy(sync_wait=LONG)
        again = asyncio.create_task(cancel(here, order, key="k"))
        await waiting(here)
        await answer(here, order, accepted=True)
        assert await again == "accepted"
        assert len((await here.world.order(order.id)).cases) == 2


async def test_a_hint_that_got_lost_is_made_up_for(store):
    """Another process answers, and nobody passes its hints on."""
    async with house(store, Policy(sync_wait=LONG)) as here:
        order = await held(here)
        asked = asyncio.create_task(cancel(here, order))
        await waiting(here)
        elsewhere = House(here.world, here.client)
        await answer(elsewhere, order, accepted=True)
        with taking(0, LONG / 4):
            assert await asked == "accepted"


async def test_it_waits_for_all_who_were_asked(store):
    async with house(store, Policy(sync_wait=LONG)) as here:
        order = await here.asked({"dock": 1, "pier": 1}, kind="simulator")
        await answer(here, order, accepted=False)
        asked = asyncio.create_task(cancel(here, order))
        await waiting(here)
        order = await here.world.order(order.id)
        for location in ("dock", "pier"):
            assert not asked.done()
            await here.world.act(order.id, Answer(case_id=order.cases[-1].id, accepted=True, location_id=location))
        assert await asked == "accepted"


async def test_while_it_waits_it_looks_a_few_times_and_holds_nothing(store):
    async with house(store, Policy(sync_wait=1.2)) as here:
        order = await held(here)
        counted = Counted(store)
        desk = Desk(counted, here.world.clock)
        assert await cancel(here, order, desk=desk) == "pending"
        assert counted.loads <= 1 + 3  # the command, then after 0.5 and 1.2 seconds, and one to spare


async def test_a_database_that_goes_away_meanwhile_does_not_unsay_what_was_done(store):
    class Away(Counted):
        async def load(self, *given: Any) -> Any:
            if self.loads:
                raise Refusal(Code.UNAVAILABLE)
            return await super().load(*given)

    async with house(store, Policy(sync_wait=LONG)) as here:
        order = await held(here)
        with taking(0, LONG / 4):
            assert await cancel(here, order, desk=Desk(Away(store), here.world.clock)) == "pending"


async def test_a_thousand_wait_for_little():
    """Neither a hint about somebody else, nor one that names nobody, makes each of them look at once."""
    signals, looks = Signals(), 0
    waiting = Waiting(signals)

    async def look() -> bool:
        nonlocal looks
        looks += 1
        return False

    waits = [asyncio.create_task(waiting.until("t", f"o{n}", 0.45, look)) for n in range(1_000)]
    await asyncio.sleep(0)
    assert len(waiting) == 1_000
    started = time.process_time()
    for n in range(2_000):
        signals.changed("t", f"other-{n}")
        signals.heard("")
    await asyncio.gather(*waits)

    assert len(waiting) == 0
    assert looks <= 2_000  # once for the vague hints, once at the end
    assert time.process_time() - started < 5


async def test_only_whose_order_it_is_looks_at_once():
    signals = Signals()
    waiting, looked = Waiting(signals), []

    async def wait_for(tenant: str, order: str) -> None:
        async def look() -> bool:
            looked.append((tenant, order))
            return True

        await waiting.until(tenant, order, 0.4, look)

    waits = [asyncio.create_task(wait_for(*who)) for who in (("t1", "o1"), ("t1", "o2"), ("t2", "o1"))]
    await asyncio.sleep(0)
    signals.changed("t1", "o1")
    await asyncio.sleep(0.05)
    assert looked == [("t1", "o1")]
    await asyncio.gather(*waits)
