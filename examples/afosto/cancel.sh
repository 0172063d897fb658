#!/bin/sh
# Afosto: build an order of three mugs, cancel one step by step as order.actions says, read it, cancel that one again.
#   URL=http://127.0.0.1:8000 KEY=drg_… sh examples/afosto/cancel.sh
set -eu
: "${URL:=http://127.0.0.1:8000}" "${KEY:?an API key}"

# A mutation that takes an input of its own name, and what is to be shown of its order.
do_() { # NAME INPUT SHOWN
  type=$(echo "$1" | cut -c1 | tr '[:lower:]' '[:upper:]')$(echo "$1" | cut -c2-)Input
  curl -sS "$URL/afosto/graphql" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
    -d '{"query": "mutation ($input: '"$type"'!) { '"$1"'(input: $input) { order { '"$3"' } } }",
         "variables": {"input": '"$2"'}}'
}
field() { grep -o "\"$1\":[^,}]*" | sed -n "${2:-1}p" | cut -d: -f2- | tr -d '"[]'; }

order=$(do_ createOrder '{"currency": "EUR"}' id | field id)
do_ addItemsToOrder '{"order_id": "'"$order"'", "items": [{"sku": "MUG-RED", "label": "Red mug", "quantity": 3, "price": 1250}]}' id >/dev/null
opened=$(do_ openOrder '{"order_id": "'"$order"'"}' 'status total items { ids }')
item=$(echo "$opened" | field ids)
echo "opened: $(echo "$opened" | field status), total $(echo "$opened" | field total)"

# A contra item takes one piece back; its id is ours, and sent again it changes nothing.
contra=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen | tr '[:upper:]' '[:lower:]')
begun='{"order_id": "'"$order"'", "items": [{"item_id": "'"$item"'", "contra_item_id": "'"$contra"'", "reason": "OUT_OF_STOCK"}]}'
step() {
  next=$(echo "$2" | field action)
  echo "$1: total $(echo "$2" | field total), next: ${next:-nothing}"
}
step cancelled "$(do_ cancelOrderItems "$begun" 'total actions { action }')"
step approved "$(do_ approveOrderItems '{"order_id": "'"$order"'", "items": ["'"$contra"'"]}' 'total actions { action }')"
step finished "$(do_ finishOrderItems '{"order_id": "'"$order"'", "items": ["'"$contra"'"]}' 'total actions { action }')"

other=$(echo "$begun" | sed 's/"contra_item_id": "[^"]*", //')
echo "refused: $(do_ cancelOrderItems "$other" id | field message)"
