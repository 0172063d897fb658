// Where the units of a line are: one cell each while they can be seen, else a share of the bar for each state.
import { html } from './ui.js';

export const STATES = ['open', 'pending', 'cancelled', 'fulfilled', 'returned'];
const MOST_CELLS = 48;
const HELD = new Set(['requested', 'awaiting_approval']);

// Counts that add up to `quantity`: what came back is no longer counted as fulfilled.
export function shares(counts) {
  return { ...counts, fulfilled: counts.fulfilled - counts.returned };
}

export function totals(order) {
  const sum = Object.fromEntries(STATES.map((state) => [state, 0]));
  for (const line of order.lines) for (const state of STATES) sum[state] += line[state];
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
      else if (entry.step !== 'announced') put(entry.units, 'returned');
    }
  }
  return found;
}

export const said = (counts) => {
  const told = shares(counts);
  return STATES.filter((state) => told[state]).map((state) => `${told[state]} ${state}`).join(', ') || 'none';
};

export function Bar({ order, line }) {
  const label = `${line.quantity} × ${line.sku}: ${said(line)}`;
  if (line.quantity > MOST_CELLS) return html`<${Shares} counts=${line} label=${label} />`;
  return html`<div class="cells" role="img" aria-label=${label}>
    ${states(order, line).map((state, n) => html`<span class=${`cell unit-${state}`} title=${`Unit ${n + 1}: ${state}`} />`)}
  </div>`;
}

export function Shares({ counts, label = said(counts) }) {
  const told = shares(counts);
  return html`<div class="shares" role="img" aria-label=${label} title=${label}>
    ${STATES.filter((state) => told[state]).map((state) => html`<span class=${`unit-${state}`} style=${{ flexGrow: told[state] }} />`)}
  </div>`;
}

// The words with their colours: no colour stands alone.
export function Legend({ counts }) {
  const told = shares(counts);
  return html`<ul class="legend">
    ${STATES.filter((state) => told[state]).map((state) => html`<li><span class=${`dot unit-${state}`} />${told[state]} ${state}</li>`)}
  </ul>`;
}
