"""What somebody means to do, as documents of this dialect, which names single units. It ships nothing."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from app.core.ledger import Ledger
from app.dialects.afosto import items, picture
from app.web.dialect import Sample
from app.web.intents import Act, Intent

_READ = """query Order($id: String!) {
  order(id: $id) {
    id number status processing currency total subtotal is_cancelled created_at updated_at
    actions { action items }
    fees { shipping { id description is_contra total } payment { id description is_contra total } }
    items {
      ids quantity sku label type is_contra reason total
      details { id item_id contra_item_id is_cancelled inventory { is_deducted progress } }
    }
  }
}"""
_MOST = 100
"""Items in one call: enough to show how it is done."""
_TOKEN = re.compile("[A-Z][A-Z0-9_]{0,99}")
_REASONS = {Act.CANCEL: "OUT_OF_STOCK", Act.RETURN: "UNSUITABLE"}


def calls(ledger: Ledger, intent: Intent) -> Sequence[Sample]:
    order_id = picture.id_of(ledger.order)
    if intent.act is Act.READ:
        return [_call("read the order and what is next", _READ, {"id": order_id})]
    if intent.act not in _REASONS:
        return []
    given_code = intent.reason_code or ""
    reason = given_code if _TOKEN.fullmatch(given_code) else _REASONS[intent.act]
    units = intent.units(ledger)
    named = (
        items.sold_id(line, n) for line, held in units.items() for first, last in held for n in range(first, last + 1)
    )
    given = {"order_id": order_id, "items": [{"item_id": each, "reason": reason} for each in islice(named, _MOST)]}
    return [_step("cancel" if intent.act is Act.CANCEL else "return", given)]


def _step(verb: str, given: Mapping[str, Any]) -> Sample:
    name = f"{verb.capitalize()}OrderItems"
    query = (
        f"mutation Begin($input: {name}Input!) {{\n"
        f"  {verb}OrderItems(input: $input) {{ order {{ id total actions {{ action items }} }} }}\n}}"
    )
    return _call(f"begin to {verb} items; actions says what is next", query, {"input": given})


def _call(about: str, query: str, variables: Mapping[str, Any]) -> Sample:
    return Sample(
        about=about,
        method="POST",
        path="/afosto/graphql",
        headers={"Authorization": "Bearer {key}"},
        body={"query": query, "variables": variables},
    )
