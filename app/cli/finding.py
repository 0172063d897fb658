"""An order by whatever somebody has in hand: any dialect's id, a number, the id of the order or of a part of it."""

from collections.abc import Sequence

from app.cli.base import Failure
from app.core import ids
from app.core.model import Order
from app.core.ports import Query, Ref, Store, Tenant

_MOST_NAMED = 5


async def order_of(store: Store, tenants: Sequence[Tenant], text: str) -> tuple[Tenant, Order]:
    """Of one of the tenants. Raises Failure if there is none, or more than one."""
    found = [(tenant, order) for tenant in tenants for order in await _orders(store, tenant.id, text)]
    if not found:
        raise Failure(
            f"there is no order {text!r}: give its number, its id, or dialect:id, such as shopline:633130-1001"
        )
    if len(found) > 1:
        named = ", ".join(f"{order.id} of {tenant.name}" for tenant, order in found[:_MOST_NAMED])
        more = "" if len(found) <= _MOST_NAMED else ", …"
        raise Failure(f"several orders are called {text!r}: {named}{more}")
    return found[0]


async def _orders(store: Store, tenant_id: str, text: str) -> list[Order]:
    from app.web.dialect import discover

    dialect, colon, key = text.partition(":")
    if colon and dialect in {known.name for known in discover()}:
        ref = Ref.to_order(dialect, key)
    elif ids.looks_like_ours(text):
        ref = Ref.to_order("native", ids.order_of(text))
    else:
        ref = Ref(None, "native", "number", text)
    if not ref.storable:
        return []
    if ref.kind == "number":
        return await store.find(tenant_id, Query(number=text, limit=_MOST_NAMED + 1))
    held = await store.load(tenant_id, ref, None)
    return [held.order] if held is not None and held.order is not None else []
