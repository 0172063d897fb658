"""What the native API reads about orders that are there, and requests."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from app.dialects.native.bodies import Long
from app.web.decode import Key, QueryString, StrictBody, Text

_MOST_METADATA = 10_000


def _small(metadata: dict[str, Any]) -> dict[str, Any]:
    """An order grows with every edit; what is in it already is not looked at here."""
    if len(json.dumps(metadata)) > _MOST_METADATA:
        raise ValueError(f"must be at most {_MOST_METADATA} bytes of JSON")
    return metadata


class OrderPatch(StrictBody):
    """Only what is given changes. `metadata` is merged by name; null takes a name away."""

    note: Long | None = None
    tags: Annotated[list[Text], Field(max_length=100)] | None = None
    metadata: Annotated[dict[Key, Any], AfterValidator(_small)] | None = None


class RequestQuery(QueryString):
    """`asked`: whether a location has still to answer; `location_id`: this one has."""

    state: Literal["pending"] = "pending"
    asked: bool | None = None
    location_id: Key | None = None
    cursor: Annotated[str, Field(max_length=300)] | None = None
    limit: Annotated[int, Field(ge=1, le=250)] = 50
