// All orders: searched, filtered, and as they change.
import { html, useEffect, useRef, useState } from '../ui.js';
import { api, may } from '../api.js';
import { follow, standing } from '../live.js';
import { Badge, counted, Empty, money, Time, Trouble, useLoaded } from '../parts.js';
import { go } from '../router.js';
import { Shares, totals, undecided } from '../units.js';

const FILTERS = [
  ['', 'All', {}],
  ['open', 'Open', { state: 'open' }],
  ['pending', 'Waiting', { pending: 'true' }],
  ['cancelled', 'Cancelled', { cancelled: 'true' }],
  ['completed', 'Completed', { state: 'completed', cancelled: 'false' }],
  ['draft', 'Drafts', { state: 'draft' }],
];
const STEP = 50;
const MOST = 250; // that one look at the list can show

export default function Orders({ query }) {
  const q = query.get('q') || '', filter = query.get('show') || '';
  const [limit, setLimit] = useState(STEP);
  useEffect(() => setLimit(STEP), [q, filter]);
  const asked = new URLSearchParams({ sort: '-updated', limit, ...(FILTERS.find(([name]) => name === filter) || FILTERS[0])[2] });
  if (q.trim()) asked.set('q', q);
  const { value, problem, loading, again } = useLoaded((signal) => api.get(`/orders?${asked}`, { signal }), [String(asked)]);
  const fresh = useFresh(again);
  return html`<div class="head"><h1>Orders</h1><${Standing} /><span class="grow"></span>${may('write_orders') && html`<a href="/console/import">Import</a>`}</div>
    <${Search} q=${q} filter=${filter} />
    <${Trouble} problem=${problem} />
    ${value && value.orders.length === 0 && html`<${Empty}>${nothing(q, filter)}<//>`}
    <ul class="orders" aria-label="Orders" aria-busy=${loading}>
      ${value && value.orders.map((order) => html`<${Row} key=${order.id} order=${order} fresh=${fresh.has(order.id)} />`)}
    </ul>
    <p class="unseen" role="status">${value ? `${counted(value.orders.length, 'order')} shown` : ''}</p>
    ${value && value.next_cursor && (limit < MOST
      ? html`<p class="more"><button onClick=${() => setLimit(limit + STEP)}>Show more</button></p>`
      : html`<p class="more muted">There are more: search for them, or filter.</p>`)}`;
}

const nothing = (q, filter) => (q ? `Nothing is called “${q}”.` : filter ? 'No order is so at the moment.' : 'No orders yet.');

// What changed lately, for a moment. Many events are one look at the list.
function useFresh(again) {
  const [fresh, setFresh] = useState(new Set());
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    let timer = null;
    const stop = follow((event) => {
      setFresh((held) => new Set([...held, event.order_id]));
      timer ??= setTimeout(() => ((timer = null), latest.current()), 400);
      setTimeout(() => setFresh((held) => new Set([...held].filter((id) => id !== event.order_id))), 8000);
    });
    return () => (stop(), clearTimeout(timer));
  }, []);
  return fresh;
}

export function Standing() {
  const words = { connecting: 'Connecting …', live: 'Live', away: 'Connection lost, coming back …' };
  return html`<span class=${`standing standing-${standing.value}`} role="status">${words[standing.value]}</span>`;
}

function Search({ q, filter }) {
  const [typed, setTyped] = useState(q);
  const timer = useRef(null);
  // What the address says, unless somebody is typing.
  useEffect(() => timer.current === null && setTyped(q), [q]);
  const to = (text, show) => {
    clearTimeout(timer.current); // what is still to come of typing would undo this
    timer.current = null;
    const query = new URLSearchParams({ ...(text && { q: text }), ...(show && { show }) });
    go(`/${query.size ? `?${query}` : ''}`, { replace: true });
  };
  function type(event) {
    const text = event.target.value;
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => to(text, filter), 250);
  }
  return html`<form class="search" role="search" onSubmit=${(event) => (event.preventDefault(), to(typed, filter))}>
    <input type="search" aria-label="Search orders" placeholder="Any id, number, customer or sku" value=${typed} onInput=${type} />
    <div class="chips" role="group" aria-label="Show">
      ${FILTERS.map(([name, label]) => html`<button type="button" class="chip" aria-pressed=${name === filter}
        onClick=${() => to(typed, name)}>${label}</button>`)}
    </div>
  </form>`;
}

function Row({ order, fresh }) {
  const { customer } = order;
  return html`<li><a class=${`row ${fresh ? 'fresh' : ''}`} href=${`/console/orders/${order.id}`}>
    <span class="row-number">${order.number}</span>
    <span class="row-customer">${customer.name || customer.email || html`<span class="muted">–</span>`}</span>
    <span class="row-state"><${State} order=${order} /></span>
    <span class="row-units"><${Shares} told=${totals(order)} /></span>
    <span class="row-money number">${money(order.due, order.currency)}</span>
    <span class="row-time muted"><${Time} at=${order.updated_at} /></span>
  </a></li>`;
}

// How an order stands, in as few words as there are.
export function State({ order }) {
  const sum = totals(order), { coming, toApprove } = undecided(order);
  const words = [];
  if (order.archived_at) words.push(['plain', 'archived']);
  if (order.cancelled) words.push(['bad', 'cancelled']);
  else if (order.state === 'draft') words.push(['plain', 'draft']);
  else if (order.state === 'open') words.push(['accent', sum.fulfilled + sum.coming + sum.returned ? 'partly shipped' : 'open']);
  else words.push(['good', order.shipped ? 'shipped' : 'completed']);
  if (sum.pending) words.push(['warn', `${sum.pending} waiting`]);
  if (coming) words.push(['warn', `${coming} coming back`]);
  if (toApprove) words.push(['warn', `${toApprove} to approve`]);
  if (sum.returned) words.push(['plain', `${sum.returned} returned`]);
  return words.map(([kind, text]) => html`<${Badge} kind=${kind}>${text}<//>`);
}
