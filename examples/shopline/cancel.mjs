// Shopline: place an order, read it, cancel it with a reason, read it again, cancel it once more.
//   URL=http://127.0.0.1:8000 KEY=drg_… node examples/shopline/cancel.mjs
const { URL = "http://127.0.0.1:8000", KEY } = process.env;
const ORDER = {
  currency_code: "USD",
  tax_total: "0.00",
  discount: "0",
  shipping_line: { name: "Standard", shipping_price: "5.00" },
  shipping_address: {
    first_name: "Ada", last_name: "Byron", email: "ada@example.com", phone: "5025550100",
    country: "United States", country_code: "US", province: "Kentucky", province_code: "KY",
    city: "Louisville", address: "12 Main Street", zip: "40202",
  },
  line_items: [{
    product_id: "4f5a8a0e-6ad1-4b64-9c0c-0b9d5c9d7d11", variant_id: "9b7c9c3e-4c1d-4b0f-8d7e-2f3a4b5c6d7e",
    sku: "MUG-RED", product_title: "Red mug", quantity: 2, price: "12.50",
  }],
};

/** The answer's status and body; an error is an answer, too. */
async function shop(method, path, body, more = {}) {
  const answer = await fetch(`${URL}/shopline/openapi/2022-01${path}`, {
    method,
    headers: { "Access-Token": KEY, "Content-Type": "application/json", ...more },
    body: body && JSON.stringify(body),
  });
  return [answer.status, await answer.text()];
}

let { order } = JSON.parse((await shop("POST", "/orders", ORDER))[1]);
console.log(`placed: ${order.status}, total ${order.total_price}`);

const once = { "Idempotency-Key": `cancel-${order.id}` };
await shop("POST", `/orders/${order.id}/cancel`, { reason: "Customer changed their mind" }, once);
({ order } = JSON.parse((await shop("GET", `/orders/${order.id}`))[1]));
console.log(`read again: ${order.status}, ${order.cancel_reason}`);

const [status, refused] = await shop("POST", `/orders/${order.id}/cancel`, { reason: "Once more" });
console.log(`refused: ${status} ${refused}`);
