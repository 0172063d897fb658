// Health: the server's figures over the last hour.
import { html, useEffect, useRef } from '../ui.js';
import { own } from '../api.js';
import { Badge, Empty, Trouble, useLoaded } from '../parts.js';
import { Plot } from '../plot.js';

const DIALECTS = ['open', 'fulfilled', 'pending', 'returned', 'cancelled', 'accent'];

export default function Health() {
  const { value, problem, loading, again } = useLoaded(() => own('GET', '/figures'), []);
  useEvery(again, value ? value.step * 1000 : 10000);
  return html`
    <div class="head"><h1>Health</h1><p class="muted about">The last hour, of all web processes and tenants. Messages that a <code>dragoman worker</code> sends are counted there.</p></div>
    <div class="stack" aria-busy=${loading}>
      <${Trouble} problem=${problem} />
      ${value && value.at.length < 2 && html`<div class="card"><${Empty}>The server has just started. It looks every ${value.step} seconds.<//></div>`}
      ${value && value.at.length >= 2 && html`<${Figures} value=${value} />`}
    </div>`;
}

function useEvery(again, every) {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    const clock = setInterval(() => document.hidden || latest.current(), every);
    return () => clearInterval(clock);
  }, [every]);
}

function Figures({ value }) {
  const names = Object.keys(value.requests);
  const total = value.dialects.reduce((sum, each) => sum + each.requests, 0);
  const refused = value.dialects.reduce((sum, each) => sum + each.refused, 0);
  const last = (list) => list.findLast((each) => each !== null);
  return html`
    <ul class="tiles">
      <${Tile} name="Requests" value=${total.toLocaleString()} about="in the last hour" />
      <${Tile} name="Refused" value=${total ? `${((refused / total) * 100).toFixed(1)} %` : '–'} about=${`${refused.toLocaleString()} of them`} />
      <${Tile} name="Half within" value=${ms(last(value.p50))} about="latest p50" />
      <${Tile} name="99 of 100 within" value=${ms(last(value.p99))} about="latest p99" />
      <${Tile} name="Due" value=${last(value.due) ?? '–'} about=${`oldest ${seconds(last(value.oldest))}`} />
    </ul>
    <div class="plots">
      <${Plot} title="Requests a second" at=${value.at} unit="/s" stacked
        series=${names.map((name, n) => ({ label: name, values: value.requests[name], colour: DIALECTS[n % DIALECTS.length] }))} />
      <${Plot} title="Refused a second" at=${value.at} unit="/s" series=${[{ label: 'refused', values: value.refused, colour: 'cancelled' }]} />
      <${Plot} title="Time to answer" log at=${value.at} unit=" ms" series=${[
        { label: 'p50', values: value.p50, colour: 'open' },
        { label: 'p99', values: value.p99, colour: 'pending' },
      ]} />
      <${Plot} title="Tasks due" at=${value.at} unit="" series=${[{ label: 'due', values: value.due, colour: 'open' }]} />
      <${Plot} title="Age of the oldest due task" at=${value.at} unit=" s" series=${[{ label: 'oldest', values: value.oldest, colour: 'pending' }]} />
    </div>
    <div class="tables">
      <${Table} title="By dialect" rows=${value.dialects} columns=${[['dialect', 'Dialect'], ['requests', 'Requests'], ['refused', 'Refused'], ['p50', 'p50', ms], ['p99', 'p99', ms]]} />
      <${Table} title="Refusals" rows=${value.refusals} columns=${[['dialect', 'Dialect'], ['code', 'Code'], ['count', 'Times']]} />
      <${Table} title="Webhooks" rows=${value.deliveries} columns=${[['dialect', 'Dialect'], ['outcome', 'Tries'], ['count', 'Times']]} badge=${{ delivered: 'good', failed: 'warn', lost: 'bad' }} />
      <${Table} title="Warehouses" rows=${value.answers} columns=${[['connector', 'Connector'], ['outcome', 'Outcome'], ['count', 'Times']]} badge=${{ accepted: 'good', rejected: 'warn', failed: 'bad' }} />
    </div>`;
}

const Tile = ({ name, value, about }) => html`<li class="card tile"><span class="muted">${name}</span><strong class="number">${value}</strong><small>${about}</small></li>`;

const ms = (value) => (value === null || value === undefined ? '–' : value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`);
const seconds = (value) => (value === null || value === undefined ? '–' : value < 120 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`);

function Table({ title, rows, columns, badge = {} }) {
  const numeric = (value) => typeof value === 'number' || value === null;
  return html`<section class="card" aria-label=${title}><h2>${title}</h2>
    ${rows.length === 0
      ? html`<p class="muted">None.</p>`
      : html`<div class="scroll"><table>
        <thead><tr>${columns.map(([name, head]) => html`<th scope="col" class=${numeric(rows[0][name]) ? 'end' : null}>${head}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr>${columns.map(([name, , shown]) => html`<td class=${numeric(row[name]) ? 'end number' : null}>
          ${badge[row[name]] ? html`<${Badge} kind=${badge[row[name]]}>${row[name]}<//>` : shown ? shown(row[name]) : numeric(row[name]) ? row[name].toLocaleString() : html`<code>${row[name]}</code>`}</td>`)}</tr>`)}</tbody>
      </table></div>`}
  </section>`;
}
