"""What docs/native.md says of errors and routes is all there is; and the whole policy can be set."""

from dataclasses import asdict, fields, replace
from typing import Any

import pytest

from app.core.policy import OnSilence, Policy
from app.core.refusal import Code
from app.dialects.native import bodies, face
from app.web.faults import FaultCode
from tests.dialects.tenants import Tenant
from tests.house.sources import APP

_PAGE = (APP.parent / "docs" / "native.md").read_text()
_NEVER = {Code.SUPERSEDED}
"""Only of a chain of items, which no native request names."""
_OTHER: dict[str, Any] = {
    "track_inventory": False,
    "approve_returns": False,
    "restock_on_cancel": True,
    "warehouse_deadline": 60,
    "on_silence": OnSilence.ACCEPT.value,
    "sync_wait": 0.5,
    "return_window_hours": 720,
    "reasons": ["BROKEN"],
    "mail_from": "Shop <shop@example.com>",
    "mail_reply_to": "help@example.com",
    "language": "nl",
}


def test_every_code_is_told() -> None:
    assert [code for code in (*Code, *FaultCode) if f"`{code.value}`" not in _PAGE and code not in _NEVER] == []


@pytest.mark.parametrize("operation", face._OPERATIONS, ids=lambda operation: operation.name)
def test_every_route_is_told(operation: Any) -> None:
    """By its path, or by its last word beside others of the same place."""
    last = "/" + operation.path.rpartition("/")[2]
    assert f"`{operation.path}`" in _PAGE or f"{last}`" in _PAGE


def test_every_part_of_the_policy_can_be_set(tenant: Tenant) -> None:
    names = {field.name for field in fields(Policy)}
    assert names == set(bodies.PolicyPatch.model_fields)
    shelf = tenant.api("POST", "/locations", {"name": "Shelf"})["id"]
    wanted = {**_OTHER, "dispatch_to": shelf}
    assert wanted.keys() == names
    before = tenant.api("GET", "/tenant")["policy"]
    assert [name for name in names if before[name] == wanted[name]] == []
    for name, value in wanted.items():
        changed = tenant.api("PATCH", "/tenant", {"policy": {name: value}})["policy"]
        assert changed == {**before, name: value}
        before = changed
    stored = tenant.server.run(tenant.server.store.tenant, tenant.id).policy
    assert stored == replace(Policy(**wanted), reasons=("BROKEN",), on_silence=OnSilence.ACCEPT)
    assert asdict(stored).keys() == names
