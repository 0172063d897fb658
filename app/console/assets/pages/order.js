// One order: where its units are, what it comes to, what happened; as every dialect shows it; and what can be done.
import { html, useEffect, useMemo, useRef, useState } from '../ui.js';
import { api, may } from '../api.js';
import { follow } from '../live.js';
import { money, Trouble, useLoaded } from '../parts.js';
import { Standing, State } from './orders.js';
import { Bar, Legend, said, shares, totals } from '../units.js';
import { Act, ACTS } from '../order/act.js';
import { Facts } from '../order/facts.js';
import { Timeline } from '../order/timeline.js';
import { Rosetta } from '../order/rosetta.js';
import { remember } from '../order/snapshots.js';

const MOST_EVENTS = 5000;

export default function Order({ params, query }) {
  const path = `/orders/${encodeURIComponent(params.id)}`;
  const { value: order, problem, again, set } = useLoaded((signal) => api.get(path, { signal }), [path]);
  const history = useLoaded((signal) => all(`${path}/events`, signal), [path, order && order.version]);
  const [acting, setActing] = useState(null);
  const view = query.get('view') || 'overview';
  useChanges(order && order.id, again);
  // What each dialect shows before anything happens, so that later the differences can be marked.
  useEffect(() => void (order && remember(order)), [order && order.id]);
  const places = useLocations();
  if (!order) return problem ? html`<h1>Order</h1><${Trouble} problem=${problem} />` : html`<p role="status">Loading …</p>`;
  const done = (changed) => (setActing(null), changed && set(changed));
  return html`
    <p class="crumbs"><a href="/console">All orders</a></p>
    <div class="head">
      <h1>${order.number}</h1><span class="states"><${State} order=${order} /></span><span class="grow" />
      <${Standing} />
    </div>
    <${Trouble} problem=${problem} />
    <${Actions} order=${order} open=${setActing} />
    <${Views} order=${order} view=${view} />
    ${view === 'rosetta'
      ? html`<${Rosetta} order=${order} />`
      : html`<${Overview} order=${order} history=${history} places=${places} />`}
    ${acting && html`<${Act} key=${acting} act=${acting} order=${order} places=${places} done=${done} />`}`;
}

// Newest first.
async function all(path, signal) {
  const events = [];
  for (let after = 0; after !== null && events.length < MOST_EVENTS; ) {
    const page = await api.get(`${path}?limit=250&after=${after}`, { signal });
    events.push(...page.events);
    after = page.next_cursor;
  }
  return events.reverse();
}

// Somebody else may change it at any time.
function useChanges(id, again) {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => (id ? follow(() => latest.current(), `?order_id=${id}`) : undefined), [id]);
}

function useLocations() {
  const { value } = useLoaded((signal) => api.get('/locations', { signal }), []);
  return useMemo(() => new Map((value ? value.locations : []).map((each) => [each.id, each])), [value]);
}

function Actions({ order, open }) {
  return html`<div class="buttons actions" role="group" aria-label="Act on this order">
    ${Object.entries(ACTS).map(([name, act]) => {
      const why = !may(act.scope) ? `The key lacks the scope ${act.scope}.` : act.left(order) === 0 ? act.none : null;
      return html`<button type="button" class=${name === 'cancel' ? 'grave' : ''} disabled=${Boolean(why)} title=${why}
        onClick=${() => open(name)}>${act.label} …</button>`;
    })}
  </div>`;
}

function Views({ order, view }) {
  const base = `/console/orders/${order.id}`;
  const current = (name) => (view === name ? 'page' : null);
  return html`<nav class="tabs" aria-label="Views of this order">
    <a href=${base} aria-current=${current('overview')}>Overview</a>
    <a href=${`${base}?view=rosetta`} aria-current=${current('rosetta')}>Rosetta: in every dialect</a>
  </nav>`;
}

function Overview({ order, history, places }) {
  return html`<div class="overview">
    <div class="stack">
      <section class="card" aria-labelledby="lines"><h2 id="lines">Lines</h2><${Lines} order=${order} /></section>
      <section class="card" aria-labelledby="history">
        <h2 id="history">What happened</h2>
        <${Trouble} problem=${history.problem} />
        ${history.value && html`<${Timeline} order=${order} events=${history.value} places=${places} />`}
      </section>
    </div>
    <${Facts} order=${order} places=${places} />
  </div>`;
}

function Lines({ order }) {
  const parts = new Set(order.lines.filter((line) => line.parent_id).map((line) => line.id));
  return html`<ul class="lines">
    ${order.lines.map((line) => html`<li class=${parts.has(line.id) ? 'part' : ''} key=${line.id}>
      <div class="line-head">
        <span><strong>${line.title || line.sku}</strong> <code class="muted">${line.sku}</code></span>
        <span class="number">${line.quantity} × ${money(line.unit_price, order.currency)}</span>
      </div>
      <${Bar} order=${order} line=${line} />
      <p class="hint">${said(shares(order, line))}${line.refunded ? `; money back for ${line.refunded}` : ''}</p>
    </li>`)}
  </ul>
  <${Legend} told=${totals(order)} />`;
}

