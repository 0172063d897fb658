"""What every GraphQL dialect must withstand: all that others must, told in GraphQL's two places for errors."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx

from app.core.refusal import Code
from app.web.contract import all_problems
from app.web.faults import FaultCode, Problem
from app.web.graphql import Shown
from tests.dialects.contract import DialectContract
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

# A tenant's key may be remembered from when it was active: then the field finds out.
_BOTH = frozenset({Code.TENANT_INACTIVE, FaultCode.INTERNAL})


class GraphQLContract(DialectContract):
    codes: ClassVar[Mapping[str, str]]
    """`extensions.code` of every `Code` and `FaultCode`, literally; `statuses` are those outside of GraphQL."""

    outside: ClassVar[frozenset[str]] = frozenset(
        {Code.UNAUTHENTICATED, Code.DIALECT_NOT_ALLOWED, Code.RATE_LIMITED, *FaultCode}
    )
    """Told before GraphQL runs, with a status."""
    too_long = FaultCode.TOO_LARGE

    @abstractmethod
    def show(self, problem: Problem) -> Shown:
        """The dialect's own words for a problem of a field."""

    def ask(self, document: str, **variables: Any) -> Wire:
        path = f"{self.dialect.prefixes[0]}/graphql"
        return Wire("POST", path, {"query": document, "variables": variables})

    def unescaped(self, order_id: str) -> str:
        """The id that is escaped for a path, as a variable holds it."""
        return unquote(order_id)

    # -- GraphQL's ways to say it

    def refused(self, answer: httpx.Response, code: Code | FaultCode) -> httpx.Response:
        outside = answer.status_code != 200
        assert outside == (code in self.outside) or code in _BOTH, answer.text[:500]
        self.check_error(answer)
        if outside:
            assert answer.status_code == self.statuses[code], answer.text[:500]
        else:
            assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [self.codes[code]]
        return answer

    def check_unknown(self, answer: httpx.Response) -> None:
        """A NUL is refused with the request that it is in."""
        if answer.status_code == 200:
            self.refused(answer, Code.ORDER_NOT_FOUND)
        else:
            self.refused(answer, FaultCode.MALFORMED)

    # -- and what only such a dialect can get wrong

    def test_it_has_words_for_every_problem_of_a_field(self) -> None:
        assert self.codes.keys() == {*Code, *FaultCode}
        for problem in all_problems():
            for told in (problem, type(problem)(problem.code)):  # type: ignore[arg-type]
                shown = self.show(told)
                assert shown.code == self.codes[problem.code], problem
                assert shown.message, problem

    def test_a_subscription_over_http_is_refused(self, tenant: Tenant) -> None:
        answer = tenant.send(self.ask("subscription { __typename }"))
        assert "errors" in answer.json()
        assert "data" not in answer.json()

    def test_a_get_reads_and_changes_nothing(self, tenant: Tenant) -> None:
        order = tenant.create()
        before = tenant.snapshot(order["id"])
        for make, allowed in ((self.read, True), (self.change, False)):
            wire = make(order["id"])
            query = str(httpx.QueryParams({"query": wire.body["query"], "variables": _json(wire.body["variables"])}))
            answer = tenant.send(Wire("GET", f"{wire.path}?{query}"))
            if allowed:
                assert answer.json() == tenant.send(wire).json()
            else:
                assert self.refused(answer, FaultCode.METHOD).headers["Allow"] == "POST"
        assert tenant.snapshot(order["id"]) == before


def _json(value: Any) -> str:
    return httpx.Request("POST", "http://x", json=value).content.decode()
