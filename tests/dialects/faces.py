"""An order as each dialect shows it, with every field that it has; no test and no fixture is here."""

from typing import Any

from tests.dialects.speakers import SPEAKERS
from tests.dialects.tenants import Tenant


def read(tenant: Tenant, dialect: str, order_id: str) -> Any:
    """The order alone, out of its envelope."""
    answer = tenant.send(SPEAKERS[dialect].show(order_id))
    assert answer.status_code == 200, f"{dialect}: {answer.status_code} {answer.text}"
    told = answer.json()
    assert "errors" not in told, f"{dialect}: {told['errors']}"
    for name in SPEAKERS[dialect].inside:
        told = told[name]
    return told


def read_all(tenant: Tenant, order_id: str) -> dict[str, Any]:
    return {dialect: read(tenant, dialect, order_id) for dialect in SPEAKERS}
