"""Chained targets: (line, after which adjustment). What something else has since changed is refused."""

import pytest

from app.core.model import Step
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, LYON, ORDER, Story, case_of, counts, lines, placed, take, unit

FIELD = {"field": "itemId"}


def link(ref: str, **fields: int) -> object:
    return lines(take(ref, chained=True, field="itemId", **fields))


def made(story: Story, line_id: str = L1) -> list[str]:
    return [acceptance.id for acceptance in story.ledger.acceptances(line_id)]


def split() -> Story:
    """Of five units two stay, then one."""
    story = Story(placed(5, 1), dialect="convictional").then(link(L1, keep=2))
    return story.then(link(made(story)[0], keep=1))


def test_a_successor_is_cancelled_by_the_id_of_the_adjustment_that_made_it():
    story = split()
    assert (counts(story.ledger), len(made(story))) == ((1, 0, 4, 0, 0), 2)

    story.then(link(made(story)[-1]))

    assert counts(story.ledger) == (0, 0, 5, 0, 0)
    assert [a.id for a in story.ledger.order.adjustments] == made(story)


def test_what_was_superseded_is_refused():
    story = split()
    first = made(story)[0]

    assert story.refuses(link(L1)) == (Code.SUPERSEDED, FIELD)
    assert story.refuses(link(first)) == (Code.SUPERSEDED, FIELD)
    assert story.refuses(link(L1, keep=0)) == (Code.SUPERSEDED, FIELD)


def test_whoever_does_not_chain_may_name_the_line_at_any_time():
    assert counts(split().then(lines(take(L1))).ledger) == (0, 0, 5, 0, 0)


def test_a_cancel_through_another_face_supersedes_as_well():
    story = Story(placed(3)).then(lines(take(L1, 1)), "shopline")

    assert story.refuses(link(L1, keep=1), "convictional") == (Code.SUPERSEDED, FIELD)
    assert counts(story.then(link(made(story)[0], keep=1), "convictional").ledger) == (1, 0, 2, 0, 0)


def test_the_adjustment_that_left_nothing_is_no_item():
    story = split()
    story.then(link(made(story)[-1]))
    first, second, last = made(story)

    assert story.refuses(link(last)) == (Code.LINE_NOT_FOUND, FIELD)
    assert [story.refuses(link(ref))[0] for ref in (L1, first, second)] == [Code.SUPERSEDED] * 3


@pytest.mark.parametrize("ref", ["nope", ORDER, ORDER[:-5] + "fffff"], ids=["word", "order", "child nobody has"])
def test_what_is_no_item_at_all(ref):
    assert split().refuses(link(ref)) == (Code.LINE_NOT_FOUND, FIELD)


def test_a_case_id_is_no_item():
    story = split()

    assert story.refuses(link(story.ledger.order.cases[0].id)) == (Code.LINE_NOT_FOUND, FIELD)


def test_a_pending_cancel_supersedes_nothing_yet():
    story = Story(placed(4)).hold(HAMBURG, take(L1, 1)).then(lines(unit(L1, 1)))
    pending = story.ledger.order.adjustments[0].id
    assert story.refuses(link(pending)) == (Code.LINE_NOT_FOUND, FIELD)

    story.then(link(L1, keep=3))
    story.answer(True, case=0)

    assert made(story) == [story.ledger.order.adjustments[1].id, pending]
    assert story.refuses(link(story.ledger.order.adjustments[1].id)) == (Code.SUPERSEDED, FIELD)
    assert counts(story.then(link(pending, keep=1)).ledger) == (1, 0, 3, 0, 0)


def test_a_refused_cancel_never_made_an_item():
    story = Story(placed(4)).hold(HAMBURG).then(lines(take(L1, 1)))
    story.answer(False)

    assert made(story) == []
    assert story.refuses(link(story.ledger.order.adjustments[0].id)) == (Code.LINE_NOT_FOUND, FIELD)
    assert counts(story.then(link(L1, keep=3), "convictional").ledger) == (3, 1, 0, 0, 0)


@pytest.mark.parametrize("before", [False, True], ids=["never cancelled", "cancelled before"])
def test_a_return_makes_no_item(before):
    story = Story(placed(3))
    if before:
        story.then(lines(take(L1, 1)))
    story.ship().send_back(take(L1, 1))
    returned = story.ledger.order.adjustments[-1]
    story.step(Step.RECEIVED, returned)
    story.step(Step.APPROVED, returned)

    assert len(made(story)) == before
    assert story.refuses(link(returned.id)) == (Code.LINE_NOT_FOUND, FIELD)


def test_one_case_over_several_holders_is_one_link():
    story = Story(placed(4)).hold(HAMBURG, take(L1, 2), connector=None).then(lines(take(L1, 3)))

    assert len(story.ledger.order.adjustments) == 2
    assert made(story) == [story.ledger.order.adjustments[-1].id]
    assert story.ledger.acceptances(L1)[0].units == ((2, 4),)
    assert counts(story.then(link(made(story)[0])).ledger) == (0, 0, 4, 0, 0)


def test_a_case_that_two_locations_agree_to_one_after_the_other_is_two_links():
    story = Story(placed(4, 1)).hold(HAMBURG, take(L1, 1)).hold(LYON, take(L1, 1)).then(lines(take(L1, 4)))
    _, hamburg, lyon = (a.id for a in story.ledger.order.adjustments)

    first = story.answer(True, LYON)
    second = story.answer(True, HAMBURG)

    assert [case_of(change).state.value for change in (first, second)] == ["pending", "accepted"]
    assert [(link.id, link.units, link.version) for link in story.ledger.acceptances(L1)] == [
        (lyon, ((2, 4),), 5),
        (hamburg, ((1, 1),), 6),
    ]


def test_lines_have_chains_of_their_own():
    story = split()

    assert made(story, L2) == []
    assert counts(story.then(link(L2)).ledger, L2) == (0, 0, 1, 0, 0)
