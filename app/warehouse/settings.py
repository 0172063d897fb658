"""What every connector that calls somebody needs of its location."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from app.service.connectors import Place
from app.service.work import Hopeless

T = TypeVar("T")

CallbackUrl = Callable[[Place], str | None]
"""Where a location calls back; None where this server does not know its own address."""


def read_settings(given: Mapping[str, Any], kind: type[T]) -> T:
    """Raises Hopeless: somebody has to configure the location first."""
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise Hopeless(f"the location's settings: {error}") from error


def callback_urls(public_url: str) -> CallbackUrl:
    """`public_url` is where this server is reached from outside, empty if it does not know."""
    base = public_url.rstrip("/")

    def url(place: Place) -> str | None:
        return f"{base}/api/callbacks/{place.tenant_id}/{place.location_id}" if base else None

    return url
