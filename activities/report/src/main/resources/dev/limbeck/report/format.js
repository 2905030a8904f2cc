'use strict';

// Numbers and names as people read them, and the page's few helpers.

const INK = '#1d2433', MUTED = '#667085', GRID = '#e6e9ef', ACCENT = '#3554d1', GOOD = '#1f8a4c', STAR = '#d9480f';
const WORKERS = ['#3554d1', '#e8890c', '#1f8a4c', '#9c36b5', '#0c8599', '#c2255c', '#5c7cfa', '#868e96'];
const MISSING = '–';
const MINUS = '−';

const known = value => value !== null && value !== undefined;

const fixed = (value, digits) => known(value) ? value.toFixed(digits).replace('-', MINUS) : MISSING;

/** A fraction as a percentage without its sign. */
const percent = (fraction, digits = 2) => known(fraction) ? fixed(100 * fraction, digits) : MISSING;

const signed = (value, digits) => (value > 0 ? '+' : value === 0 ? '±' : '') + fixed(value, digits);

/** Three significant digits, as 0.123, 1.23, 12.3, 123, 1234. */
const significant = value =>
  known(value) ? fixed(value, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))) : MISSING;

/** 12.3 M, 456 k, 7.8 G. */
function big(value) {
  if (!known(value)) return MISSING;
  for (const [unit, size] of [['G', 1e9], ['M', 1e6], ['k', 1e3]]) {
    if (value >= size) return significant(value / size) + ' ' + unit;
  }
  return String(value);
}

/** Epochs: at most one decimal. */
const epochs = value => value >= 100 ? Math.round(value).toLocaleString('en-US') : fixed(value, 1).replace(/\.0$/, '');

const range = (r, format) => !known(r) ? MISSING
  : format(r.low) === format(r.high) ? format(r.low) : format(r.low) + '–' + format(r.high);

function duration(millis) {
  const seconds = millis / 1000;
  if (seconds < 10) return fixed(seconds, 1) + ' s';
  if (seconds < 60) return Math.round(seconds) + ' s';
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return minutes + ' min ' + Math.round(seconds) % 60 + ' s';
  return Math.floor(minutes / 60) + ' h ' + minutes % 60 + ' min';
}

const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))];

const plural = (count, word) => count.toLocaleString('en-US') + ' ' + word + (count === 1 ? '' : 's');

/** An element; text children are text, never markup. */
function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (known(value) && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => known(child) && child !== false));
  return element;
}

/** Text for echarts' tooltips, which are markup. */
const escaped = text => String(text).replace(/[&<>"']/g, c => '&#' + c.charCodeAt(0) + ';');

/**
 * Variant labels such as depthwise-k3-e4-d2-relu-se without what all of them share.
 * short: of a label; shared: words that were left out
 */
function shortener(labels) {
  const words = [...new Set(labels)].filter(label => label !== 'reference').map(label => label.split(/[- ]+/));
  const shared = words.length > 1 ? words[0].filter(word => words.every(w => w.includes(word))) : [];
  const short = label => label === 'reference' ? 'ref'
    : label.split(/[- ]+/).filter(word => !shared.includes(word)).join(' ') || label;
  return {short, shared};
}
