// Convictional, as a seller: find an order, say that two of its five mugs stay, read it, cancel the rest, once more.
// There are no orders made here: this one comes in through the native API, with the number it has at the buyer's.
//   URL=http://127.0.0.1:8000 KEY=drg_… node examples/convictional/cancel.mjs
const { URL = "http://127.0.0.1:8000", KEY } = process.env;

/** The answer's status and body; an error is an answer, too. */
async function send(method, path, key, body, more = {}) {
  const headers = { Authorization: key, "Content-Type": "application/json", ...more };
  const answer = await fetch(`${URL}${path}`, { method, headers, body: body && JSON.stringify(body) });
  return [answer.status, await answer.text()];
}

function conv(method, path, body, more = {}) {
  const version = { Accept: "application/vnd.convictional.2022-03-03" };
  return send(method, `/convictional${path}`, KEY, body, { ...version, ...more });
}

const number = `EX-${crypto.randomUUID().slice(-12)}`;
const mugs = { sku: "MUG-RED", title: "Red mug", quantity: 5, unit_price: 1250 };
await send("POST", "/api/orders", `Bearer ${KEY}`, { number, currency: "EUR", lines: [mugs] });

const [order] = JSON.parse((await conv("GET", `/orders?buyerOrderCode=${number}`))[1]);
const [item] = order.items;
console.log(`found: quantity ${item.quantity}`);

const path = `/orders/${order._id}`;
const stay = { newQuantity: 2, reason: "Out of stock" };
await conv("POST", `${path}/items/${item._id}/cancel`, stay, { "Idempotency-Key": `${number}-1` });
const seen = JSON.parse((await conv("GET", path))[1]);
const told = seen.items.map((each) => `quantity ${each.quantity} ${each.cancelled}`);
console.log(`cancelled: ${told.join(", then ")}`);

await conv("POST", `${path}/cancel`, { reason: "Too late" });
const [status, refused] = await conv("POST", `${path}/cancel`, { reason: "Once more" });
console.log(`refused: ${status} ${refused}`);
