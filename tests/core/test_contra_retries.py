"""A client's id for a contra item makes a retry harmless: it stands for one unit, of one kind of case, for good."""

from typing import Any

import pytest

from app.core import units as u
from app.core.aftersales import AnnounceReturn
from app.core.messages import Target
from app.core.model import Step
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, Story, counts, lines, placed, take, unit

DUPLICATE = (Code.DUPLICATE, {"field": "lines"})


def asked(*targets: Target, **fields: Any) -> Any:
    return lines(*targets, stepwise=True, **fields)


def begun() -> Story:
    """Unit 2 is shipped and on its way back as r2, unit 4 is being cancelled as c4; 1 is shipped, 3 is open."""
    story = Story(placed(4, 2), dialect="afosto").ship(L1, 2).send_back(unit(L1, 2, "r2"))
    return story.then(asked(unit(L1, 4, "c4")))


def test_the_same_again_changes_nothing_whatever_has_become_of_it():
    story = begun()
    for step in (None, Step.APPROVED, Step.FINISHED):
        if step:
            story.walk(step, "c4")
        order = story.ledger.order

        again, back = story.do(asked(unit(L1, 4, "c4"))), story.do(AnnounceReturn(targets=(unit(L1, 2, "r2"),)))

        assert (again.event, again.keys, back.event, back.keys) == (None, (), None, ())
        assert story.ledger.order == order


def test_of_some_known_and_some_new_only_the_new_are_taken():
    story = begun()

    change = story.do(asked(unit(L1, 4, "c4"), unit(L1, 3, "c3"), unit(L2, 1)))
    back = story.do(AnnounceReturn(targets=(unit(L1, 1, "r1"), unit(L1, 2, "r2"))))

    assert story.taken() == [(L1, u.of([2])), (L1, u.of([4])), (L1, u.of([3])), (L2, u.of([1])), (L1, u.of([1]))]
    assert [[key.key for key in done.keys] for done in (change, back)] == [["c3"], ["r1"]]
    assert counts(story.ledger) == (0, 2, 0, 2, 0)


def test_units_told_together_are_known_one_by_one():
    story = begun()
    both = Target(ref=L1, units=u.of([3, 4]), contra_ids={"3": "c3", "4": "c4"})

    story.do(asked(both))

    assert story.taken()[-1] == (L1, u.of([3]))
    assert story.do(asked(both)).event is None


@pytest.mark.parametrize(
    "command",
    [
        asked(unit(L1, 3, "c4")),
        asked(unit(L2, 1, "c4")),
        asked(unit(L2, 1, "r2")),
        asked(unit(L1, 2, "r2")),
        asked(unit(L1, 3, "c"), unit(L2, 1, "c")),
        asked(unit(L1, 3, "c"), unit(L1, 3, "c")),
        asked(unit(L1, 4, "c4"), unit(L1, 4, "c4")),
        asked(unit(L1, 4, "c4"), unit(L1, 3, "c4")),
        asked(take("nope", units=u.of([1]), contra_ids={"1": "c4"})),
        AnnounceReturn(targets=(unit(L1, 1, "r2"),)),
        AnnounceReturn(targets=(unit(L1, 1, "c4"),)),
        AnnounceReturn(targets=(unit(L1, 4, "c4"),)),
        AnnounceReturn(targets=(unit(L1, 1, "r"), unit(L1, 2, "r"))),
    ],
    ids=[
        "another unit", "another line", "another line and kind", "another kind", "two new ones", "one twice",
        "a known one twice", "a known one and another", "no line", "back: another unit", "back: another kind",
        "back: of what never left", "back: two new ones",
    ],
)  # fmt: skip
def test_an_id_stands_for_nothing_else(command: Any):
    assert begun().refuses(command) == DUPLICATE


def test_another_id_for_what_is_under_way_is_no_retry():
    story = begun()

    assert story.refuses(asked(unit(L1, 4, "c5")))[0] is Code.CANCELLATION_PENDING
    assert story.refuses(asked(unit(L1, 4)))[0] is Code.CANCELLATION_PENDING
    assert story.refuses(AnnounceReturn(targets=(unit(L1, 2, "r5"),)))[0] is Code.ALREADY_RETURNED


def test_after_a_warehouse_refused_only_a_new_id_asks_again():
    story = Story(placed(2), dialect="afosto").hold(HAMBURG).then(asked(unit(L1, 1, "c1")))
    story.answer(False, message="packed")

    assert story.do(asked(unit(L1, 1, "c1"))).event is None
    assert counts(story.ledger) == (2, 0, 0, 0, 0)
    assert story.refuses(asked(unit(L1, 2, "c1"))) == DUPLICATE
    story.do(asked(unit(L1, 1, "c1-again")))
    assert story.steps() == [["requested", "rejected"], ["requested"]]


def test_a_retry_that_has_something_wrong_beside_it_is_refused_whole():
    story = begun()

    assert story.refuses(asked(unit(L1, 4, "c4"), unit(L1, 1, "c1")))[0] is Code.ALREADY_FULFILLED
    assert story.refuses(asked(unit(L1, 4, "c4"), take("nope")))[0] is Code.LINE_NOT_FOUND


def test_a_contra_item_is_no_item_that_was_sold():
    story = begun()
    contra = story.ledger.order.adjustments[-1].id
    problem = (Code.INVALID, {"field": "lines", "problem": "is not an item that was sold"})

    for ref, units in (("c4", ()), (contra, ()), (contra, u.of([4])), (f"{contra}.4", ())):
        assert story.refuses(asked(take(ref, units=units))) == problem
        assert story.refuses(AnnounceReturn(targets=(take(ref, units=units),))) == problem
    assert story.refuses(asked(take(contra, units=u.of([3])))) == (Code.LINE_NOT_FOUND, {"field": "lines"})
