// JSON as people read it, and what is not as it was: added, changed (with what stood there) and gone.
import { html } from '../ui.js';

const isTree = (value) => value !== null && typeof value === 'object';

// `was` is what the same document looked like before; without it nothing is marked. 
export function Json({ value, was, label }) {
  return html`<pre class="json" tabindex="0" role="region" aria-label=${label || 'JSON'}><code>${tree(value, was, was !== undefined, 0, null, '')}</code></pre>`;
}

export function countChanges(value, was) {
  if (was === undefined) return 0;
  if (!isTree(value) || !isTree(was) || Array.isArray(value) !== Array.isArray(was)) return value === was ? 0 : 1;
  return pairs(value, was).reduce((sum, [, now, before]) => {
    if (now === undefined || before === undefined) return sum + 1;
    return sum + countChanges(now, before);
  }, 0);
}

// [name, now, before] of everything that is in either, undefined where it is not. Things in lists are known by their id.
function pairs(value, was) {
  if (!Array.isArray(value)) {
    const gone = Object.keys(was).filter((name) => !(name in value));
    return [...Object.entries(value).map(([name, now]) => [name, now, was[name]]), ...gone.map((name) => [name, undefined, was[name]])];
  }
  const name = ['id', '_id'].find((each) => [...value, ...was].every((item) => isTree(item) && item[each] !== undefined));
  if (!name) return [...Array(Math.max(value.length, was.length)).keys()].map((n) => [null, value[n], was[n]]);
  const before = new Map(was.map((item) => [item[name], item]));
  const now = new Set(value.map((item) => item[name]));
  return [...value.map((item) => [null, item, before.get(item[name])]), ...was.filter((item) => !now.has(item[name])).map((item) => [null, undefined, item])];
}

function tree(value, was, marking, depth, name, end) {
  if (value === undefined) return gone(was, depth, name);
  const fresh = marking && was === undefined;
  const other = marking && !fresh && (isTree(value) ? !isTree(was) || Array.isArray(value) !== Array.isArray(was) : value !== was);
  const mark = fresh ? 'added' : other ? 'changed' : '';
  const title = other ? `was ${JSON.stringify(was).slice(0, 200)}` : null;
  const key = name === null ? '' : html`<span class="j-key">${JSON.stringify(name)}</span>: `;
  if (!isTree(value)) {
    return html`<span class=${`j-line ${mark}`} title=${title}>${pad(depth)}${key}${leaf(value)}${end}${other && html` <s class="j-was">${short(was)}</s>`}</span>`;
  }
  const [first, last] = Array.isArray(value) ? '[]' : '{}';
  const inner = marking && !fresh && !other ? pairs(value, was) : entries(value).map(([k, v]) => [k, v, undefined]);
  if (!inner.length) return html`<span class=${`j-line ${mark}`}>${pad(depth)}${key}${first}${last}${end}</span>`;
  const below = marking && !other && !fresh;
  return html`<span class=${`j-line ${mark}`}>${pad(depth)}${key}${first}</span>${inner.map(([k, now, before], n) =>
    tree(now, before, below, depth + 1, k, n < inner.length - 1 ? ',' : ''),
  ).map((each) => (fresh ? html`<span class="added">${each}</span>` : each))}<span class=${`j-line ${mark}`}>${pad(depth)}${last}${end}</span>`;
}

const entries = (value) => (Array.isArray(value) ? value.map((item) => [null, item]) : Object.entries(value));
const pad = (depth) => '  '.repeat(depth);
const short = (value) => (isTree(value) ? '…' : JSON.stringify(value));

function gone(was, depth, name) {
  const text = JSON.stringify(was);
  const key = name === null ? '' : `${JSON.stringify(name)}: `;
  return html`<span class="j-line removed">${pad(depth)}<s>${key}${text.length > 80 ? `${text.slice(0, 80)} …` : text}</s></span>`;
}

function leaf(value) {
  if (typeof value === 'string') return html`<span class="j-text">${JSON.stringify(value)}</span>`;
  if (typeof value === 'number') return html`<span class="j-number">${String(value)}</span>`;
  return html`<span class="j-word">${String(value)}</span>`;
}
