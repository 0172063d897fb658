"""What the native API answers about stock, as typed dictionaries."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class Level(TypedDict):
    """The sum of all movements of a sku at a location."""

    location_id: str
    sku: str
    level: int


class LevelList(TypedDict):
    levels: list[Level]
    next_cursor: str | None


class StockMovement(TypedDict):
    """By an adjustment of an order, or by hand: then `credential_id` says whose."""

    id: str
    location_id: str
    sku: str
    delta: int
    order_id: str | None
    adjustment_id: str | None
    credential_id: str | None
    note: str | None
    at: str


class MovementList(TypedDict):
    movements: list[StockMovement]
    next_cursor: str | None
