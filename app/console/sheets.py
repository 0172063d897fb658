"""Orders of a spreadsheet as bodies of the native API, for a look before they are imported. Nothing is written."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from app.service.access import Caller
from app.web.faults import Fault


class Where(Protocol):
    """Where an order is in its file."""

    numbers: list[int]

    def place(self, field: str, /) -> tuple[str, str]:
        """Row and column of a field of its body."""
        ...


Read = Callable[[bytes, int], Sequence[tuple[Where, bytes | Fault]]]
"""A file and the longest line that it may have; raises a Fault for a file of which nothing can be read."""


async def told(caller: Caller, raw: bytes, longest: int, read: Read) -> dict[str, Any]:
    """Each order as its body, or as what is wrong with it. Raises SCOPE_MISSING, and what `read` does."""
    caller.require("write_orders")
    return {"orders": [_shown(*each) for each in await asyncio.to_thread(read, raw, longest)]}


def _shown(where: Where, body: bytes | Fault) -> dict[str, Any]:
    row = where.numbers[0]
    if not isinstance(body, Fault):
        return {"row": row, "order": json.loads(body)}
    places = [(*where.place(each.field or ""), each.text) for each in body.details]
    return {"row": row, "wrong": [f"{place}, {column or 'the row'}: {text}" for place, column, text in places]}
