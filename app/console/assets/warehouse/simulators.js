// How the simulator behaves, at a location and for one order (docs/warehouse.md).
import { html, useState } from '../ui.js';
import { api, may, Problem } from '../api.js';
import { note, Trouble } from '../parts.js';
import { Field, useSending } from '../forms.js';

const BEHAVIOURS = [
  ['accept', 'agrees'],
  ['refuse', 'refuses'],
  ['silent', 'says nothing'],
  ['twice', 'agrees two times'],
  ['contradict', 'agrees, then refuses'],
];

const NONE = { code: 'order_not_found', detail: 'No order is called so.' };
const SEVERAL = { code: 'several_orders', detail: 'Several orders are called so: say the whole number.' };

export function Simulators({ locations, onSaved }) {
  const simulated = locations.filter((each) => each.connector && each.connector.kind === 'simulator');
  return html`<section class="card" aria-labelledby="simulators">
    <h2 id="simulators">Simulated warehouses</h2>
    <p class="muted">A test mode: Dragoman answers by itself, as it is told here.</p>
    ${simulated.map((each) => html`<${AtLocation} key=${each.id} location=${each} onSaved=${onSaved} />`)}
    ${may('admin') && html`<${NewLocation} onSaved=${onSaved} />`}
    ${may('write_orders') && html`<${ForOrder} />`}
  </section>`;
}

function Settings({ behaviour, own = null, values, set }) {
  return html`
    <${Field} label="Behaviour">${(given) => html`
      <select ...${given} value=${behaviour} onChange=${(event) => set({ ...values, behaviour: event.target.value })}>
        ${own && html`<option value="">${own}</option>`}
        ${BEHAVIOURS.map(([name, word]) => html`<option value=${name}>${word}</option>`)}
      </select>`}<//>
    <${Field} label="Delay (seconds)">${(given) => html`
      <input ...${given} type="number" min="0" max="86400" step="any" value=${values.delay} onInput=${(event) => set({ ...values, delay: event.target.value })} />`}<//>
    <${Field} label="Message">${(given) => html`
      <input ...${given} maxlength="1000" value=${values.message} onInput=${(event) => set({ ...values, message: event.target.value })} />`}<//>`;
}

// Without what is left empty.
const told = ({ behaviour, delay, message }) => ({
  ...(behaviour && { behaviour }),
  ...(delay !== '' && { delay: Number(delay) }),
  ...(message && { message }),
});

function AtLocation({ location, onSaved }) {
  const { behaviour = 'accept', delay = '', message = '' } = location.connector;
  const [values, set] = useState({ behaviour, delay, message: message || '' });
  const { busy, problem, run } = useSending();
  async function save(event) {
    event.preventDefault();
    const body = { connector: { kind: 'simulator', ...told(values) } };
    if (!(await run((key) => api.patch(`/locations/${location.id}`, body, { key }), body))) return;
    note(`${location.name} behaves as you said from the next question on.`);
    onSaved();
  }
  return html`<form class="simulator" aria-label=${location.name} onSubmit=${save}>
    <h3>${location.name}</h3>
    <${Settings} behaviour=${values.behaviour} values=${values} set=${set} />
    ${may('admin') && html`<button disabled=${busy}>Save</button>`}
    <${Trouble} problem=${problem} />
  </form>`;
}

function NewLocation({ onSaved }) {
  const { busy, problem, run } = useSending();
  async function add(event) {
    event.preventDefault();
    const form = event.target, body = { name: new FormData(form).get('name'), connector: { kind: 'simulator' } };
    if (!(await run((key) => api.post('/locations', body, { key }), body))) return;
    form.reset();
    onSaved();
  }
  return html`<form class="simulator" aria-label="Another one" onSubmit=${add}>
    <h3>Another one</h3>
    <${Field} label="Name" wide>${(given) => html`<input ...${given} name="name" required />`}<//>
    <button disabled=${busy}>Add</button>
    <${Trouble} problem=${problem} />
  </form>`;
}

function ForOrder() {
  const [which, setWhich] = useState('');
  const [values, set] = useState({ behaviour: 'refuse', delay: '', message: '' });
  const { busy, problem, run } = useSending();
  async function save(event) {
    event.preventDefault();
    const done = await run(async (key) => {
      const { orders } = await api.get(`/orders?q=${encodeURIComponent(which)}&limit=2`);
      if (orders.length !== 1) throw new Problem(0, orders.length ? SEVERAL : NONE);
      const simulate = values.behaviour ? told(values) : null;
      return api.patch(`/orders/${orders[0].id}`, { metadata: { simulate } }, { key });
    }, [which, values]);
    if (done) note(values.behaviour ? `The simulator does so for ${done.number}.` : `For ${done.number} the location’s own behaviour counts.`);
  }
  return html`<form class="simulator" aria-label="For one order" onSubmit=${save}>
    <h3>For one order</h3>
    <${Field} label="Order (number or id)">${(given) => html`<input ...${given} required value=${which} onInput=${(event) => setWhich(event.target.value)} />`}<//>
    <${Settings} behaviour=${values.behaviour} own="as its location does" values=${values} set=${set} />
    <button disabled=${busy}>Save</button>
    <${Trouble} problem=${problem} />
  </form>`;
}
