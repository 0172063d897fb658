"""Times as SHOPLINE writes and reads them: ISO 8601 with an offset, without a fraction (contract 2)."""

from datetime import datetime
from typing import Annotated

from app.web import bounds


def text(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def maybe_text(at: datetime | None) -> str | None:
    return None if at is None else text(at)


def millis(at: datetime) -> str:
    """As a refund's answer has its `create_at` (2.7)."""
    return str(int(at.timestamp() * 1000))


Moment = Annotated[datetime, bounds.reading("2023-04-12T22:59:52+08:00")]
"""In UTC."""
