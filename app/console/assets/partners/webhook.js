// One webhook: where it goes and about what, its secret, what it was sent.
import { html, useState } from '../ui.js';
import { api } from '../api.js';
import { go } from '../router.js';
import { ask, Badge, note, Trouble, useLoaded } from '../parts.js';
import { Check, Field, local, moment, Secret, useSending } from '../forms.js';
import { Deliveries } from './deliveries.js';
import { State, Topics } from './webhooks.js';

export function Webhook({ id, state }) {
  const { value, problem, set, again } = useLoaded((signal) => api.get(`/webhooks/${id}`, { signal }), [id]);
  const [secret, setSecret] = useState(null);
  const [turn, setTurn] = useState(0);
  return html`<div class="stack">
    <div class="head webhook-head">
      <a href="/console/partners?tab=webhooks">All webhooks</a>
      ${value && html`<h2 class="mono url">${value.url}</h2><${Badge} kind="accent">${value.dialect}<//><${State} webhook=${value} />`}
    </div>
    <${Trouble} problem=${problem} />
    ${secret && html`<div class="card"><${Secret} title="The new secret" text=${secret} onDone=${() => setSecret(null)} /></div>`}
    ${value && html`
      <${Settings} key=${editable(value)} webhook=${value} onChanged=${set} />
      <${Acts} webhook=${value} onChanged=${set} onSecret=${setSecret} onSent=${() => setTurn(turn + 1)} />
      <${Deliveries} webhook=${value} state=${state} turn=${turn} onNews=${again} />`}
  </div>`;
}

// What the form is about: other news of the webhook leaves what is being typed alone.
const editable = ({ url, topics, active, blocking }) => JSON.stringify([url, topics, active, blocking]);

function Settings({ webhook, onChanged }) {
  const offered = useLoaded((signal) => api.get('/webhook-topics', { signal }), []);
  const [topics, setTopics] = useState(webhook.topics);
  const { busy, problem, run } = useSending();
  const of = offered.value && offered.value.dialects.find((each) => each.dialect === webhook.dialect);
  async function save(event) {
    event.preventDefault();
    const form = new FormData(event.target);
    const body = { url: form.get('url').trim(), topics, blocking: form.has('blocking'), active: form.has('active') };
    const done = await run((key) => api.patch(`/webhooks/${webhook.id}`, body, { key }), body);
    if (!done) return;
    onChanged(done);
    note(!webhook.active && done.active ? 'Saved, and going again. A replay sends what it missed.' : 'Saved.');
  }
  return html`<form class="card form" aria-label="Settings" onSubmit=${save}>
    <${Field} label="URL">${(given) => html`<input ...${given} class="mono" name="url" type="url" required defaultValue=${webhook.url} />`}<//>
    <details class="fold">
      <summary>Topics: <span class="muted">${topics ? topics.join(', ') || 'none' : 'every one'}</span></summary>
      <${Topics} offered=${of ? of.topics : webhook.topics || []} topics=${topics} onChange=${setTopics} />
    </details>
    <${Check} name="active" defaultChecked=${webhook.active}>Active<//>
    <${Check} name="blocking" defaultChecked=${webhook.blocking}>One at a time: a message that fails holds back all that come after it<//>
    <div class="buttons"><button class="primary" disabled=${busy}>Save</button></div>
    <${Trouble} problem=${problem || offered.problem} />
  </form>`;
}

function Acts({ webhook, onChanged, onSecret, onSent }) {
  const { busy, problem, run } = useSending();
  const path = `/webhooks/${webhook.id}`;
  async function enable() {
    const done = await run((key) => api.patch(path, { active: true }, { key }), 'enable');
    if (!done) return;
    onChanged(done);
    note('Going again. A replay sends what it missed.');
  }
  async function test() {
    if (!(await run((key) => api.post(`${path}/test`, {}, { key }), 'test'))) return;
    note('A made-up message is on its way; see below how it goes.');
    onSent();
  }
  async function rotate() {
    const text = html`<p>The old secret signs beside the new one for 24 hours, in dialects that have several signatures. In others only the new one counts from now on.</p>`;
    if (!(await ask({ title: 'Make a new secret?', text, yes: 'Make a new one' }))) return;
    const done = await run((key) => api.patch(path, { rotate_secret: true }, { key }), 'rotate');
    if (!done) return;
    onSecret(done.secret);
    onChanged({ ...done, secret: undefined });
  }
  async function remove() {
    const text = html`<p class="url">${webhook.url}</p><p>What is still on its way to it is dropped, and its log is gone.</p>`;
    if (!(await ask({ title: 'Delete this webhook?', text, yes: 'Delete' }))) return;
    if (await run((key) => api.delete(path, { key }), 'remove')) go('/partners?tab=webhooks');
  }
  return html`<section class="card form" aria-label="Actions">
    <div class="buttons">
      ${!webhook.active && html`<button class="primary" disabled=${busy} onClick=${enable}>Enable again</button>`}
      <button disabled=${busy || !webhook.active} onClick=${test}>Send a test</button>
      <button disabled=${busy} onClick=${rotate}>New secret</button>
      <button disabled=${busy} onClick=${remove}>Delete</button>
    </div>
    <${Replay} webhook=${webhook} onSent=${onSent} />
    <${Trouble} problem=${problem} />
  </section>`;
}

const HOUR = 3600 * 1000;

function Replay({ webhook, onSent }) {
  const { busy, problem, run } = useSending();
  async function replay(event) {
    event.preventDefault();
    const form = new FormData(event.target), until = moment(form.get('until'));
    const body = { from: moment(form.get('from')), ...(until && { until }) };
    if (!(await run((key) => api.post(`/webhooks/${webhook.id}/replay`, body, { key }), body))) return;
    note('What happened in that time is sent again, under the same ids.');
    onSent();
  }
  return html`<form class="replay" aria-label="Replay" onSubmit=${replay}>
    <${Field} label="Send again all since">${(given) => html`<input ...${given} name="from" type="datetime-local" required defaultValue=${local(new Date(Date.now() - HOUR))} />`}<//>
    <${Field} label="until (empty: now)">${(given) => html`<input ...${given} name="until" type="datetime-local" />`}<//>
    <button disabled=${busy || !webhook.active}>Replay</button>
    <${Trouble} problem=${problem} />
  </form>`;
}
