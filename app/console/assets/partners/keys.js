// API keys: who may do what, in which dialects, until when.
import { html, useState } from '../ui.js';
import { api, session, signOut } from '../api.js';
import { ask, Badge, Empty, note, Time, Trouble, useLoaded } from '../parts.js';
import { Check, Field, moment, Secret, useSending } from '../forms.js';

const SCOPES = [
  ['read_orders', 'read orders, requests, events, stock'],
  ['write_orders', 'create, cancel, return, refund'],
  ['fulfil_orders', 'ship, answer as a warehouse, restock'],
  ['manage_webhooks', 'webhooks and their log'],
  ['admin', 'keys, locations, policy, mail templates'],
];
const PARTIES = ['seller', 'buyer', 'warehouse', 'admin'];
// What a key is usually for.
const USUAL = {
  seller: ['read_orders', 'write_orders', 'manage_webhooks'],
  buyer: ['read_orders', 'write_orders', 'manage_webhooks'],
  warehouse: ['read_orders', 'fulfil_orders'],
  admin: SCOPES.map(([name]) => name),
};

export function Keys() {
  const { value, problem, loading, again } = useLoaded((signal) => api.get('/credentials', { signal }), []);
  const [made, setMade] = useState(null);
  const [open, setOpen] = useState(false);
  const keys = value ? [...value.credentials].reverse() : [];
  return html`<div class="stack">
    ${made && html`<div class="card"><${Secret} title=${`The key ${made.name || made.id}`} text=${made.key} onDone=${() => setMade(null)} /></div>`}
    ${open
      ? html`<${NewKey} onDone=${(key) => (setOpen(false), key && (setMade(key), again()))} />`
      : html`<div><button class="primary" onClick=${() => setOpen(true)}>New key</button></div>`}
    <${Trouble} problem=${problem} />
    <section class="card" aria-label="All keys" aria-busy=${loading}>
      ${value && keys.length === 0 && html`<${Empty}>No keys.<//>`}
      <ul class="rows">${keys.map((each) => html`<${Key} key=${each.id} credential=${each} onRevoked=${again} />`)}</ul>
    </section>
  </div>`;
}

function Key({ credential, onRevoked }) {
  const { id, name, party, scopes, dialects, created_at, expires_at, revoked_at } = credential;
  const { busy, problem, run } = useSending();
  const own = id === session.value.credential_id;
  const expired = expires_at && new Date(expires_at) <= Date.now();
  async function revoke() {
    const sure = await ask({
      title: `Revoke ${name || id}?`,
      text: html`<p>Whoever uses this key is refused from now on${own && ', and you are signed out: it is the one that you are signed in with'}.</p>`,
      yes: 'Revoke',
    });
    if (!sure || !(await run((key) => api.delete(`/credentials/${id}`, { key })))) return;
    note(`${name || id} is revoked.`);
    if (own) await signOut();
    else onRevoked();
  }
  return html`<li class="row">
    <div class="row-main">
      <strong>${name || 'Without a name'}</strong> <${Badge} kind="accent">${party}<//>
      ${own && html` <${Badge} kind="plain">this session<//>`}
      ${revoked_at ? html` <${Badge} kind="bad">revoked<//>` : expired ? html` <${Badge} kind="warn">expired<//>` : null}
      <p class="muted"><code>${id}</code> · made <${Time} at=${created_at} />${revoked_at ? html` · revoked <${Time} at=${revoked_at} />` : expires_at ? html` · ${expired ? 'expired' : 'expires'} <${Time} at=${expires_at} />` : ' · never expires'}</p>
      <p class="chips">${scopes.map((each) => html`<code>${each}</code>`)} <span class="muted">in ${dialects ? dialects.join(', ') || 'no dialect' : 'every dialect'}</span></p>
      <${Trouble} problem=${problem} />
    </div>
    ${!revoked_at && html`<button disabled=${busy} onClick=${revoke} aria-label=${`Revoke ${name || id}`}>Revoke</button>`}
  </li>`;
}

function NewKey({ onDone }) {
  const [party, setParty] = useState('seller');
  const [scopes, setScopes] = useState(USUAL.seller);
  const [all, setAll] = useState(true);
  const { busy, problem, run } = useSending();
  const { served } = session.value;
  async function make(event) {
    event.preventDefault();
    const form = new FormData(event.target), expires_at = moment(form.get('expires'));
    const body = { name: form.get('name'), party, scopes, ...(!all && { dialects: form.getAll('dialect') }), ...(expires_at && { expires_at }) };
    const done = await run((key) => api.post('/credentials', body, { key }), body);
    if (done) onDone(done);
  }
  const toggle = (name) => setScopes(scopes.includes(name) ? scopes.filter((each) => each !== name) : [...scopes, name]);
  return html`<form class="card form" aria-labelledby="new-key" onSubmit=${make}>
    <h2 id="new-key">New key</h2>
    <div class="fields">
      <${Field} label="Name" hint="Who or what it is for.">${(given) => html`<input ...${given} name="name" maxlength="255" autofocus />`}<//>
      <${Field} label="Party" hint="As whom it acts, in the history and for refusals.">${(given) => html`
        <select ...${given} value=${party} onChange=${(event) => (setParty(event.target.value), setScopes(USUAL[event.target.value]))}>
          ${PARTIES.map((each) => html`<option>${each}</option>`)}
        </select>`}<//>
      <${Field} label="Expires" hint="Empty: never.">${(given) => html`<input ...${given} name="expires" type="datetime-local" />`}<//>
    </div>
    <fieldset><legend>Scopes</legend>
      ${SCOPES.map(([name, about]) => html`<${Check} checked=${scopes.includes(name)} onChange=${() => toggle(name)}><code>${name}</code> <span class="muted">${about}</span><//>`)}
    </fieldset>
    <fieldset><legend>Dialects</legend>
      <${Check} checked=${all} onChange=${() => setAll(!all)}>Every dialect<//>
      ${!all && served.map((name) => html`<${Check} name="dialect" value=${name}>${name}<//>`)}
    </fieldset>
    <div class="buttons">
      <button class="primary" disabled=${busy}>Make the key</button>
      <button type="button" onClick=${() => onDone(null)}>Never mind</button>
    </div>
    <${Trouble} problem=${problem} />
  </form>`;
}
