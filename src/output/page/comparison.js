'use strict';

/* A comparison: throng.comparison/1 as it is. */
(() => {
  const comparison = JSON.parse(document.getElementById('data').textContent);
  const {columns, figure, words} = Differences;
  const percent = +(100 * comparison.limit).toPrecision(3);
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
