#!/bin/sh
# Shopline: place an order, read it, cancel it with a reason, read it again, cancel it once more.
#   URL=http://127.0.0.1:8000 KEY=drg_… sh examples/shopline/cancel.sh
set -eu
: "${URL:=http://127.0.0.1:8000}" "${KEY:?an API key}"

shop() { # METHOD PATH [curl's other options]
  method=$1 path=$2; shift 2
  curl -sS -X "$method" "$URL/shopline/openapi/2022-01$path" -H "Access-Token: $KEY" \
    -H 'Content-Type: application/json' "$@"
}
field() { grep -o "\"$1\":[^,}]*" | sed -n "${2:-1}p" | cut -d: -f2- | tr -d '"'; }

order=$(shop POST /orders -d '{
  "currency_code": "USD", "tax_total": "0.00", "discount": "0",
  "shipping_line": {"name": "Standard", "shipping_price": "5.00"},
  "shipping_address": {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.com", "phone": "5025550100",
    "country": "United States", "country_code": "US", "province": "Kentucky", "province_code": "KY",
    "city": "Louisville", "address": "12 Main Street", "zip": "40202"},
  "line_items": [{"product_id": "4f5a8a0e-6ad1-4b64-9c0c-0b9d5c9d7d11", "variant_id": "9b7c9c3e-4c1d-4b0f-8d7e-2f3a4b5c6d7e",
    "sku": "MUG-RED", "product_title": "Red mug", "quantity": 2, "price": "12.50"}]}')
id=$(echo "$order" | field id)
echo "placed: $(echo "$order" | field status), total $(echo "$order" | field total_price)"

shop POST "/orders/$id/cancel" -H "Idempotency-Key: cancel-$id" -d '{"reason": "Customer changed their mind"}' >/dev/null
order=$(shop GET "/orders/$id")
echo "read again: $(echo "$order" | field status), $(echo "$order" | field cancel_reason)"

shop POST "/orders/$id/cancel" -d '{"reason": "Once more"}' -w '\n%{http_code}\n' |
  { read -r refused; read -r status; echo "refused: $status $refused"; }
