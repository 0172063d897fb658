// One order.
import { html } from '../ui.js';
import { api } from '../api.js';
import { Trouble, useLoaded } from '../parts.js';

export default function Order({ params }) {
  const { value, problem } = useLoaded((signal) => api.get(`/orders/${encodeURIComponent(params.id)}`, { signal }), [params.id]);
  return html`<h1>${value ? value.number : 'Order'}</h1><${Trouble} problem=${problem} />`;
}
