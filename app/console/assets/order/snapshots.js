// An order as every dialect shows it, now and before its last change, for as long as this page is open.
import { signal } from '../ui.js';
import { dialect, own } from '../api.js';

// {id, version, looks: {name: {name, call, status, body, was, trouble}}}
export const shown = signal(null);
let asking = Promise.resolve();

// Looks at the order in every dialect, once for each of its versions; what was there before becomes `was`.
export function remember(order) {
  asking = asking.then(() => look(order), () => look(order));
  return asking;
}

async function look(order) {
  const held = shown.value && shown.value.id === order.id ? shown.value : null;
  if (held && held.version >= order.version) return;
  const { dialects } = await own('POST', '/calls', { order_id: order.id, act: 'read' });
  const looks = await Promise.all(dialects.map((each) => ask(each, held && held.looks[each.dialect])));
  shown.value = { id: order.id, version: order.version, looks: Object.fromEntries(looks.map((each) => [each.name, each])) };
}

async function ask({ dialect: name, allowed, calls }, held) {
  const [call] = calls;
  if (!allowed || !call) return { name, call, trouble: 'This key may not use this dialect.' };
  try {
    const { status, body } = await dialect(call.method, call.path, call.body === null ? {} : { body: call.body });
    // What failed then says nothing about what changed.
    return { name, call, status, body, was: held && held.status === status ? held.body : undefined };
  } catch (trouble) {
    return { name, call, trouble: trouble.message };
  }
}
