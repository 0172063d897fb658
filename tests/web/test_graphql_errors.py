"""What the entries of `errors` say, and what they keep to themselves."""

import logging
from typing import Any

import pytest

from tests.web.server import Client
from tests.web.toy import SECRET


def test_a_refusal_is_worded_by_the_dialect(client: Client) -> None:
    answer = client.post('{ hello fails(how: "refusal") }').json()
    assert answer == {
        "data": {"hello": "hello you", "fails": None},
        "errors": [
            {
                "message": "it is order_not_open",
                "locations": [{"line": 1, "column": 9}],
                "path": ["fails"],
                "extensions": {"code": "ORDER_NOT_OPEN"},
            }
        ],
    }


def test_a_partner_that_shows_no_locations(client: Client) -> None:
    error = client.post('{ fails(how: "refusal") }', path="/partner/graphql").json()["errors"][0]
    assert error.keys() == {"message", "path", "extensions"}


def test_a_partner_that_has_no_data_of_nulls_alone(client: Client) -> None:
    for document, data in (
        ('{ fails(how: "refusal") }', None),
        ('{ fails(how: "refusal") more: fails(how: "busy") }', None),
        ('{ fails(how: "refusal") hello }', {"fails": None, "hello": "hello you"}),
        ('{ fails(how: "nothing") }', {"fails": None}),
        ('mutation { cancel(id: "nothing") { id } }', None),
    ):
        assert client.post(document, path="/partner/graphql").json()["data"] == data, document


def test_a_scope_is_missing(client: Client) -> None:
    order = client.order()
    reader = Client(client.server, scopes=("read_orders",), tenant_id=client.tenant_id)
    document = f'mutation {{ cancel(id: "{order}") {{ id }} }}'
    error = reader.post(document).json()["errors"][0]
    assert error["extensions"] == {"code": "SCOPE_MISSING", "scope": "write_orders"}
    assert client.history(order) == ["order.created"]


def test_an_unexpected_error_is_logged_and_not_shown(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.post('{ a: fails(how: "oops") hello }', X_Request_Id="mine-7")
    assert answer.status_code == 200
    assert SECRET not in answer.text
    assert answer.json()["data"] == {"a": None, "hello": "hello you"}
    assert answer.json()["errors"][0]["extensions"] == {"code": "INTERNAL_ERROR"}
    assert answer.json()["errors"][0]["path"] == ["a"]
    logged = [record for record in caplog.records if record.message == "unexpected error"]
    assert [vars(record)["facts"] for record in logged] == [{"request_id": "mine-7"}]
    assert logged[0].exc_info is not None
    assert logged[0].exc_info[2] is not None
    assert "OursError" in str(logged[0].exc_info[0])


@pytest.mark.parametrize("document", ["{ mood }", '{ failsStrictly(how: "nothing") }'])
def test_a_value_that_does_not_fit_the_schema_is_our_fault(
    client: Client, document: str, caplog: pytest.LogCaptureFixture
) -> None:
    """graphql-core says what the value was, which may be anything."""
    answer = client.post(document)
    assert SECRET not in answer.text
    assert answer.json()["data"] is None
    assert answer.json()["errors"][0]["extensions"] == {"code": "INTERNAL_ERROR"}
    assert [record.levelno for record in caplog.records if record.name == "dragoman.web"] == [logging.ERROR]


def test_an_argument_that_does_not_fit_is_the_clients(client: Client) -> None:
    """Only while executing can it be seen: the variable may be null, the argument may not."""
    order = client.order()
    document = 'mutation ($id: String!, $note: String = "x") { remark(id: $id, input: { note: $note }) { note } }'
    answer = client.post(document, {"id": order, "note": None}).json()
    assert answer["data"] == {"remark": None}
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert answer["errors"][0]["path"] == ["remark"]
    assert client.history(order) == ["order.created"]


def test_variables_are_checked_before_anything_is_done(client: Client) -> None:
    order = client.order()
    document = "mutation ($id: String!, $text: String!) { cancel(id: $id) { id } memo(text: $text) }"
    wrong: list[Any] = [None, 5, ["x"], {}]
    for text in wrong:
        answer = client.post(document, {"id": order, "text": text}).json()
        assert answer.keys() == {"errors"}
        assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
        assert "$text" in answer["errors"][0]["message"]
    assert client.history(order) == ["order.created"]


def test_a_refusal_in_a_list_is_one_null(client: Client) -> None:
    order = client.order()
    document = "query ($ids: [String!]!) { orders(ids: $ids) { id } }"
    answer = client.post(document, {"ids": [order, "nothing", order]}).json()
    assert answer["data"] == {"orders": [{"id": order}, None, {"id": order}]}
    assert [error["path"] for error in answer["errors"]] == [["orders", 1]]
    assert answer["errors"][0]["extensions"] == {"code": "ORDER_NOT_FOUND"}


def test_null_goes_up_to_what_may_be_null(client: Client) -> None:
    document = "query ($id: String!) { order(id: $id) { id self { self { brokenStrictly } } } }"
    answer = client.post(document, {"id": client.order()}).json()
    assert answer["data"] == {"order": None}
    assert answer["errors"][0]["path"] == ["order", "self", "self", "brokenStrictly"]


def test_what_is_logged_and_counted_of_a_request(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """The field in the schema, never a name that the client made up."""
    caplog.set_level(logging.INFO, "dragoman.request")
    order = client.order()
    caplog.clear()
    for document, operation, outcome in (
        ("query Mine { mine: hello }", "hello", "ok"),
        ("{ hello a: hello }", "hello", "ok"),
        ("query Q { ...F } fragment F on Query { ... on Query { hello } }", "hello", "ok"),
        (f'{{ hello order(id: "{order}") {{ id }} }}', "several", "ok"),
        ("{ __typename }", "introspection", "ok"),
        ("{", "graphql", "syntax"),
        ("{ nothing }", "graphql", "validation"),
        ('{ order(id: "x") { id } }', "order", "order_not_found"),
        ('{ fails(how: "x") }', "fails", "internal_error"),
        (f'mutation {{ cancel(id: "{order}") {{ id }} }}', "cancel", "ok"),
    ):
        caplog.clear()
        client.post(document)
        (facts,) = [vars(record)["facts"] for record in caplog.records if record.name == "dragoman.request"]
        assert (facts["dialect"], facts["operation"], facts["outcome"]) == ("toy", operation, outcome), document
        assert (facts["tenant"], facts["credential"]) == (client.tenant_id, client.credential.id)
