"""A change that is several things at once is found by each of them."""

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant
from tests.live.following import follow


def test_by_what_else_a_change_is(tenant: Tenant) -> None:
    """A mail that a cancellation asked for is in the cancellation's event."""
    with follow(tenant.server.base, tenant.key, "?type=mail.requested") as stream:
        tenant.api("POST", f"/orders/{tenant.create()['id']}/cancellations", {})
        order = tenant.create(customer={"email": "ann@example.com"})
        path = f"/shopline-admin/admin/openapi/v20260301/orders/{order['id']}/cancel.json"
        assert tenant.send(Wire("POST", path, {"email": True})).is_success
        [frame] = stream.take(1)
    assert (frame.event, frame.data["order_id"]) == ("cancellation.accepted", order["id"])
    assert frame.data["also"] == [{"type": "mail.requested", "request_id": frame.data["request_id"]}]
