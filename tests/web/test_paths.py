"""Which operation a path belongs to: fixed segments before parameters, and parameters with something behind them."""

import pytest

from app.web.paths import Paths


def _paths() -> Paths[str]:
    paths: Paths[str] = Paths()
    for method, template in (
        ("GET", "/orders/{id}"),
        ("GET", "/orders/count.json"),
        ("GET", "/orders/{id}.json"),
        ("PUT", "/orders/{id}.json"),
        ("POST", "/orders/{id}/cancel.json"),
    ):
        paths.add(method, template, f"{method} {template}")
    return paths


@pytest.mark.parametrize(
    ("method", "path", "found", "id_"),
    [
        ("GET", "/orders/count.json", "GET /orders/count.json", None),
        ("PUT", "/orders/7.json", "PUT /orders/{id}.json", "7"),
        ("PUT", "/orders/a.json.json", "PUT /orders/{id}.json", "a.json"),
        ("POST", "/orders/7/cancel.json", "POST /orders/{id}/cancel.json", "7"),
        ("HEAD", "/orders/7", "GET /orders/{id}", "7"),
    ],
)
def test_a_path_and_its_parameters(method: str, path: str, found: str, id_: str | None) -> None:
    target, values, _ = _paths().find(method, path.split("/"))
    assert (target, dict(values)) == (found, {} if id_ is None else {"id": id_})


def test_what_has_no_such_method_says_which_it_has() -> None:
    assert _paths().find("DELETE", ["", "orders", "count.json"]) == (None, {}, ["GET", "HEAD"])


@pytest.mark.parametrize("path", ["/orders/.json/cancel.json/x", "/order/7", "/orders//cancel.json", "orders/7"])
def test_no_such_path(path: str) -> None:
    assert _paths().find("GET", path.split("/")) == (None, {}, [])


def test_nothing_is_not_a_parameter() -> None:
    paths: Paths[str] = Paths()
    paths.add("GET", "/orders/{id}.json", "one")
    assert paths.find("GET", ["", "orders", ".json"]) == (None, {}, [])
