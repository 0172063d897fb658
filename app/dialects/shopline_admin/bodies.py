"""What Shopline Admin sends. Unknown keys are ignored; where one would do harm, take `StrictBody`."""

from typing import Annotated

from pydantic import Field

from app.web.decode import Body, QueryString


class CancelIn(Body):
    reason: str | None = None


class OrdersQuery(QueryString):
    limit: Annotated[int, Field(ge=1, le=250)] = 50
    page: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1
