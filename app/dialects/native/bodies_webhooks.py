"""What the native API reads about webhooks and tasks."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from app.dialects.native.bodies import Time
from app.web.decode import Key, QueryString, StrictBody, Text

_MOST_SETTINGS = 10_000


def _small(settings: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(settings)) > _MOST_SETTINGS:
        raise ValueError(f"must be at most {_MOST_SETTINGS} bytes of JSON")
    return settings


_Url = Annotated[str, Field(min_length=1, max_length=2_048)]
_Topics = Annotated[list[Key], Field(min_length=1, max_length=200)]
_Headers = Annotated[dict[Key, Annotated[str, Field(min_length=1, max_length=1_000)]], Field(max_length=20)]
_Settings = Annotated[dict[Key, Any], AfterValidator(_small)]
_Cursor = Annotated[str, Field(max_length=300)]
_Limit = Annotated[int, Field(ge=1, le=250)]


class WebhookIn(StrictBody):
    """`topics` null: all that the dialect has. Without a `secret` one is made, or the client's is used where the
    dialect's contract signs with that. `blocking`: a message that fails holds back all that come after it.
    """

    url: _Url
    dialect: Key = "native"
    topics: _Topics | None = None
    secret: Text | None = None
    headers: _Headers = {}
    settings: _Settings = {}
    blocking: bool = False
    active: bool = True


class WebhookPatch(StrictBody):
    """A new `secret`, given or made with `rotate_secret`, signs beside the old one for 24 hours."""

    url: _Url | None = None
    topics: _Topics | None = None
    secret: Text | None = None
    rotate_secret: bool = False
    headers: _Headers | None = None
    settings: _Settings | None = None
    blocking: bool | None = None
    active: bool | None = None


class ReplayIn(StrictBody):
    """By the times of events; without `until` up to now."""

    from_: Annotated[Time, Field(alias="from")]
    until: Time | None = None

    @property
    def first(self) -> datetime:
        return self.from_


class TestIn(StrictBody):
    """Without a topic: one that there is a sample of and that the webhook gets."""

    topic: Key | None = None


class WebhookQuery(QueryString):
    dialect: Key | None = None


class DeliveryQuery(QueryString):
    state: Literal["pending", "delivered", "failed", "failing"] | None = None
    cursor: _Cursor | None = None
    limit: _Limit = 50


class TaskQuery(QueryString):
    cursor: _Cursor | None = None
    limit: _Limit = 50
