'use strict';

/* The report: {runs: [{summary, folder, scenario, spectrum, heat}], glossary: {metric: meaning}}. */
(() => {
  const {runs, glossary} = JSON.parse(document.getElementById('data').textContent);
  const idOf = ({summary}) => summary.run.id;

  /* All of one run; parts without data are left out. Returns what takes it away again. */
  const show = (run, tabs) => {
    const board = ReportTime.boardOf(run);
    const hero = ReportVerdict.hero(run);
    const sections = [
      ReportVerdict.thresholds(run, glossary),
      ReportVerdict.findings(run),
      ReportVerdict.trust(run),
      ReportCapacity.make(run),
      ReportParts.arms(run),
      ReportShape.draw(board, run, glossary),
      ReportTime.latencies(board, run, glossary),
      ReportTime.load(board, run, glossary),
      ReportParts.errors(run),
      ReportParts.cost(run),
      ReportParts.parts(run, glossary),
      ReportParts.checks(run),
      ReportParts.tenants(run),
      ReportTime.servers(board, run, glossary),
      ReportParts.users(run),
      ReportParts.turns(run),
      ReportClient.client(board, run, glossary),
      ReportClient.origin(run),
    ].filter(Boolean);
    const foot = element('footer', {class: 'foot'}, `Made by throng ${run.summary.run.version}. This page needs no network; its figures are those of summary.json.`);
    const main = element('main', {class: 'page'}, tabs, hero, ReportVerdict.tiles(run, glossary), sections, foot);
    const top = bar('throng', sections);
    document.title = `${run.summary.run.scenario}: ${run.summary.run.exit_code === 0 ? 'passed' : 'failed'} (throng)`;
    document.body.append(top, main);
    sections.forEach((one) => one.draw?.());
    top.tidy();
    return () => {
      board.remove();
      top.remove();
      main.remove();
    };
  };

  /* Several runs: one below each other in a table, and each on a tab of its own. */
  const overview = (tabs) => {
    const value = (name, percentile) => ({summary}) => summary.metrics[name];
    const list = element('main', {class: 'page'}, tabs, element('header', {}, element('h1', {}, `${runs.length} runs`),
      element('p', {class: 'muted'}, 'Headline figures side by side. Whether a difference is more than chance, throng compare says.')),
    section('runs', 'Figures', {}, card(null, {}, table([
      {label: 'Run', value: idOf}, {label: 'Verdict', value: ({summary}) => summary.run.exit_code === 0 ? 'passed' : `failed (${summary.run.exit_code})`,
        text: ({summary}) => element('span', {class: summary.run.exit_code === 0 ? 'ok-text' : 'bad-text'}, summary.run.exit_code === 0 ? 'passed' : `failed (${summary.run.exit_code})`)},
      {label: 'Trust', value: ({summary}) => summary.client?.trust},
      {label: 'Users', unit: 'count', value: ({summary}) => summary.totals.users_peak},
      {label: 'Requests/s', unit: 'number', value: ({summary}) => summary.totals.requests_per_second, bar: true},
      {label: 'Failed', unit: 'fraction', value: ({summary}) => summary.totals.error_rate, bar: true, bad: true},
      ...latencyColumns('ttft', 'TTFT', value('ttft'), ['p50', 'p95'], glossary.ttft),
      ...latencyColumns('tpot', 'TPOT', value('tpot'), ['p50', 'p95'], glossary.tpot),
      ...latencyColumns('e2e', 'End to end', value('e2e'), ['p50', 'p95'], glossary.e2e),
      {label: 'Output tokens/s', unit: 'number', value: ({summary}) => summary.totals.output_tokens_per_second || null},
      {label: 'Cost', unit: 'usd', value: ({summary}) => summary.cost?.total_usd}], runs, {most: 50}))));
    const top = bar('throng', []);
    document.title = `${runs.length} runs (throng)`;
    document.body.append(top, list);
    const grid = element('div', {class: 'cards fill'});
    list.append(section('course', 'Over time', {lead: 'Each run from its own start.'}, grid));
    const board = ReportTime.together(grid, runs);
    return () => {
      board.remove();
      top.remove();
      list.remove();
    };
  };

  let leave = () => {};
  const go = (chosen) => {
    leave();
    const names = ['Overview', ...runs.map(idOf)];
    const tabs = runs.length < 2 ? null : element('div', {class: 'tabs', role: 'tablist'}, names.map((name, index) =>
      element('button', {type: 'button', role: 'tab', 'aria-selected': String(index === chosen), onclick: () => go(index)}, name)));
    leave = runs.length < 2 ? show(runs[0], null) : chosen === 0 ? overview(tabs) : show(runs[chosen - 1], tabs);
  };
  go(0);
})();
