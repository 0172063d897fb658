"""HappyColis: get a token, place an order, ask for its cancellation, read what became of it, ask for a stranger's.

URL=http://127.0.0.1:8000 KEY=drg_… python examples/happycolis/cancel.py
"""

import json
import os
import urllib.parse
import urllib.request

URL, KEY = os.environ.get("URL", "http://127.0.0.1:8000"), os.environ["KEY"]
# A key is drg_<organization>.<client id>.<client secret>.
organization, client, secret = KEY.removeprefix("drg_").split(".")


def send(path, data, **headers):
    request = urllib.request.Request(f"{URL}/happycolis{path}", data=data.encode(), headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


form = {
    "grant_type": "client_credentials",
    "client_id": client,
    "client_secret": secret,
    "organization_id": organization,
    "scopes": "view_orders create_orders edit_orders",
}
token = send("/token", urllib.parse.urlencode(form))
print(f"token: {token['token_type']} for {token['expires_in']} s")


def ask(query, **variables):
    headers = {"Authorization": f"Bearer {token['access_token']}", "Content-Type": "application/json"}
    return send("/graphql", json.dumps({"query": query, "variables": variables}), **headers)


mugs = {"sku": "MUG-RED", "label": "Red mug", "quantity": 5, "price": 12.5}
made = ask(
    "mutation ($input: OrderInput!) { orderCreate(input: $input) { id state } }",
    input={"organizationId": organization, "state": "OPENED", "lines": [mugs]},
)
order = made["data"]["orderCreate"]
print(f"placed: {order['state']}")

CANCEL = "mutation ($id: String!) { orderCancel(id: $id) { id state } }"
request = ask(CANCEL, id=order["id"])["data"]["orderCancel"]
became = ask("query ($id: String!) { dispatchableRequest(id: $id) { state } }", id=request["id"])
print(f"cancelled: request {became['data']['dispatchableRequest']['state']}")

seen = ask("query ($id: String!) { order(id: $id) { state lines { quantity status } } }", id=order["id"])
order = seen["data"]["order"]
[line] = order["lines"]
print(f"read again: {order['state']}, {line['quantity']} {line['status']}")

print(f"refused: {ask(CANCEL, id='not-ours')['errors'][0]['message']}")
