"""What somebody means to do with an order, in nobody's words yet: each dialect says it in its own (`Dialect.calls`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core import units as u
from app.core.ledger import Ledger, Position
from app.core.units import Units


class Act(StrEnum):
    READ = "read"
    CANCEL = "cancel"
    RETURN = "return"
    FULFIL = "fulfil"
    ALLOCATE = "allocate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """`lines` are quantities by core line id; without any, all there is to do it with."""

    act: Act
    lines: Mapping[str, int] = field(default_factory=dict)
    reason_code: str | None = None
    reason: str | None = None
    location_id: str | None = None
    carrier: str | None = None
    tracking_code: str | None = None

    def units(self, ledger: Ledger) -> Mapping[str, Units]:
        """By line, for dialects that name single units: the highest of what is open, the lowest of what was shipped."""
        found = {}
        for line_id, held in ledger.positions.items():
            free, choose = (_shipped(held), u.lowest) if self.act is Act.RETURN else (held.open, u.highest)
            wanted = self.lines.get(line_id, 0) if self.lines else u.count(free)
            if units := choose(free, min(wanted, u.count(free))):
                found[line_id] = units
        return found

    def quantities(self, ledger: Ledger) -> Mapping[str, int]:
        return {line_id: u.count(units) for line_id, units in self.units(ledger).items()}


def _shipped(held: Position) -> Units:
    """What may still come back."""
    return u.minus(u.minus(held.fulfilled, held.announced), held.returned)
