"""Times as Shopline writes and reads them: RFC 3339 without a fraction (contract 2.1, public docs)."""

from datetime import datetime
from typing import Annotated

from app.web import bounds


def text(at: datetime) -> str:
    return at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def maybe_text(at: datetime | None) -> str | None:
    return None if at is None else text(at)


def with_offset(at: datetime) -> str:
    """As the fulfilment routes write it (2.6)."""
    return at.replace(microsecond=0).isoformat()


Bound = Annotated[datetime, bounds.reading("2016-01-18T23:41:00Z")]
"""A time in a query, in UTC."""
