// All orders: searched, filtered, and as they change.
import { html } from '../ui.js';
import { api } from '../api.js';
import { Empty, money, Time, Trouble, useLoaded } from '../parts.js';

export default function Orders() {
  const { value, problem, loading } = useLoaded((signal) => api.get('/orders?limit=50', { signal }), []);
  return html`<h1>Orders</h1>
    <${Trouble} problem=${problem} />
    ${value && value.orders.length === 0 && html`<${Empty}>No orders.<//>`}
    <ul class="orders" aria-busy=${loading}>
      ${value && value.orders.map((order) => html`<li key=${order.id}>
        <a href=${`/console/orders/${order.id}`}>${order.number}</a> ${money(order.due, order.currency)} <${Time} at=${order.updated_at} />
      </li>`)}
    </ul>`;
}
