// What happened to an order, newest first: who did what through which dialect, the request, the change.
import { html, useState } from '../ui.js';
import { api, may } from '../api.js';
import { Badge, Time, useLoaded } from '../parts.js';
import { telling } from './changes.js';
import { Json } from './json.js';

export function Timeline({ order, events, places }) {
  const names = useNames();
  const requests = new Map(order.cases.map((each) => [each.id, each]));
  const told = telling(order, events, places);
  return html`<ol class="timeline">
    ${events.map((event) => html`<${Entry} key=${event.id} event=${event} ...${told(event)} places=${places}
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

function Entry({ event, changes, reason, request, who, places }) {
  const [open, setOpen] = useState(false);
  const kind = GRAVE.test(event.type) ? 'bad' : GOOD.test(event.type) ? 'good' : 'plain';
  return html`<li class=${`event event-${kind}`}>
    <div class="event-head">
      <strong>${worded(event.type)}</strong>
      <${Badge} kind="accent">${event.dialect}<//>
      <span class="muted">by ${who ? `“${who}”, ` : ''}${event.party}</span>
      <span class="grow" /><span class="muted"><${Time} at=${event.at} /></span>
    </div>
    ${changes.map((text) => html`<p class="event-change">${text}</p>`)}
    ${reason && !request && html`<div class="asked"><${Why} reason=${reason} /></div>`}
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

function Why({ reason: { code, text } }) {
  if (!code && !text) return null;
  return html`<p>Reason ${code && html`<code>${code}</code> `}${text && html`<q>${text}</q>`}</p>`;
}

function Asked({ request, places, answered }) {
  return html`<div class="asked">
    <${Why} reason=${request.reason} />
    ${answered && request.asked.map((ask) => html`<p>
      ${(places.get(ask.location_id) || {}).name || ask.location_id}: ${ask.state.toLowerCase()}${ask.message && html`, <q>${ask.message}</q>`}
    </p>`)}
  </div>`;
}
