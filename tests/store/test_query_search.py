"""Orders by what somebody typed: by ids, keys and numbers first, else by what they say of customer and goods."""

from collections.abc import Sequence

import pytest

from app.core.cancel import decide_cancel
from app.core.fulfil import decide_allocate
from app.core.messages import Allocate, Cancel, CreateOrder, NewLine
from app.core.model import Customer, Scope, Stage
from app.core.ports import Query, Search, Store
from tests.store.world import World

_DIALECTS = ("shopline", "afosto")


def _order(number: str, sku: str, customer: Customer, **keys: str) -> CreateOrder:
    line = NewLine(sku=sku, quantity=2, unit_price=100, keys={"afosto": f"line-{number}"})
    return CreateOrder(number=number, currency="EUR", lines=(line,), customer=customer, keys=keys)


@pytest.fixture
async def made(world: World) -> Sequence[str]:
    """Their core ids, in order; another tenant has the same."""
    ids = []
    for tenant in ("t1", "t2"):
        theirs = world if tenant == "t1" else await World(world.store, tenant_id=tenant).add_tenant()
        ids += [
            (await theirs.create(command)).id
            for command in (
                _order("A-1", "MUG_RED", Customer(name="Ada Byron", email="Ada@Example.com"), shopline="s-1"),
                _order("A-10", "mug-blue", Customer(name="Zoë Ångström", phone="+31 20 555"), shopline="a-1"),
                _order("B-2", '50% "off"', Customer(email="bob@example.com"), elsewhere="e-2"),
            )
        ]
    return ids


async def _found(store: Store, text: str) -> str:
    orders = await store.find("t1", Query(search=Search(text, _DIALECTS)))
    assert await store.count("t1", Query(search=Search(text, _DIALECTS))) == len(orders)
    return " ".join(order.number for order in orders)


async def test_what_was_typed(world: World, made: Sequence[str]):
    line_id = made[1][:-1] + "1"
    cases = {
        # by an index, and then nothing else
        made[0]: "A-1",
        line_id: "A-10",
        made[3]: "",
        "A-1": "A-1",
        "s-1": "A-1",
        "shopline:s-1": "A-1",
        "line-B-2": "B-2",
        "ada@EXAMPLE.com": "A-1",
        # by what the order says
        "a-1": "A-10",
        "a": "A-1 A-10 B-2",
        "b-": "B-2",
        "byron": "A-1",
        "EXAMPLE.COM": "A-1 B-2",
        "zoë": "A-10",
        "Ångström": "A-10",
        "20 555": "A-10",
        "mug": "A-1 A-10",
        "MUG_": "A-1",
        '50% "O': "B-2",
        "e-2": "B-2",
        # nothing like it
        "ug_red": "",
        "%": "",
        "_": "",
        "!": "",
        "' OR 1=1 --": "",
    }
    for text, numbers in cases.items():
        # A letter beyond ASCII that is typed small is found large by PostgreSQL alone.
        assert await _found(world.store, text) == numbers, text


async def test_other_filters_hold_too(world: World, made: Sequence[str]):
    search = Search("mug", _DIALECTS)
    assert await world.store.find("t1", Query(search=search, number="B-2")) == []
    page = await world.store.find("t1", Query(search=search, descending=True, limit=1))
    assert [order.number for order in page] == ["A-10"]
    rest = await world.store.find("t1", Query(search=search, descending=True, after=(None, page[0].id)))
    assert [order.number for order in rest] == ["A-1"]


async def test_what_is_not_decided(world: World, made: Sequence[str]):
    held = (await world.store.find("t1", Query(number="A-1")))[0]
    give = Allocate(location_id=made[0], connector="manual", stage=Stage.PICKING)
    held = await world.write(world.decision(decide_allocate, held, give))
    await world.write(world.decision(decide_cancel, held, Cancel(scope=Scope.ORDER)))
    other = (await world.store.find("t1", Query(number="B-2")))[0]
    await world.write(world.decision(decide_cancel, other, Cancel(scope=Scope.ORDER)))
    for undecided, numbers in ((True, ["A-1"]), (False, ["A-10", "B-2"]), (None, ["A-1", "A-10", "B-2"])):
        assert [order.number for order in await world.store.find("t1", Query(undecided=undecided))] == numbers
