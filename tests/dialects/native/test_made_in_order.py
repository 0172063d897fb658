"""What is made one after another is listed so, however many of it come to be in one millisecond."""

from tests.dialects.native.importing import IMPORT, ndjson, order, results
from tests.dialects.tenants import Tenant

MANY = 120


def test_orders_of_one_batch_and_their_events(tenant: Tenant) -> None:
    given = [str(n) for n in range(MANY)]
    made = results(tenant, IMPORT, ndjson(order(number=number) for number in given))
    ids = [each["id"] for each in made]
    assert len({id_[:13] for id_ in ids}) < MANY, "no two of them were made in one millisecond"
    assert ids == sorted(set(ids))
    assert [each["number"] for each in tenant.api("GET", "/orders?limit=250")["orders"]] == given
    assert [each["order_id"] for each in tenant.api("GET", "/events?limit=250")["events"]] == ids
