// Native API: place an order, cancel two of its five mugs, send that again, ask for too many.
//   URL=http://127.0.0.1:8000 KEY=drg_… node examples/native/cancel.mjs
const { URL = "http://127.0.0.1:8000", KEY } = process.env;

/** The answer's body and headers; an error is an answer, too. */
async function api(method, path, body, more = {}) {
  const answer = await fetch(`${URL}/api${path}`, {
    method,
    headers: { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json", ...more },
    body: body && JSON.stringify(body),
  });
  return [await answer.json(), answer.headers];
}

const mugs = { sku: "MUG-RED", title: "Red mug", quantity: 5, unit_price: 1250 };
let [order] = await api("POST", "/orders", { currency: "EUR", lines: [mugs] });
let [line] = order.lines;
console.log(`placed: ${line.open} open, due ${order.due}`);

const path = `/orders/${order.id}/cancellations`;
const two = { lines: [{ line_id: line.id, quantity: 2 }], reason: "Changed my mind" };
const once = { "Idempotency-Key": `two-of-${order.id}` };
await api("POST", path, two, once);
[order] = await api("GET", `/orders/${order.id}`);
[line] = order.lines;
console.log(`cancelled: ${line.cancelled}, ${line.open} open, due ${order.due}`);

// A retry with the same key takes effect once.
const [, headers] = await api("POST", path, two, once);
[order] = await api("GET", `/orders/${order.id}`);
console.log(`again: replayed ${headers.get("Idempotency-Replayed")}, ${order.lines[0].open} open`);

const [refused] = await api("POST", path, { lines: [{ line_id: line.id, quantity: 9 }] });
console.log(`refused: ${refused.status} ${refused.code}`);
