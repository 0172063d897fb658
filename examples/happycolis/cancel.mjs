// HappyColis: get a token, place an order, ask for its cancellation, read what became of it, ask for a stranger's.
//   URL=http://127.0.0.1:8000 KEY=drg_… node examples/happycolis/cancel.mjs
const { URL = "http://127.0.0.1:8000", KEY } = process.env;
// A key is drg_<organization>.<client id>.<client secret>.
const [organization, client, secret] = KEY.replace(/^drg_/, "").split(".");

async function send(path, body, headers = {}) {
  return (await fetch(`${URL}/happycolis${path}`, { method: "POST", headers, body })).json();
}

const token = await send("/token", new URLSearchParams({
  grant_type: "client_credentials",
  client_id: client,
  client_secret: secret,
  organization_id: organization,
  scopes: "view_orders create_orders edit_orders",
}));
console.log(`token: ${token.token_type} for ${token.expires_in} s`);

function ask(query, variables) {
  const headers = { Authorization: `Bearer ${token.access_token}`, "Content-Type": "application/json" };
  return send("/graphql", JSON.stringify({ query, variables }), headers);
}

const mugs = { sku: "MUG-RED", label: "Red mug", quantity: 5, price: 12.5 };
const made = await ask("mutation ($input: OrderInput!) { orderCreate(input: $input) { id state } }", {
  input: { organizationId: organization, state: "OPENED", lines: [mugs] },
});
const { id, state } = made.data.orderCreate;
console.log(`placed: ${state}`);

const cancel = "mutation ($id: String!) { orderCancel(id: $id) { id state } }";
const request = (await ask(cancel, { id })).data.orderCancel;
const became = await ask("query ($id: String!) { dispatchableRequest(id: $id) { state } }", { id: request.id });
console.log(`cancelled: request ${became.data.dispatchableRequest.state}`);

const seen = await ask("query ($id: String!) { order(id: $id) { state lines { quantity status } } }", { id });
const [line] = seen.data.order.lines;
console.log(`read again: ${seen.data.order.state}, ${line.quantity} ${line.status}`);

console.log(`refused: ${(await ask(cancel, { id: "not-ours" })).errors[0].message}`);
