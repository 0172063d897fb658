// Doing something with an order: say what, see what would happen, confirm. One intent is one Idempotency-Key, so a
// second click, or trying again after the connection was lost, does nothing twice.
import { html, useEffect, useRef, useState } from '../ui.js';
import { api, intent } from '../api.js';
import { counted, note, Trouble } from '../parts.js';
import { Calls } from './calls.js';
import { Consequences } from './consequences.js';
import { remember } from './snapshots.js';
import { shares } from '../units.js';

const sum = (order, count) => order.lines.reduce((total, line) => total + count(line, order), 0);
const open = (line) => line.open;
const out = (line, order) => shares(order, line).fulfilled;
const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value));

const FINAL = 'This cannot be undone.';
const COMING = 'It can be withdrawn through the API (/withdraw) until the goods are here, and then while it waits for approval.';
const HERE = 'This cannot be undone, unless it waits for approval: until then it can be withdrawn through the API (/withdraw).';

// `most` of a line can be named; `body` is what the native API takes; `warning` is whether it can be undone, null where
// that is plain. `code` is a reason as somebody might give it.
export const ACTS = {
  cancel: {
    label: 'Cancel', scope: 'write_orders', path: '/cancellations', warning: () => FINAL, most: open, dry: true, code: 'OUT_OF_STOCK',
    none: 'Nothing is open.', verb: () => 'Cancel', about: 'Units that are not shipped. A warehouse that works on them is asked first.',
    body: (order, said) => ({ ...whatToCancel(order, said), ...reason(said), ...(said.location_id && { restock: { location_id: said.location_id } }) }),
    fields: ['reason', 'restock'],
  },
  return: {
    label: 'Return', scope: 'write_orders', path: '/returns', most: out, code: 'UNWANTED', none: 'Nothing was shipped that could come back.',
    warning: (said) => (said.received ? HERE : COMING), verb: (said) => (said.received ? 'Take back' : 'Announce'),
    about: 'Units that were shipped and come back, or are here already.',
    body: (order, said) => ({ lines: said.lines, ...(said.received && { received: true }), ...reason(said) }),
    fields: ['reason', 'received'],
  },
  fulfil: {
    label: 'Fulfil', scope: 'fulfil_orders', path: '/fulfillments', warning: () => FINAL, most: open, none: 'Nothing is open.', live: true,
    verb: () => 'Ship', about: 'Units that leave now.',
    body: (order, said) => given({ lines: said.lines, carrier: said.carrier, tracking_code: said.tracking_code }),
    fields: ['shipment'],
  },
  allocate: {
    label: 'Allocate', scope: 'fulfil_orders', path: '/allocations', warning: () => null, most: open, none: 'Nothing is open.', live: true,
    verb: () => 'Allocate', about: 'Units that a location is to send.',
    body: (order, said) => ({ location_id: said.location_id, lines: said.lines, stage: said.stage }),
    fields: ['location'],
  },
};
for (const act of Object.values(ACTS)) {
  act.left = (order) => (act.live && order.state === 'draft' ? 0 : sum(order, act.most));
}

const reason = ({ reason_code: code, reason: text }) => given({ reason_code: code, reason: text });

// All that is left is said as such: some dialects show an order as cancelled only then.
function whatToCancel(order, { lines }) {
  if (lines.reduce((n, line) => n + line.quantity, 0) < sum(order, open)) return { lines };
  return sum(order, (line) => line.fulfilled) ? { unfulfilled_only: true } : {};
}

export function Act({ act: name, order, places, done }) {
  const act = ACTS[name], dialog = useRef(null);
  const [said, setSaid] = useState(() => first(act, order, places));
  const [review, setReview] = useState(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  useEffect(() => dialog.current.showModal(), []);
  const close = (changed) => {
    dialog.current.close(); // before it goes, so that the focus is given back to where it was
    done(changed);
  };
  const lines = order.lines.map((line) => ({ line_id: line.id, quantity: Math.min(said.quantities[line.id] || 0, act.most(line, order)) })).filter((line) => line.quantity > 0);
  const count = lines.reduce((n, line) => n + line.quantity, 0);
  const path = `/orders/${order.id}${act.path}`;

  async function tried(work) {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (trouble) {
      setProblem(trouble);
    }
    setBusy(false);
  }
  const preview = (event) => {
    event.preventDefault();
    tried(async () => {
      const body = act.body(order, { ...said, lines });
      const dry = act.dry ? await api.post(`${path}?dry_run=true`, body) : null;
      // As reviewed, whatever happens to the order meanwhile.
      setReview({ body, dry, key: intent(), lines, count, order });
    });
  };
  const confirm = () => tried(async () => {
    await remember(order).catch(() => null);
    const answer = await api.post(path, review.body, { key: review.key });
    note(outcome(name, said, answer, review.count));
    close(answer.order);
  });
  const warning = act.warning(said), grave = warning && warning !== COMING, title = `${act.label} ${order.number}`;
  return html`<dialog ref=${dialog} class="act" aria-labelledby="act" onCancel=${(event) => (event.preventDefault(), close(null))}>
    <h2 id="act">${title}</h2>
    ${review
      ? html`<${Consequences} act=${act} review=${review} places=${places} />
        <details><summary>The same call in every dialect</summary>
          <${Calls} order=${order} intent=${{ act: name, lines: 'lines' in review.body ? review.lines : [], ...spoken(name, said) }} />
        </details>
        <${Trouble} problem=${problem} />
        ${warning && html`<p class=${grave ? 'warning' : 'muted'}>${warning}</p>`}
        <div class="buttons">
          <button type="button" onClick=${() => (setReview(null), setProblem(null))}>Back</button>
          <button type="button" class=${grave ? 'danger' : 'primary'} disabled=${busy} onClick=${confirm}>${act.verb(said)} ${counted(review.count, 'unit')}</button>
        </div>`
      : html`<form onSubmit=${preview}>
        <p class="muted">${act.about}</p>
        <${Quantities} act=${act} order=${order} said=${said} say=${setSaid} />
        <${Fields} act=${act} said=${said} say=${setSaid} places=${places} />
        <${Trouble} problem=${problem} />
        <div class="buttons">
          <button type="button" onClick=${() => close(null)}>Close</button>
          <button class="primary" disabled=${busy || !count}>${act.dry ? 'See what would happen' : 'Review'}</button>
        </div>
      </form>`}
  </dialog>`;
}

const first = (act, order, places) => ({
  quantities: Object.fromEntries(order.lines.map((line) => [line.id, act.most(line, order)])),
  location_id: act.fields.includes('location') ? [...places.keys()][0] || '' : '', stage: 'planned',
});

const SPOKEN = { cancel: ['reason_code', 'reason'], return: ['reason_code', 'reason'], fulfil: ['carrier', 'tracking_code'], allocate: ['location_id'] };
const spoken = (name, said) => given(Object.fromEntries(SPOKEN[name].map((field) => [field, said[field]])));

function outcome(name, said, answer, count) {
  if (name === 'cancel' && answer.request.state === 'PENDING') return 'The warehouse was asked. Its answer will show here.';
  return { cancel: `Cancelled: ${count}.`, return: `${said.received ? 'Taken back' : 'Announced'}: ${count}.`, fulfil: `Shipped: ${count}.`, allocate: `Allocated: ${count}.` }[name];
}

function Quantities({ act, order, said, say }) {
  const set = (id, n) => say((held) => ({ ...held, quantities: { ...held.quantities, [id]: n } }));
  return html`<fieldset><legend>Units</legend>
    ${order.lines.filter((line) => act.most(line, order) > 0).map((line) => html`<div class="quantity" key=${line.id}>
      <label for=${`q-${line.id}`}>${line.title || line.sku} <code class="muted">${line.sku}</code></label>
      <input id=${`q-${line.id}`} type="number" inputmode="numeric" min="0" max=${act.most(line, order)} value=${said.quantities[line.id]}
        onInput=${(event) => set(line.id, Number(event.target.value))} />
      <span class="muted">of ${act.most(line, order)}</span>
    </div>`)}
  </fieldset>`;
}

function Fields({ act, said, say, places }) {
  const set = (name) => (event) => say((held) => ({ ...held, [name]: event.target.type === 'checkbox' ? event.target.checked : event.target.value }));
  const text = (name, label, hint) => html`<div class="field"><label for=${`f-${name}`}>${label}</label>
    <input id=${`f-${name}`} value=${said[name] || ''} placeholder=${hint || ''} onInput=${set(name)} /></div>`;
  const options = [...places.values()].map((each) => html`<option value=${each.id}>${each.name}</option>`);
  const shown = {
    reason: () => html`<div class="pair">${text('reason_code', 'Reason code', act.code)}${text('reason', 'Reason, in words')}</div>`,
    restock: () => html`<div class="field"><label for="f-restock">Back to stock</label>
      <select id="f-restock" value=${said.location_id} onChange=${set('location_id')}><option value="">As the policy says</option>${options}</select></div>`,
    received: () => html`<label class="check"><input type="checkbox" checked=${Boolean(said.received)} onChange=${set('received')} /> The goods are here already</label>`,
    shipment: () => html`<div class="pair">${text('carrier', 'Carrier')}${text('tracking_code', 'Tracking code')}</div>`,
    location: () => html`<div class="pair">
      <div class="field"><label for="f-location">Location</label>
        <select id="f-location" required value=${said.location_id} onChange=${set('location_id')}>${options}</select></div>
      <div class="field"><label for="f-stage">Stage</label>
        <select id="f-stage" value=${said.stage} onChange=${set('stage')}>
          ${['planned', 'opened', 'requested', 'accepted', 'picking'].map((stage) => html`<option>${stage}</option>`)}</select></div>
    </div>`,
  };
  return act.fields.map((name) => shown[name]());
}
