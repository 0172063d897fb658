// SHOPLINE Admin: find an order, cancel it, put the goods back and the money, too, read it, cancel it once more.
// There are no orders made here: this one comes in through the native API.
//   URL=http://127.0.0.1:8000 KEY=drg_… node examples/shopline_admin/cancel.mjs
const { URL = "http://127.0.0.1:8000", KEY } = process.env;

/** The answer's status and body; an error is an answer, too. */
async function send(method, path, body, more = {}) {
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json", ...more };
  const answer = await fetch(`${URL}${path}`, { method, headers, body: body && JSON.stringify(body) });
  return [answer.status, await answer.text()];
}

const admin = (method, path, body, more) => send(method, `/shopline-admin/admin/openapi/v20260901${path}`, body, more);

const number = `EX-${crypto.randomUUID().slice(-12)}`;
const mugs = { sku: "MUG-RED", title: "Red mug", quantity: 2, unit_price: 1250 };
const made = { number, currency: "USD", payment: { status: "paid" }, lines: [mugs] };
const { id } = JSON.parse((await send("POST", "/api/orders", made))[1]);
let [order] = JSON.parse((await admin("GET", `/orders.json?ids=${id}`))[1]).orders;
console.log(`found: ${order.financial_status}, total ${order.current_total_price}`);

const cancel = { cancel_reason: "customer", restock: true, email: false, amount: 25 };
await admin("POST", `/orders/${id}/cancel.json`, cancel, { "Idempotency-Key": number });
[order] = JSON.parse((await admin("GET", `/orders.json?ids=${id}`))[1]).orders;
console.log(`read again: ${order.financial_status}, ${order.cancel_reason}`);

const [status, refused] = await admin("POST", `/orders/${id}/cancel.json`, {});
console.log(`refused: ${status} ${refused}`);
