// Small things that every page uses.
import { html, signal, useEffect, useRef, useState } from './ui.js';

// An error as the API said it. Shows nothing without one.
export function Trouble({ problem }) {
  if (!problem) return null;
  return html`<div class="trouble" role="alert">
    <strong><code>${problem.code || 'error'}</code></strong>
    <p>${problem.message}</p>
    ${(problem.errors || []).length > 0 &&
    html`<ul>${problem.errors.map((each) => html`<li><code>${each.field}</code> ${each.message}</li>`)}</ul>`}
    ${problem.requestId && html`<p class="hint">Request <code>${problem.requestId}</code></p>`}
  </div>`;
}

// `load` is asked again whenever one of `inputs` changes, and by `again()`; what is shown stays until the answer is there.
// Gives {value, problem, loading, again, set}.
export function useLoaded(load, inputs) {
  const [state, setState] = useState({ value: null, problem: null, loading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((held) => ({ ...held, loading: true }));
    load(abort.signal).then(
      (value) => abort.signal.aborted || setState({ value, problem: null, loading: false }),
      (problem) => abort.signal.aborted || setState((held) => ({ value: held.value, problem, loading: false })),
    );
    return () => abort.abort();
  }, [...inputs, turn]);
  return { ...state, again: () => setTurn((n) => n + 1), set: (value) => setState((held) => ({ ...held, value })) };
}

export const Badge = ({ kind, children }) => html`<span class=${`badge badge-${kind}`}>${children}</span>`;

export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

// A time as somebody reads it, with the exact one beside it.
export function Time({ at }) {
  if (!at) return '–';
  const moment = new Date(at);
  return html`<time datetime=${at} title=${moment.toISOString()}>${written(moment)}</time>`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const YEAR = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });

function written(moment) {
  const now = new Date();
  if (moment.toDateString() === now.toDateString()) return CLOCK.format(moment);
  return (moment.getFullYear() === now.getFullYear() ? DAY : YEAR).format(moment);
}

export const counted = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

// Minor units as the currency writes them.
export function money(amount, currency) {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

// `of` says to whoever does not see it what is copied.
export function Copy({ text, of = '' }) {
  const [done, setDone] = useState('');
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setDone('Copied');
    } catch {
      setDone('Select and copy by hand');
    }
    setTimeout(() => setDone(''), 2000);
  }
  return html`<button type="button" class="quiet copy" onClick=${copy}>
    <span aria-live="polite">${done || 'Copy'}</span>${of && html`<span class="unseen"> ${of}</span>`}
  </button>`;
}

const notes = signal([]);

// Says in passing what happened.
export function note(text) {
  const made = { text };
  notes.value = [...notes.value, made];
  setTimeout(() => (notes.value = notes.value.filter((each) => each !== made)), 6000);
}

export const Notes = () => html`<div class="notes" role="status">${notes.value.map((n) => html`<p>${n.text}</p>`)}</div>`;

const asked = signal(null);

// Before what cannot be undone: `if (await ask({title, text, yes: 'Cancel 2 units'})) …`. `text` may be a vnode.
export const ask = (question) => new Promise((answer) => (asked.value = { ...question, answer }));

export function Asking() {
  const dialog = useRef(null), question = asked.value;
  useEffect(() => {
    if (question && !dialog.current.open) dialog.current.showModal();
  }, [question]);
  if (!question) return null;
  const close = (yes) => {
    dialog.current.close();
    asked.value = null;
    question.answer(yes);
  };
  return html`<dialog ref=${dialog} aria-labelledby="asking" onCancel=${(event) => (event.preventDefault(), close(false))}>
    <h2 id="asking">${question.title}</h2>
    <div>${question.text}</div>
    <p class="warning">This cannot be undone.</p>
    <div class="buttons">
      <button type="button" onClick=${() => close(false)} autofocus>No, go back</button>
      <button type="button" class="danger" onClick=${() => close(true)}>${question.yes}</button>
    </div>
  </dialog>`;
}

const ICONS = {
  orders: 'M4 6h16M4 12h16M4 18h10',
  warehouse: 'M3 20V9l9-5 9 5v11M7 20v-7h10v7M7 16.5h10',
  partners: 'M8 12a3.5 3.5 0 1 0-.01 0M2.5 20c.6-3.2 2.7-5 5.5-5s4.900 1.800 5.500 5M16 11.500a2.800 2.800 0 1 0-.01 0M16.500 14.600c2.600.2 4.300 1.900 5 4.900',
  health: 'M3 13h4l2.500-7 4.500 12 2.500-5H21',
  leave: 'M14 4h5v16h-5M4 12h10M10 8l4 4-4 4',
};

export const Icon = ({ name }) => html`<svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
  <path d=${ICONS[name]} />
</svg>`;
