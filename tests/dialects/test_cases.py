"""Runs every `<dialect>/cases/*.json` on both engines; README.md beside this file says what a case may hold."""

import pytest

from tests.dialects.cases import CASE, Case, Run, cases, known
from tests.dialects.tenants import Tenant


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{name}/{file}: {case['name']}") for name, file, case in cases()]
)
def test_case(case: Case, tenant: Tenant) -> None:
    known(case, CASE)
    run = Run(tenant)
    for step in case.get("given", ()):
        run.given(step)
    order = run.names.captured.get(case.get("order", "order"))
    before = tenant.snapshot(order["id"]) if case.get("unchanged") and order else None
    run.check(case["request"], case["expect"], subset=False)
    if before is not None and order:
        assert tenant.snapshot(order["id"]) == before
    for request in case.get("then", ()):
        run.check(request, request["expect"], subset=True)
    if "events" in case and order:
        assert [event["type"] for event in tenant.events(order["id"])] == case["events"]
    assert not run.problems, "\n".join(run.problems)
