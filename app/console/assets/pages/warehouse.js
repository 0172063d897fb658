// Warehouse desk: what waits for a warehouse's word, and how warehouses are simulated.
import { html, useEffect, useRef, useState } from '../ui.js';
import { api, may } from '../api.js';
import { follow } from '../live.js';
import { Empty, Trouble, useLoaded } from '../parts.js';
import { Standing } from './orders.js';
import { Field } from '../forms.js';
import { Waiting } from '../warehouse/waiting.js';
import { Simulators } from '../warehouse/simulators.js';

const PAGE = 50;
const TYPES = ['requested', 'forwarded', 'answered', 'accepted', 'rejected', 'overdue'].map((each) => `cancellation.${each}`);

export default function Warehouse() {
  const [location, setLocation] = useState('');
  const places = useLoaded((signal) => api.get('/locations', { signal }), []);
  const waiting = useLoaded((signal) => everything(location, signal), [location]);
  const fresh = useArrivals(waiting);
  const locations = places.value ? places.value.locations : [];
  const requests = waiting.value;
  return html`
    <div class="head">
      <h1>Warehouse desk</h1>
      <${Standing} />
      <span class="grow"></span>
      ${locations.length > 1 && html`<${Field} label="Location">${(given) => html`
        <select ...${given} value=${location} onChange=${(event) => setLocation(event.target.value)}>
          <option value="">All</option>
          ${locations.map((each) => html`<option value=${each.id}>${each.name}</option>`)}
        </select>`}<//>`}
    </div>
    <div class="stack">
      <${Trouble} problem=${waiting.problem || places.problem} />
      <section aria-labelledby="waiting" aria-busy=${waiting.loading}>
        <h2 id="waiting">Waiting for an answer ${requests && html`<span class="count">${requests.length}</span>`}</h2>
        ${requests && requests.length === 0 && html`<div class="card"><${Empty}>Nothing waits. What a partner asks for appears here by itself.<//></div>`}
        ${requests && !may('fulfil_orders') && requests.length > 0 && html`<p class="hint">To answer, a key needs <code>fulfil_orders</code>.</p>`}
        <ol class="waiting">
          ${(requests || []).map((each) => html`<${Waiting} key=${each.id} request=${each} locations=${locations}
            fresh=${fresh.has(each.id)} onAnswered=${waiting.again} />`)}
        </ol>
      </section>
      <${Simulators} locations=${locations} onSaved=${places.again} />
    </div>`;
}

async function everything(location, signal) {
  const found = [], of = location ? `&location_id=${encodeURIComponent(location)}` : '';
  let cursor = '';
  do {
    const page = await api.get(`/requests?state=pending&asked=true&limit=${PAGE}${of}${cursor}`, { signal });
    found.push(...page.requests);
    cursor = page.next_cursor && found.length < 500 ? `&cursor=${encodeURIComponent(page.next_cursor)}` : '';
  } while (cursor);
  return found;
}

// Asks again when something happened, at most a few times a second; gives the ids that came while the page was open.
function useArrivals({ again, value }) {
  const ask = useRef(again), known = useRef(null), fresh = useRef(new Set());
  ask.current = again;
  useEffect(() => {
    let due = null;
    const stop = follow(() => (due ??= setTimeout(() => ((due = null), ask.current()), 200)), `?type=${TYPES.join(',')}`);
    return () => (stop(), clearTimeout(due));
  }, []);
  if (value) {
    const ids = new Set(value.map((each) => each.id));
    if (known.current) for (const id of ids) if (!known.current.has(id)) fresh.current.add(id);
    known.current = ids;
  }
  return fresh.current;
}
