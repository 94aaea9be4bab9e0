'use strict';

/* A part of a page with its heading. Parts without children are left out: null. nav: its name in the bar. */
function section(id, title, {nav = title, lead} = {}, ...children) {
  const there = children.flat().filter(Boolean);
  if (there.length === 0) return null;
  return Object.assign(element('section', {class: 'section', id}, element('h2', {}, title),
    lead ? element('p', {class: 'lead'}, lead) : null, there), {nav});
}

/*
 * The bar on top: where what is, and the theme. sections: those of section(). Its tidy() leaves out those that are hidden
 * or were not put on the page after all.
 */
function bar(title, sections, beside = []) {
  const links = sections.filter((one) => one?.nav).map((one) => element('a', {href: `#${one.id}`}, one.nav));
  const nav = element('nav', {'aria-label': 'Parts of this page'}, links);
  const visible = new Set();
  const seen = new IntersectionObserver((entries) => {
    entries.forEach(({target, isIntersecting}) => visible[isIntersecting ? 'add' : 'delete'](target.id));
    const first = sections.find((one) => visible.has(one?.id));
    links.forEach((link) => link.classList.toggle('here', link.getAttribute('href') === `#${first?.id}`));
  }, {rootMargin: '-64px 0px -60% 0px'});
  sections.filter(Boolean).forEach((one) => seen.observe(one));
  const tidy = () => links.forEach((link) => { link.hidden = document.getElementById(link.hash.slice(1))?.hidden ?? true; });
  return Object.assign(element('div', {class: 'bar', role: 'banner'}, element('span', {class: 'name'}, title), nav, beside, Theme.button()), {tidy});
}

/* A headline figure. value and unit as of Format; text instead, where it is no number; sparks: its course. */
function tile({label, help, value, unit, text, beside = '', sparks = null, state = '', note}) {
  const [number, name] = text ? splitFigure(text) : Format.parts(value, unit);
  const figure = element('div', {class: 'figure'}, note ? term(number, note) : number,
    name ? element('span', {class: 'unit'}, name) : null);
  return element('div', {class: `tile ${state}`.trim()}, element('div', {class: 'label'}, term(label, help)), figure,
    element('div', {class: 'beside'}, beside), sparks ? spark(sparks) : null);
}

/* Headline figures in rows of equal length. */
function tileGrid(tiles) {
  const columns = tiles.length <= 5 ? tiles.length : tiles.length === 6 || tiles.length === 9 ? 3 : 4;
  const empty = Array.from({length: (columns - tiles.length % columns) % columns}, () => element('div', {class: 'tile empty'}));
  return element('div', {class: 'tiles', style: {'--columns': String(columns)}}, tiles, empty);
}

function splitFigure(text) {
  const at = text.lastIndexOf(' ');
  return at > 0 && !/\d/.test(text.slice(at)) ? [text.slice(0, at), text.slice(at + 1)] : [text, ''];
}

/* A small line without axes. */
function spark(values) {
  const known = values.filter(Format.known);
  if (known.length < 2) return null;
  const most = Math.max(...known, 1e-12);
  let pen = 'M';
  const path = values.map((value, at) => {
    if (!Format.known(value)) {
      pen = 'M';
      return '';
    }
    const point = `${pen}${(100 * at / (values.length - 1)).toFixed(2)} ${(24 - 22 * value / most).toFixed(2)}`;
    pen = 'L';
    return point;
  }).join(' ');
  return shape('svg', {viewBox: '0 0 100 26', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
    shape('path', {class: 'spark', d: path}));
}

/* Lines of a list with a sign before each: {state: ok | bad | warn | none, sign, text, value, evidence, note}. */
function lines(items) {
  if (items.length === 0) return null;
  const signs = {ok: '✓', bad: '✕', warn: '!', none: '–'};
  return element('ul', {class: 'lines'}, items.map(({state = 'none', sign, text, value, note, evidence = []}) =>
    element('li', {}, element('span', {class: `mark ${state}-text`}, sign ?? signs[state]),
      element('div', {class: 'grow'}, text, evidence.map((one) => element('div', {class: 'evidence'}, one))),
      value === undefined ? null : element('span', {class: 'value'}, note ? term(value, note) : value))));
}

/* Names with values; those without a value are left out. */
function facts(pairs) {
  const there = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  if (there.length === 0) return null;
  return element('dl', {class: 'facts'}, there.map(([name, value, help]) =>
    [element('dt', {}, term(name, help)), element('dd', {}, value)]));
}

/* A text with a button that copies it. */
function copyable(text) {
  const pre = element('pre', {tabindex: '0'}, text);
  const button = element('button', {class: 'button', type: 'button', onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      // Not allowed, as on pages from a file in some browsers: then it is at least selected.
      getSelection().selectAllChildren(pre);
      button.textContent = 'Selected';
    }
  }}, 'Copy');
  return element('div', {class: 'copy'}, pre, button);
}

/* Parts of a whole as one bar: [{label, value, color, help}], all in one unit. */
function stack(parts, unit) {
  const whole = parts.reduce((sum, {value}) => sum + value, 0);
  if (!(whole > 0)) return null;
  return element('div', {},
    element('div', {class: 'stack', 'aria-hidden': 'true'}, parts.filter(({value}) => value > 0).map(({value, color, label}) =>
      element('i', {title: `${label}: ${Format.text(value, unit)}`,
        style: {flex: `${value / whole} 1 0`, background: `var(${color})`}}))),
    element('ul', {class: 'keys'}, parts.map(({label, value, color, help}) => element('li', {},
      element('span', {class: 'swatch', style: {background: `var(${color})`}}), term(label, help),
      element('strong', {}, Format.text(value, unit)), element('span', {class: 'faint'}, `${Format.percent(value / whole)}%`)))));
}
