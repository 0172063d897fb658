"""Lists: every filter, both orders, both directions, pages by key and by number."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.core.cancel import decide_cancel
from app.core.create import decide_edit
from app.core.fulfil import decide_fulfil
from app.core.messages import Cancel, EditOrder, Fulfil, FulfilItem, Target
from app.core.model import Order, OrderState, Payment, PaymentStatus, Scope
from app.core.ports import Query, Ref, Store
from tests.store.world import START, Watch, World, new_order

NAMES = "ABCDEFGH"
DAY = timedelta(days=1)
Made = dict[str, Order]


@pytest.fixture
async def made(world: World) -> Made:
    """Orders by letter: created on day n, placed n days before, changed in reverse (H first) from day 100 on."""
    await World(world.store, tenant_id="t2").add_tenant()
    made = {name: await _create(world, n, name) for n, name in enumerate(NAMES)}
    await _create(World(world.store, tenant_id="t2"), 0, "A")
    one = (Target(ref=made["C"].lines[0].id, quantity=1),)
    ship_one = (FulfilItem(sku="S0", quantity=1),)
    made["G"] = await _change(world, made["G"], decide_fulfil, Fulfil(items=ship_one), 100)
    changes: list[tuple[str, Callable, object]] = [
        ("H", decide_edit, EditOrder(note="paid")),
        ("G", decide_cancel, Cancel(scope=Scope.REST)),
        ("F", decide_fulfil, Fulfil(items=ship_one)),
        ("E", decide_fulfil, Fulfil()),
        ("D", decide_cancel, Cancel(scope=Scope.ORDER)),
        ("C", decide_cancel, Cancel(scope=Scope.LINES, targets=one)),
        ("B", decide_edit, EditOrder(note="open")),
        ("A", decide_edit, EditOrder(note="draft")),
    ]
    for n, (name, decide, command) in enumerate(changes):
        made[name] = await _change(world, made[name], decide, command, 101 + n)
    return made


async def _create(world: World, day: int, name: str) -> Order:
    world.watch.at = START + day * DAY
    status = PaymentStatus.PAID if name == "H" else PaymentStatus.WAITING
    command = new_order(
        3, number=f"N-{name}", keys={"shopline": f"s-{name}"}, draft=name == "A", payment=Payment(status=status)
    )
    return await world.create(replace(command, placed_at=START - day * DAY))


async def _change(world: World, order: Order, decide: Callable, command: object, day: int) -> Order:
    world.watch.at = START + day * DAY
    return await world.write(world.decision(decide, order, command))  # type: ignore[arg-type]


def _at(day: int, milliseconds: int = 0) -> datetime:
    return START + day * DAY + timedelta(milliseconds=milliseconds)


def _refs(*texts: str, dialect: str = "shopline") -> Query:
    return Query(refs=[Ref.to_order(dialect, text) for text in texts])


CASES: list[tuple[Query, str]] = [
    (Query(), NAMES),
    (Query(number="N-C"), "C"),
    (Query(number="n-c"), ""),
    (Query(states=[OrderState.DRAFT]), "A"),
    (Query(states=[OrderState.DRAFT, OrderState.COMPLETED]), "ADEG"),
    (Query(states=[OrderState.OPEN]), "BCFH"),
    (Query(states=[]), ""),
    (Query(cancelled=True), "D"),
    (Query(cancelled=False), "ABCEFGH"),
    (Query(shipped=True), "EG"),
    (Query(shipped=False), "ABCDFH"),
    (Query(progress=["partial"]), "F"),
    (Query(progress=["none", "full"]), "ABCDEGH"),
    (Query(payments=[PaymentStatus.PAID]), "H"),
    (Query(payments=[PaymentStatus.WAITING, PaymentStatus.PAID]), NAMES),
    (Query(created_from=_at(3)), "DEFGH"),
    (Query(created_from=_at(3, 1)), "EFGH"),
    (Query(created_before=_at(3)), "ABC"),
    (Query(created_before=_at(3, 1)), "ABCD"),
    (Query(created_from=_at(2), created_before=_at(4)), "CD"),
    (Query(updated_from=_at(105)), "ABCD"),
    (Query(updated_from=_at(105, 1)), "ABC"),
    (Query(updated_before=_at(102)), "H"),
    (Query(updated_from=_at(102), updated_before=_at(104)), "FG"),
    (Query(placed_from=_at(-2)), "ABC"),
    (Query(placed_before=_at(-6)), "H"),
    (Query(placed_from=_at(-4), placed_before=_at(-2)), "DE"),
    (_refs("s-B", "s-D", "s-none"), "BD"),
    (_refs("s-B", dialect="native"), ""),
    (_refs(), ""),
    (_refs("", "\0", "x" * 300), ""),
    (Query(number="N-C", states=[OrderState.COMPLETED]), ""),
    (
        Query(
            refs=[Ref.to_order("shopline", f"s-{name}") for name in NAMES],
            number="N-G",
            states=[OrderState.COMPLETED],
            cancelled=False,
            shipped=True,
            progress=["full"],
            payments=[PaymentStatus.WAITING],
            created_from=_at(6),
            created_before=_at(7),
            updated_from=_at(102),
            updated_before=_at(103),
            placed_from=_at(-6),
            placed_before=_at(-5),
        ),
        "G",
    ),
]


async def _names(store: Store, query: Query) -> str:
    return "".join(order.number[-1] for order in await store.find("t1", query))


async def test_filters_and_the_count_of_each(world: World, made: Made):
    for query, names in CASES:
        found = await world.store.find("t1", query)
        assert [order.number for order in found] == [f"N-{name}" for name in names], query
        assert found == [made[name] for name in names]
        assert await world.store.count("t1", query) == len(names), query


async def test_refs_by_id_and_by_key_together(world: World, made: Made):
    theirs = (await world.store.find("t2", Query()))[0]
    assert await _names(world.store, _refs(made["E"].id, "s-B", made["E"].lines[0].id, theirs.id)) == "BE"
    assert await _names(world.store, _refs(made["E"].id, "s-E")) == "E"
    assert await _names(world.store, _refs(theirs.id)) == ""


async def test_sorted_by_creation_or_by_change(world: World, made: Made):
    assert await _names(world.store, Query(descending=True)) == NAMES[::-1]
    assert await _names(world.store, Query(by_update=True)) == "HGFEDCBA"
    assert await _names(world.store, Query(by_update=True, descending=True)) == NAMES


async def test_a_page_after_a_key_that_is_no_order(world: World, made: Made):
    after = (None, made["C"].lines[0].id)  # between C and D
    assert await _names(world.store, Query(after=after)) == "DEFGH"
    assert await _names(world.store, Query(after=after, descending=True)) == "CBA"
    between = (_at(104, 1), made["A"].id)
    assert await _names(world.store, Query(after=between, by_update=True)) == "DCBA"
    assert await _names(world.store, Query(after=between, by_update=True, descending=True)) == "EFGH"


async def test_filters_hold_on_every_page(world: World, made: Made):
    query = Query(states=[OrderState.OPEN], limit=3)
    assert await _names(world.store, query) == "BCF"
    assert await _names(world.store, replace(query, after=(None, made["F"].id))) == "H"
    assert await world.store.count("t1", replace(query, after=(None, made["F"].id))) == 4


@pytest.fixture
async def crowd(store: Store) -> World:
    """23 orders, several in each millisecond, changed in groups that share a moment."""
    world = await World(store, watch=Watch(step=timedelta(0))).add_tenant()
    orders = []
    for n in range(23):
        world.watch.at = START + timedelta(milliseconds=n // 5)
        orders.append(await world.create(new_order(number=f"{n}")))
    for n, order in enumerate(orders):
        world.watch.at = START + timedelta(seconds=n % 3)
        if n % 3:
            await world.write(world.decision(decide_edit, order, EditOrder(note="changed")))
    return world


@pytest.mark.parametrize("limit", [1, 4, 23, 24])
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("by_update", [False, True], ids=["by id", "by update"])
async def test_pages_walk_all_orders_exactly_once(crowd: World, by_update: bool, descending: bool, limit: int):
    query = Query(by_update=by_update, descending=descending, limit=limit)
    walked: list[Order] = []
    after: tuple[datetime | None, str] | None = None
    while page := await crowd.store.find("t1", replace(query, after=after)):
        assert len(page) <= limit
        walked += page
        after = (page[-1].updated_at if by_update else None, page[-1].id)
    assert len(walked) == len({order.id for order in walked}) == 23 == await crowd.store.count("t1", query)
    wanted = sorted(walked, key=lambda o: (o.updated_at if by_update else START, o.id), reverse=descending)
    assert [order.id for order in walked] == [order.id for order in wanted]

    numbered = [order for offset in range(0, 24, limit) for order in await _page(crowd, query, offset)]
    assert numbered == walked


async def _page(world: World, query: Query, offset: int) -> list[Order]:
    return await world.store.find("t1", replace(query, offset=offset))
