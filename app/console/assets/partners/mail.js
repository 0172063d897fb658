// Mail to customers: what was asked for lately, what a mail says before anybody sends it, what was set aside, the texts.
import { html, useEffect, useState } from '../ui.js';
import { api, may } from '../api.js';
import { follow } from '../live.js';
import { Badge, Empty, note, Time, Trouble, useLoaded } from '../parts.js';
import { Field, useSending } from '../forms.js';
import { Templates } from './templates.js';

const DAY = 24 * 3600 * 1000;
const MOST = 100;

export function Mail({ query }) {
  const [shown, setShown] = useState(query.get('request'));
  return html`<div class="stack">
    <div class="mails">
      <section class="card" aria-labelledby="box">
        <h2 id="box">Mail box</h2>
        <${Find} shown=${shown} onFound=${setShown} />
        <h3>Asked for since yesterday</h3>
        <${Box} shown=${shown} onChosen=${setShown} />
      </section>
      <section class="card" aria-labelledby="preview">
        <h2 id="preview">What it says</h2>
        ${shown ? html`<${Preview} request=${shown} key=${shown} />` : html`<${Empty}>Choose a mail, or find an order: nothing is sent by looking.<//>`}
      </section>
    </div>
    ${may('admin') && html`<${Aside} /><${Templates} />`}
  </div>`;
}

// Events of mail since yesterday, as they come; an id of ours begins with its time.
function Box({ shown, onChosen }) {
  const [events, setEvents] = useState([]);
  useEffect(() => {
    const since = Math.floor(Date.now() - DAY).toString(16).padStart(12, '0');
    const after = `${since.slice(0, 8)}-${since.slice(8)}-7000-8000-000000000000`;
    return follow((event) => setEvents((held) => [event, ...held].slice(0, MOST)), `?type=mail.requested&after=${after}`);
  }, []);
  if (!events.length) return html`<${Empty}>None.<//>`;
  return html`<ul class="rows">${events.map((each) => html`<li key=${each.id}>
    <button class="pick" aria-pressed=${each.request_id === shown} disabled=${!each.request_id} onClick=${() => onChosen(each.request_id)}>
      <span>Mail about <${OrderNumber} order=${each.order_id} /></span>
      <small>asked for <${Time} at=${each.at} /> through ${each.dialect}</small>
    </button>
  </li>`)}</ul>`;
}

// By the id of an order; events do not tell it.
const numbers = new Map();

function OrderNumber({ order }) {
  const { value, problem } = useLoaded(() => numberOf(order), [order]);
  return value || (problem ? html`<code>${order}</code>` : '…');
}

function numberOf(order) {
  if (!numbers.has(order)) {
    numbers.set(order, api.get(`/orders/${order}`).then((found) => found.number));
    numbers.get(order).catch(() => numbers.delete(order));
  }
  return numbers.get(order);
}

function Find({ shown, onFound }) {
  const [found, setFound] = useState(null);
  const { busy, problem, run } = useSending();
  async function find(event) {
    event.preventDefault();
    const q = new FormData(event.target).get('q');
    const answer = await run(() => api.get(`/orders?q=${encodeURIComponent(q)}&limit=20&sort=-updated`), q);
    if (answer) setFound(answer.orders);
  }
  const cases = (found || []).flatMap((order) => order.cases.map((each) => [order, each]));
  return html`<form class="find" role="search" onSubmit=${find}>
    <${Field} label="Order">${(given) => html`<input ...${given} name="q" required placeholder="Number, id or customer" />`}<//>
    <button disabled=${busy}>Find</button>
  </form>
  <${Trouble} problem=${problem} />
  ${found && cases.length === 0 && html`<p class="muted">${found.length ? 'Nothing of it was cancelled or came back.' : 'No such order.'}</p>`}
  <ul class="rows">${cases.map(([order, each]) => html`<li key=${each.id}>
    <button class="pick" aria-pressed=${each.id === shown} onClick=${() => onFound(each.id)}>
      <span>${each.type === 'CANCEL' ? 'Cancellation' : 'Return'} of ${order.number}</span>
      <small>${each.state.toLowerCase()} · <${Time} at=${each.created_at} /></small>
    </button>
  </li>`)}</ul>`;
}

function Preview({ request }) {
  const [language, setLanguage] = useState('');
  const of = language ? `?language=${encodeURIComponent(language)}` : '';
  const { value, problem } = useLoaded((signal) => api.get(`/requests/${request}/mail${of}`, { signal }), [request, of]);
  return html`
    <${Field} label="Language" hint="Empty: the customer’s.">${(given) => html`
      <input ...${given} size="6" value=${language} placeholder=${value ? value.language : ''} onChange=${(event) => setLanguage(event.target.value.trim())} />`}<//>
    <${Trouble} problem=${problem} />
    ${value && !problem && html`
      <dl class="letter">
        <dt>From</dt><dd>${value.from}</dd>
        <dt>To</dt><dd>${value.to || html`<${Badge} kind="warn">nobody: the customer has no address<//>`}</dd>
        ${value.reply_to && html`<dt>Reply to</dt><dd>${value.reply_to}</dd>`}
        <dt>Subject</dt><dd><strong>${value.subject}</strong></dd>
      </dl>
      <iframe title="The mail" sandbox="" src=${`/console/mail?request=${request}${language ? `&language=${encodeURIComponent(language)}` : ''}`}></iframe>
      <details><summary>As plain text</summary><pre tabindex="0">${value.text}</pre></details>`}`;
}

function Aside() {
  const { value, problem, again } = useLoaded((signal) => api.get('/tasks', { signal }), []);
  const { busy, problem: refused, run } = useSending();
  const tasks = value ? value.tasks : [];
  async function retry(id) {
    if (!(await run((key) => api.post(`/tasks/${id}/retry`, undefined, { key }), id))) return;
    note('It is tried again.');
    again();
  }
  if (!problem && !tasks.length) return null;
  return html`<section class="card" aria-labelledby="aside">
    <h2 id="aside">Set aside after the last try</h2>
    <${Trouble} problem=${problem || refused} />
    <ul class="rows">${tasks.map((each) => html`<li class="row" key=${each.id}>
      <div class="row-main"><strong>${each.kind}</strong> · <a href=${`/console/orders/${each.order_id}`}>the order</a>
        <p class="muted">${each.error} · ${each.attempts} ${each.attempts === 1 ? 'try' : 'tries'}${each.failed_at && html` · <${Time} at=${each.failed_at} />`}</p></div>
      <button disabled=${busy} onClick=${() => retry(each.id)}>Try again</button>
    </li>`)}</ul>
  </section>`;
}
