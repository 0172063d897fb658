"""Native routes on stock: levels, movements, and what people book by hand."""

from app.core.stock import LevelQuery, MovementQuery
from app.dialects.native import bodies_stock as bodies
from app.dialects.native import mapping_stock as mapping
from app.dialects.native import paging, wire_stock
from app.web.face import Routes
from app.web.reply import Reply, json, pack, unpack
from app.web.rest import Call, Nothing

routes = Routes()


@routes.get("/stock", scope="read_orders", query=bodies.StockQuery, answer=wire_stock.LevelList)
async def list_levels(call: Call[Nothing, bodies.StockQuery]) -> Reply:
    """Levels by location and sku, those that came to nothing, too. A level is the sum of all movements."""
    asked = call.query
    query = LevelQuery(
        location_id=asked.location_id,
        sku=asked.sku,
        after=paging.read_pair(asked.cursor),
        limit=asked.limit + 1,
    )
    found = await call.services.stock.levels(call.caller.tenant_id, query)
    page = found[: asked.limit]
    cursor = paging.pair_cursor(page[-1].location_id, page[-1].sku) if len(found) > asked.limit else None
    return json({"levels": [mapping.from_level(level) for level in page], "next_cursor": cursor})


@routes.get("/stock/movements", scope="read_orders", query=bodies.StockQuery, answer=wire_stock.MovementList)
async def list_movements(call: Call[Nothing, bodies.StockQuery]) -> Reply:
    """What came and went, newest first."""
    asked = call.query
    query = MovementQuery(
        location_id=asked.location_id,
        sku=asked.sku,
        after=paging.read_moment(asked.cursor),
        limit=asked.limit + 1,
    )
    found = await call.services.stock.movements(call.caller.tenant_id, query)
    page = found[: asked.limit]
    cursor = paging.moment_cursor(page[-1].at, page[-1].id) if len(found) > asked.limit else None
    return json({"movements": [mapping.from_movement(movement) for movement in page], "next_cursor": cursor})


@routes.post(
    "/stock/movements", scope="fulfil_orders", body=bodies.MovementIn, answer=wire_stock.StockMovement, status=201
)
async def move_stock(call: Call[bodies.MovementIn, Nothing]) -> Reply:
    """Book goods in or out by hand. Without an Idempotency-Key a retry books them again."""
    body = call.body
    stored = await call.services.stock.move(
        call.caller,
        call.once,
        lambda movement: pack(json(mapping.from_movement(movement), 201)),
        location_id=body.location_id,
        sku=body.sku,
        delta=body.delta,
        note=body.note,
    )
    return unpack(stored)
