// What forms have in common: sending once, whatever is clicked twice, and saying what came of it.
import { html, useId, useRef, useState } from './ui.js';
import { intent } from './api.js';
import { Copy } from './parts.js';

// `run(work, body)` calls `work(key)`; the same body has the same Idempotency-Key until it has gone through, so that a
// second click, or a retry after the connection broke, does nothing twice. Gives {busy, problem, run, clear}.
export function useSending() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const keys = useRef(new Map());
  async function run(work, body = null) {
    const of = JSON.stringify(body);
    if (!keys.current.has(of)) keys.current.set(of, intent());
    setBusy(true);
    setProblem(null);
    try {
      const answer = await work(keys.current.get(of));
      keys.current.delete(of);
      return answer;
    } catch (trouble) {
      // What was refused is decided: the same again is another try.
      if (trouble.status >= 400 && trouble.status < 500) keys.current.delete(of);
      setProblem(trouble);
      return null;
    } finally {
      setBusy(false);
    }
  }
  return { busy, problem, run, clear: () => setProblem(null) };
}

// A label over its control. `children` is a function that gets the attributes of the control.
export function Field({ label, hint, children, wide = false }) {
  const id = useId();
  return html`<div class=${`field ${wide ? 'wide' : ''}`}>
    <label for=${id}>${label}</label>
    ${children({ id, 'aria-describedby': hint ? `${id}-hint` : null })}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

export const Check = ({ children, ...control }) => html`<label class="check"><input type="checkbox" ...${control} /><span>${children}</span></label>`;

// A secret that cannot be read again.
export function Secret({ title, text, onDone }) {
  return html`<div class="secret" role="status">
    <h2>${title}</h2>
    <p>It is shown this once, and kept nowhere as it is. Copy it now.</p>
    <p class="secret-text"><code>${text}</code><${Copy} text=${text} of=${title} /></p>
    <button type="button" onClick=${onDone}>I have it</button>
  </div>`;
}

// Tabs of a page, as links: each has an address of its own. `tabs` are [name, title, address].
export function Tabs({ tabs, current, label }) {
  return html`<nav class="tabs" aria-label=${label}>
    ${tabs.map(([name, title, address]) => html`<a href=${address} aria-current=${name === current ? 'page' : null}>${title}</a>`)}
  </nav>`;
}

// What `<input type="datetime-local">` says, as the API reads it; empty is null.
export const moment = (text) => (text ? new Date(text).toISOString() : null);

// And the other way round.
export function local(date) {
  const moved = new Date(date.getTime() - date.getTimezoneOffset() * 60000);
  return moved.toISOString().slice(0, 16);
}
