"""What the contract shows and says of stock."""

from collections.abc import Mapping
from typing import Any

from app.core import ids
from app.core.stock import Level, StockMovement
from app.dialects.native import mapping_stock as mapping
from app.dialects.native.examples import AT, CREDENTIAL_ID, LOCATION_ID, TENANT_ID

_MOVE = {"location_id": LOCATION_ID, "sku": "MUG-RED", "delta": 40, "note": "Opening stock"}
_ADJUSTMENT_ID = ids.child(ids.order_id(AT, 1 << 40), 6)

_BY_HAND = StockMovement(
    tenant_id=TENANT_ID,
    id=ids.uuid7(AT, 0x60),
    location_id=LOCATION_ID,
    sku="MUG-RED",
    delta=40,
    credential_id=CREDENTIAL_ID,
    note="Opening stock",
    at=AT,
)
_PUT_BACK = StockMovement(
    tenant_id=TENANT_ID,
    id=_ADJUSTMENT_ID,
    location_id=LOCATION_ID,
    sku="MUG-RED",
    delta=2,
    adjustment_id=_ADJUSTMENT_ID,
    at=AT,
)

EXAMPLES: Mapping[str, Any] = {
    "list_levels": {
        "answer": {
            "levels": [mapping.from_level(Level(location_id=LOCATION_ID, sku="MUG-RED", level=42))],
            "next_cursor": None,
        }
    },
    "list_movements": {
        "answer": {
            "movements": [mapping.from_movement(each) for each in (_PUT_BACK, _BY_HAND)],
            "next_cursor": None,
        }
    },
    "move_stock": {"request": _MOVE, "answer": mapping.from_movement(_BY_HAND)},
}

PARAMETERS: Mapping[str, str] = {"sku": "Only this product."}
