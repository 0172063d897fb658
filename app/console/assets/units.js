// Where the units of a line are: one cell each while they can be seen, else a share of the bar for each state.
import { html } from './ui.js';

export const STATES = ['open', 'pending', 'cancelled', 'fulfilled', 'coming', 'returned'];
const worded = (state) => (state === 'coming' ? 'coming back' : state);
const MOST_CELLS = 48;
const HELD = new Set(['requested', 'awaiting_approval']);

const quantity = (entries) => entries.reduce((sum, entry) => sum + entry.quantity, 0);

// Of returns, what is at a step.
const returning = (order, step) => order.cases.filter((each) => each.type === 'RETURN').flatMap((each) => each.adjustments).filter((entry) => entry.step === step);

// Units of a line that were shipped and are announced to come back.
export const coming = (order, line) => quantity(returning(order, 'announced').filter((entry) => entry.line_id === line.id));

// Units of returns that are not decided yet, goods without a line among them.
export const undecided = (order) => ({ coming: quantity(returning(order, 'announced')), toApprove: quantity(returning(order, 'awaiting_approval')) });

// Counts that add up to `quantity`: what came or comes back is no longer counted as fulfilled.
export function shares(order, line) {
  const on = coming(order, line);
  return { ...line, coming: on, fulfilled: line.fulfilled - line.returned - on };
}

export function totals(order) {
  const sum = Object.fromEntries(STATES.map((state) => [state, 0]));
  for (const line of order.lines) {
    const told = shares(order, line);
    for (const state of STATES) sum[state] += told[state];
  }
  return sum;
}

// The state of each unit, by its number: from the entries that say so, in the order in which they overrule each other.
function states(order, line) {
  const found = Array(line.quantity).fill('open');
  const put = (units, state) => {
    for (const [first, last] of units) for (let n = first; n <= last; n++) found[n - 1] = state;
  };
  for (const { state, lines } of order.fulfillments) {
    if (state !== 'void') for (const held of lines) if (held.line_id === line.id) put(held.units, 'fulfilled');
  }
  for (const request of order.cases) {
    for (const entry of request.adjustments) {
      if (entry.line_id !== line.id || entry.step === 'rejected') continue;
      if (request.type === 'CANCEL') put(entry.units, HELD.has(entry.step) ? 'pending' : 'cancelled');
      else put(entry.units, entry.step === 'announced' ? 'coming' : 'returned');
    }
  }
  return found;
}

// `told` is what `shares` or `totals` give.
export const said = (told) => STATES.filter((state) => told[state]).map((state) => `${told[state]} ${worded(state)}`).join(', ') || 'none';

export function Bar({ order, line }) {
  const told = shares(order, line), label = `${line.quantity} × ${line.sku}: ${said(told)}`;
  if (line.quantity > MOST_CELLS) return html`<${Shares} told=${told} label=${label} />`;
  return html`<div class="cells" role="img" aria-label=${label}>
    ${states(order, line).map((state, n) => html`<span class=${`cell unit-${state}`} title=${`Unit ${n + 1}: ${worded(state)}`} />`)}
  </div>`;
}

export function Shares({ told, label = said(told) }) {
  return html`<div class="shares" role="img" aria-label=${label} title=${label}>
    ${STATES.filter((state) => told[state]).map((state) => html`<span class=${`unit-${state}`} style=${{ flexGrow: told[state] }} />`)}
  </div>`;
}

// The words with their colours: no colour stands alone.
export function Legend({ told }) {
  return html`<ul class="legend">
    ${STATES.filter((state) => told[state]).map((state) => html`<li><span class=${`dot unit-${state}`} />${told[state]} ${worded(state)}</li>`)}
  </ul>`;
}
