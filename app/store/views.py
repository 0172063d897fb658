"""Views that unroll the stored orders for people who report in SQL, one text per engine, same columns.

Amounts are minor units. `order_cancellations` has a row for each ledger entry; its amount is tax included, its reason
the entry's own where it has one. Units that stepped apart from others are an entry by themselves.
"""

POSTGRESQL = {
    "order_lines": """
CREATE VIEW order_lines AS
SELECT o.tenant_id, o.id AS order_id, o.number, o.state, o.cancelled AS order_cancelled, o.body->>'currency' AS currency,
  l.value->>'id' AS line_id, l.value->>'sku' AS sku, l.value->>'title' AS title, l.value->>'type' AS type,
  (l.value->>'unit_price')::bigint AS unit_price, (l.value->>'quantity')::bigint AS quantity,
  (l.value->>'quantity')::bigint - a.pending - a.cancelled - f.fulfilled AS open,
  a.pending, a.cancelled, f.fulfilled, a.returned, o.created_at, o.updated_at
FROM orders o
CROSS JOIN LATERAL jsonb_array_elements(o.body->'lines') l
CROSS JOIN LATERAL (
  SELECT
    coalesce(sum(n.units) FILTER (WHERE c.kind = 'cancel' AND c.step IN ('requested', 'awaiting_approval')), 0)::bigint AS pending,
    coalesce(sum(n.units) FILTER (WHERE c.kind = 'cancel' AND c.step IN ('approved', 'restocked', 'finished')), 0)::bigint AS cancelled,
    coalesce(sum(n.units) FILTER (WHERE c.kind = 'return' AND c.step NOT IN ('announced', 'rejected')), 0)::bigint AS returned
  FROM jsonb_array_elements(o.body->'adjustments') j
  CROSS JOIN LATERAL (
    SELECT j.value->'steps'->-1->>'step' AS step,
      (SELECT k.value->>'kind' FROM jsonb_array_elements(o.body->'cases') k WHERE k.value->>'id' = j.value->>'case_id') AS kind
  ) c
  CROSS JOIN LATERAL (
    SELECT sum((r.value->>1)::bigint - (r.value->>0)::bigint + 1) AS units FROM jsonb_array_elements(j.value->'units') r
  ) n
  WHERE j.value->>'line_id' = l.value->>'id'
) a
CROSS JOIN LATERAL (
  SELECT coalesce(sum((r.value->>1)::bigint - (r.value->>0)::bigint + 1), 0)::bigint AS fulfilled
  FROM jsonb_array_elements(o.body->'fulfillments') s
  CROSS JOIN LATERAL jsonb_array_elements(s.value->'items') i
  CROSS JOIN LATERAL jsonb_array_elements(i.value->'units') r
  WHERE s.value->>'state' <> 'void' AND i.value->>'line_id' = l.value->>'id'
) f
""",
    "order_cancellations": """
CREATE VIEW order_cancellations AS
SELECT o.tenant_id, o.id AS order_id, o.number, k.value->>'id' AS request_id, k.value->>'state' AS state,
  k.value->>'scope' AS scope, c.reason->>'code' AS reason_code, c.reason->>'text' AS reason,
  k.value->'actor'->>'credential_id' AS credential_id, k.value->'actor'->>'dialect' AS dialect,
  k.value->'actor'->>'party' AS party, j.value->>'id' AS adjustment_id, j.value->>'line_id' AS line_id,
  j.value->'steps'->-1->>'step' AS step,
  (SELECT sum((r.value->>1)::bigint - (r.value->>0)::bigint + 1)::bigint FROM jsonb_array_elements(j.value->'units') r) AS units,
  (j.value->>'amount')::bigint AS amount, o.body->>'currency' AS currency,
  (k.value->>'created_at')::timestamptz AS created_at, (k.value->>'decided_at')::timestamptz AS decided_at
FROM orders o
CROSS JOIN LATERAL jsonb_array_elements(o.body->'cases') k
CROSS JOIN LATERAL jsonb_array_elements(o.body->'adjustments') j
CROSS JOIN LATERAL (
  SELECT coalesce(nullif(j.value->'reason', 'null'), k.value->'reason') AS reason
) c
WHERE k.value->>'kind' = 'cancel' AND j.value->>'case_id' = k.value->>'id'
""",
}

_UNITS = (
    "(SELECT sum(json_extract(r.value, '$[1]') - json_extract(r.value, '$[0]') + 1) FROM json_each({}, '$.units') r)"
)
_STEP = "json_extract(j.value, '$.steps[#-1].step')"
_KIND = (
    "(SELECT json_extract(k.value, '$.kind') FROM json_each(o.body, '$.cases') k "
    "WHERE json_extract(k.value, '$.id') = json_extract(j.value, '$.case_id'))"
)
_REASON = "coalesce(json_extract(j.value, '$.reason'), json_extract(k.value, '$.reason'))"


def _time(name: str) -> str:
    """In the body a time has as many digits as it needs; here as many as in a column, so that they sort."""
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(k.value, '$.{name}'))"


def _sum(kind: str, steps: str) -> str:
    return (
        f"(SELECT coalesce(sum({_UNITS.format('j.value')}), 0) FROM json_each(o.body, '$.adjustments') j "
        f"WHERE json_extract(j.value, '$.line_id') = json_extract(l.value, '$.id') AND {_KIND} = '{kind}' "
        f"AND {_STEP} {steps})"
    )


SQLITE = {
    "order_lines": f"""
CREATE VIEW order_lines AS
SELECT tenant_id, order_id, number, state, order_cancelled, currency, line_id, sku, title, type, unit_price, quantity,
  quantity - pending - cancelled - fulfilled AS open, pending, cancelled, fulfilled, returned, created_at, updated_at
FROM (SELECT o.tenant_id, o.id AS order_id, o.number, o.state, o.cancelled AS order_cancelled,
  json_extract(o.body, '$.currency') AS currency, json_extract(l.value, '$.id') AS line_id,
  json_extract(l.value, '$.sku') AS sku, json_extract(l.value, '$.title') AS title,
  json_extract(l.value, '$.type') AS type, json_extract(l.value, '$.unit_price') AS unit_price,
  json_extract(l.value, '$.quantity') AS quantity,
  {_sum("cancel", "IN ('requested', 'awaiting_approval')")} AS pending,
  {_sum("cancel", "IN ('approved', 'restocked', 'finished')")} AS cancelled,
  (SELECT coalesce(sum({_UNITS.format("i.value")}), 0)
    FROM json_each(o.body, '$.fulfillments') s, json_each(s.value, '$.items') i
    WHERE json_extract(s.value, '$.state') <> 'void'
      AND json_extract(i.value, '$.line_id') = json_extract(l.value, '$.id')) AS fulfilled,
  {_sum("return", "NOT IN ('announced', 'rejected')")} AS returned,
  o.created_at, o.updated_at
FROM orders o, json_each(o.body, '$.lines') l)
""",
    "order_cancellations": f"""
CREATE VIEW order_cancellations AS
SELECT o.tenant_id, o.id AS order_id, o.number, json_extract(k.value, '$.id') AS request_id,
  json_extract(k.value, '$.state') AS state, json_extract(k.value, '$.scope') AS scope,
  json_extract({_REASON}, '$.code') AS reason_code, json_extract({_REASON}, '$.text') AS reason,
  json_extract(k.value, '$.actor.credential_id') AS credential_id, json_extract(k.value, '$.actor.dialect') AS dialect,
  json_extract(k.value, '$.actor.party') AS party, json_extract(j.value, '$.id') AS adjustment_id,
  json_extract(j.value, '$.line_id') AS line_id, {_STEP} AS step, {_UNITS.format("j.value")} AS units,
  json_extract(j.value, '$.amount') AS amount, json_extract(o.body, '$.currency') AS currency,
  {_time("created_at")} AS created_at, {_time("decided_at")} AS decided_at
FROM orders o, json_each(o.body, '$.cases') k, json_each(o.body, '$.adjustments') j
WHERE json_extract(k.value, '$.kind') = 'cancel' AND json_extract(j.value, '$.case_id') = json_extract(k.value, '$.id')
""",
}
