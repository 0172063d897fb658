"""GraphQL over HTTP beyond the published audits: what the specification says, and what a partner says instead."""

from typing import Any

import httpx
import msgspec
import pytest

from tests.web.server import BODY_LIMIT, Client, Toy
from tests.web.toy import SECRET

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
WRONG = {
    "syntax": ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    "validation": ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    "unknown operation": ({"query": "query A { hello }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
    "several operations": ({"query": "query A { hello } query B { hello }"}, "OPERATION_RESOLUTION_FAILURE"),
    "no operation": ({"query": "fragment F on Query { hello }"}, "GRAPHQL_VALIDATION_FAILED"),
    "a variable too few": ({"query": "query ($id: String!) { order(id: $id) { id } }"}, "BAD_USER_INPUT"),
    "a variable of another type": (
        {"query": "query ($id: String!) { order(id: $id) { id } }", "variables": {"id": 5}},
        "BAD_USER_INPUT",
    ),
    "a subscription": ({"query": "subscription { count(to: 3) }"}, "OPERATION_RESOLUTION_FAILURE"),
}


def _send(client: Client, body: Any, path: str = "/toy/graphql", **headers: str) -> httpx.Response:
    return client.send(msgspec.json.encode(body), path, **headers)


@pytest.mark.parametrize(("body", "code"), WRONG.values(), ids=WRONG)
def test_nothing_is_executed(client: Client, body: Any, code: str) -> None:
    for accept, status in ((JSON, 200), (GRAPHQL, 400)):
        answer = _send(client, body, Accept=accept)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, f"{accept}; charset=utf-8")
        assert answer.json().keys() == {"errors"}
        error = answer.json()["errors"][0]
        assert error["extensions"] == {"code": code}
        assert error["message"]
        assert "path" not in error


def test_a_partner_has_statuses_of_its_own(client: Client) -> None:
    """For application/json only: of the other type the specification leaves no choice."""
    for name, (body, code) in WRONG.items():
        answer = _send(client, body, "/partner/graphql", Accept=JSON)
        assert answer.status_code == (400 if name == "syntax" else 200), name
        assert answer.json()["errors"][0]["extensions"]["code"] == code
        assert "locations" not in answer.json()["errors"][0]
        assert _send(client, body, "/partner/graphql", Accept=GRAPHQL).status_code == 400


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}, {JSON}", JSON),
        (f"{GRAPHQL}, {JSON};q=0.9", JSON),
        (f"{GRAPHQL}, {JSON};q=0", GRAPHQL),
        (f"{GRAPHQL}, */*;q=0", GRAPHQL),
        (f"{GRAPHQL}, text/html", GRAPHQL),
        (f"{GRAPHQL}, */*;q=0.1", JSON),
        (f"*/*, {JSON};q=0", GRAPHQL),
        (f"{GRAPHQL};q=0", JSON),
        ("application/*", JSON),
        ("text/html", JSON),
        ("", JSON),
        ("q=0,,;;q=x", JSON),
    ],
)
def test_the_media_type_of_the_answer(client: Client, accept: str, expected: str) -> None:
    answer = client.post("{ hello }", Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{expected}; charset=utf-8")
    assert answer.content == b'{"data":{"hello":"hello you"}}'


def test_errors_of_fields_are_no_failure_of_the_request(client: Client) -> None:
    """Data that is null is data: the request was executed."""
    for accept in (JSON, GRAPHQL):
        for field in ("fails", "failsStrictly"):
            answer = client.post(f'{{ {field}(how: "refusal") }}', Accept=accept)
            assert answer.status_code == 200
            assert answer.json()["data"] in ({"fails": None}, None)
            assert answer.json()["errors"][0]["path"] == [field]


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/x-www-form-urlencoded", "application/graphql", f"{JSON}; charset=latin-1", ""]
)
def test_another_content_type(client: Client, type_: str) -> None:
    answer = client.send(b'{"query":"{ hello }"}', Content_Type=type_)
    assert (answer.status_code, answer.json()["toy"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "type_", [JSON, f'{JSON};Charset="UTF-8"', f"{JSON}; charset=utf-8; x=y", "application/x+json"]
)
def test_a_content_type_for_json(client: Client, type_: str) -> None:
    assert client.send(b'{"query":"{ hello }"}', Content_Type=type_).json() == {"data": {"hello": "hello you"}}


@pytest.mark.parametrize(
    ("raw", "status", "code", "fields"),
    [
        (b"", 400, "malformed_body", []),
        (b" ", 400, "malformed_body", []),
        (b'{"query"', 400, "malformed_body", []),
        (b'{"query":"\xff"}', 400, "malformed_body", []),
        (b'{"query":"{ hello }","variables":{"x":"\\u0000"}}', 400, "malformed_body", []),
        (b"[]", 400, "body_not_an_object", []),
        (b'[{"query":"{ hello }"}]', 400, "body_not_an_object", []),
        (b"null", 400, "body_not_an_object", []),
        (b"{}", 400, "invalid_request", ["query"]),
        (b'{"query":null}', 400, "invalid_request", ["query"]),
        (
            b'{"operationName":1,"variables":[],"extensions":1}',
            400,
            "invalid_request",
            ["query", "operationName", "variables", "extensions"],
        ),
        (b'{"query":"%s"}' % (b"x" * BODY_LIMIT), 413, "body_too_large", []),
    ],
)
def test_a_body_that_is_no_request(client: Client, raw: bytes, status: int, code: str, fields: list[str]) -> None:
    answer = client.send(raw)
    assert (answer.status_code, answer.json()["toy"]) == (status, code)
    assert [field for field in answer.json()["fields"] if field] == fields


def test_an_operation_is_chosen_by_name(client: Client) -> None:
    document = 'query A { hello(name: "a") } query B { hello(name: "b") } mutation C { memo(text: "c") }'
    for name, data in (("A", {"hello": "hello a"}), ("B", {"hello": "hello b"}), ("C", {"memo": "None c"})):
        assert _send(client, {"query": document, "operationName": name}).json() == {"data": data}


def test_an_empty_operation_name_is_none(client: Client) -> None:
    assert _send(client, {"query": "query A { hello }", "operationName": ""}).json() == {"data": {"hello": "hello you"}}
    assert client.get(query="query A { hello }", operationName="").json() == {"data": {"hello": "hello you"}}


def test_reading_by_get(client: Client) -> None:
    document = "query Other { hello } query Greet($n: String) { hello(name: $n) }"
    answer = client.get(query=document, operationName="Greet", variables='{"n":"Bo"}', extensions='{"x":1}')
    assert answer.json() == {"data": {"hello": "hello Bo"}}
    assert client.get(query="{ hello }", variables="", extensions="").json() == {"data": {"hello": "hello you"}}
    assert client.get(query="{ hello }", variables="null").status_code == 200


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": "{ hello }", "variables": "{"},
        {"query": "{ hello }", "variables": "[1]"},
        {"query": "{ hello }", "extensions": "1"},
        {"variables": "{}"},
    ],
)
def test_a_get_that_is_no_request(client: Client, params: dict[str, str]) -> None:
    answer = client.server.request("GET", "/toy/graphql", params=params, headers=client.authorization)
    assert (answer.status_code, answer.json()["toy"]) == (400, "invalid_request")


def test_a_get_with_a_broken_query_string(client: Client) -> None:
    answer = client.server.request("GET", "/toy/graphql?query=%ff", headers=client.authorization)
    assert (answer.status_code, answer.json()["toy"]) == (400, "invalid_request")


def test_changing_by_get_is_refused(client: Client) -> None:
    order = client.order()
    document = f'query Safe {{ hello }} mutation Cancel {{ cancel(id: "{order}") {{ id }} }}'
    answer = client.get(query=document, operationName="Cancel")
    assert (answer.status_code, answer.json()["toy"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"
    assert client.history(order) == ["order.created"]
    assert client.get(query=document, operationName="Safe").json() == {"data": {"hello": "hello you"}}


def test_head_is_get_without_a_body(client: Client) -> None:
    answer = client.server.request("HEAD", "/toy/graphql", params={"query": "{ hello }"}, headers=client.authorization)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(b'{"data":{"hello":"hello you"}}'))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method(client: Client, method: str) -> None:
    answer = client.server.request(method, "/toy/graphql", headers=client.authorization)
    assert (answer.status_code, answer.json()["toy"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "path", ["/toy", "/toy/", "/toy/graphql/", "/toy/graphql/x", "/toy/graphqlx", "/toy/things//token"]
)
def test_another_path(client: Client, path: str) -> None:
    """The exact path is served, and no other is redirected to it."""
    answer = client.server.request("GET", path, headers=client.authorization)
    assert (answer.status_code, answer.json()["toy"]) == (404, "no_such_route")


def test_without_a_key_nothing_is_looked_at(sqlite_toy: Toy) -> None:
    for content in (b'{"query":"{ hello }"}', b"no JSON", b""):
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "nonsense"}):
            answer = sqlite_toy.request("POST", "/toy/graphql", content=content, headers=headers)
            assert (answer.status_code, answer.json()["toy"]) == (401, "unauthenticated")
            assert answer.headers["Content-Type"] == JSON
    assert sqlite_toy.request("GET", "/toy/graphql", params={"query": "{ hello }"}).status_code == 401


def test_plain_routes(client: Client) -> None:
    answer = client.server.request("POST", "/toy/token?a=b", content=b"x=1")
    assert answer.json() == {"method": "POST", "path": {}, "query": "a=b", "body": "x=1"}
    assert answer.headers["X-Toy"] == "1"
    assert client.server.request("GET", "/toy/token").json()["method"] == "GET"
    assert client.server.request("POST", "/toy/things/7/token").json()["path"] == {"thing": "7"}
    answer = client.server.request("PUT", "/toy/token")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert client.server.request("POST", "/toy/token", content=b"x" * (BODY_LIMIT + 1)).status_code == 413
    refused = client.server.request("POST", "/toy/token", content=b"refuse")
    assert (refused.status_code, refused.json()["toy"]) == (503, "unavailable")


def test_a_plain_route_that_fails(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.server.request("POST", "/toy/token", content=b"fail", headers={"X-Request-Id": "plain-1"})
    assert (answer.status_code, answer.json()["toy"]) == (500, "internal_error")
    assert SECRET not in answer.text
    logged = next(record for record in caplog.records if record.message == "unexpected error")
    assert logged.exc_info is not None
    assert vars(logged)["facts"] == {"request_id": "plain-1"}
