#!/bin/sh
# Convictional, as a seller: find an order, say that two of its five mugs stay, read it, cancel the rest, once more.
# There are no orders made here: this one comes in through the native API, with the ids it has at Convictional.
#   URL=http://127.0.0.1:8000 KEY=drg_… sh examples/convictional/cancel.sh
set -eu
: "${URL:=http://127.0.0.1:8000}" "${KEY:?an API key}"

conv() { # METHOD PATH [curl's other options]
  method=$1 path=$2; shift 2
  curl -sS -X "$method" "$URL/convictional$path" -H "Authorization: $KEY" -H 'Content-Type: application/json' \
    -H 'Accept: application/vnd.convictional.2022-03-03' "$@"
}
field() { grep -o "\"$1\":[^,}]*" | sed -n "${2:-1}p" | cut -d: -f2- | tr -d '"'; }

number=EX-$$-$(date +%s)
curl -sS -o /dev/null "$URL/api/orders" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{
  "number": "'"$number"'", "currency": "EUR",
  "lines": [{"sku": "MUG-RED", "title": "Red mug", "quantity": 5, "unit_price": 1250}]}'

found=$(conv GET "/orders?buyerOrderCode=$number")
order=$(echo "$found" | field _id) item=$(echo "$found" | field _id 2)
echo "found: quantity $(echo "$found" | field quantity)"

conv POST "/orders/$order/items/$item/cancel" -H "Idempotency-Key: $number-1" \
  -d '{"newQuantity": 2, "reason": "Out of stock"}' >/dev/null
seen=$(conv GET "/orders/$order")
echo "cancelled: quantity $(echo "$seen" | field quantity) $(echo "$seen" | field cancelled), then quantity $(echo "$seen" | field quantity 2) $(echo "$seen" | field cancelled 2)"

conv POST "/orders/$order/cancel" -d '{"reason": "Too late"}' >/dev/null
conv POST "/orders/$order/cancel" -d '{"reason": "Once more"}' -w '\n%{http_code}\n' |
  { read -r refused; read -r status; echo "refused: $status $refused"; }
