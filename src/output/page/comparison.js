'use strict';

/* A comparison: throng.comparison/1 as it is. */
(() => {
  const comparison = JSON.parse(document.getElementById('data').textContent);
  const words = {regression: 'worse', improvement: 'better', no_change: 'no change', not_enough_data: 'too little data'};
  const help = {
    regression: 'Surely worse, and by more than the limit.',
    improvement: 'Surely better, and by more than the limit.',
    no_change: 'No difference above the limit is shown, and one above it is ruled out or would be surprising.',
    not_enough_data: 'No difference is shown, but one above the limit is not ruled out either: measure longer.',
  };
  const percent = +(100 * comparison.limit).toPrecision(3);
  const isShare = (row) => row.unit === 'fraction';
  const unit = (row) => row.unit === 'USD' ? 'usd' : row.unit;
  const figure = ({metric, aggregate}) => aggregate === 'rate' ? metric : `${metric} ${aggregate}`;

  const by = (row, value) => !Format.known(value) ? '–' : isShare(row)
    ? `${value > 0 ? '+' : ''}${(100 * value).toFixed(2)} pp` : `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}%`;

  const valueOf = (row, side) => {
    const bound = row.above?.[side];
    return Format.known(bound) ? `> ${Format.text(bound, unit(row))}` : Format.text(row[side], unit(row));
  };

  const change = (row) => {
    const said = by(row, isShare(row) ? row.difference : row.change);
    if (Format.known(row.above?.new) && Format.known(row.above?.base)) return '–';
    return Format.known(row.above?.new) ? `at least ${said}` : Format.known(row.above?.base) ? `at most ${said}` : said;
  };

  const interval = (row) => {
    const [low, high] = isShare(row) ? [row.difference_low, row.difference_high] : [row.low, row.high];
    if (!Format.known(low) && !Format.known(high)) return '–';
    if (!Format.known(high)) return `from ${by(row, low)}`;
    return `${Format.known(low) && low > -1 ? by(row, low) : 'up'} to ${by(row, high)}`;
  };

  const verdict = (row) => element('span', {class: `${Forest.states[row.verdict]}-text`}, words[row.verdict]);

  const columns = [
    {label: 'Of', value: ({selector}) => selector},
    {label: 'Figure', value: figure},
    {label: 'Base', right: true, value: ({base}) => base, text: (row) => valueOf(row, 'base')},
    {label: 'New', right: true, value: (row) => row.new, text: (row) => valueOf(row, 'new')},
    {label: 'Change', right: true, value: (row) => isShare(row) ? row.difference : row.change, text: change},
    {label: '95% interval', right: true, value: ({low}) => low, text: interval,
      help: 'In 95 of 100 cases it holds the true change. Drawn from blocks of time, since requests that wait in one queue are not independent.'},
    {label: 'p', right: true, value: (row) => row.p_adjusted, help: 'Of no difference, adjusted for how many figures are compared (Holm).',
      text: (row) => !Format.known(row.p_adjusted) ? '–' : row.p_adjusted < 0.001 ? '< 0.001' : row.p_adjusted.toFixed(3)},
    {label: 'Verdict', value: (row) => words[row.verdict], text: verdict, note: (row) => help[row.verdict]},
  ];

  const totals = comparison.differences.filter(({selector}) => selector === '');
  const parts = comparison.differences.filter(({selector}) => selector !== '');
  const differ = parts.filter((row) => row.verdict === 'regression' || row.verdict === 'improvement');
  const state = comparison.failed ? 'bad' : {regression: 'warn', improvement: 'ok', no_change: 'ok'}[comparison.verdict] ?? 'warn';

  const side = (name, run) => element('div', {class: 'card'}, element('h3', {}, name), facts([
    ['Scenario', run.scenario], ['Run', run.id], ['Started', Format.moment(run.started_at)],
    ['Target', run.targets.map(({url}) => url).join(', ')], ['Requests', Format.text(run.requests, 'count')],
    ['Users', Format.text(run.users_peak, 'count')], ['Trust', run.trust], ['throng', run.version],
    ['Fingerprint', run.fingerprint?.slice(0, 12), 'The same for the same workload.']]));

  const head = element('header', {id: 'verdict'},
    element('div', {class: 'keys', style: {margin: '0 0 10px'}},
      element('span', {class: `chip ${state}`}, comparison.failed ? '✕ Failed' : words[comparison.verdict]),
      element('span', {class: `chip ${comparison.is_same_workload ? 'ok' : 'warn'}`}, comparison.is_same_workload ? 'Same workload' : 'Other workload')),
    element('h1', {}, `${comparison.base.scenario}: ${comparison.base.id} and ${comparison.new.id}`),
    element('p', {style: {'margin-top': '8px', 'font-size': '15px'}}, comparison.sentence),
    Format.known(comparison.fail_above) ? element('p', {class: 'muted'},
      `It fails where something is worse by more than ${Format.percent(comparison.fail_above)}%.`) : null,
    comparison.notes.length > 0 ? element('div', {class: 'card', style: {'margin-top': '16px'}},
      lines(comparison.notes.map((text) => ({state: 'warn', text})))) : null);

  const sections = [
    section('changes', 'Changes', {lead: `The point is what was measured, the line its 95% interval. The band is ±${percent}%: what lies in it is no change.`},
      element('div', {class: 'card'}, Forest.draw(totals, figure, comparison.limit))),
    section('figures', 'All requests', {}, element('div', {class: 'card'}, table(columns, totals, {most: 40}))),
    section('parts', 'Models, steps, classes, organizations', {nav: 'Parts',
      lead: differ.length > 0 ? `${differ.length} of ${parts.length} figures differ.` : 'None of these differs.'},
    parts.length > 0 ? element('div', {class: 'card'}, table(columns, [...differ, ...parts.filter((row) => !differ.includes(row))],
      {most: Math.max(12, differ.length)})) : null),
    section('runs', 'Runs', {}, element('div', {class: 'tiles', style: {'--columns': '2', gap: '16px'}},
      side('Base', comparison.base), side('New', comparison.new))),
  ].filter(Boolean);

  document.title = `${words[comparison.verdict]}: ${comparison.base.scenario} (throng compare)`;
  document.body.append(bar('throng', sections), element('main', {class: 'page'}, head, sections,
    element('footer', {class: 'foot'}, 'Made by throng compare. This page needs no network.')));
})();
