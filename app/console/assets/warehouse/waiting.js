// One request that waits: what it is about, until when, and the answer to it.
import { html, useEffect, useState } from '../ui.js';
import { api, may } from '../api.js';
import { ask, Badge, money, note, Time, Trouble } from '../parts.js';
import { Field, useSending } from '../forms.js';

const SCOPES = { order: 'all of', rest: 'the rest of', lines: 'part of' };
const STATES = { PENDING: ['warn', 'waiting'], ACCEPTED: ['good', 'accepted'], REJECTED: ['bad', 'refused'] };

export function Waiting({ request, locations, fresh, onAnswered }) {
  const { order } = request;
  const units = request.adjustments.reduce((sum, each) => sum + each.quantity, 0);
  return html`<li class=${`card request ${fresh ? 'fresh' : ''}`} aria-labelledby=${`r-${request.id}`}>
    <div class="request-head">
      <h3 id=${`r-${request.id}`}>Cancel ${SCOPES[request.scope]} <a href=${`/console/orders/${request.order_id}`}>${order.number}</a></h3>
      <${Deadline} at=${request.deadline} />
    </div>
    <p class="request-about">
      asked <${Time} at=${request.created_at} /> by ${request.party} through <${Badge} kind="accent">${request.dialect}<//>
      ${order.customer && html` for ${order.customer}`}
    </p>
    <${Lines} request=${request} />
    ${said(request.reason) && html`<p class="reason"><span class="muted">Reason:</span> ${said(request.reason)}</p>`}
    <ul class="asked">
      ${request.asked.map((each) => {
        const [kind, word] = STATES[each.state], place = locations.find((x) => x.id === each.location_id);
        return html`<li><strong>${place ? place.name : each.location_id}</strong> ${place && place.connector && html`<span class="muted">${place.connector.kind}</span>`}
          <${Badge} kind=${kind}>${word}<//> ${each.message && html`<span>“${each.message}”</span>`}</li>`;
      })}
    </ul>
    ${may('fulfil_orders') && html`<${Answer} request=${request} locations=${locations} units=${units} onAnswered=${onAnswered} />`}
  </li>`;
}

const said = (reason) => [reason.code, reason.text].filter(Boolean).join(': ');

function Lines({ request }) {
  const { order } = request;
  return html`<table class="lines">
    <caption class="unseen">Units to cancel</caption>
    <thead><tr><th scope="col">Units</th><th scope="col">Product</th><th scope="col" class="end">Worth</th></tr></thead>
    <tbody>${request.adjustments.map((each) => {
      const line = order.lines.find((x) => x.id === each.line_id) || each;
      return html`<tr key=${each.id}>
        <td class="number">${each.quantity}</td>
        <td>${line.title} <span class="muted mono">${line.sku}</span>${each.allocation_id === null && html` <small>held by nobody</small>`}</td>
        <td class="number end">${money(each.amount, order.currency)}</td>
      </tr>`;
    })}</tbody>
  </table>`;
}

function Answer({ request, locations, units, onAnswered }) {
  const open = request.asked.filter((each) => each.state === 'PENDING');
  const [message, setMessage] = useState('');
  const [location, setLocation] = useState('');
  const { busy, problem, run } = useSending();
  const named = (id) => (locations.find((x) => x.id === id) || { name: id }).name;
  async function answer(accepted) {
    const who = location ? named(location) : open.length === 1 ? named(open[0].location_id) : 'all that were asked';
    const what = `${units} ${units === 1 ? 'unit' : 'units'} of ${request.order.number}`;
    const sure = await ask({
      title: accepted ? `Accept to cancel ${what}?` : `Refuse to cancel ${what}?`,
      text: html`<p>The answer of ${who}. ${accepted ? 'The units are cancelled for good.' : 'The units are open again, and whoever asked is told.'}</p>
        ${message && html`<blockquote>${message}</blockquote>`}`,
      yes: accepted ? 'Accept' : 'Refuse',
    });
    if (!sure) return;
    const body = { ...(location && { location_id: location }), ...(message && { message }) };
    const path = `/requests/${request.id}/${accepted ? 'accept' : 'reject'}`;
    const done = await run((key) => api.post(path, body, { key }), [path, body]);
    if (!done) return;
    note(done.state === 'PENDING' ? `${request.order.number}: noted, others are still asked.` : `${request.order.number}: ${accepted ? 'accepted' : 'refused'}.`);
    onAnswered();
  }
  return html`<form class="answer" onSubmit=${(event) => event.preventDefault()}>
    ${open.length > 1 && html`<${Field} label="Answer of">${(given) => html`
      <select ...${given} value=${location} onChange=${(event) => setLocation(event.target.value)}>
        <option value="">All of them</option>
        ${open.map((each) => html`<option value=${each.location_id}>${named(each.location_id)}</option>`)}
      </select>`}<//>`}
    <${Field} label="Message" wide>${(given) => html`
      <input ...${given} value=${message} maxlength="1000" placeholder="Reaches whoever asked, for instance: Already packed" onInput=${(event) => setMessage(event.target.value)} />`}<//>
    <div class="buttons">
      <button type="button" class="primary" disabled=${busy} onClick=${() => answer(true)}>Accept</button>
      <button type="button" disabled=${busy} onClick=${() => answer(false)}>Refuse</button>
    </div>
    <${Trouble} problem=${problem} />
  </form>`;
}

function Deadline({ at }) {
  const [, tick] = useState(0);
  useEffect(() => {
    if (!at) return undefined;
    const clock = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(clock);
  }, [at]);
  if (!at) return html`<span class="muted">no deadline</span>`;
  const left = Math.round((new Date(at) - Date.now()) / 1000);
  if (left <= 0) return html`<${Badge} kind="bad">overdue <${Time} at=${at} /><//>`;
  return html`<span title=${at}><${Badge} kind=${left < 600 ? 'warn' : 'plain'}>${long(left)} left<//></span>`;
}

function long(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}
