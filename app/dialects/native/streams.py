"""Native routes that read and answer NDJSON: import and bulk cancellation, a result for every line."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from app.core.messages import Cancel, CreateOrder
from app.core.model import CaseState, Reason, Scope
from app.core.refusal import Refusal
from app.dialects.native import bodies, errors, mapping, wire_streams
from app.service.desk import Done, Once
from app.service.importing import BATCH, Imported, recognisable
from app.web import decode, reply
from app.web.face import Routes
from app.web.faults import Detail, Fault, FaultCode, Problem
from app.web.lines import read_lines
from app.web.reply import Lines, Reply, Stream, json
from app.web.rest import Call

routes = Routes()
_Call = Call[Any, Any]


@routes.post(
    "/orders/import", scope="write_orders", line=bodies.OrderIn, answer=wire_streams.ImportResult, stream=True
)  # fmt: skip
async def import_orders(call: _Call) -> Stream:
    """Create many orders: one body of `POST /orders` a line in, one result a line out.

    An order is recognised again by its keys, else by its number; with an Idempotency-Key also one that has neither.
    A line that is rejected does not stop the others.
    """
    return Lines(_import(call))


async def _import(call: _Call) -> AsyncIterator[bytes]:
    batch: list[tuple[int, CreateOrder | Problem]] = []
    async for number, line in read_lines(call.receive, call.services.body_limit):
        batch.append((number, _read_order(call, number, line)))
        if len(batch) == BATCH:
            yield await _write(call, batch)
            batch = []
    if batch:
        yield await _write(call, batch)


def _read_order(call: _Call, number: int, line: bytes | Fault) -> CreateOrder | Problem:
    if isinstance(line, Fault):
        return line
    try:
        command = mapping.to_create(decode.parse_body(line, bodies.OrderIn))
    except (Refusal, Fault) as problem:
        return problem
    if call.once is None:
        return command
    # The line's text is part of it, so that another order under the same key is not taken for this one, and lost.
    return recognisable(command, f"{call.caller.credential_id} {call.once.key} {number} {line.strip()!r}")


async def _write(call: _Call, batch: list[tuple[int, CreateOrder | Problem]]) -> bytes:
    commands = [row for _, row in batch if isinstance(row, CreateOrder)]
    try:
        done = iter(await call.services.importer.add(call.caller, call.dialect, commands))
    except Refusal as refusal:
        done = iter([Imported(None, command.number, created=False, refusal=refusal) for command in commands])
    results = [
        _import_result(number, next(done)) if isinstance(row, CreateOrder) else _rejected(number, row)
        for number, row in batch
    ]
    return b"".join(msgspec.json.encode(result) + b"\n" for result in results)


def _import_result(number: int, done: Imported) -> wire_streams.ImportResult:
    if done.refusal is not None:
        return {**_rejected(number, done.refusal), "number": done.number}
    return {
        "line": number,
        "status": "created" if done.created else "exists",
        "id": done.order_id,
        "number": done.number,
    }


def _rejected(number: int, problem: Problem) -> wire_streams.ImportResult:
    return {"line": number, "status": "rejected", "id": None, "number": None, "problem": errors.body(problem)}


@routes.post(
    "/cancellations/bulk", scope="write_orders", line=bodies.BulkLine, answer=wire_streams.BulkResult, stream=True
)  # fmt: skip
async def cancel_orders(call: _Call) -> Stream:
    """Cancel many orders: an order's id a line in, one result a line out.

    A line is a JSON string, the id or `dialect:key`, or an object with `id` and, if wanted, the fields of a
    cancellation of a whole order. Each order is its own commit; an Idempotency-Key holds for each line.
    """
    return Lines(_cancel_all(call))


async def _cancel_all(call: _Call) -> AsyncIterator[bytes]:
    async for number, line in read_lines(call.receive, call.services.body_limit):
        id_: str | None = None
        try:
            if isinstance(line, Fault):
                raise line
            asked = _read_target(line)
            id_ = asked.id
            done = await _cancel_one(call, asked, number, line)
        except (Refusal, Fault) as problem:
            done = {"status": "refused", "request_id": None, "problem": errors.body(problem)}
        yield msgspec.json.encode({"line": number, "id": id_, **done}) + b"\n"


def _read_target(line: bytes) -> bodies.BulkTarget:
    value = decode.parse_json(line)
    if isinstance(value, str):
        value = {"id": value}
    if not isinstance(value, dict):
        raise Fault(FaultCode.INVALID, Detail("line", "must be an order id, or an object with an id"))
    return decode.validate(value, bodies.BulkTarget, "body")


async def _cancel_one(call: _Call, asked: bodies.BulkTarget, number: int, line: bytes) -> dict[str, Any]:
    command = Cancel(
        scope=Scope.REST if asked.unfulfilled_only else Scope.ORDER, reason=Reason(asked.reason_code, asked.reason)
    )

    def render(done: Done) -> Reply:
        if done.case is None:
            raise ValueError("a cancellation makes a case")
        state = _BULK_STATES[done.case.state]
        return json({"status": state, "request_id": done.case.id})

    once = Once(f"{call.once.key} {number}", f"{call.once.fingerprint} {line!r}") if call.once else None
    stored = await call.services.desk.act(
        call.caller, call.dialect, mapping.to_ref(asked.id), command, lambda done: reply.pack(render(done)), once=once
    )
    result: dict[str, Any] = msgspec.json.decode(reply.unpack(stored).body)
    return result


_BULK_STATES = {CaseState.ACCEPTED: "cancelled", CaseState.PENDING: "pending", CaseState.REJECTED: "refused"}
