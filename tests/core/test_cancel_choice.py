"""Which units a cancel takes: free ones first, then the least advanced stage, the highest numbers first."""

import pytest

from app.core import units as u
from app.core.messages import MoveAllocation
from app.core.model import Stage
from tests.core.building import HAMBURG, L1, L2, LYON, SHOP, Story, counts, lines, placed, take, whole


def chosen(story: Story) -> u.Units:
    together: u.Units = u.NONE
    for adjustment in story.ledger.order.adjustments:
        together = u.union(together, adjustment.units)
    return together


def shelves() -> Story:
    """Units 1-2 are being picked, 3-4 planned, 5-6 requested, 7 opened; 8 and 9 are nobody's."""
    story = Story(placed(9))
    for location, quantity, stage in (
        (HAMBURG, 2, Stage.PICKING),
        (LYON, 2, Stage.PLANNED),
        (SHOP, 2, Stage.REQUESTED),
        ("loc-porto", 1, Stage.OPENED),
    ):
        story.hold(location, take(L1, quantity), stage=stage)
    return story


@pytest.mark.parametrize(
    ("quantity", "numbers"),
    [
        (1, [9]),
        (2, [8, 9]),
        (3, [4, 8, 9]),
        (4, [3, 4, 8, 9]),
        (5, [3, 4, 7, 8, 9]),
        (6, [3, 4, 6, 7, 8, 9]),
        (8, [2, 3, 4, 5, 6, 7, 8, 9]),
        (9, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
@pytest.mark.parametrize("by_what_stays", [False, True], ids=["goes", "stays"])
def test_free_then_the_least_advanced_then_the_highest(quantity, numbers, by_what_stays):
    target = take(L1, keep=9 - quantity) if by_what_stays else take(L1, quantity)

    assert chosen(shelves().then(lines(target))) == u.of(numbers)


def test_locations_at_the_same_stage_are_equals():
    story = Story(placed(6)).hold(HAMBURG, take(L1, 3)).hold(LYON, take(L1, 3))

    story.then(lines(take(L1, 4)))

    assert [(a.asked, u.numbers(a.units)) for a in story.ledger.order.adjustments] == [
        (HAMBURG, [3]),
        (LYON, [4, 5, 6]),
    ]


def test_named_units_go_whoever_holds_them():
    story = shelves().then(lines(take(L1, units=u.of([1, 8]))))

    assert [u.numbers(a.units) for a in story.ledger.order.adjustments] == [[8], [1]]
    assert [a.asked for a in story.ledger.order.adjustments] == [None, HAMBURG]


def test_each_holder_has_an_adjustment_of_its_own():
    story = shelves().then(whole())
    holders = {None: None} | {a.id: a.location_id for a in story.ledger.order.allocations}

    assert [(holders[a.allocation_id], a.asked, u.numbers(a.units)) for a in story.ledger.order.adjustments] == [
        (None, None, [8, 9]),
        (LYON, None, [3, 4]),
        ("loc-porto", None, [7]),
        (SHOP, SHOP, [5, 6]),
        (HAMBURG, HAMBURG, [1, 2]),
    ]
    assert [ask.location_id for ask in story.ledger.order.cases[0].asks] == [SHOP, HAMBURG]


def test_what_a_cancelled_allocation_held_is_nobodys():
    story = Story(placed(4)).under(restock_on_cancel=True).hold(HAMBURG, stage=Stage.PICKING)
    story.then(MoveAllocation(allocation_id=story.ledger.order.allocations[0].id, stage=Stage.CANCELLED))
    story.hold(LYON, take(L1, 1))

    change = story.do(lines(take(L1)))

    assert [(a.asked, a.units) for a in story.ledger.order.adjustments] == [(None, ((2, 4),)), (LYON, ((1, 1),))]
    assert story.ledger.order.adjustments[0].allocation_id is None
    assert [task.payload["location_id"] for task in change.tasks] == [LYON]


def test_shipped_units_are_the_lowest_and_a_cancel_takes_from_the_other_end():
    story = Story(placed(5)).ship(L1, 2).then(lines(take(L1, 1)))

    assert u.numbers(story.ledger.positions[L1].fulfilled) == [1, 2]
    assert u.numbers(story.ledger.positions[L1].cancelled) == [5]
    assert u.numbers(story.ledger.positions[L1].open) == [3, 4]


@pytest.mark.parametrize(
    ("stage", "connector", "asked"),
    [
        (Stage.PLANNED, "http", []),
        (Stage.OPENED, "http", []),
        (Stage.REQUESTED, "http", [HAMBURG]),
        (Stage.ACCEPTED, "manual", [HAMBURG]),
        (Stage.PICKING, "http", [HAMBURG]),
        (Stage.REQUESTED, None, []),
        (Stage.PICKING, None, []),
    ],
)
def test_who_has_to_agree(stage, connector, asked):
    story = Story(placed(2)).hold(HAMBURG, stage=stage, connector=connector).then(lines(take(L1)))

    assert [ask.location_id for ask in story.ledger.order.cases[0].asks] == asked
    assert counts(story.ledger) == ((0, 2, 0, 0, 0) if asked else (0, 0, 2, 0, 0))


def test_a_location_is_asked_once_however_many_of_its_allocations_are_concerned():
    story = Story(placed(2, 2)).hold(HAMBURG, take(L1)).hold(HAMBURG, take(L2, 1), stage=Stage.PICKING)
    story.hold(HAMBURG, take(L2, 1), stage=Stage.PLANNED)

    change = story.do(whole())

    assert [ask.location_id for ask in story.ledger.order.cases[0].asks] == [HAMBURG]
    assert [task.payload["location_id"] for task in change.tasks] == [HAMBURG]
    assert [(a.asked, a.units) for a in story.ledger.order.adjustments] == [
        (HAMBURG, ((1, 2),)),
        (None, ((2, 2),)),
        (HAMBURG, ((1, 1),)),
    ]


def test_an_allocation_ends_with_its_last_unit_and_not_before():
    story = Story(placed(3)).hold(HAMBURG, stage=Stage.PLANNED)

    stages = []
    for _ in range(3):
        story.then(lines(take(L1, 1)))
        stages.append(story.ledger.order.allocations[0].stage)

    assert stages == [Stage.PLANNED, Stage.PLANNED, Stage.CANCELLED]
    assert [item.units for item in story.ledger.order.allocations[0].items] == [((1, 3),)]
    assert {a.allocation_id for a in story.ledger.order.adjustments} == {story.ledger.order.allocations[0].id}


def test_an_allocation_that_shipped_some_is_not_called_cancelled_when_the_rest_goes():
    story = Story(placed(3)).hold(HAMBURG, connector=None, stage=Stage.PICKING).ship(L1, 1).then(lines(take(L1)))

    assert story.ledger.order.allocations[0].stage is Stage.PICKING
    assert len(story.ledger.order.allocations) == 1
