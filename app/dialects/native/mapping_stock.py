"""Stock to native wire shapes. Pure."""

from app.core import ids, times
from app.core.stock import Level, StockMovement
from app.dialects.native import wire_stock


def from_level(level: Level) -> wire_stock.Level:
    return {"location_id": level.location_id, "sku": level.sku, "level": level.level}


def from_movement(movement: StockMovement) -> wire_stock.StockMovement:
    return {
        "id": movement.id,
        "location_id": movement.location_id,
        "sku": movement.sku,
        "delta": movement.delta,
        "order_id": None if movement.adjustment_id is None else ids.order_of(movement.adjustment_id),
        "adjustment_id": movement.adjustment_id,
        "credential_id": movement.credential_id,
        "note": movement.note,
        "at": times.text(movement.at),
    }
