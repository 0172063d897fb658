"""New orders, beyond what every story of the others begins with."""

import pytest

from app.core.messages import NewLine
from app.core.refusal import Code, Refusal
from tests.core.building import placed


def line(ref: str, parent: str | None) -> NewLine:
    return NewLine(sku=ref, quantity=1, unit_price=1, ref=ref, parent=parent)


@pytest.mark.parametrize("parents", ["a", "ba", "bca", "bb"])
def test_no_line_is_a_part_of_itself(parents: str):
    with pytest.raises(Refusal) as refused:
        placed(lines=tuple(map(line, "abc", parents)))
    assert refused.value.code is Code.INVALID
    assert refused.value.facts["field"] == "lines.0.parent_id"


def test_parts_of_parts_in_any_order():
    order = placed(lines=(line("a", "b"), line("b", "c"), line("c", None), line("d", "b"))).order
    ids = {each.sku: each.id for each in order.lines}
    assert [each.parent_id for each in order.lines] == [ids["b"], ids["c"], None, ids["b"]]
