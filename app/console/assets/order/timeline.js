// What happened to an order, newest first: who did what through which dialect, the request, the change.
import { html, useState } from '../ui.js';
import { api, may } from '../api.js';
import { Badge, Time, useLoaded } from '../parts.js';
import { Json } from './json.js';

export function Timeline({ order, events, places }) {
  const names = useNames();
  const requests = new Map(order.cases.map((each) => [each.id, each]));
  return html`<ol class="timeline">
    ${events.map((event) => html`<${Entry} key=${event.id} event=${event} order=${order} places=${places}
      request=${requests.get(event.request_id)} who=${names.get(event.credential_id)} />`)}
  </ol>`;
}

// Keys by what their owner calls them, for whoever may know.
function useNames() {
  const { value } = useLoaded(
    (signal) => (may('admin') ? api.get('/credentials', { signal }) : Promise.resolve({ credentials: [] })),
    [],
  );
  return new Map((value ? value.credentials : []).map((each) => [each.id, each.name]));
}

// What the warehouses said belongs to the moment when they said it.
const ANSWERED = /answered|accepted|rejected|overdue/;
const GRAVE = /cancel|reject|void|overdue/;
const GOOD = /fulfil|deliver|finish|refund/;

function Entry({ event, order, request, who, places }) {
  const [open, setOpen] = useState(false);
  const kind = GRAVE.test(event.type) ? 'bad' : GOOD.test(event.type) ? 'good' : 'plain';
  return html`<li class=${`event event-${kind}`}>
    <div class="event-head">
      <strong>${worded(event.type)}</strong>
      <${Badge} kind="accent">${event.dialect}<//>
      <span class="muted">by ${who ? `“${who}”, ` : ''}${event.party}</span>
      <span class="grow" /><span class="muted"><${Time} at=${event.at} /></span>
    </div>
    ${changes(event, order).map((text) => html`<p class="event-change">${text}</p>`)}
    ${request && html`<${Asked} request=${request} places=${places} answered=${ANSWERED.test(event.type)} />`}
    <button type="button" class="quiet more-of" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      ${open ? 'Hide' : 'Show'} the event${request ? ' and its request' : ''}
    </button>
    ${open && html`<${Json} value=${request ? { event, request } : { event }} />`}
  </li>`;
}

const worded = (type) => {
  const text = type.replace('.', ' ').replaceAll('_', ' ');
  return text[0].toUpperCase() + text.slice(1);
};

// What the event says of the units: only what is not as before.
function changes(event, order) {
  const before = event.before.lines || {}, after = event.after.lines || {};
  const told = order.lines.flatMap((line) => {
    const was = before[line.id] || {}, is = after[line.id];
    if (!is) return [];
    const parts = Object.keys(is).filter((name) => (was[name] || 0) !== is[name]).map((name) => `${name} ${was[name] || 0} → ${is[name]}`);
    return parts.length ? [`${line.sku}: ${parts.join(', ')}`] : [];
  });
  const state = event.before.state && event.after.state !== event.before.state;
  return state ? [...told, `Order: ${event.before.state} → ${event.after.state}`] : told;
}

function Asked({ request, places, answered }) {
  const { code, text } = request.reason;
  const why = [code && html`<code>${code}</code>`, text && html`<q>${text}</q>`].filter(Boolean);
  return html`<div class="asked">
    ${why.length > 0 && html`<p>Reason ${why.map((each) => html`${each} `)}</p>`}
    ${answered && request.asked.map((ask) => html`<p>
      ${(places.get(ask.location_id) || {}).name || ask.location_id}: ${ask.state.toLowerCase()}${ask.message && html`, <q>${ask.message}</q>`}
    </p>`)}
  </div>`;
}
