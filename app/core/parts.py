"""Adjustments and units of them, by the names that faces have for them; and units that part from the others."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.core import money
from app.core import units as u
from app.core.aftersales import StepTarget
from app.core.copying import replace
from app.core.ledger import Ledger
from app.core.model import Adjustment, Order, Reason
from app.core.refusal import Code, Refusal
from app.core.units import Units
from app.core.write import LineIndex, Numbering

_NUMBER = re.compile("[1-9][0-9]{0,6}")
_ALL = 0  # no unit has this number


def contra_id(adjustment: Adjustment, number: int) -> str:
    """What the contra item of a unit is called: as a client said, else by where the unit started."""
    return adjustment.contra_ids.get(str(number)) or f"{adjustment.origin}.{number}"


@dataclass(frozen=True, slots=True)
class Part:
    """Units of one adjustment that are named together; `target` is the first that names any."""

    adjustment: Adjustment
    units: Units
    target: StepTarget


class Index:
    """Finds adjustments and their units for one dialect."""

    def __init__(self, before: Ledger, dialect: str) -> None:
        self._before = before
        self._dialect = dialect
        self._whole: dict[str, Adjustment] = {}
        self._origins: dict[str, list[Adjustment]] = {}
        self._contra: dict[str, Adjustment] = {}
        self._numbers: dict[str, dict[str, int]] = {}
        for adjustment in before.order.adjustments:
            self._whole[adjustment.id] = adjustment
            self._origins.setdefault(adjustment.origin, []).append(adjustment)
            if before.cases[adjustment.case_id].actor.dialect == dialect:
                self._contra.update(dict.fromkeys(adjustment.contra_ids.values(), adjustment))

    def get(self, ref: str) -> tuple[Adjustment, Units] | None:
        if whole := self._whole.get(ref):
            return whole, whole.units
        if held := self._contra.get(ref):
            return held, _one(self._numbers_of(held)[ref])
        origin, _, number = ref.rpartition(".")
        if _NUMBER.fullmatch(number):
            unit = _one(int(number))
            for adjustment in self._origins.get(origin, ()):
                if u.both(adjustment.units, unit):
                    return adjustment, unit
        return None

    def _numbers_of(self, adjustment: Adjustment) -> dict[str, int]:
        """Turned round only where somebody asks: an order may have thousands."""
        if adjustment.id not in self._numbers:
            self._numbers[adjustment.id] = {contra: int(n) for n, contra in adjustment.contra_ids.items()}
        return self._numbers[adjustment.id]

    def parts(self, targets: Iterable[StepTarget], *, apart: bool = False) -> list[Part]:
        """One part for each adjustment and reason, with `apart` for each location too.

        Refuses: ADJUSTMENT_NOT_FOUND, INVALID (none, one twice, or a unit that was sold in place of its contra item).
        """
        together: dict[tuple[str, str | None, Reason | None], list[Part]] = {}
        seen: dict[str, set[int]] = {}
        for target in targets:
            found = self.get(target.ref)
            if found is None:
                raise self._unknown(target)
            part = Part(*found, target)
            id_ = part.adjustment.id
            number = _ALL if target.ref == id_ else part.units[0][0]
            named = seen.setdefault(id_, set())
            if named and (number == _ALL or not named.isdisjoint((number, _ALL))):
                raise Refusal(Code.INVALID, field=target.field, problem="was named before")
            named.add(number)
            key = id_, target.location_id if apart else None, target.reason
            together.setdefault(key, []).append(part)
        if not together:
            raise Refusal(Code.INVALID, field="adjustment_ids", problem="names no adjustment")
        return [replace(parts[0], units=u.union_all(part.units for part in parts)) for parts in together.values()]

    def _unknown(self, target: StepTarget) -> Refusal:
        line_id, _, number = target.ref.rpartition(".")
        line = LineIndex(self._before.order, self._dialect).get(line_id) if _NUMBER.fullmatch(number) else None
        if line is None or int(number) > line.quantity:
            return Refusal(Code.ADJUSTMENT_NOT_FOUND, field=target.field)
        return Refusal(Code.INVALID, field=target.field, problem="was sold: it is neither cancelled nor coming back")


def _one(number: int) -> Units:
    return ((number, number),)


class Parting:
    """The adjustments of an order while parts of them change: what is left of one stays in its place."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._worth = money.Worth(order)
        self._left = {adjustment.id: adjustment for adjustment in order.adjustments}
        self._moved: dict[str, list[Adjustment]] = {}
        self._numbering = Numbering(order.id, order.children)

    def take(self, part: Part) -> Adjustment:
        """The part as an adjustment by itself, to be given back changed."""
        left = self._left[part.adjustment.id]
        if left.units == part.units:
            del self._left[left.id]
            return left
        rest = self._some(left, u.minus(left.units, part.units))
        self._left[left.id] = rest
        taken = self._some(left, part.units)
        return replace(taken, id=self._numbering.next(), root=left.origin, amount=left.amount - rest.amount)

    def put(self, part: Part, changed: Adjustment) -> None:
        self._moved.setdefault(part.adjustment.id, []).append(changed)

    def order(self) -> Order:
        return replace(self._order, adjustments=tuple(self._all()), children=self._numbering.used)

    def _all(self) -> Iterator[Adjustment]:
        """An adjustment stays before what parted from it: the first one's id stands for an acceptance."""
        for adjustment in self._order.adjustments:
            if adjustment.id in self._left:
                yield self._left[adjustment.id]
            yield from sorted(self._moved.get(adjustment.id, ()), key=lambda moved: moved.id)

    def _some(self, adjustment: Adjustment, units: Units) -> Adjustment:
        contra_ids = of_units(adjustment.contra_ids, units)
        return replace(adjustment, units=units, amount=self._worth.part(adjustment, units), contra_ids=contra_ids)


def of_units(contra_ids: Mapping[str, str], units: Units) -> Mapping[str, str]:
    """Those that stand for certain units."""
    if not contra_ids:
        return contra_ids
    numbers = {str(number) for number in u.numbers(units)}
    return {number: contra for number, contra in contra_ids.items() if number in numbers}
