"""Completes the OpenAPI document: security, shared headers, streams, and every error answer with an example by code."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from pydantic import TypeAdapter

from app.core import ids
from app.core.refusal import Code, Refusal
from app.service.rates import SAMPLE
from app.web import schemas
from app.web.answering import Words
from app.web.faults import Detail, Fault, FaultCode, Problem
from app.web.reply import JSON, NDJSON
from app.web.rest import Nothing, Operation
from app.web.sse import EVENTS

FACTS: Mapping[str, str | int] = {
    "cause": "unknown",
    "dialect": "native",
    "scope": "write_orders",
    "case_id": "01a1fc59-875e-7ca2-9952-db974c600007",
    "message": "already packed",
    "stage": "planned",
    "step": "finished",
    "field": "lines.0.quantity",
    "minimum": 1,
    "maximum": 3,
    "problem": "is not allowed",
    "seconds": 2,
}
"""Facts enough for any refusal: examples in the contracts, and what tests multiply dialects by codes with."""

_DETAIL = Detail("lines.0.quantity", "input should be a valid integer", "int_type")
_BODY_FAULTS = frozenset({FaultCode.MALFORMED, FaultCode.NOT_AN_OBJECT, FaultCode.MEDIA_TYPE})
_ONLY_FROM_CHANGES = frozenset(
    {
        Code.ALREADY_CANCELLED,
        Code.ALREADY_FULFILLED,
        Code.PARTLY_FULFILLED,
        Code.NOTHING_TO_CANCEL,
        Code.NOTHING_TO_FULFIL,
        Code.NOTHING_TO_ALLOCATE,
        Code.CANCELLATION_PENDING,
        Code.CANCELLATION_REFUSED,
        Code.SUPERSEDED,
        Code.NOT_OPEN,
        Code.NOT_A_DRAFT,
        Code.STAGE_NOT_ALLOWED,
        Code.STEP_NOT_ALLOWED,
        Code.QUANTITY_OUT_OF_RANGE,
        Code.DUPLICATE,
        Code.KEY_REUSED,
        Code.BUSY,
    }
)

_HEADERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "X-Request-Id": ("Names the request in our logs; one that was sent comes back.", {"type": "string"}),
    "Idempotency-Replayed": (
        "There when the reply is that of an earlier request with the same Idempotency-Key.",
        {"type": "string", "enum": ["true"]},
    ),
    "Location": ("Where to read the request that a warehouse has still to answer.", {"type": "string"}),
    "Retry-After": ("Seconds to wait before trying again.", {"type": "integer", "minimum": 0}),
    "WWW-Authenticate": ("How to authenticate.", {"type": "string"}),
    "Allow": ("The methods that the route has.", {"type": "string"}),
}
_COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0}
_LIMITS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "X-RateLimit-Limit": ("How many requests there may be at once; only where requests are limited.", _COUNT),
    "X-RateLimit-Remaining": ("How many are left.", _COUNT),
    "X-RateLimit-Reset": ("When all are there again, in Unix seconds.", _COUNT),
    "RateLimit-Policy": (
        "How many requests there may be (`q`) in how many seconds (`w`); only where requests are limited.",
        {"type": "string"},
    ),
    "RateLimit": ("How many are left (`r`), and seconds until all are there again (`t`).", {"type": "string"}),
}
# Python 3.13 renamed these two; the document must not depend on who generates it.
_PHRASES: Mapping[int, str] = {413: "Content Too Large", 422: "Unprocessable Content"}
_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A retry with the same key and the same request takes effect once, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "example": "7e4cbd2c-0f5b-4c5e-a3e1-6e3d33d8f001",
}

_LAST_EVENT_PARAMETER = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The `id` of the last event that was received, to go on after it; it goes before `after`.",
    "schema": {"type": "string", "pattern": ids.PATTERN},
    "example": "01a1fc9b-5083-7b1e-9fce-7941a2d5c2a8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a document says beside its operations. `error` is the type of the error body."""

    title: str
    version: str
    description: str
    prefixes: tuple[str, ...]
    words: Words
    error: Any
    security: Mapping[str, Any]
    examples: Mapping[str, Any]
    """By operation id: `request`, `answer` and (202) `waiting` bodies, shown as they are."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What path and query parameters are, by name, wherever their type does not say it."""
    request_id_header: str | None = None
    """The partner's own name for `X-Request-Id`; every reply has both."""

    def operation_id(self, operation: Operation) -> str:
        return operation.handler.__name__


def all_problems() -> list[Problem]:
    faults = [Fault(code, *([_DETAIL] if code is FaultCode.INVALID else [])) for code in FaultCode]
    return [*(Refusal(code, **FACTS) for code in Code), *faults]


def complete(document: dict[str, Any], operations: Sequence[Operation], contract: Contract) -> dict[str, Any]:
    components = document.setdefault("components", {})
    held = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        held.pop(unused, None)
    error = _error_schema(held, contract.error)
    extra = [*contract.words.headers({}), *contract.words.allowance(SAMPLE)]
    extra += [contract.request_id_header] if contract.request_id_header else []
    components["responses"] = _errors(contract, error, extra)
    components["securitySchemes"] = {"key": contract.security}
    components["headers"] = {name: _header(name, contract) for name in [*_HEADERS, *extra]}
    components["parameters"] = {"IdempotencyKey": _KEY_PARAMETER}
    if any(operation.events for operation in operations):
        components["parameters"]["LastEventId"] = _LAST_EVENT_PARAMETER
    document["security"] = [{"key": []}]
    for operation in operations:
        described = document["paths"][operation.path][operation.method.lower()]
        _complete_operation(described, operation, contract, extra)
    schemas.tidy(document)
    return document


def _complete_operation(
    described: dict[str, Any], operation: Operation, contract: Contract, extra: Sequence[str]
) -> None:
    examples = contract.examples.get(described["operationId"], {})
    described["responses"] = {
        **_good(described["responses"], operation, examples, extra),
        **{
            str(status): {"$ref": f"#/components/responses/{_name(status)}"}
            for status in _statuses(operation, contract)
        },
    }
    if "requestBody" in described:
        described["requestBody"] = _request(described["requestBody"], operation, examples)
    parameters = described.setdefault("parameters", [])
    for parameter in parameters:
        schemas.describe(parameter, contract.parameters)
    if operation.scope is None:
        described["security"] = []
    elif operation.method != "GET":
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if operation.events:
        parameters.append({"$ref": "#/components/parameters/LastEventId"})
    if operation.parties is not None:
        described["x-parties"] = sorted(operation.parties)
    if not parameters:
        del described["parameters"]


def _good(
    responses: Mapping[str, Any], operation: Operation, examples: Mapping[str, Any], extra: Sequence[str]
) -> dict[str, Any]:
    # The lines of a stream are replayed one by one, so the whole of it is neither.
    repeatable = operation.method != "GET" and not operation.stream and operation.scope is not None
    headers = ["X-Request-Id", *extra, *(["Idempotency-Replayed"] if repeatable else [])]
    held = responses[str(operation.status)]["content"][JSON]["schema"]
    content = _frames(held) if operation.events else _lines(held) if operation.stream else {JSON: {"schema": held}}
    good = {
        "description": _phrase(operation.status),
        "headers": _refs(headers),
        "content": _with_example(content, examples.get("answer")),
    }
    if not operation.may_wait:
        return {str(operation.status): good}
    waiting = {
        "description": "A warehouse has still to agree; the body shows the order as it stands.",
        "headers": _refs([*headers, "Location"]),
        "content": _with_example(content, examples.get("waiting")),
    }
    return {str(operation.status): good, "202": waiting}


def _request(body: Mapping[str, Any], operation: Operation, examples: Mapping[str, Any]) -> dict[str, Any]:
    held = body["content"][JSON]["schema"]
    if operation.stream:
        return {"required": False, "content": _with_example(_lines(held), examples.get("request"))}
    content = {JSON: {"schema": schemas.without_null(held)}}
    return {"required": body.get("required", False), "content": _with_example(content, examples.get("request"))}


def _lines(of: Mapping[str, Any]) -> dict[str, Any]:
    about = "JSON values, one a line; `contentSchema` is that of a line."
    return {
        NDJSON: {"schema": {"type": "string", "description": about, "contentMediaType": NDJSON, "contentSchema": of}}
    }


def _frames(of: Mapping[str, Any]) -> dict[str, Any]:
    """The schema is that of one event, as OpenAPI 3.2 has it under `itemSchema`."""
    about = "One of the Server-Sent Events of an answer that does not end by itself."
    data = {"type": "string", "contentMediaType": JSON, "contentSchema": of}
    fields = {"id": {"type": "string"}, "event": {"type": "string"}, "data": data}
    schema = {"type": "object", "description": about, "required": [*fields], "properties": fields}
    return {EVENTS: {"schema": schema}}


def _with_example(content: Mapping[str, Any], example: Any) -> dict[str, Any]:
    if example is None:
        return {kind: {**held} for kind, held in content.items()}
    return {kind: {**held, "example": example} for kind, held in content.items()}


def _error_schema(held: dict[str, Any], error: Any) -> Mapping[str, str]:
    """Puts the error's schema among the others, under its own name if it is the one that is there already."""
    shape = TypeAdapter(error).json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    held.update(shape.pop("$defs", {}))
    if "$ref" in shape:
        return {"$ref": shape["$ref"]}
    name = shape.get("title", "Error")
    held[name] = shape
    return {"$ref": f"#/components/schemas/{name}"}


def _statuses(operation: Operation, contract: Contract) -> list[int]:
    found = {contract.words.error(problem).status for problem in all_problems() if _possible(problem, operation)}
    return sorted(found)


def _possible(problem: Problem, operation: Operation) -> bool:
    if operation.method == "GET" and (problem.code in _ONLY_FROM_CHANGES or problem.code is FaultCode.TOO_LARGE):
        return False
    if operation.stream and problem.code is FaultCode.MEDIA_TYPE:
        return True
    return operation.body is not Nothing or problem.code not in _BODY_FAULTS


def _errors(contract: Contract, error: Mapping[str, str], extra: Iterable[str]) -> dict[str, Any]:
    """Every status that this face can answer with, an example for each code behind it."""
    by_status: dict[int, list[tuple[Problem, Any]]] = {}
    for problem in all_problems():
        reply = contract.words.error(problem)
        by_status.setdefault(reply.status, []).append((problem, reply))
    responses = {}
    for status, found in sorted(by_status.items()):
        own = {name for _, reply in found for name in reply.headers}
        allow = ["Allow"] if any(problem.code is FaultCode.METHOD for problem, _ in found) else []
        examples = {problem.code.value: {"value": msgspec.json.decode(reply.body)} for problem, reply in found}
        responses[_name(status)] = {
            "description": _phrase(status),
            "headers": _refs(["X-Request-Id", *extra, *sorted(own), *allow]),
            "content": {found[0][1].media_type: {"schema": error, "examples": examples}},
        }
    return responses


def _phrase(status: int) -> str:
    return _PHRASES.get(status) or HTTPStatus(status).phrase


def _name(status: int) -> str:
    return _phrase(status).replace(" ", "").replace("-", "")


def _header(name: str, contract: Contract) -> dict[str, Any]:
    if name == contract.request_id_header:
        return {"description": "The same as `X-Request-Id`.", "required": True, "schema": {"type": "string"}}
    known = {**_HEADERS, **_LIMITS}
    about, schema = known.get(name, ("Names the version of this interface.", {"type": "string"}))
    return {"description": about, "required": name == "X-Request-Id", "schema": schema}


def _refs(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
