#!/bin/sh
# HappyColis: get a token, place an order, ask for its cancellation, read what became of it, ask for a stranger's.
#   URL=http://127.0.0.1:8000 KEY=drg_… sh examples/happycolis/cancel.sh
set -eu
: "${URL:=http://127.0.0.1:8000}" "${KEY:?an API key}"

# A key is drg_<organization>.<client id>.<client secret>.
organization=${KEY#drg_} organization=${organization%%.*} secret=${KEY##*.} client=${KEY#*.} client=${client%.*}
field() { grep -o "\"$1\":[^,}]*" | sed -n "${2:-1}p" | cut -d: -f2- | tr -d '"'; }

told=$(curl -sS "$URL/happycolis/token" -d grant_type=client_credentials -d "client_id=$client" \
  -d "client_secret=$secret" -d "organization_id=$organization" -d 'scopes=view_orders create_orders edit_orders')
token=$(echo "$told" | field access_token)
echo "token: $(echo "$told" | field token_type) for $(echo "$told" | field expires_in) s"

ask() { # DOCUMENT VARIABLES
  curl -sS "$URL/happycolis/graphql" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d '{"query": "'"$1"'", "variables": '"$2"'}'
}

made=$(ask 'mutation ($input: OrderInput!) { orderCreate(input: $input) { id state } }' \
  '{"input": {"organizationId": "'"$organization"'", "state": "OPENED",
    "lines": [{"sku": "MUG-RED", "label": "Red mug", "quantity": 5, "price": 12.5}]}}')
id='{"id": "'$(echo "$made" | field id)'"}'
echo "placed: $(echo "$made" | field state)"

cancel='mutation ($id: String!) { orderCancel(id: $id) { id state } }'
request=$(ask "$cancel" "$id" | field id)
became=$(ask 'query ($id: String!) { dispatchableRequest(id: $id) { state } }' '{"id": "'"$request"'"}')
echo "cancelled: request $(echo "$became" | field state)"

seen=$(ask 'query ($id: String!) { order(id: $id) { state lines { quantity status } } }' "$id")
echo "read again: $(echo "$seen" | field state), $(echo "$seen" | field quantity) $(echo "$seen" | field status | tr -d ']')"

echo "refused: $(ask "$cancel" '{"id": "not-ours"}' | field message)"
