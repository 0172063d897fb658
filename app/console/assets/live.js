// The event stream (GET /api/events/stream). EventSource would need a listener for each type; this takes them all.
import { signal } from './ui.js';
import { session } from './api.js';

// 'connecting', 'live' or 'away'
export const standing = signal('connecting');

// Calls `take(event)` for each event until the function that it gives back is called. Comes back by itself, right after
// the last event that it saw.
export function follow(take, query = '') {
  const abort = new AbortController();
  run(take, query, abort.signal);
  return () => abort.abort();
}

async function run(take, query, abort) {
  let last = '', wait = 1000;
  while (!abort.aborted) {
    try {
      const headers = last ? { 'Last-Event-ID': last } : {};
      const answer = await fetch(`/console/as/api/events/stream${query}`, { headers, signal: abort, cache: 'no-store' });
      if (answer.status === 401) session.value = null;
      if (!answer.ok) throw new Error(String(answer.status));
      standing.value = 'live';
      wait = 1000;
      for await (const event of frames(answer.body)) {
        last = event.id || last;
        if (event.data) take(JSON.parse(event.data));
      }
    } catch (error) {
      if (abort.aborted) return;
    }
    standing.value = 'away';
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, 30000);
  }
}

async function* frames(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    held += value;
    const parts = held.split('\n\n');
    held = parts.pop();
    for (const part of parts) yield fields(part);
  }
}

function fields(part) {
  const found = {};
  for (const line of part.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) found[line.slice(0, at)] = line.slice(at + 2);
  }
  return found;
}
