"""Native routes on requests: cancellations and returns that somebody asked for, and the warehouse's answer to them."""

from typing import Any

from app.core.finding import CaseQuery
from app.core.messages import Answer
from app.core.model import Case
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.dialects.native import bodies, bodies_orders, mapping, mapping_requests, paging, wire_requests
from app.service.desk import Done
from app.web.face import Routes
from app.web.reply import Reply, json
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


@routes.get("/requests", scope="read_orders", query=bodies_orders.RequestQuery, answer=wire_requests.RequestList)
async def list_requests(call: Call[Nothing, bodies_orders.RequestQuery]) -> Reply:
    """Requests that are not decided yet, oldest first, with what their orders say.

    `asked`: those that a location has still to answer, and not those that wait for approval or for goods to come back.
    """
    asked = call.query
    query = CaseQuery(
        asked=asked.asked,
        location_id=asked.location_id,
        after=paging.read_moment(asked.cursor),
        limit=asked.limit + 1,
    )
    found = await call.services.desk.undecided(call.caller, query)
    page = found[: asked.limit]
    cursor = paging.moment_cursor(page[-1][1].created_at, page[-1][1].id) if len(found) > asked.limit else None
    return json({"requests": [mapping_requests.from_waiting(*each) for each in page], "next_cursor": cursor})


@routes.get("/requests/{request_id}", scope="read_orders", answer=wire_requests.Request)
async def get_request(call: _Call) -> Reply:
    """Read a request: a cancellation or return that somebody asked for."""
    ref = Ref.through(mapping.NAME, "case", call.path["request_id"])
    try:
        ledger = await call.services.desk.read(call.caller, ref)
    except Refusal as refusal:
        raise _as_request(refusal) from refusal
    case = ledger.cases.get(call.path["request_id"])
    if case is None:
        raise Refusal(Code.CASE_NOT_FOUND)
    return json(mapping_requests.from_case(ledger, case))


@routes.post("/requests/{request_id}/accept", scope="fulfil_orders", body=bodies.AnswerIn, answer=wire_requests.Request)
async def accept_request(call: Call[bodies.AnswerIn, Nothing]) -> Reply:
    """The warehouse agrees. An answer to a decided request changes nothing."""
    return await _answer(call, accepted=True)


@routes.post("/requests/{request_id}/reject", scope="fulfil_orders", body=bodies.AnswerIn, answer=wire_requests.Request)
async def reject_request(call: Call[bodies.AnswerIn, Nothing]) -> Reply:
    """The warehouse refuses; the message reaches whoever asked. An answer to a decided request changes nothing."""
    return await _answer(call, accepted=False)


async def _answer(call: Call[bodies.AnswerIn, Nothing], *, accepted: bool) -> Reply:
    case_id = call.path["request_id"]
    command = Answer(
        case_id=case_id, accepted=accepted, location_id=call.body.location_id, message=call.body.message
    )  # fmt: skip
    try:
        return await call.act(Ref.through(mapping.NAME, "case", case_id), command, _request)
    except Refusal as refusal:
        raise _as_request(refusal) from refusal


def _request(done: Done) -> Reply:
    case: Case | None = done.case
    if case is None:
        raise ValueError("an answer is about a case")
    return json(mapping_requests.from_case(done.ledger, case))


def _as_request(refusal: Refusal) -> Refusal:
    """Whoever names a request wants to hear about the request, not about its order."""
    return Refusal(Code.CASE_NOT_FOUND) if refusal.code is Code.ORDER_NOT_FOUND else refusal
