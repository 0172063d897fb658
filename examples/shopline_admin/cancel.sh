#!/bin/sh
# SHOPLINE Admin: find an order, cancel it, put the goods back and the money, too, read it, cancel it once more.
# There are no orders made here: this one comes in through the native API.
#   URL=http://127.0.0.1:8000 KEY=drg_… sh examples/shopline_admin/cancel.sh
set -eu
: "${URL:=http://127.0.0.1:8000}" "${KEY:?an API key}"

admin() { # METHOD PATH [curl's other options]
  method=$1 path=$2; shift 2
  curl -sS -X "$method" "$URL/shopline-admin/admin/openapi/v20260901$path" -H "Authorization: Bearer $KEY" \
    -H 'Content-Type: application/json' "$@"
}
field() { grep -o "\"$1\":[^,}]*" | sed -n "${2:-1}p" | cut -d: -f2- | tr -d '"'; }

number=EX-$$-$(date +%s)
id=$(curl -sS "$URL/api/orders" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{
  "number": "'"$number"'", "currency": "USD", "payment": {"status": "paid"},
  "lines": [{"sku": "MUG-RED", "title": "Red mug", "quantity": 2, "unit_price": 1250}]}' | field id)
order=$(admin GET "/orders.json?ids=$id")
echo "found: $(echo "$order" | field financial_status), total $(echo "$order" | field current_total_price)"

admin POST "/orders/$id/cancel.json" -H "Idempotency-Key: $number" -d '{
  "cancel_reason": "customer", "restock": true, "email": false, "amount": 25}' >/dev/null
order=$(admin GET "/orders.json?ids=$id")
echo "read again: $(echo "$order" | field financial_status), $(echo "$order" | field cancel_reason)"

admin POST "/orders/$id/cancel.json" -d '{}' -w '\n%{http_code}\n' |
  { read -r refused; read -r status; echo "refused: $status $refused"; }
