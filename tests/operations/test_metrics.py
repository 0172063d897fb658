"""`/metrics`: requests by dialect, operation and outcome, latencies, and commits that had to be decided again."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.web.dialect import discover
from tests.dialects.server import Server, Wire, serve
from tests.dialects.tenants import Tenant
from tests.operations.reading import Metrics, contract_of

_NAMES = [dialect.name for dialect in discover()]


@pytest.mark.parametrize("name", _NAMES)
def test_requests_are_counted_and_timed(name: str, tenant: Tenant) -> None:
    contract, order = contract_of(name), tenant.create()
    before = Metrics(tenant.server)
    done = tenant.send(contract.change(order["id"]))
    refused = tenant.send(contract.change(order["id"]))
    assert (done.is_success, refused.is_success) == (True, False)
    after = Metrics(tenant.server)
    counted = {
        (dict(labels)["operation"], dict(labels)["outcome"]): value - before.values.get((kind, labels), 0)
        for (kind, labels), value in after.values.items()
        if kind == "dragoman_requests_total" and dict(labels)["dialect"] == name
    }
    [(operation, _)] = [key for key, more in counted.items() if more and key[1] == "ok"]
    assert {key: more for key, more in counted.items() if more} == {
        (operation, "ok"): 1,
        (operation, "already_cancelled"): 1,
    }
    _check_times(before, after, name, operation, 2)


def _check_times(before: Metrics, after: Metrics, name: str, operation: str, requests: int) -> None:
    labels = {"dialect": name, "operation": operation}
    for kind, more in (("count", {}), ("bucket", {"le": "+Inf"})):
        metric = f"dragoman_request_seconds_{kind}"
        assert after.get(metric, **labels, **more) - before.get(metric, **labels, **more) == requests
    assert after.get("dragoman_request_seconds_sum", **labels) > before.get("dragoman_request_seconds_sum", **labels)


def test_labels_are_from_fixed_sets(tenant: Tenant) -> None:
    """Whatever is asked for, the number of series stays."""
    tenant.send(Wire("GET", "/api/orders/first"))
    tenant.send(Wire("GET", "/first"))
    before = Metrics(tenant.server)
    for n in range(20):
        tenant.send(Wire("GET", f"/api/orders/{n}"))
        tenant.send(Wire("GET", f"/api/{n}/{n}"))
        tenant.send(Wire("GET", f"/{n}"))
    after = Metrics(tenant.server)
    new = {dict(labels).get("operation") for kind, labels in after.values.keys() - before.values.keys()}
    assert new <= {"none"}
    assert after.values.keys() - before.values.keys() == set() or len(new) == 1


def test_a_version_conflict_is_counted(postgres_database_url: str) -> None:
    """Many change one order at once: whoever loses decides again, and is counted."""
    with serve(postgres_database_url) as server:
        tenant = Tenant.add(server)
        before = Metrics(server).get("dragoman_version_conflicts_total")
        for _ in range(20):
            _cancel_at_once(server, tenant)
            if Metrics(server).get("dragoman_version_conflicts_total") > before:
                return
        pytest.fail("no conflict in twenty races")


def _cancel_at_once(server: Server, tenant: Tenant) -> None:
    lines = [{"sku": f"S{n}", "quantity": 1, "unit_price": 1} for n in range(8)]
    order = tenant.create(lines=lines)
    path = f"/api/orders/{order['id']}/cancellations"
    wires = [Wire("POST", path, {"lines": [{"line_id": line["id"]}]}) for line in order["lines"]]
    with ThreadPoolExecutor(len(wires)) as pool:
        statuses = {answer.status_code for answer in pool.map(tenant.send, wires)}
    assert statuses <= {200, 503}, "lost three times: busy, and told so"
