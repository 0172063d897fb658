"""Schemathesis over every REST dialect's document, with all its checks, against a real server with real orders in it.

What a dialect's own contract demands otherwise stands in `fuzz.json` among its tests, each with its reason.
`DRAGOMAN_FUZZ_EXAMPLES` is how many requests of each kind are made up for every operation, on each engine; without it
3, and on PostgreSQL the edges of every value are tried as well.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events
from schemathesis.specs.openapi import checks

from tests.conftest import ENGINES
from tests.contracts import documents
from tests.contracts.documents import Document
from tests.contracts.seeds import Seeds
from tests.dialects.folders import held
from tests.dialects.server import Server, Wire, authorization
from tests.dialects.tenants import Tenant

_CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "use_after_free",
    "ensure_resource_availability",
    "missing_required_header",
    "ignored_auth",
    "object_level_authorization",
    "unsupported_method",
    "allow_header_conformance",
}
_USUAL = {
    # Schemathesis' own, but for a 5xx, which is never right.
    "positive_data_acceptance": ["2xx", "3xx", "401", "403", "404", "409", "429"],
    # And 413: some of what it generates is longer than a body may be.
    "negative_data_rejection": ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"],
    "missing_required_header": ["400", "401", "403", "406", "415", "422"],
}
_EXAMPLES = 3
_keys = count()

Face = Mapping[str, Any]


@schemathesis.serializer("application/x-ndjson")
def _lines(_: Any, value: Any) -> Any:
    return value if isinstance(value, bytes | str) else json.dumps(value)


@schemathesis.deserializer("application/x-ndjson")
def _text(_: Any, answer: Any) -> str:
    text: str = answer.content.decode()
    for line in text.splitlines():
        json.loads(line)
    return text


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    """A valid key is a new one: that a used one is refused with another request is no fault (and tested elsewhere)."""
    negative = case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER)
    if case.headers and "Idempotency-Key" in case.headers and not negative:
        case.headers["Idempotency-Key"] = f"fuzz-{next(_keys)}"


def face_of(document: Document) -> Face:
    found: Face = held(document.name, "fuzz.json")
    assert not found.keys() - {"seeds", "alone", "alike", "expected", "unauthenticated", "parties"}
    return found


def _config(document: Document, face: Face, tenant: Tenant, alone: str | None) -> SchemathesisConfig:
    """`alone` is the one operation to call; without it, all but those that have to be alone."""
    engine_name = tenant.server.database_url.partition(":")[0]
    chosen = {"exclude-operation-id": [alone]} if alone else {"include-operation-id": face["alone"]}
    seeds = Seeds(tenant).values
    return SchemathesisConfig.from_dict(
        {
            "seed": 2,
            # What an earlier run found would be tried first: no two runs would be alike.
            "cache": {"enabled": False},
            "base-url": f"{tenant.server.base}{document.prefix}",
            "workers": 1,
            "continue-on-failure": True,
            "headers": authorization(document.prefix, tenant.key),
            "generation": {
                "deterministic": True,
                "database": "none",
                "no-shrink": True,
                "max-examples": _examples(),
                # No text of ours may hold NUL, in any field; JSON Schema could say so only at every single one.
                "allow-x00": False,
            },
            "phases": {
                # The edges of every single value, one by one: once, on the stricter engine.
                "coverage": {"enabled": engine_name == "postgresql"},
                # No chain of calls leads from a single operation.
                "stateful": {"enabled": alone is None},
            },
            "dictionaries": {name: {"values": values} for name, values in seeds.items()},
            "parameters": {name: {"dictionary": seed, "probability": 0.8} for name, seed in face["seeds"].items()},
            "checks": {check: {"expected-statuses": statuses} for check, statuses in _USUAL.items()},
            "operations": [
                *([{**chosen, "enabled": False}] if alone or face["alone"] else []),
                *_operations(face),
                *_for_others(document, face, tenant),
            ],
        }
    )


def _examples() -> int:
    return int(os.environ.get("DRAGOMAN_FUZZ_EXAMPLES", _EXAMPLES))


def _operations(face: Face) -> list[dict[str, Any]]:
    """Settings for single operations."""
    expected = [
        {
            "include-operation-id": known["operation"],
            "checks": {known["check"]: {"expected-statuses": _USUAL[known["check"]] + known["statuses"]}},
        }
        for known in face["expected"]
    ]
    if "alike" not in face:
        return expected
    alike = {
        "include-operation-id-regex": face["alike"]["operations"],
        "generation": {"max-examples": _examples()},
        "phases": {"coverage": {"enabled": False}},
    }
    return [alike, *expected]


def _for_others(document: Document, face: Face, tenant: Tenant) -> list[dict[str, Any]]:
    """Operations that are for keys of another party than all the rest."""
    return [
        {
            "include-operation-id-regex": operations,
            "headers": authorization(document.prefix, tenant.add_key(party=party)),
        }
        for party, operations in face.get("parties", {}).items()
    ]


def _run(schema: Any) -> Iterator[str]:
    """Everything that any check found, and everything that kept Schemathesis from checking."""
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            yield f"{event.label}: {event.value!r}"
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            yield from _failures(event)


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for case_id, results in event.recorder.checks.items():
        for check in results:
            if check.failure_info is not None:
                answer = event.recorder.interactions[case_id].response
                said = f"{answer.status_code} {answer.content[:500]!r}" if answer else "no answer"
                failure = check.failure_info
                yield (
                    f"{event.phase.value} {event.recorder.label}: {check.name}: {failure.failure.title}\n"
                    f"{failure.failure.message[:500]}\n{failure.code_sample[:1000]}\n{said}"
                )


def _first_of_each(found: Iterator[str]) -> list[str]:
    seen: Counter[str] = Counter()
    kept = []
    for text in found:
        kind = text.partition("\n")[0]
        seen[kind] += 1
        if seen[kind] == 1:
            kept.append(text)
    return kept


def _fuzz(document: Document, server: Server) -> None:
    face = face_of(document)
    found: list[str] = []
    # What would pull the rug from under the others, such as revoking the key, is called alone.
    for alone in [None, *face["alone"]]:
        tenant = Tenant.add(server)
        config = _config(document, face, tenant, alone)
        schema = schemathesis.openapi.from_url(f"{server.base}{document.prefix}/openapi.json", config=config)
        found += _first_of_each(_run(schema))
        if alone is None:
            _check_ledgers(tenant)
        _unsubscribe(tenant)
    assert not found, "\n\n".join(found)


def _unsubscribe(tenant: Tenant) -> None:
    """Else messages are tried for as long as the server runs, and counted where other tests count theirs."""
    tenant.key = tenant.add_key()  # the first may have been revoked
    for webhook in tenant.api("GET", "/webhooks")["webhooks"]:
        tenant.send(Wire("DELETE", f"/api/webhooks/{webhook['id']}"))


def _check_ledgers(tenant: Tenant) -> None:
    """Whatever was sent: every unit is in exactly one place."""
    for order in tenant.api("GET", "/orders?limit=250")["orders"]:
        for line in order["lines"]:
            places = line["open"] + line["pending"] + line["cancelled"] + line["fulfilled"]
            assert places == line["quantity"]
            assert line["returned"] <= line["fulfilled"]


@pytest.mark.parametrize("name", documents.names())
@pytest.mark.parametrize("engine_name", ENGINES)
def test_it_keeps_its_own_contract(
    name: str, engine_name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = documents.of(name)
    refused = face_of(document).get("unauthenticated", {"statuses": []})["statuses"]
    # No setting names the statuses of a refused key.
    monkeypatch.setattr(checks, "AUTH_REJECTION_STATUSES", {401, 403, *refused})
    _fuzz(document, request.getfixturevalue(f"{engine_name}_server"))


@pytest.mark.parametrize("name", documents.names())
def test_what_is_expected_is_about_something(name: str) -> None:
    document = documents.of(name)
    face = face_of(document)
    ids = {operation["operationId"] for _, _, operation in document.operations()}
    assert {known["operation"] for known in face["expected"]} | set(face["alone"]) <= ids
    assert all(len(known["why"]) > 20 and known["check"] in _USUAL for known in face["expected"])


def test_no_check_is_left_out() -> None:
    config = SchemathesisConfig().projects.default.checks
    known = {name for name in dir(config) if hasattr(getattr(config, name), "enabled")}
    assert known - {"max_response_time"} == _CHECKS
    assert all(getattr(config, name).enabled for name in _CHECKS)
