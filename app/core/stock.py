"""Stock: movements that are only ever added, and levels, which are their sums."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.core.ports import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Of one sku at one location. It may be zero, or below: whoever books goods out first is not wrong."""

    location_id: str
    sku: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMovement:
    """Goods put back by an adjustment, or booked by hand: then `credential_id` is whose hand, and there may be a note.

    The id of one by an adjustment is the adjustment's, so that it cannot be booked twice.
    """

    tenant_id: str
    id: str
    location_id: str
    sku: str
    delta: int
    adjustment_id: str | None = None
    credential_id: str | None = None
    note: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelQuery:
    """By location, then by sku; `after` is where the page before ended."""

    location_id: str | None = None
    sku: str | None = None
    after: tuple[str, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementQuery:
    """Newest first; `after` is where the page before ended."""

    location_id: str | None = None
    sku: str | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 50


class Stock(Protocol):
    async def levels(self, tenant_id: str, query: LevelQuery) -> list[Level]:
        """One for each location and sku that anything was ever moved of; what came to nothing is there, too."""
        ...

    async def movements(self, tenant_id: str, query: MovementQuery) -> list[StockMovement]: ...

    async def add_movement(self, movement: StockMovement, kept: "Kept | None" = None) -> None:
        """With a used key in `kept` nothing is written: `Moved`."""
        ...
