"""`/metrics`: requests by dialect, operation and outcome, latencies, and commits that had to be decided again."""

from collections import Counter

import pytest

from app.core.ports import Commit, Moved
from app.store.sqlite import SqliteStore
from app.web.dialect import discover
from tests.dialects.server import Wire, succeeded
from tests.dialects.tenants import Tenant
from tests.operations.reading import Metrics, contract_of

_NAMES = [dialect.name for dialect in discover()]


@pytest.mark.parametrize("name", _NAMES)
def test_requests_are_counted_and_timed(name: str, tenant: Tenant) -> None:
    contract, order = contract_of(name), tenant.create()
    before = Metrics(tenant.server)
    assert succeeded(tenant.send(contract.change(order["id"])))
    contract.check_again(tenant.send(contract.change(order["id"])))
    after = Metrics(tenant.server)
    counted = {
        (dict(labels)["operation"], dict(labels)["outcome"]): value - before.values.get((kind, labels), 0)
        for (kind, labels), value in after.values.items()
        if kind == "dragoman_requests_total" and dict(labels)["dialect"] == name
    }
    [(operation, _)] = [key for key, more in counted.items() if more and key[1] == "ok"]
    expected = Counter([(operation, "ok"), (operation, contract.again)])
    assert {key: more for key, more in counted.items() if more} == expected
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


@pytest.mark.parametrize(("lost", "status", "outcome"), [(1, 200, "ok"), (2, 200, "ok"), (3, 503, "busy")])
def test_conflicts_are_counted(
    lost: int, status: int, outcome: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes first, as often as said; the third time is the last."""
    order, commit, left = tenant.create(), SqliteStore.commit, [Moved()] * lost

    async def lose(store: SqliteStore, change: Commit) -> None:
        if left:
            raise left.pop()
        await commit(store, change)

    monkeypatch.setattr(SqliteStore, "commit", lose)
    before = Metrics(tenant.server)
    answer = tenant.send(Wire("POST", f"/api/orders/{order['id']}/cancellations", {}))
    after = Metrics(tenant.server)
    assert answer.status_code == status
    name = "dragoman_version_conflicts_total"
    assert after.get(name) - before.get(name) == lost
    labels = {"dialect": "native", "operation": "cancel_order", "outcome": outcome}
    name = "dragoman_requests_total"
    assert after.get(name, **labels) - before.get(name, **labels) == 1
