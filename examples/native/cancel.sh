#!/bin/sh
# Native API: place an order, cancel two of its five mugs, send that again, ask for too many.
#   URL=http://127.0.0.1:8000 KEY=drg_… sh examples/native/cancel.sh
set -eu
: "${URL:=http://127.0.0.1:8000}" "${KEY:?an API key}"

api() { # METHOD PATH [curl's other options]
  method=$1 path=$2; shift 2
  curl -sS -X "$method" "$URL/api$path" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' "$@"
}
field() { grep -o "\"$1\":[^,}]*" | sed -n "${2:-1}p" | cut -d: -f2- | tr -d '"'; }

order=$(api POST /orders -d '{"currency": "EUR", "lines": [
  {"sku": "MUG-RED", "title": "Red mug", "quantity": 5, "unit_price": 1250}]}')
id=$(echo "$order" | field id) line=$(echo "$order" | field id 2)
echo "placed: $(echo "$order" | field open) open, due $(echo "$order" | field due)"

two='{"lines": [{"line_id": "'$line'", "quantity": 2}], "reason": "Changed my mind"}'
api POST "/orders/$id/cancellations" -H "Idempotency-Key: two-of-$id" -d "$two" >/dev/null
order=$(api GET "/orders/$id")
echo "cancelled: $(echo "$order" | field cancelled 2), $(echo "$order" | field open) open, due $(echo "$order" | field due)"

# A retry with the same key takes effect once.
again=$(api POST "/orders/$id/cancellations" -H "Idempotency-Key: two-of-$id" -d "$two" -D - | grep -i '^idempotency-replayed' | tr -d '\r')
echo "again: replayed ${again#*: }, $(api GET "/orders/$id" | field open) open"

refused=$(api POST "/orders/$id/cancellations" -d '{"lines": [{"line_id": "'$line'", "quantity": 9}]}')
echo "refused: $(echo "$refused" | field status) $(echo "$refused" | field code)"
