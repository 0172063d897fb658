"""Lists by the time of the last change that was more than a question to a warehouse."""

from datetime import timedelta

import pytest

from app.core.answer import decide_answer
from app.core.cancel import decide_cancel
from app.core.fulfil import decide_allocate
from app.core.messages import Allocate, Answer, Cancel
from app.core.model import Order, Scope, Stage
from app.core.ports import Query
from tests.store.world import START, World, new_order

HOUR = timedelta(hours=1)
TICK = timedelta(milliseconds=1)


async def _refused(world: World, number: str, milliseconds: int) -> Order:
    """Given to a warehouse at that moment of the first hour, asked for in the second, refused in the third."""
    world.watch.at = START
    order = await world.create(new_order(number=number))
    for hour, decide in ((1, decide_allocate), (2, decide_cancel), (3, decide_answer)):
        world.watch.at = START + hour * HOUR + milliseconds * TICK
        command = {
            decide_allocate: Allocate(location_id="loc", connector="manual", stage=Stage.PICKING),
            decide_cancel: Cancel(scope=Scope.ORDER),
            decide_answer: Answer(case_id=order.cases[-1].id if order.cases else "", accepted=False),
        }[decide]
        order = await world.write(world.decision(decide, order, command))  # type: ignore[arg-type]
    return order


@pytest.mark.parametrize("milliseconds", [0, 5, 120])
async def test_a_refused_question_is_found_by_when_more_than_that_changed(world: World, milliseconds: int) -> None:
    await world.add_location("loc", "manual")
    order, at = await _refused(world, "refused", milliseconds), START + HOUR + milliseconds * TICK
    assert (order.changed_at, order.updated_at) == (at, at + 2 * HOUR)
    world.watch.at = at + HOUR
    await world.create(new_order(number="new"))

    async def numbers(query: Query) -> list[str]:
        found = [order.number for order in await world.store.find("t1", query)]
        assert await world.store.count("t1", query) == len(found)
        return found

    assert await numbers(Query(changed_from=at)) == ["refused", "new"]
    assert await numbers(Query(changed_from=at + TICK)) == ["new"]
    assert await numbers(Query(changed_before=at + TICK)) == ["refused"]
    assert await numbers(Query(changed_before=at)) == []
    assert await numbers(Query(changed_from=at, changed_before=at + HOUR)) == ["refused"]
    assert await numbers(Query(updated_from=at + TICK, updated_before=at + 2 * HOUR)) == ["new"]
