// Afosto: build an order of three mugs, cancel one step by step as order.actions says, read it, cancel that one again.
//   URL=http://127.0.0.1:8000 KEY=drg_… node examples/afosto/cancel.mjs
const { URL = "http://127.0.0.1:8000", KEY } = process.env;

/** A mutation that takes an input of its own name; what is shown of its order, or what was wrong. */
async function act(name, shown, input) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { order { ${shown} } } }`;
  const answer = await fetch(`${URL}/afosto/graphql`, {
    method: "POST",
    headers: { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const told = await answer.json();
  return told.errors ? told.errors[0] : told.data[name].order;
}

const { id: order_id } = await act("createOrder", "id", { currency: "EUR" });
const mugs = { sku: "MUG-RED", label: "Red mug", quantity: 3, price: 1250 };
await act("addItemsToOrder", "id", { order_id, items: [mugs] });
const opened = await act("openOrder", "status total items { ids }", { order_id });
const item_id = opened.items[0].ids[0];
console.log(`opened: ${opened.status}, total ${opened.total}`);

// A contra item takes one piece back; its id is ours, and sent again it changes nothing.
const contra_item_id = crypto.randomUUID();
const actions = "total actions { action items }";
const step = (name, seen) =>
  console.log(`${name}: total ${seen.total}, next: ${seen.actions.map((entry) => entry.action).join() || "nothing"}`);

const begun = { item_id, contra_item_id, reason: "OUT_OF_STOCK" };
step("cancelled", await act("cancelOrderItems", actions, { order_id, items: [begun] }));
step("approved", await act("approveOrderItems", actions, { order_id, items: [contra_item_id] }));
step("finished", await act("finishOrderItems", actions, { order_id, items: [contra_item_id] }));

const again = { item_id, reason: "OUT_OF_STOCK" };
console.log(`refused: ${(await act("cancelOrderItems", "id", { order_id, items: [again] })).message}`);
