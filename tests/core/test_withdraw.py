"""The way out of a cancellation or a return before it is approved."""

from app.core.model import CaseState, Step
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, Story, case_of, counts, event_of, go, lines, placed, take, unit

RECEIVED, APPROVED, REJECTED = Step.RECEIVED, Step.APPROVED, Step.REJECTED


def test_the_way_out_opens_units_again_but_none_that_a_warehouse_gave_up():
    story = Story(placed(3), dialect="afosto").hold(HAMBURG, take(L1, 1))
    story.then(lines(*(unit(L1, n, f"c{n}") for n in (1, 2, 3)), stepwise=True)).answer(True)
    assert counts(story.ledger) == (0, 3, 0, 0, 0)
    assert story.refuses(go(REJECTED, "c1", "c2")) == (
        Code.STEP_NOT_ALLOWED,
        {"step": "rejected", "at": "given_up", "field": "adjustment_ids"},
    )
    story.do(go(REJECTED, "c2", "c3"))
    assert counts(story.ledger) == (2, 1, 0, 0, 0)
    story.do(go(APPROVED, "c1"))
    assert (counts(story.ledger), story.ledger.order.cases[0].state) == ((2, 0, 1, 0, 0), CaseState.ACCEPTED)


def test_a_return_that_nobody_approves_goes_to_the_customer_again():
    story = Story(placed(3), dialect="afosto").ship().send_back(unit(L1, 1, "r1"), unit(L1, 2, "r2"))
    story.step(RECEIVED)
    assert counts(story.ledger) == (0, 0, 0, 3, 2)
    rejected = story.step(REJECTED, location=None)
    assert counts(story.ledger) == (0, 0, 0, 3, 0)
    assert (case_of(rejected).state, event_of(rejected).type) == (CaseState.REJECTED, "return.rejected")
    story.send_back(unit(L1, 1, "r3"))
