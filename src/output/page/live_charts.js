'use strict';

/* The charts of a run that goes on: those of its report, each made when there is something to show. */
const LiveCharts = (() => {
  const some = (values) => values.some((value) => Format.known(value) && value !== 0);

  const percentiles = (run, name) => [['p50', '--low'], ['p95', '--middle'], ['p99', '--high']].map(([percentile, color]) => ({
    label: percentile, color, values: run.column(`${name}_${percentile}`),
    above: run.points.map((point) => point.above?.[`${name}_${percentile}`] ?? null),
  })).filter(({values, above}) => some(values) || some(above));

  const latency = (name, title, glossary) => ({title, help: glossary[name], unit: 'ms', series: (run) => percentiles(run, name)});

  /* Failed requests by kind, the most frequent at the bottom. */
  const errors = (run) => {
    const bars = Points.bars(run.points, run.step);
    const sums = new Map();
    run.points.forEach((point) => Object.entries(point.errors ?? {}).forEach(([kind, count]) => sums.set(kind, (sums.get(kind) ?? 0) + count)));
    const kinds = [...sums.keys()].sort((a, b) => sums.get(b) - sums.get(a));
    const heights = run.points.map(() => 0);
    if (kinds.length === 0)
      return some(run.column('failed')) ? [{label: 'failed', values: run.column('failed'), color: '--c5', solid: true, bars, width: 0}] : [];
    return kinds.map((kind, index) => {
      const told = run.points.map((point) => point.errors?.[kind] ?? 0);
      told.forEach((value, at) => { heights[at] += value; });
      return {label: kind, told, values: [...heights], color: index < 8 ? `--c${[5, 2, 4, 6, 7, 8, 3, 1][index]}` : '--quiet', solid: true, bars, width: 0};
    }).reverse();
  };

  const filled = (series) => series.filter(({values}) => some(values));

  /* What there is to see. series(run): as a chart takes them; none: it is not shown. */
  const all = (glossary) => [
    {title: 'Users', help: 'How many the load curve asks for, how many there are, and requests in flight, on average.', unit: 'users', series: (run) => [
      {label: 'asked for', values: run.column('users_wanted'), color: '--quiet', stepped: true, dash: [4, 3]},
      {label: 'active', values: run.column('users_active'), color: '--c1', stepped: true},
      {label: 'in flight', values: run.column('in_flight'), color: '--c2'}]},
    {title: 'Requests per second', help: 'Answered or failed, per second. Goodput: operations that met their SLOs. Due: arrivals of an open loop. Dropped: those that nobody was free for.', unit: 'per_second', series: (run) => [
      {label: 'finished', values: run.rate('requests_per_second'), color: '--c1', fill: true},
      ...filled([{label: 'goodput', values: run.rate('goodput'), color: '--c3'},
        {label: 'due', values: Points.perSecond(run.points, run.step, 'arrivals'), color: '--quiet', dash: [4, 3]},
        {label: 'dropped', values: Points.perSecond(run.points, run.step, 'dropped_iterations'), color: '--c5'}])]},
    latency('ttft', 'Time to first token (TTFT)', glossary),
    latency('icl', 'Inter-chunk latency (ICL)', glossary),
    latency('tpot', 'Time per output token (TPOT)', glossary),
    latency('e2e', 'End to end', glossary),
    {title: 'Errors', help: 'Failed requests by kind.', unit: 'count', series: errors},
    {title: 'Output tokens', help: 'Of the answers that ended, per second, of all users together.', unit: 'tokens/s', series: (run) => filled([
      {label: 'all users', values: run.rate('output_tokens_per_second'), color: '--c1', fill: true}])},
    {title: 'Cost so far', help: 'By the prices of the scenario.', unit: 'usd', series: (run) => filled([
      {label: 'spent', values: run.spent, color: '--c6', fill: true}])},
    {title: 'How late throng was', help: `schedule_lag: ${glossary.schedule_lag}. loop_lag: ${glossary.loop_lag}.`, unit: 'ms', series: (run) => filled([
      {label: 'schedule lag p99', values: run.column('schedule_lag_p99'), color: '--c1'},
      {label: 'loop lag p99', values: run.column('loop_lag_p99'), color: '--c2'}])},
  ];

  const names = (series) => series.map(({label}) => label).join('\n');

  /* The charts of a run, in their places under parent. follow(): what is there now. */
  const draw = (parent, run, glossary) => {
    const board = new Board({times: [], phases: []});
    const charts = all(glossary).map((kind) => ({...kind, chart: null}));
    let hadNames = false;

    const drop = (one) => {
      if (!one.chart) return;
      board.charts = board.charts.filter((chart) => chart !== one.chart);
      one.chart.remove();
      one.chart = null;
    };
    /* At its own place among those that are there. */
    const make = (one, series) => {
      const next = charts.slice(charts.indexOf(one) + 1).find(({chart}) => chart);
      one.chart = board.add(new Chart(parent, {title: one.title, help: one.help, unit: one.unit, board, series,
        between: one.unit === 'ms' && series.length > 1 && series[0].label === 'p50' ? [[1, 0]] : []}));
      if (next) parent.insertBefore(one.chart.root, next.chart.root);
    };
    const show = (one, times) => {
      const series = one.series(run);
      if (one.chart && names(series) !== names(one.chart.series)) drop(one);
      if (series.length === 0) return;
      if (!one.chart) {
        make(one, series);
        return;
      }
      series.forEach(({told, above, bars}, index) => Object.assign(one.chart.series[index], {told, above, bars}));
      one.chart.set(times, series.map(({values}) => values));
    };

    const follow = () => {
      const times = run.times;
      if (times.length === 0) return;
      board.follow({times, start: run.from, end: run.until, phases: run.spans.length > 24 ? [] : run.spans, marks: run.marks.map(({at_s: at, text}) => ({at, text}))});
      board.end = run.until;
      // Names of phases need room, which a chart has from its beginning on.
      if (board.hasNames !== hadNames) charts.forEach(drop);
      hadNames = board.hasNames;
      charts.forEach((one) => show(one, times));
    };
    return {follow};
  };

  return {draw};
})();
