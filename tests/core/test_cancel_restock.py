"""Restock is a decision of its own, and stock is never a reason to refuse a cancel."""

import pytest

from app.core import units as u
from app.core.model import Stage
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, LYON, Story, counts, lines, placed, take, whole


@pytest.mark.parametrize(
    ("tracked", "policy", "restock_to", "movements", "steps"),
    [
        (True, {}, None, [], ["finished"]),
        (True, {}, "loc-shop", [("loc-shop", "A", 2)], ["restocked", "finished"]),
        (True, {"restock_on_cancel": True}, None, [(HAMBURG, "A", 2)], ["restocked", "finished"]),
        (True, {"restock_on_cancel": True}, "loc-shop", [("loc-shop", "A", 2)], ["restocked", "finished"]),
        (False, {"restock_on_cancel": True}, "loc-shop", [], ["finished"]),
    ],
    ids=["nobody says so", "caller", "policy", "caller before policy", "not tracked"],
)
def test_restock_is_a_decision_of_its_own(tracked, policy, restock_to, movements, steps):
    story = Story(placed(2, track_inventory=tracked)).under(**policy)
    story.hold(HAMBURG, connector=None)

    change = story.do(lines(take(L1), restock_to=restock_to))

    assert [(m.location_id, m.sku, m.delta) for m in change.movements] == movements
    assert [m.adjustment_id for m in change.movements] == [a.id for a in story.ledger.order.adjustments if movements]
    assert story.steps() == [steps]


def test_policy_restocks_only_what_a_location_held_and_says_so_truly():
    story = Story(placed(3)).under(restock_on_cancel=True).hold(HAMBURG, take(L1, 2), connector=None)

    change = story.do(lines(take(L1, 2)))

    assert story.taken() == [(L1, ((3, 3),)), (L1, ((2, 2),))]
    assert story.steps() == [["finished"], ["restocked", "finished"]]
    assert [(m.location_id, m.delta) for m in change.movements] == [(HAMBURG, 1)]


def test_each_line_and_holder_moves_its_own_stock():
    story = Story(placed(3, 2)).under(restock_on_cancel=True)
    story.hold(HAMBURG, take(L1, 1), take(L2, 1), connector=None).hold(LYON, take(L1, 2), stage=Stage.PLANNED)

    change = story.do(whole())

    assert sorted((m.location_id, m.sku, m.delta) for m in change.movements) == [
        (HAMBURG, "A", 1),
        (HAMBURG, "B", 1),
        (LYON, "A", 2),
    ]


def test_one_unit_is_never_put_back_twice():
    story = Story(placed(4)).hold(HAMBURG, connector=None)

    moved = [movement for _ in range(4) for movement in story.do(lines(take(L1, 1), restock_to=HAMBURG)).movements]

    assert [m.delta for m in moved] == [1, 1, 1, 1]
    assert len({m.adjustment_id for m in moved}) == 4


def test_nothing_is_put_back_before_the_warehouse_agreed():
    story = Story(placed(2)).hold(HAMBURG)

    assert story.do(lines(take(L1), restock_to=LYON)).movements == ()
    assert [(m.location_id, m.delta) for m in story.answer(True).movements] == [(LYON, 2)]
    assert story.answer(True).movements == ()


def test_shipped_units_are_not_put_back():
    story = Story(placed(3)).under(restock_on_cancel=True).hold(HAMBURG, connector=None).ship(L1, 2)

    assert [m.delta for m in story.do(lines(take(L1))).movements] == [1]
    assert u.numbers(story.ledger.positions[L1].cancelled) == [3]
    assert counts(story.ledger) == (0, 0, 1, 2, 0)


def test_where_goods_go_is_told_with_the_step_that_puts_them_there():
    """Of a stepwise cancellation it would be forgotten: nothing puts the goods back but the step itself."""
    told = Story(placed(2)).refuses(whole(stepwise=True, restock_to=HAMBURG))

    assert told == (Code.INVALID, {"field": "restock", "problem": "does not go with stepwise, where it is a step"})
