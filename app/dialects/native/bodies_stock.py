"""What the native API reads about stock."""

from typing import Annotated

from pydantic import AfterValidator, Field

from app.web.decode import Key, QueryString, StrictBody, Text, Whole


def _moves(delta: int) -> int:
    if delta == 0:
        raise ValueError("must not be 0")
    return delta


class MovementIn(StrictBody):
    """Goods that came (more than 0) or went (less): opening stock, a count that came out otherwise, breakage."""

    location_id: Key
    sku: Key
    delta: Annotated[
        Whole,
        Field(ge=-(10**9), le=10**9, json_schema_extra={"not": {"const": 0}}),
        AfterValidator(_moves),
    ]
    note: Text | None = None


class StockQuery(QueryString):
    location_id: Key | None = None
    sku: Key | None = None
    cursor: Annotated[str, Field(max_length=1_500)] | None = None
    limit: Annotated[int, Field(ge=1, le=250)] = 50
