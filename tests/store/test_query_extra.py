"""Lists by what a dialect has set of its own: there, not there, or there and null."""

from typing import Any

from app.core.create import decide_edit
from app.core.messages import EditOrder
from app.core.ports import Query
from tests.store.world import World, new_order


async def test_whether_an_extra_is_there(world: World) -> None:
    await World(world.store, tenant_id="t2").add_tenant()
    ctx = world.context(dialect="convictional")
    kept: dict[str, dict[str, Any] | None] = {
        "none": None,
        "set": {"billedDate": "2026-03-01T10:00:00.000Z"},
        "unset": {"billedDate": None},
        "other": {"attributes": []},
    }
    for number, extras in kept.items():
        order = await world.create(new_order(number=number))
        if extras is not None:
            await world.write(world.decision(decide_edit, order, EditOrder(extras=extras), ctx=ctx))
    await World(world.store, tenant_id="t2").create(new_order(number="set"))

    async def numbers(dialect: str, *, there: bool) -> list[str]:
        query = Query(extra=(dialect, "billedDate", there))
        found = await world.store.find("t1", query)
        assert await world.store.count("t1", query) == len(found)
        return [order.number for order in found]

    assert await numbers("convictional", there=True) == ["set"]
    assert await numbers("convictional", there=False) == ["none", "unset", "other"]
    assert await numbers("shopline", there=True) == []
    assert len(await numbers("it's", there=False)) == 4
