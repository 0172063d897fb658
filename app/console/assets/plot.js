// A plot over time (uPlot). What it shows is also said in words, for those who do not see it.
import { html, useEffect, useRef, useState } from './ui.js';
import uPlot from './vendor/uplot.js';

const HEIGHT = 190;
const dark = matchMedia('(prefers-color-scheme: dark)');

// `at` are seconds since 1970; `series` are {label, values, colour}, the colour a name of colours.css. `stacked` draws
// each on top of those before it, `log` has as much room from 1 to 10 as from 10 to 100.
export function Plot({ title, at, series, unit, stacked = false, log = false }) {
  const place = useRef(null), drawn = useRef(null), [scheme, setScheme] = useState(dark.matches);
  const shape = series.map((each) => each.label).join() + scheme;
  const data = [at, ...(stacked ? sums(series) : series.map((each) => each.values))];
  useEffect(() => {
    const changed = () => setScheme(dark.matches);
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  }, []);
  useEffect(() => {
    const plot = new uPlot(options({ series, unit, width: place.current.clientWidth, stacked, log }), data, place.current);
    drawn.current = plot;
    const fit = new ResizeObserver(() => requestAnimationFrame(() => drawn.current === plot && plot.setSize({ width: place.current.clientWidth, height: HEIGHT })));
    fit.observe(place.current);
    return () => (fit.disconnect(), plot.destroy(), (drawn.current = null));
  }, [shape]);
  useEffect(() => drawn.current && drawn.current.setData(data), [at, shape]);
  return html`<figure class="card plot">
    <figcaption>
      <strong>${title}</strong>
      <span class="legend">${series.map((each) => html`<span><i class=${`swatch swatch-${each.colour}`}></i>${each.label} <b class="number">${latest(each.values)}${unit}</b></span>`)}</span>
    </figcaption>
    <div ref=${place} role="img" aria-label=${`${title}: ${series.map((each) => inWords(each, unit)).join('; ')}`}></div>
  </figure>`;
}

function options({ series, unit, width, stacked, log }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const lines = series.map((each) => ({
    label: each.label,
    stroke: colour(each.colour),
    width: 1.8,
    fill: stacked ? `${colour(each.colour)}33` : `${colour(each.colour)}1f`,
    points: { show: false },
    spanGaps: true,
  }));
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    padding: [10, 20, 0, 0],
    scales: { y: log ? { distr: 3, range: tens } : { range: (_, low, high) => [0, (high || 1) * 1.1] } },
    axes: [
      { ...axis, space: 70, size: 26, values: (_, times) => times.map(clock) },
      { ...axis, size: 58, space: 34, values: (_, values) => values.map((each) => (log && !isTen(each) ? '' : `${short(each)}${unit}`)) },
    ],
    series: [{}, ...lines],
  };
}

const tens = (_, low, high) => [10 ** Math.floor(Math.log10(low || 1)), 10 ** Math.ceil(Math.log10((high || 1) + 0.001))];
const isTen = (value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
const HOURS = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const clock = (seconds) => HOURS.format(new Date(seconds * 1000));
const short = (value) => (value >= 10000 ? `${Math.round(value / 1000)}k` : Number(value.toPrecision(3)).toString());

function sums(series) {
  const total = [];
  return series.map((each) => each.values.map((value, n) => (total[n] = (total[n] || 0) + value)));
}

const there = (values) => values.filter((each) => each !== null);

function latest(values) {
  const last = there(values).pop();
  return last === undefined ? '–' : short(last);
}

function inWords({ label, values }, unit) {
  const known = there(values);
  return known.length ? `${label} now ${latest(values)}${unit}, at most ${short(Math.max(...known))}${unit}` : `${label}: nothing`;
}
