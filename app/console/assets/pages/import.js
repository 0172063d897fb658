// Import: a file of orders, looked at before anything is written (docs/import.md has the layout).
import { html, useState } from '../ui.js';
import { dialect, own, Problem } from '../api.js';
import { Badge, counted, Trouble } from '../parts.js';
import { Field, useSending } from '../forms.js';

const SHOWN = 100;
const RESULTS = { created: ['good', 'created'], exists: ['plain', 'there already'], rejected: ['bad', 'rejected'] };

export default function Import() {
  const [entries, setEntries] = useState(null);
  const [results, setResults] = useState(null);
  const { busy, problem, run, clear } = useSending();
  const good = (entries || []).filter((each) => each.order);
  async function choose(event) {
    const [file] = event.target.files;
    setEntries(null);
    setResults(null);
    clear();
    if (file) setEntries(await run(() => read(file)));
  }
  async function take() {
    const body = good.map((each) => JSON.stringify(each.order)).join('\n');
    setResults(await run((key) => send(body, key), body));
  }
  return html`
    <div class="head"><h1>Import orders</h1></div>
    <div class="card import" aria-busy=${busy}>
      <${Field} label="File" hint="CSV, a row a line of an order, or NDJSON, an order a line. What is there already is left alone.">${(given) => html`
        <input ...${given} type="file" accept=".csv,.tsv,.ndjson,.jsonl,text/csv,application/x-ndjson" onChange=${choose} />`}<//>
      <${Trouble} problem=${problem} />
      ${entries && !results && html`<${Look} entries=${entries} good=${good} />
        <button class="primary" disabled=${busy || !good.length} onClick=${take}>Import ${counted(good.length, 'order')}</button>`}
      ${results && html`<${Results} results=${results} good=${good} />`}
    </div>`;
}

async function read(file) {
  const text = await file.text();
  if (/\.(csv|tsv)$/i.test(file.name)) return (await own('POST', '/sheet', text)).orders;
  return text.split('\n').flatMap((line, n) => (line.trim() ? [parsed(line, n + 1)] : []));
}

function parsed(line, row) {
  try {
    return { row, order: JSON.parse(line) };
  } catch (error) {
    return { row, wrong: [`line ${row}: ${error.message}`] };
  }
}

async function send(body, key) {
  const headers = { 'Content-Type': 'application/x-ndjson', 'Idempotency-Key': key };
  const answer = await dialect('POST', '/api/orders/import', { body, headers });
  if (!answer.ok) throw new Problem(answer.status, answer.body, answer.headers.get('x-request-id'));
  return answer.body.trim().split('\n').map((line) => JSON.parse(line));
}

function Look({ entries, good }) {
  const wrong = entries.filter((each) => each.wrong);
  return html`
    <p role="status">${counted(good.length, 'order')} can be imported${wrong.length > 0 && html`, <span class="wrong">${wrong.length} cannot be read</span>`}. Nothing is written yet.</p>
    ${wrong.length > 0 && html`<ul class="wrong">${wrong.slice(0, SHOWN).flatMap((each) => each.wrong.map((text) => html`<li>${text}</li>`))}</ul>`}
    <div class="taken"><table>
      <thead><tr><th scope="col">Row</th><th scope="col">Number</th><th scope="col">Customer</th><th scope="col">Lines</th></tr></thead>
      <tbody>${good.slice(0, SHOWN).map(({ row, order }) => html`<tr>
        <td class="number">${row}</td><td>${order.number || html`<span class="muted">made up</span>`}</td>
        <td>${(order.customer || {}).name}</td>
        <td>${(order.lines || []).map((line) => `${line.quantity} × ${line.sku}`).join(', ')}</td>
      </tr>`)}</tbody>
    </table></div>
    ${good.length > SHOWN && html`<p class="muted">The first ${SHOWN} are shown.</p>`}`;
}

function Results({ results, good }) {
  const of = (status) => results.filter((each) => each.status === status).length;
  return html`
    <p role="status"><strong>${of('created')} created, ${of('exists')} there already, ${of('rejected')} rejected.</strong></p>
    <div class="taken"><table>
      <thead><tr><th scope="col">Row</th><th scope="col">Number</th><th scope="col">Result</th></tr></thead>
      <tbody>${results.slice(0, SHOWN).map((each) => html`<tr>
        <td class="number">${(good[each.line - 1] || {}).row}</td>
        <td>${each.id ? html`<a href=${`/console/orders/${each.id}`}>${each.number || each.id}</a>` : each.number}</td>
        <td><${Badge} kind=${RESULTS[each.status][0]}>${RESULTS[each.status][1]}<//>
          ${each.problem && html` ${each.problem.detail} ${(each.problem.errors || []).map((e) => `${e.field} ${e.message}`).join('; ')}`}</td>
      </tr>`)}</tbody>
    </table></div>
    <p><a href="/console">See all orders</a></p>`;
}
