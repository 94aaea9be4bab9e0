'use strict';

/*
 * A table that its headings sort. columns: [{label, help, unit (of Format; none: text), value (of a row), text
 * (how it is shown; else by its unit), note, bar (a small bar beside, over the greatest), bad (red bar), wrap}];
 * most: rows that are shown at first.
 */
function table(columns, rows, {most = 12, sort = null, descending = true} = {}) {
  const shown = columns.filter(({value}) => rows.some((row) => {
    const found = value(row);
    return found !== null && found !== undefined && found !== '';
  }));
  const greatest = new Map(shown.filter(({bar}) => bar).map((column) =>
    [column, Math.max(...rows.map((row) => column.value(row)).filter(Format.known), 0)]));
  const body = element('tbody');
  const state = {column: sort === null ? null : shown.find(({label}) => label === sort) ?? null, descending, all: false};

  const cell = (column, row) => {
    const value = column.value(row);
    const said = column.text ? column.text(row) : column.unit ? Format.text(value, column.unit) : value ?? '';
    const made = element('td', {class: column.unit || column.right ? null : column.wrap ? 'text wrap' : 'text'},
      column.note?.(row) ? term(said, column.note(row)) : said);
    if (column.bar && greatest.get(column) > 0)
      made.append(element('span', {class: column.bad ? 'meter bad' : 'meter', 'aria-hidden': 'true'},
        element('i', {style: {width: `${100 * (Format.known(value) ? value : 0) / greatest.get(column)}%`}})));
    return made;
  };
  const order = () => {
    const {column} = state;
    if (!column) return rows;
    const rank = (row) => column.value(row);
    const compare = (a, b) => Format.known(a) || Format.known(b)
      ? (Format.known(a) ? a : -Infinity) - (Format.known(b) ? b : -Infinity)
      : String(a ?? '').localeCompare(String(b ?? ''), 'en', {numeric: true});
    return [...rows].sort((a, b) => (state.descending ? -1 : 1) * compare(rank(a), rank(b)));
  };
  const more = element('button', {class: 'button more', type: 'button', onclick: () => { state.all = true; fill(); }});
  const heads = shown.map((column) => {
    const button = element('button', {type: 'button', onclick: () => {
      state.descending = state.column === column ? !state.descending : Boolean(column.unit);
      state.column = column;
      fill();
    }}, column.label);
    if (column.help) Note.attach(button, column.help);
    return element('th', {scope: 'col', class: column.unit || column.right ? null : 'text'}, button);
  });
  function fill() {
    heads.forEach((head, index) => head.setAttribute('aria-sort',
      shown[index] !== state.column ? 'none' : state.descending ? 'descending' : 'ascending'));
    const list = order();
    const few = state.all ? list : list.slice(0, most);
    body.replaceChildren(...few.map((row) => element('tr', {}, shown.map((column) => cell(column, row)))));
    more.hidden = few.length === list.length;
    more.textContent = `Show all ${list.length}`;
  }
  fill();
  return element('div', {}, element('div', {class: 'scroll'},
    element('table', {}, element('thead', {}, element('tr', {}, heads)), body)), more);
}

/* The columns of a latency: its percentiles, sorted by what is known of them. */
function latencyColumns(name, label, latency, percentiles = ['p50', 'p95', 'p99'], help) {
  return percentiles.map((percentile, index) => ({
    label: index === 0 && label ? `${label} ${percentile}` : percentile.replace('_', '.'),
    help: index === 0 ? help : undefined,
    unit: 'ms',
    value: (row) => Format.quantile(latency(row), percentile).value,
    text: (row) => Format.quantile(latency(row), percentile).text,
    note: (row) => Format.quantile(latency(row), percentile).above ? Format.quantile(latency(row), percentile).help : null,
  }));
}
