// What every module draws with: Preact, its hooks and signals, and `html` (JSX as a tagged template, no build step).
import { h, render, Fragment } from './vendor/preact.js';
import htm from './vendor/htm.js';

export { useEffect, useMemo, useRef, useState, useCallback, useId } from './vendor/hooks.js';
export { signal, computed, effect, batch, useSignal, useComputed, useSignalEffect } from './vendor/signals.js';
export { h, render, Fragment };
export const html = htm.bind(h);
