"""The cases of `<dialect>/cases/*.json`, read and run; README.md beside this file says what a case may hold.
No test and no fixture is here."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.dialects.matching import Names
from tests.dialects.server import Wire, succeeded
from tests.dialects.tenants import Tenant

_HERE = Path(__file__).parent
CASE = frozenset({"name", "given", "request", "expect", "then", "events", "unchanged", "order"})
_STEP = frozenset({"do", "headers", "body", "raw", "caller", "as"})
_REQUEST = frozenset({"method", "path", "headers", "body", "raw", "caller"})
_EXPECT = frozenset({"status", "headers", "body", "subset"})
_FILE = frozenset({"given", "cases", "graphql"})

Case = Mapping[str, Any]


def known(given: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """A misspelt word would check nothing, silently."""
    assert not given.keys() - allowed, f"no case has {sorted(given.keys() - allowed)}"


def cases() -> Iterator[tuple[str, str, Case]]:
    """Dialect, name of the file, and the case."""
    for path in sorted(_HERE.glob("*/cases/*.json")):
        for case in _held(json.loads(path.read_text())):
            yield path.parent.parent.name, path.stem, case


def _held(content: Any) -> Iterator[Case]:
    """One case, a list of them, or `{"given", "cases"}` with what is given to all, and documents that all may name."""
    if isinstance(content, list):
        yield from content
    elif "cases" in content:
        known(content, _FILE)
        for case in content["cases"]:
            whole = {**case, "given": [*content["given"], *case.get("given", ())]}
            yield _written_out(whole, content["graphql"]) if "graphql" in content else whole
    else:
        yield content


def _written_out(case: Case, graphql: Mapping[str, Any]) -> Case:
    """The requests that name a document as the requests that they are."""

    def body(step: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: value for name, value in step.items() if name not in {"document", "variables"}}
        return {**known, "body": {"query": graphql["documents"][step["document"]], "variables": step["variables"]}}

    def request(step: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"method": "POST", "path": graphql["path"], **body(step)} if "document" in step else step

    def given(step: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"do": f"POST {graphql['path']}", **body(step)} if "document" in step else step

    return {
        **case,
        "given": [given(step) for step in case["given"]],
        "request": request(case["request"]),
        **({"then": [request(step) for step in case["then"]]} if "then" in case else {}),
    }


class Run:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.names = Names()
        self.problems: list[str] = []
        self.seen: list[tuple[Wire, httpx.Response]] = []
        """All that was sent, and answered."""

    def given(self, step: Mapping[str, Any]) -> None:
        known(step, _STEP)
        method, _, path = step["do"].partition(" ")
        answer = self.send({**step, "method": method, "path": path})
        assert succeeded(answer), f"given {step['do']}: {answer.status_code} {answer.text}"
        if "as" in step:
            self.names.captured[step["as"]] = answer.json()

    def send(self, request: Mapping[str, Any]) -> httpx.Response:
        filled = self.names.fill({name: request[name] for name in request if name not in {"caller", "as", "expect"}})
        raw = filled.get("raw")
        wire = Wire(
            filled["method"],
            filled["path"],
            filled.get("body"),
            raw.encode() if raw is not None else None,
            filled.get("headers", {}),
        )
        answer = self.tenant.send(wire, key=self.key(**request["caller"]) if "caller" in request else None)
        self.seen.append((wire, answer))
        return answer

    def key(self, *, elsewhere: bool = False, **facts: Any) -> str:
        """A new one, of this tenant or of another."""
        return (Tenant.add(self.tenant.server) if elsewhere else self.tenant).add_key(**facts)

    def check(self, request: Mapping[str, Any], expect: Mapping[str, Any], *, subset: bool) -> None:
        known(request, _REQUEST | {"expect"})
        known(expect, _EXPECT)
        answer = self.send(request)
        where = f"{request['method']} {request['path']}"
        if answer.status_code != expect["status"]:
            self.problems.append(f"{where}: {answer.status_code}, expected {expect['status']}: {answer.text}")
            return
        for name, value in expect.get("headers", {}).items():
            self.problems += self.names.differences(value, answer.headers.get(name), at=f"{where}: {name}")
        if "body" in expect:
            subset = expect.get("subset", subset)
            self.problems += self.names.differences(expect["body"], answer.json(), subset=subset, at=where)
