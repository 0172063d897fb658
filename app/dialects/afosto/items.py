"""Items: single units of what was sold, and what cancels them or takes them back. Pure.

An item that was sold is `<line id>.<n>`. A contra item has the id that its client, or we, made for it. What comes
back, or was cancelled, through another dialect has no such id: it is `<adjustment id>.<n>`, by where its unit started.
"""

from functools import cached_property
from itertools import islice

from app.core import model, money, parts
from app.core import units as u
from app.core.ledger import Ledger
from app.core.model import Adjustment, CaseKind, Line, Step
from app.core.units import Units

NAME = "afosto"
ANNOUNCED_ELSEWHERE, LOOSE = "RETURN", "LOOSE_RETURN"
MOST_SHOWN = 20_000
"""Single items that one order shows: a line may have a million pieces, and somewhere an answer has to end."""


def sold_id(line_id: str, number: int) -> str:
    return f"{line_id}.{number}"


class Items:
    """The items of one order, looked up once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def entries(self) -> list[Adjustment]:
        """What is cancelled or comes back, in the order in which it was begun, however its units have parted since.

        What a warehouse did not agree to is as if it had never been.
        """
        entries = (entry for entry in self.ledger.order.adjustments if entry.step is not Step.REJECTED)
        return sorted(entries, key=lambda entry: (entry.origin, entry.units))

    def entry_id(self, entry: Adjustment, number: int) -> str:
        if self.ledger.cases[entry.case_id].actor.dialect == NAME:
            return parts.contra_id(entry, number)
        return f"{entry.origin}.{number}"

    def line(self, entry: Adjustment) -> Line | None:
        return self.ledger.positions[entry.line_id].line if entry.line_id is not None else None

    def type(self, entry: Adjustment) -> str:
        """A return that another dialect announced is a return line; all else is the contra of what was sold."""
        line, case = self.line(entry), self.ledger.cases[entry.case_id]
        if line is None:
            return LOOSE
        elsewhere = case.kind is CaseKind.RETURN and case.actor.dialect != NAME
        return ANNOUNCED_ELSEWHERE if elsewhere else line.type.name

    def is_contra(self, entry: Adjustment) -> bool:
        return self.type(entry) not in {ANNOUNCED_ELSEWHERE, LOOSE}

    def reason(self, entry: Adjustment) -> str | None:
        reason: model.Reason = entry.reason or self.ledger.cases[entry.case_id].reason
        return reason.code if reason.code is not None else reason.text

    def parent_id(self, line: Line | None, number: int) -> str | None:
        """Parts are dealt out to their bundles in order: of four with two bundles, two each."""
        if line is None or line.parent_id is None:
            return None
        bundle = self.ledger.positions[line.parent_id].line
        return sold_id(bundle.id, 1 + (number - 1) * bundle.quantity // line.quantity)

    def contra_of(self, line_id: str, number: int) -> str | None:
        return self._contras.get((line_id, number))

    @cached_property
    def _contras(self) -> dict[tuple[str, int], str]:
        pairs = (
            ((entry.line_id, number), self.entry_id(entry, number))
            for entry in self.entries()
            if entry.line_id is not None
            for number in u.numbers(u.lowest(entry.units, MOST_SHOWN))
        )
        return dict(islice(pairs, MOST_SHOWN))

    def gross(self, line: Line, units: Units) -> int:
        return money.units_gross(line, units, tax_included=self.ledger.order.prices_include_tax)

    def tax(self, line: Line, units: Units) -> int:
        return money.units_tax(line, units, tax_included=self.ledger.order.prices_include_tax)
