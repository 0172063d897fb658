"""What somebody means to do with an order, as every dialect says it: the requests, ready to be sent or copied."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

from pydantic import Field

from app.core.ledger import Ledger
from app.core.ports import Ref
from app.service.access import Caller
from app.web import snippets
from app.web.decode import Key, StrictBody, Whole
from app.web.dialect import Dialect, Sample, Services, discover
from app.web.intents import Act, Intent

PLACEHOLDER = "YOUR_API_KEY"
_READING = "GET"
_MOST = 2_000


class _Line(StrictBody):
    line_id: Key
    quantity: Annotated[Whole, Field(ge=1, le=1_000_000)]


class Asked(StrictBody):
    """Without lines: all there is to do it with."""

    order_id: Key
    act: Annotated[Act, Field(strict=False)]
    lines: Annotated[list[_Line], Field(max_length=_MOST)] = []
    reason_code: Key | None = None
    reason: Annotated[str, Field(max_length=10_000)] | None = None
    location_id: Key | None = None
    carrier: Annotated[str, Field(max_length=255)] | None = None
    tracking_code: Annotated[str, Field(max_length=255)] | None = None

    def intent(self) -> Intent:
        given = self.model_dump(exclude={"order_id", "lines"})
        return Intent(lines={line.line_id: line.quantity for line in self.lines}, **given)


async def calls(services: Services, caller: Caller, asked: Asked, url: str) -> Sequence[Mapping[str, Any]]:
    """By dialect. Raises ORDER_NOT_FOUND, SCOPE_MISSING."""
    caller.require("read_orders")
    ledger = await services.desk.read(caller, Ref.to_order("native", asked.order_id))
    return [
        {
            "dialect": dialect.name,
            "allowed": caller.dialects is None or dialect.name in caller.dialects,
            "calls": [_shown(sample, url) for sample in _said(dialect, ledger, asked.intent())],
        }
        for dialect in discover()
        if dialect.calls is not None
    ]


def _said(dialect: Dialect, ledger: Ledger, intent: Intent) -> Iterator[Sample]:
    if dialect.calls is not None:
        yield from dialect.calls(ledger, intent)


def _shown(sample: Sample, url: str) -> Mapping[str, Any]:
    """A change has a key of its own, so that whoever sends it twice does it once."""
    headers = {name: value.format(key=PLACEHOLDER) for name, value in sample.headers.items()}
    if not _reads(sample):
        headers["Idempotency-Key"] = str(uuid4())
    request = (sample.method, url + sample.path, headers, sample.body)
    return {
        "about": sample.about,
        "method": sample.method,
        "path": sample.path,
        "body": sample.body,
        "curl": snippets.curl(*request, between=" \\\n  "),
        "python": snippets.python(*request),
        "javascript": snippets.javascript(*request),
    }


def _reads(sample: Sample) -> bool:
    query = sample.body.get("query") if isinstance(sample.body, Mapping) else None
    return sample.method == _READING or (isinstance(query, str) and query.lstrip().startswith("query"))
