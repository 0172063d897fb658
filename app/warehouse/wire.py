"""Our own JSON, as docs/warehouse.md has it: an order and a case to a question, an answer to a word. Pure."""

from typing import Any

import msgspec

from app.core import times
from app.core import units as u
from app.core.ledger import Ledger
from app.core.model import Adjustment, Case
from app.service.connectors import Unanswered, Word
from app.warehouse import text


class Answer(msgspec.Struct):
    """`accepted` has to be there, and to be true or false: anything else is no answer."""

    accepted: bool
    message: str | None = None


class CallBack(Answer):
    request_id: str = ""


def question(ledger: Ledger, case: Case, location_id: str, callback_url: str | None) -> bytes:
    """The same bytes however often it is asked: nothing in it changes with time or with the order."""
    order = ledger.order
    wanted = [a for a in order.adjustments if a.case_id == case.id and a.asked == location_id]
    body = {
        "type": "cancellation.requested",
        "request_id": case.id,
        "location_id": location_id,
        "requested_at": times.text(case.created_at),
        "scope": case.scope.value,
        "reason": {"code": case.reason.code, "text": case.reason.text},
        "order": {"id": order.id, "number": order.number, "placed_at": times.text(order.placed_at)},
        "lines": [_line(ledger, adjustment) for adjustment in wanted],
        "callback_url": callback_url,
    }
    return msgspec.json.encode(body)


def _line(ledger: Ledger, adjustment: Adjustment) -> dict[str, Any]:
    line = ledger.positions[adjustment.line_id or ""].line
    return {
        "line_id": line.id,
        "allocation_id": adjustment.allocation_id,
        "sku": line.sku,
        "title": line.title,
        "quantity": u.count(adjustment.units),
        "units": [[first, last] for first, last in adjustment.units],
    }


def read_answer(body: bytes) -> Word:
    """Raises Unanswered for anything but an answer."""
    return _word(_read(body, Answer))


def read_call_back(body: bytes) -> tuple[str, Word]:
    """The case and the word. Raises Unanswered."""
    found = _read(body, CallBack)
    if not found.request_id:
        raise Unanswered("it does not say which request it answers")
    return found.request_id, _word(found)


def _read(body: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unanswered(f"the answer cannot be read: {error}") from error


def _word(answer: Answer) -> Word:
    return Word(answer.accepted, text.message(answer.message))
