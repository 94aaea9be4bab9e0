'use strict';

/* Figures over runs: throng.trend/1, with `charts` of the other figures of the same runs. */
(() => {
  const trend = JSON.parse(document.getElementById('data').textContent);
  const runs = trend.points;
  const units = {USD: 'usd', '/s': 'per_second', '': 'count'};
  const unit = (name) => units[name] ?? name;
  const colors = {p50: '--low', p95: '--middle', p99: '--high'};
  const baseline = runs.findLastIndex(({baselines}) => baselines.length > 0);
  const changes = runs.map((run, at) => at > 0 && run.fingerprint !== runs[at - 1].fingerprint ? at : null).filter((at) => at !== null);
  const day = (moment) => moment.slice(0, 10);

  /* So many days under the axis as there is room for. */
  const ticks = runs.map((run, at) => [at, day(run.started_at)])
    .filter(([at, text]) => at === 0 || text !== day(runs[at - 1].started_at))
    .filter((tick, index, all) => index % Math.ceil(all.length / 8) === 0);

  /* Where the workload became another: figures before and behind do not compare. */
  const drawChanges = (plot) => {
    const {ctx} = plot;
    ctx.save();
    ctx.strokeStyle = Theme.color('--warn');
    ctx.setLineDash([3, 3]);
    changes.forEach((at) => {
      const left = plot.valToPos(at - 0.5, 'x', true);
      ctx.beginPath();
      ctx.moveTo(left, plot.bbox.top);
      ctx.lineTo(left, plot.bbox.top + plot.bbox.height);
      ctx.stroke();
    });
    ctx.restore();
  };

  const chart = (parent, {title, help, unit: name, series}, wide = false) => {
    const drawn = series.map(({label, values, above}) => ({label, values, above, color: colors[label] ?? '--c1'}));
    const last = drawn.at(-1);
    if (baseline >= 0 && Format.known(last.values[baseline]))
      drawn.push({label: `baseline ${runs[baseline].baselines.join(', ')}${series.length > 1 ? `, ${last.label}` : ''}`, color: '--quiet', dash: [4, 3],
        values: runs.map(() => last.values[baseline])});
    return new Chart(parent, {title, help, unit: unit(name), wide, height: wide ? 260 : 190, series: drawn, drawBehind: drawChanges,
      x: {values: runs.map((run, at) => at), ticks, room: true, range: [-0.5, Math.max(runs.length - 0.5, 0.5)],
        say: (at) => `${runs[at].run_id}, ${Format.moment(runs[at].started_at)}`}});
  };

  const value = (run) => run.value ?? null;
  const told = (run) => Format.known(run.value) ? Format.text(run.value, unit(trend.unit))
    : Format.known(run.above) ? `> ${Format.text(run.above, unit(trend.unit))}` : '–';
  const change = (run) => baseline < 0 || !Format.known(run.value) || !(Math.abs(runs[baseline].value) > 0) ? null
    : run.value / runs[baseline].value - 1;
  const percent = (share) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}%`;
  const columns = [
    {label: 'Started', value: (run) => run.started_at, text: (run) => Format.moment(run.started_at)},
    {label: 'Run', value: (run) => run.run_id},
    {label: trend.title, right: true, value, text: told, bar: true},
    {label: 'Against baseline', right: true, value: change, text: (run) => change(run) === null ? '–' : percent(change(run))},
    {label: 'Baseline', value: (run) => run.baselines.join(', ')},
    {label: 'Verdict', value: (run) => run.exit_code, help: 'The exit code: 0 is a run that passed.',
      text: (run) => element('span', {class: run.exit_code === 0 ? 'ok-text' : 'bad-text'}, run.exit_code === 0 ? '✓ passed' : `✕ ${run.exit_code}`)},
    {label: 'Trust', value: (run) => run.trust, help: 'How far the measurement can be trusted, from A to F.'},
    {label: 'Commit', value: (run) => run.git_sha?.slice(0, 10)},
    {label: 'Workload', value: (run) => run.fingerprint?.slice(0, 8), help: 'Its fingerprint: figures of runs compare where it is the same.'},
  ];

  const known = runs.map(value).filter(Format.known).sort((a, b) => a - b);
  const median = known.length > 0 ? (known[(known.length - 1) >> 1] + known[known.length >> 1]) / 2 : null;
  const newest = runs.at(-1);
  const against = (than) => Format.known(newest.value) && Math.abs(than) > 0 ? percent(newest.value / than - 1) : '';
  const tiles = tileGrid([
    tile({label: 'Newest', text: told(newest), beside: Format.moment(newest.started_at), sparks: runs.map(value)}),
    tile({label: 'Median', value: median, unit: unit(trend.unit), beside: `newest ${against(median) || '–'}`}),
    ...(baseline >= 0 ? [tile({label: 'Baseline', text: told(runs[baseline]), beside: `newest ${against(runs[baseline].value) || '–'}`})] : []),
    tile({label: 'Runs', value: runs.length, unit: 'count', beside: `${runs.filter((run) => run.exit_code === 0).length} passed`}),
  ]);

  const main = element('div', {class: 'cards'});
  const others = element('div', {class: 'cards'});
  const sections = [
    section('figure', trend.title, {nav: 'Figure', lead: changes.length > 0
      ? 'At an upright dashed line the workload became another: figures before and behind it do not compare.' : undefined}, tiles, main),
    trend.charts.length > 0 ? section('others', 'Other figures', {nav: 'Others'}, others) : null,
    section('runs', 'Runs', {}, element('div', {class: 'card'}, table(columns, [...runs].reverse(), {most: 25}))),
  ].filter(Boolean);

  document.title = `${trend.title}: ${trend.scenario} (throng history)`;
  document.body.append(bar('throng', sections), element('main', {class: 'page'},
    element('header', {id: 'verdict'}, element('h1', {}, `${trend.scenario}: ${trend.title} over ${runs.length} runs`)),
    sections, element('footer', {class: 'foot'}, 'Made by throng history. This page needs no network.')));
  // Charts measure the place that they get: they are made once it is there.
  chart(main, {title: trend.title, unit: trend.unit, series: [{label: '', values: runs.map(value), above: runs.map((run) => run.above ?? null)}]}, true);
  trend.charts.forEach((one) => chart(others, one));
  if (others.childElementCount % 2 === 1) others.lastElementChild.classList.add('wide');
})();
