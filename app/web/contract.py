"""Completes the OpenAPI document: security, every error answer with an example for each refusal, shared headers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from pydantic import TypeAdapter

from app.core.refusal import Code, Refusal
from app.web.faults import Detail, Fault, FaultCode, Problem
from app.web.rest import Nothing, Operation, Words

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
}
"""Facts enough for any refusal: examples in the contracts, and what tests multiply dialects by codes with."""

_DETAIL = Detail("lines.0.quantity", "input should be a valid integer", "int_type")
_REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}


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
    """By operation id: `request` and `answer` bodies, shown as they are."""

    def operation_id(self, operation: Operation) -> str:
        return operation.handler.__name__


def all_problems() -> list[Problem]:
    faults = [Fault(code, _DETAIL) for code in FaultCode]
    return [*(Refusal(code, **FACTS) for code in Code), *faults]


def complete(document: dict[str, Any], operations: Sequence[Operation], contract: Contract) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    error = TypeAdapter(contract.error).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(error.pop("$defs", {}))
    schemas["Error"] = error
    components["securitySchemes"] = {"key": contract.security}
    components["headers"] = {
        "RequestId": {"description": "Names the request in our logs.", "schema": {"type": "string"}}
    }
    components["parameters"] = {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "A retry with the same key and the same request takes effect once, for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }
    }
    document["security"] = [{"key": []}]
    errors = _errors(contract)
    for operation in operations:
        described = document["paths"][operation.path][operation.method.lower()]
        _complete_operation(described, operation, errors, contract)
    return document


def _complete_operation(
    described: dict[str, Any], operation: Operation, errors: Mapping[str, Any], contract: Contract
) -> None:
    examples = contract.examples.get(described["operationId"], {})
    responses = described["responses"]
    good = responses[str(operation.status)]
    good["headers"] = _REQUEST_ID
    if "answer" in examples:
        good["content"]["application/json"]["example"] = examples["answer"]
    if "request" in examples and "requestBody" in described:
        described["requestBody"]["content"]["application/json"]["example"] = examples["request"]
    responses.pop("422", None)
    if operation.may_wait:
        location = {"description": "Where to read the request", "schema": {"type": "string"}}
        responses["202"] = {
            "description": "A warehouse has still to agree; the body shows the order as it stands.",
            "headers": {"Location": location, **_REQUEST_ID},
            "content": good["content"],
        }
    if operation.method != "GET":
        parameters = described.setdefault("parameters", [])
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if operation.body is Nothing and operation.stream:
        described["requestBody"] = {
            "required": True,
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        }
    responses.update(errors)


def _errors(contract: Contract) -> dict[str, Any]:
    """Every status that this face can answer with, an example for each code behind it."""
    by_status: dict[int, dict[str, Any]] = {}
    media_types: dict[int, str] = {}
    for problem in all_problems():
        reply = contract.words.error(problem)
        media_types[reply.status] = reply.media_type
        by_status.setdefault(reply.status, {})[problem.code.value] = {"value": msgspec.json.decode(reply.body)}
    return {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "headers": _REQUEST_ID,
            "content": {media_types[status]: {"schema": {"$ref": "#/components/schemas/Error"}, "examples": examples}},
        }
        for status, examples in sorted(by_status.items())
    }
