"""What a face of single items needs: sold units told from unknown ones, reasons of their own, drafts that grow."""

from decimal import Decimal

from app.core import money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, StepTarget, TakeStep
from app.core.commands import AddLines
from app.core.messages import Cancel, NewLine, Target
from app.core.model import Line, LineType, Reason, Scope, Step
from app.core.policy import Policy
from app.core.refusal import Code
from tests.core.building import L1, Story, placed


def _refused(story: Story, command: object) -> tuple[Code, object]:
    code, facts = story.refuses(command)
    return code, facts.get("field")


def _take(*refs: str) -> TakeStep:
    return TakeStep(step=Step.APPROVED, targets=tuple(StepTarget(ref=ref, field=f"items.{ref}") for ref in refs))


def test_a_unit_that_was_sold_is_told_from_one_that_is_unknown():
    story = Story(placed(3), dialect="afosto")
    for ref, code in (
        (f"{L1}.3", Code.INVALID),
        (f"{L1}.4", Code.ADJUSTMENT_NOT_FOUND),
        (f"{L1}.0", Code.ADJUSTMENT_NOT_FOUND),
        (L1, Code.ADJUSTMENT_NOT_FOUND),
        ("nothing.1", Code.ADJUSTMENT_NOT_FOUND),
    ):
        assert _refused(story, _take(ref)) == (code, f"items.{ref}")


def test_a_contra_item_is_no_item_to_cancel():
    story = Story(placed(2), dialect="afosto")
    story.do(
        Cancel(scope=Scope.LINES, targets=(Target(ref=L1, units=u.of([1]), contra_ids={"1": "c"}),), stepwise=True)
    )
    for units, ref in ((u.NONE, "c"), (((0, 0),), "c"), (u.of([1]), story.ledger.order.adjustments[0].id)):
        again = Cancel(scope=Scope.LINES, targets=(Target(ref=ref, units=units, field="item"),), stepwise=True)
        assert _refused(story, again) == (Code.INVALID, "item")


def test_whoever_receives_may_say_why_of_each_unit():
    story = Story(placed(3), dialect="afosto").ship()
    story.do(AnnounceReturn(targets=(Target(ref=L1, units=u.span(3)),), reason=Reason("LATE")))
    origin = story.ledger.order.adjustments[0].id
    targets = (
        StepTarget(ref=f"{origin}.1", reason=Reason("DAMAGED")),
        StepTarget(ref=f"{origin}.2"),
        StepTarget(ref=f"{origin}.3", reason=Reason("DAMAGED")),
    )
    story.do(TakeStep(step=Step.RECEIVED, targets=targets))
    told = {a.units: a.reason for a in story.ledger.order.adjustments}
    assert told == {u.of([1, 3]): Reason("DAMAGED"), u.of([2]): None}


def test_reasons_of_single_units_are_the_tenants_too():
    story = Story(placed(3), policy=Policy(reasons=("LOST",)))
    targets = (Target(ref=L1, units=u.of([1])), Target(ref=L1, units=u.of([2]), reason=Reason("X"), field="second"))
    assert _refused(story, Cancel(scope=Scope.LINES, targets=targets, reason=Reason("LOST"))) == (
        Code.INVALID,
        "second",
    )


def test_a_draft_grows():
    story = Story(placed(1, draft=True))
    kit = NewLine(ref="kit", sku="KIT", quantity=1, unit_price=500, type=LineType.ASSEMBLE_BUNDLE)
    story.do(AddLines(lines=(kit, NewLine(sku="BULB", quantity=2, unit_price=0, type=LineType.PART, parent="kit"))))
    first, bundle, part = story.ledger.order.lines
    assert (first.id, part.parent_id) == (L1, bundle.id)
    assert len({line.id for line in story.ledger.order.lines}) == 3
    assert _refused(story, AddLines(lines=())) == (Code.INVALID, "lines")
    many = tuple(NewLine(sku="X", quantity=1, unit_price=1) for _ in range(1_998))
    assert _refused(story, AddLines(lines=many)) == (Code.INVALID, "lines")
    assert _refused(Story(placed(1)), AddLines(lines=many[:1])) == (Code.NOT_A_DRAFT, None)


def test_the_tax_of_units_adds_up():
    line = Line(id="l", sku="x", title="x", quantity=7, unit_price=333, tax_rate=Decimal("0.21"))
    for included in (True, False):
        each = [money.units_tax(line, u.of([n]), tax_included=included) for n in range(1, 8)]
        assert sum(each) == money.line_tax(line, 7, tax_included=included)
        assert money.units_tax(line, u.of([2, 5]), tax_included=included) == each[1] + each[4]
