"""Units part from those they were named with when they step alone; names, amounts and chains stay what they were."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, LooseReturn, StepTarget, TakeStep
from app.core.model import Adjustment, CaseState, Step
from app.core.parts import Index, contra_id
from app.core.refusal import Code
from tests.core.building import L1, L2, LYON, SHOP, Story, case_of, lines, placed, take, unit

APPROVED, RESTOCKED, FINISHED = Step.APPROVED, Step.RESTOCKED, Step.FINISHED


def walking(quantity: int = 6) -> Story:
    """All units of a line walk in one entry; those of even number under a client's id."""
    named = [unit(L1, n, f"c{n}" if n % 2 == 0 else None) for n in range(1, quantity + 1)]
    return Story(placed(quantity, 1, price=333, tax_rate="0.07", prices_include_tax=False), dialect="afosto").then(
        lines(*named, stepwise=True)
    )


def origin(story: Story) -> str:
    return story.ledger.order.adjustments[0].id


def where(story: Story, name: str) -> tuple[u.Units, Step]:
    found = Index(story.ledger, "afosto").get(name)
    assert found is not None
    return found[1], found[0].step


def drawn(story: Story) -> list[tuple[list[int], str]]:
    return [(u.numbers(a.units), a.step.value) for a in story.ledger.order.adjustments]


def test_names_stay_good_through_several_partings():
    story = walking()
    first = origin(story)
    story.walk(APPROVED, "c2", f"{first}.3", "c4")
    story.walk(RESTOCKED, f"{first}.4", location=SHOP)
    story.walk(FINISHED, "c4", f"{first}.2")
    story.walk(APPROVED, first)

    assert drawn(story) == [([1, 5, 6], "approved"), ([3], "approved"), ([2], "finished"), ([4], "finished")]
    for n in range(1, 7):
        assert where(story, f"{first}.{n}")[0] == u.of([n])
    assert [where(story, name) for name in ("c2", "c4", "c6")] == [
        (u.of([2]), FINISHED),
        (u.of([4]), FINISHED),
        (u.of([6]), APPROVED),
    ]
    assert {a.origin for a in story.ledger.order.adjustments} == {first}
    assert [contra_id(a, n) for a in story.ledger.order.adjustments for n in u.numbers(a.units)] == [
        f"{first}.1", f"{first}.5", "c6", f"{first}.3", "c2", "c4",
    ]  # fmt: skip


def test_a_part_has_its_own_id_for_what_is_left_of_it():
    story = walking()
    story.walk(APPROVED, "c2", "c4")
    part = story.ledger.order.adjustments[1]
    story.walk(FINISHED, "c2")

    story.walk(FINISHED, part.id)

    assert [(u.numbers(a.units), a.step.value) for a in story.ledger.order.adjustments if a.id == part.id] == [
        ([4], "finished")
    ]
    assert story.refuses(_step(FINISHED, f"{part.id}.4"))[0] is Code.ADJUSTMENT_NOT_FOUND


@pytest.mark.parametrize("name", ["", ".", "c2.2", "nope.1", "{}.0", "{}.01", "{}.7", "{}.-1", "{}.1.1", "{}.", "c9"])
def test_what_is_no_name(name: str):
    story = walking()

    assert story.refuses(_step(APPROVED, name.format(origin(story)))) == (
        Code.ADJUSTMENT_NOT_FOUND,
        {"field": "adjustment_ids"},
    )


def test_a_clients_ids_are_its_dialects_but_a_derived_name_is_everybodys():
    story = walking()

    assert story.refuses(_step(APPROVED, "c2"), "native")[0] is Code.ADJUSTMENT_NOT_FOUND
    story.do(_step(APPROVED, f"{origin(story)}.2"), "native")
    assert where(story, "c2") == (u.of([2]), APPROVED)


def test_units_that_go_to_two_places_part_at_once_and_the_entry_keeps_its_place():
    story = walking()
    story.walk(APPROVED, origin(story))
    targets = [StepTarget(ref=f"{origin(story)}.{n}", location_id=SHOP if n < 4 else LYON) for n in range(1, 7)]

    moved = story.do(TakeStep(step=RESTOCKED, targets=tuple(targets))).movements

    assert [(m.location_id, m.delta) for m in moved] == [(SHOP, 3), (LYON, 3)]
    assert len({m.adjustment_id for m in moved}) == 2
    assert [a.id for a in story.ledger.order.adjustments] == sorted(a.id for a in story.ledger.order.adjustments)


def test_a_case_is_decided_with_the_last_of_its_parts():
    story = walking(3)
    states = [case_of(story.walk(APPROVED, f"{origin(story)}.{n}")).state for n in (3, 1, 2)]

    assert states == [CaseState.PENDING, CaseState.PENDING, CaseState.ACCEPTED]


def test_a_chain_of_accepted_units_is_the_same_however_they_part_later():
    story = walking()
    story.walk(APPROVED, "c2", "c6")
    story.walk(APPROVED, origin(story))
    story.then(lines(unit(L2, 1)), "native")
    chain = [(link.id, link.version, link.units) for link in story.ledger.acceptances(L1)]

    story.walk(RESTOCKED, "c6", f"{origin(story)}.1", location=SHOP)
    story.walk(FINISHED, f"{origin(story)}.3", "c6")
    story.walk(FINISHED, f"{origin(story)}.5", "c2", "c4", f"{origin(story)}.1")

    assert [(link.id, link.version, link.units) for link in story.ledger.acceptances(L1)] == chain
    assert [units for _, _, units in chain] == [u.of([2, 6]), u.of([1, 3, 4, 5])]


def test_loose_goods_part_by_their_number_and_share_their_price():
    story = Story(placed(1), dialect="afosto").ship()
    story.then(AnnounceReturn(loose=(LooseReturn(sku="Z", title="Other", quantity=3, unit_price=333),)))
    story.walk(Step.RECEIVED, f"{origin(story)}.2")
    story.walk(Step.RECEIVED, f"{origin(story)}.3")

    assert [(a.sku, a.title, u.numbers(a.units), a.amount) for a in story.ledger.order.adjustments] == [
        ("Z", "Other", [1], 333),
        ("Z", "Other", [3], 333),
        ("Z", "Other", [2], 333),
    ]
    assert story.refuses(_step(Step.RECEIVED, f"{origin(story)}.4"))[0] is Code.ADJUSTMENT_NOT_FOUND


@st.composite
def partings(draw: st.DrawFn) -> tuple[Story, list[list[int]]]:
    quantity = draw(st.integers(1, 12))
    order = draw(st.permutations(range(1, quantity + 1)))
    cuts = sorted(draw(st.sets(st.integers(0, quantity), max_size=6)) | {0, quantity})
    story = Story(
        placed(
            quantity,
            price=draw(st.integers(0, 5000)),
            tax_rate=str(draw(st.decimals(0, "0.3", places=3))),
            prices_include_tax=draw(st.booleans()),
        ),
        dialect="afosto",
    )
    return story, [list(order[a:b]) for a, b in pairwise(cuts)]


@given(partings(), st.data())
def test_parts_are_worth_the_whole_whatever_parts_from_what(drawn_: tuple[Story, list[list[int]]], data: st.DataObject):
    story, groups = drawn_
    line = story.ledger.order.lines[0]
    whole = money.line_gross(line, line.quantity, tax_included=story.ledger.order.prices_include_tax)
    story.then(lines(take(L1, units=u.span(line.quantity)), stepwise=True))
    for step in (APPROVED, FINISHED):
        for group in data.draw(st.permutations(groups)):
            story.walk(step, *(f"{origin(story)}.{n}" for n in group))
            entries = story.ledger.order.adjustments
            assert sum(a.amount for a in entries) == whole
            assert all(a.amount == _gross(story, a) for a in entries)
    assert money.order_due(story.ledger.order) == 0
    assert len(story.ledger.order.adjustments) == len(groups)


def _gross(story: Story, adjustment: Adjustment) -> int:
    """From the price list: the difference of what the first n and the first n - 1 cost, half up."""
    order, line = story.ledger.order, story.ledger.order.lines[0]
    rate = Decimal(0) if order.prices_include_tax else line.tax_rate
    sums = [int(n * line.unit_price * (1 + rate) + Decimal("0.5")) for n in range(line.quantity + 1)]
    return sum(sums[n] - sums[n - 1] for n in u.numbers(adjustment.units))


def _step(step: Step, *names: str) -> TakeStep:
    return TakeStep(step=step, targets=tuple(StepTarget(ref=name) for name in names))
