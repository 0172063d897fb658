// The log of one webhook: each message with what was sent and what came back, and the way to send it again.
import { html, useEffect, useRef, useState } from '../ui.js';
import { api } from '../api.js';
import { Badge, Copy, Empty, note, Time, Trouble, useLoaded } from '../parts.js';
import { Tabs, useSending } from '../forms.js';
import { webhookAt } from './webhooks.js';

const STATES = { pending: ['warn', 'on its way'], delivered: ['good', 'delivered'], failed: ['bad', 'failed'] };
const PAGE = 25;
const LOOK = 3000;

export function Deliveries({ webhook, state, turn, onNews }) {
  const [pages, setPages] = useState(1);
  const log = useLoaded((signal) => read(webhook.id, state, pages, signal), [webhook.id, state, pages, turn]);
  useLooking(log, onNews);
  const { value, problem } = log;
  const tab = (name, title) => [name, title, webhookAt(webhook.id, name)];
  return html`<section class="card" aria-labelledby="log">
    <h2 id="log">What it was sent</h2>
    <${Tabs} label="Deliveries" current=${state} tabs=${[tab('', 'All'), tab('failing', 'Failed'), tab('pending', 'On their way'), tab('delivered', 'Delivered')]} />
    <${Trouble} problem=${problem} />
    ${value && value.deliveries.length === 0 && html`<${Empty}>Nothing ${state ? 'like that' : 'yet'}.<//>`}
    <ul class="log">${value && value.deliveries.map((each) => html`<${Delivery} key=${each.id} webhook=${webhook} delivery=${each} onChanged=${log.again} />`)}</ul>
    ${value && value.more && html`<button onClick=${() => setPages(pages + 1)}>Older ones</button>`}
  </section>`;
}

async function read(id, state, pages, signal) {
  const deliveries = [], of = state ? `&state=${state}` : '';
  let cursor = null;
  for (let n = 0; n < pages && (n === 0 || cursor); n++) {
    const page = await api.get(`/webhooks/${id}/deliveries?limit=${PAGE}${of}${cursor ? `&cursor=${cursor}` : ''}`, { signal });
    deliveries.push(...page.deliveries);
    cursor = page.next_cursor;
  }
  return { deliveries, more: Boolean(cursor) };
}

// No event tells of a message that was sent: look again now and then, while somebody looks.
function useLooking({ again, value }, onNews) {
  const latest = useRef({});
  const states = value && value.deliveries.map((each) => each.state + each.attempts.length).join();
  const before = useRef(states);
  latest.current = { again };
  useEffect(() => {
    const clock = setInterval(() => document.hidden || latest.current.again(), LOOK);
    return () => clearInterval(clock);
  }, []);
  useEffect(() => {
    if (before.current !== null && before.current !== undefined && before.current !== states) onNews();
    before.current = states;
  }, [states]);
}

function Delivery({ webhook, delivery, onChanged }) {
  const [kind, word] = standing(delivery);
  const last = delivery.attempts[delivery.attempts.length - 1];
  const { busy, problem, run } = useSending();
  const path = `/webhooks/${webhook.id}/deliveries/${delivery.id}`;
  async function act(verb, said) {
    if (!(await run((key) => api.post(`${path}/${verb}`, undefined, { key }), [verb, delivery.updated_at]))) return;
    note(said);
    onChanged();
  }
  return html`<li>
    <details>
      <summary>
        <span class="topic">${delivery.topic}</span>
        <${Badge} kind=${kind}>${word}<//>
        ${delivery.test && html`<${Badge} kind="plain">test<//>`}
        <span class="muted">${outcome(last)}</span>
        <span class="muted when"><${Time} at=${delivery.created_at} /></span>
      </summary>
      <div class="delivery">
        <p class="muted"><code>${delivery.id}</code>${delivery.order_id && html` · <a href=${`/console/orders/${delivery.order_id}`}>the order</a>`}</p>
        <div class="buttons">
          <button disabled=${busy || !webhook.active} onClick=${() => act('redeliver', 'Sent again, under the same id.')}>Resend</button>
          ${delivery.state === 'pending' && html`<button disabled=${busy} onClick=${() => act('skip', 'Given up; those behind it go.')}>Give up</button>`}
          ${!webhook.active && html`<span class="hint">Nothing is sent to a webhook that is not active.</span>`}
        </div>
        <${Trouble} problem=${problem} />
        <h3>Request <${Copy} text=${delivery.body} of="the body" /></h3>
        <pre tabindex="0" aria-label="Body as sent">${pretty(delivery.body)}</pre>
        <h3>Answers</h3>
        ${delivery.attempts.length === 0 && html`<p class="muted">Not tried yet.</p>`}
        <ol class="tries">${delivery.attempts.map((each) => html`<li>
          <p><${Time} at=${each.at} /> · <span class="number">${each.ms} ms</span> · <strong>${each.status ?? each.error}</strong></p>
          ${each.status !== null && each.error && html`<p class="muted">${each.error}</p>`}
          ${each.response && html`<pre tabindex="0" aria-label="Answer">${each.response}</pre>`}
        </li>`)}</ol>
      </div>
    </details>
  </li>`;
}

// One that waits after a try is one whose tries all failed.
const standing = ({ state, attempts }) => (state === 'pending' && attempts.length ? ['warn', 'failed, to be tried again'] : STATES[state]);

const outcome = (last) => (last ? (last.status !== null ? `answered ${last.status}` : last.error) : 'not tried yet');

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
