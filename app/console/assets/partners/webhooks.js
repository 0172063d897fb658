// All webhooks, whatever they were made through, and a new one.
import { html, useState } from '../ui.js';
import { api } from '../api.js';
import { Badge, Empty, Time, Trouble, useLoaded } from '../parts.js';
import { Check, Field, Secret, useSending } from '../forms.js';

export const webhookAt = (id, state = '') => `/console/partners?tab=webhooks&webhook=${id}${state && `&state=${state}`}`;

export function Webhooks() {
  const { value, problem, loading, again } = useLoaded((signal) => api.get('/webhooks', { signal }), []);
  const [made, setMade] = useState(null);
  const [open, setOpen] = useState(false);
  return html`<div class="stack">
    ${made && html`<div class="card"><${Secret} title="The secret that signs" text=${made.secret} onDone=${() => setMade(null)} /></div>`}
    ${open
      ? html`<${NewWebhook} onDone=${(done) => (setOpen(false), done && (setMade(done.secret ? done : null), again()))} />`
      : html`<div><button class="primary" onClick=${() => setOpen(true)}>New webhook</button></div>`}
    <${Trouble} problem=${problem} />
    <section class="card" aria-label="All webhooks" aria-busy=${loading}>
      ${value && value.webhooks.length === 0 && html`<${Empty}>No webhooks. Partners can make them in their own way, too.<//>`}
      <ul class="rows">${value && [...value.webhooks].reverse().map((each) => html`<li class="row" key=${each.id}>
        <div class="row-main">
          <a class="mono url" href=${webhookAt(each.id)}>${each.url}</a>
          <p><${Badge} kind="accent">${each.dialect}<//> <${State} webhook=${each} />
            <span class="muted"> ${each.topics ? each.topics.join(', ') : 'every topic'} · since <${Time} at=${each.created_at} /></span></p>
        </div>
        ${troubled(each) && html`<a class="button" href=${webhookAt(each.id, 'failing')}>See what failed</a>`}
      </li>`)}</ul>
    </section>
  </div>`;
}

const troubled = (webhook) => webhook.failing_since || webhook.disabled_reason;

export function State({ webhook }) {
  if (!webhook.active) return html`<${Badge} kind="bad">${webhook.disabled_reason ? `disabled: ${webhook.disabled_reason}` : 'off'}<//>`;
  if (webhook.failing_since) return html`<${Badge} kind="warn">failing since <${Time} at=${webhook.failing_since} /><//>`;
  return html`<${Badge} kind="good">active<//>`;
}

function NewWebhook({ onDone }) {
  const { value, problem: unknown } = useLoaded((signal) => api.get('/webhook-topics', { signal }), []);
  const [dialect, setDialect] = useState('native');
  const [topics, setTopics] = useState(null);
  const { busy, problem, run } = useSending();
  const offered = value ? value.dialects : [];
  const of = offered.find((each) => each.dialect === dialect);
  async function make(event) {
    event.preventDefault();
    const form = new FormData(event.target);
    const body = { url: form.get('url').trim(), dialect, topics, blocking: form.has('blocking') };
    const done = await run((key) => api.post('/webhooks', body, { key }), body);
    if (done) onDone(done);
  }
  return html`<form class="card form" aria-labelledby="new-webhook" onSubmit=${make}>
    <h2 id="new-webhook">New webhook</h2>
    <div class="fields">
      <${Field} label="URL" hint="https, and reachable from the internet." wide>${(given) => html`<input ...${given} name="url" type="url" required autofocus />`}<//>
      <${Field} label="Dialect" hint=${of && of.client_secret ? 'Signs with the secret of the key that makes it.' : 'The words that it is told in.'}>${(given) => html`
        <select ...${given} value=${dialect} onChange=${(event) => (setDialect(event.target.value), setTopics(null))}>
          ${offered.map((each) => html`<option>${each.dialect}</option>`)}
        </select>`}<//>
    </div>
    <${Topics} offered=${of ? of.topics : []} topics=${topics} onChange=${setTopics} />
    <${Check} name="blocking">One at a time: a message that fails holds back all that come after it<//>
    <div class="buttons">
      <button class="primary" disabled=${busy || !value}>Make the webhook</button>
      <button type="button" onClick=${() => onDone(null)}>Never mind</button>
    </div>
    <${Trouble} problem=${problem || unknown} />
  </form>`;
}

// `topics` null is all there are, also those to come.
export function Topics({ offered, topics, onChange }) {
  const toggle = (name) => {
    const next = topics.includes(name) ? topics.filter((each) => each !== name) : [...topics, name];
    onChange(next);
  };
  return html`<fieldset><legend>Topics</legend>
    <${Check} checked=${topics === null} onChange=${() => onChange(topics === null ? [] : null)}>Every topic<//>
    ${topics !== null && html`<div class="topics">${offered.map((name) => html`<${Check} key=${name} checked=${topics.includes(name)} onChange=${() => toggle(name)}>${name}<//>`)}</div>`}
  </fieldset>`;
}
