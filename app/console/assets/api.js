// How the page asks. A dialect is asked through /console/as/<prefix>, which adds the session's key; nothing here knows it.
import { signal } from './ui.js';

// undefined: not known yet. null: nobody. Else what GET /console/session tells: tenant, party, scopes, dialects.
export const session = signal(undefined);

// An answer that is not a success, as it came. `code` and `message` are the API's own; `body` is all that it said.
export class Problem extends Error {
  constructor(status, body, requestId) {
    const told = body && typeof body === 'object' ? body : {};
    super(told.detail || told.title || (typeof body === 'string' && body) || `The server answered ${status}.`);
    Object.assign(this, { status, body, requestId, code: told.code || String(status), errors: told.errors || [] });
  }
}

// Whatever it is that answers: {status, ok, headers, body}. Throws Problem only if nothing does.
export async function send(method, url, { body, headers = {}, signal: abort } = {}) {
  const asked = { method, headers: { 'X-Dragoman-Console': '1', ...headers }, signal: abort, cache: 'no-store' };
  if (body !== undefined) {
    asked.body = typeof body === 'string' ? body : JSON.stringify(body);
    asked.headers['Content-Type'] ??= 'application/json';
  }
  let answer, text;
  try {
    answer = await fetch(url, asked);
    text = await answer.text();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0, { code: 'unreachable', detail: 'The server cannot be reached.' });
  }
  let read = text;
  if (/[/+]json/.test(answer.headers.get('content-type')) && text) read = JSON.parse(text);
  return { status: answer.status, ok: answer.ok, headers: answer.headers, body: read };
}

async function must(method, url, options) {
  const answer = await send(method, url, options);
  if (answer.status === 401 && session.value) session.value = null;
  if (!answer.ok) throw new Problem(answer.status, answer.body, answer.headers.get('x-request-id'));
  return answer.body;
}

// The native API: `api.get('/orders?limit=5')`, `api.post('/orders/1/returns', body, {key})`. Throws Problem.
// `key` is the Idempotency-Key: one for each intent, made by `intent()` when a form opens, so that a second click or a
// retry does nothing twice.
const native = (method) => (path, body, { key, signal: abort } = {}) =>
  must(method, `/console/as/api${path}`, { body, signal: abort, headers: key ? { 'Idempotency-Key': key } : {} });

export const api = {
  get: (path, options) => native('GET')(path, undefined, options),
  post: native('POST'),
  put: native('PUT'),
  patch: native('PATCH'),
  delete: (path, options) => native('DELETE')(path, undefined, options),
};

// Of any dialect, by the path that its own clients use: `dialect('POST', '/shopline/orders/1/cancel', {body})`.
// Gives {status, ok, headers, body}, whatever it is.
export const dialect = (method, path, options) => send(method, `/console/as${path}`, options);

// The console's own routes: `own('POST', '/calls', {…})`. Throws Problem.
export const own = (method, path, body) => must(method, `/console${path}`, { body });

// (randomUUID is there on https and localhost only.)
export function intent() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

export const may = (scope) => Boolean(session.value && session.value.scopes.includes(scope));

export async function whoAmI() {
  const answer = await send('GET', '/console/session').catch(() => null);
  session.value = answer && answer.ok ? answer.body : null;
}

export async function signIn(key) {
  session.value = await must('POST', '/console/session', { body: { key } });
}

export async function signOut() {
  await send('DELETE', '/console/session').catch(() => null);
  session.value = null;
}
