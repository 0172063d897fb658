"""Lines and units that a command names, and the contra ids that a client gave to them."""

from collections.abc import Sequence

from app.core import units as u
from app.core.copying import replace
from app.core.ledger import Acceptance, Ledger
from app.core.messages import Target
from app.core.model import Adjustment, CaseKind, Line
from app.core.parts import Index
from app.core.refusal import Code, Refusal
from app.core.write import LineIndex


def line_of(before: Ledger, index: LineIndex, target: Target, dialect: str) -> Line:
    """Refuses: LINE_NOT_FOUND (also a unit that the line does not have), INVALID (a contra item, which no line is)."""
    line = index.get(target.ref)
    if line is None:
        number = target.units[0][0] if target.units else 0
        if Index(before, dialect).get(f"{target.ref}.{number}" if number else target.ref) is not None:
            raise Refusal(Code.INVALID, field=target.field, problem="is not an item that was sold")
        raise Refusal(Code.LINE_NOT_FOUND, field=target.field)
    if u.minus(target.units, u.span(line.quantity)):
        raise Refusal(Code.LINE_NOT_FOUND, field=target.field)
    return line


def link_of(before: Ledger, index: LineIndex, target: Target) -> tuple[Line, Acceptance | None]:
    """Of a chained target: its line, and what was accepted after the caller saw it; None if that is how it stands.

    Refuses: LINE_NOT_FOUND, also after an acceptance that left nothing.
    """
    line = index.get(target.ref)
    if line is not None:
        return line, next(iter(before.acceptances(line.id)), None)
    maker = next((a for a in before.order.adjustments if a.id == target.ref), None)
    links = before.acceptances(maker.line_id) if maker is not None and maker.line_id is not None else []
    place = next((n for n, link in enumerate(links, start=1) if link.id == target.ref), None)
    if maker is None or maker.line_id is None or place is None:
        raise Refusal(Code.LINE_NOT_FOUND, field=target.field)
    held = before.positions[maker.line_id]
    if place == len(links) and u.count(held.cancelled) == held.line.quantity:
        raise Refusal(Code.LINE_NOT_FOUND, field=target.field)
    return held.line, links[place] if place < len(links) else None


def together(line: Line, target: Target, place: int) -> tuple[object, ...]:
    """The same for targets whose units make one adjustment: units of one line, named one by one, for one reason.

    `place` is the target's in the command: any other stays by itself.
    """
    return line.id, target.reason, 0 if target.units else place + 1


def new_targets(before: Ledger, targets: Sequence[Target], dialect: str, kind: CaseKind) -> list[Target]:
    """The targets without the units that were taken before under the very same contra id: so a retry is harmless.

    Refuses DUPLICATE: an id that a client gave to the contra item of a unit stands for that unit alone.
    """
    if not any(target.contra_ids for target in targets):
        return list(targets)
    index, known, given = LineIndex(before.order, dialect), _known(before, dialect, kind), set[str]()
    fresh: list[Target] = []
    for target in targets:
        line = index.get(target.ref)
        for number, contra in target.contra_ids.items():
            unit = line and line.id, number
            if contra in given or known.get(contra, unit) != unit:
                raise Refusal(Code.DUPLICATE, field=target.field)
            given.add(contra)
        repeated = {number for number, contra in target.contra_ids.items() if contra in known}
        if not repeated:
            fresh.append(target)
        elif left := u.minus(target.units, u.of(int(number) for number in repeated)):
            contra_ids = {n: c for n, c in target.contra_ids.items() if n not in repeated}
            fresh.append(replace(target, units=left, contra_ids=contra_ids))
    return fresh


def _known(before: Ledger, dialect: str, kind: CaseKind) -> dict[str, tuple[str | None, str]]:
    """Contra ids that this dialect's clients gave, with line and number of the unit; of another kind, with neither."""
    return {
        contra: _unit(adjustment, number) if before.cases[adjustment.case_id].kind is kind else (None, "")
        for adjustment in before.order.adjustments
        if before.cases[adjustment.case_id].actor.dialect == dialect
        for number, contra in adjustment.contra_ids.items()
    }


def _unit(adjustment: Adjustment, number: str) -> tuple[str | None, str]:
    return adjustment.line_id, number
