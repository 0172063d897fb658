"""Times come back as they went in: whole milliseconds, UTC, and sorted as times are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.core.ports import Query, Ref, ReplayKey
from tests.store.world import START, World, everything, new_order

MOMENTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, 0, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, 0, 1_000, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, 0, 10_000, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, 0, 999_000, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
]


@pytest.mark.parametrize("millisecond", [0, 1, 9, 10, 99, 100, 120, 999])
async def test_every_time_of_an_order_is_exact_everywhere(world: World, millisecond: int):
    at = world.watch.at = START.replace(microsecond=millisecond * 1000)
    world.watch.step = timedelta(0)
    await world.subscribe()
    order = await world.write(world.creation(new_order(), key="k"))
    found = await world.store.load("t1", Ref.to_order("native", order.id), ReplayKey("c1", "k"))
    assert found is not None
    assert found.order is not None
    assert found.replay is not None
    (event,) = await world.store.order_events("t1", order.id, 0, 1)
    for read in (
        found.order.created_at,
        found.order.updated_at,
        found.order.placed_at,
        found.replay.created_at,
        event.at,
    ):
        assert (read, read.utcoffset()) == (at, timedelta(0))
    rows = await everything(world.store)
    stored = [rows["orders"][0][name] for name in ("placed_at", "created_at", "updated_at")]
    stored += [rows["events"][0]["at"], rows["tasks"][0]["due_at"], rows["replays"][0]["created_at"]]
    assert [(each, each.utcoffset()) for each in stored] == [(at, timedelta(0))] * 6


async def test_times_of_any_age_filter_as_times(world: World):
    for at in MOMENTS:
        await world.create(replace(new_order(), placed_at=at))
    for n, at in enumerate(MOMENTS):
        found = await world.store.find("t1", Query(placed_from=at))
        assert [order.placed_at for order in found] == MOMENTS[n:]
        found = await world.store.find("t1", Query(placed_before=at))
        assert [order.placed_at for order in found] == MOMENTS[:n]


async def test_filters_take_times_of_any_zone(world: World):
    await world.create(replace(new_order(), placed_at=START))
    for hours in (-11, 0, 14):
        local = START.astimezone(timezone(timedelta(hours=hours)))
        assert await world.store.count("t1", Query(placed_from=local)) == 1
        assert await world.store.count("t1", Query(placed_before=local)) == 0
