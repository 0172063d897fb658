"""The audits of graphql/graphql-http (its `src/audits/server.ts`), each under its own number, over the wire.

They ask what the GraphQL-over-HTTP specification says, MUST, SHOULD and MAY alike; we keep them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest

from tests.web.server import Client

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
TYPENAME = "{ __typename }"
TYPE = "query Type($name: String!) { __type(name: $name) { name } }"
COERCE = "query CoerceFailure($id: ID!) { __typename }"
UNKNOWN = "{ f8f31403dfe404bccbb0e835f2629c6a7 }"


def _any(answer: httpx.Response) -> bool:
    return True


def _json(answer: httpx.Response) -> bool:
    return JSON in answer.headers["Content-Type"]


def _graphql(answer: httpx.Response) -> bool:
    return GRAPHQL in answer.headers["Content-Type"]


def _good(answer: httpx.Response) -> bool:
    return "errors" not in answer.json()


def _no_data(answer: httpx.Response) -> bool:
    return "data" not in answer.json() and bool(answer.json()["errors"])


def _utf8(answer: httpx.Response) -> bool:
    return bool(answer.content.decode("utf-8", "strict"))


@dataclass(frozen=True)
class Audit:
    """A POST of `body` (None: without one), or, with `query`, a GET."""

    number: str
    statuses: tuple[int, ...] | range
    body: Any = None
    accept: str | None = None
    content_type: str | None = JSON
    query: dict[str, str] | None = None
    raw: bytes | None = None
    also: Callable[[httpx.Response], bool] = _any


def _posts(
    number: str, statuses: tuple[int, ...], accept: str | None, *bodies: dict[str, Any], **more: Any
) -> list[Audit]:
    many = len(bodies) > 1
    return [
        Audit(f"{number}{n if many else ''}", statuses, body, accept, **more) for n, body in enumerate(bodies)
    ]  # fmt: skip


def _wrong(name: str, *values: Any) -> list[dict[str, Any]]:
    return [{"query": TYPENAME, name: value} for value in values]


_NAMES = ("variables", "operationName", "extensions")
_OF_NO_MAP = ("string", 0, False, ["array"])
_OF_NO_TEXT = ({"obj": "ect"}, 0, False, ["array"])
_QUERY_NAMED = {"operationName": "Query", "query": "query Query { __typename }"}
_TYPE_NAMED = {"query": TYPE, "variables": {"name": "sometype"}}
_EXTENDED = {"query": TYPENAME, "extensions": {"some": "value"}}
_IN_URL = {"query": TYPE, "variables": '{"name":"sometype"}'}
_ASKED = {"query": TYPENAME}
_4XX, _4XX_5XX = range(400, 500), range(400, 600)

AUDITS = [
    # media types
    Audit("22EB", (200,), _ASKED, GRAPHQL, also=_graphql),
    Audit("4655", (200,), _ASKED, JSON, also=_json),
    Audit("47DE", (200,), _ASKED, "*/*", also=_json),
    Audit("80D8", (200,), _ASKED, also=_json),
    Audit("82A3", (200,), _ASKED, also=_utf8),
    Audit("BF61", (200,), {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'}, content_type=f"{JSON}; charset=utf-8"),
    Audit("78D5", (200,), _ASKED),
    # requests
    Audit("2C94", (200,), _ASKED),
    Audit("5A70", (200,), query=_ASKED),
    Audit("9C48", _4XX, query={"query": "mutation { __typename }"}, accept=GRAPHQL),
    Audit("9ABE", _4XX, content_type=None),
    Audit("03D4", (200,), _ASKED),
    Audit("A5BF", (400,)),
    # parameters
    Audit("423L", (400,), {"notquery": TYPENAME}, GRAPHQL),
    *_posts("LKJ", (400,), None, *({"query": value} for value in _OF_NO_TEXT)),
    Audit("34A2", (200,), _ASKED, GRAPHQL),
    Audit("13EE", (200,), _ASKED, JSON, also=_good),
    *_posts("6C0", (400,), None, *_wrong("operationName", *_OF_NO_TEXT)),
    Audit("8161", (200,), _QUERY_NAMED, GRAPHQL),
    Audit("B8B3", (200,), _QUERY_NAMED, JSON, also=_good),
    *_posts("94B", (200,), GRAPHQL, *({"query": TYPENAME, name: None} for name in _NAMES), also=_good),
    *_posts("022", (200,), JSON, *({"query": TYPENAME, name: None} for name in _NAMES), also=_good),
    *_posts("476", (400,), None, *_wrong("variables", *_OF_NO_MAP)),
    Audit("2EA1", (200,), _TYPE_NAMED, GRAPHQL),
    Audit("28B9", (200,), _TYPE_NAMED, JSON, also=_good),
    Audit("D6D5", (200,), query=_IN_URL, accept=GRAPHQL),
    Audit("6A70", (200,), query=_IN_URL, accept=JSON, also=_good),
    *_posts("58B", (400,), None, *_wrong("extensions", *_OF_NO_MAP)),
    Audit("428F", (200,), _EXTENDED, GRAPHQL),
    Audit("1B7A", (200,), _EXTENDED, JSON, also=_good),
    Audit("B6DC", _4XX, raw=b'{ "not a JSON'),
    Audit("BCF8", (400,), raw=b'{ "not a JSON'),
    Audit("8764", _4XX_5XX, {"qeury": TYPENAME}),
    Audit("3E3A", (400,), {"qeury": TYPENAME}),
    # answers as application/json
    Audit("572B", (200,), {"query": "{"}, JSON),
    Audit("FDE2", (200,), {"query": UNKNOWN}, JSON),
    Audit("7B9B", (200,), {"query": COERCE, "variables": {"id": None}}, JSON),
    # answers as application/graphql-response+json
    Audit("865D", _4XX_5XX, {"query": "{"}, GRAPHQL),
    Audit("556A", (400,), {"query": "{"}, GRAPHQL),
    Audit("D586", (400,), {"query": "{"}, GRAPHQL, also=_no_data),
    Audit("51FE", _4XX_5XX, {"query": UNKNOWN}, GRAPHQL),
    Audit("74FF", (400,), {"query": UNKNOWN}, GRAPHQL),
    Audit("5E5B", (400,), {"query": UNKNOWN}, GRAPHQL, also=_no_data),
    Audit("86EE", (400,), {"query": COERCE, "variables": {"id": None}}, GRAPHQL),
]


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: audit.number)
def test_audit(client: Client, audit: Audit) -> None:
    headers = client.authorization | ({"Accept": audit.accept} if audit.accept else {})
    headers |= {"Content-Type": audit.content_type} if audit.content_type and audit.query is None else {}
    answer = client.server.exactly(
        httpx.Request(
            "POST" if audit.query is None else "GET",
            f"{client.server.base}/toy/graphql",
            params=audit.query,
            headers=headers,
            content=audit.raw if audit.body is None else msgspec.json.encode(audit.body),
        )
    )
    assert answer.status_code in audit.statuses, answer.text
    assert audit.also(answer), answer.text


def test_there_are_as_many_audits_as_published() -> None:
    numbers = [audit.number for audit in AUDITS]
    assert len(set(numbers)) == len(numbers) == 60
