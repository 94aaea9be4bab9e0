'use strict';

/* The run over time: charts on one board. */
const ReportTime = (() => {
  const some = (values) => values.some((value) => Format.known(value) && value !== 0);

  const boardOf = ({summary}) => {
    const points = summary.timeline?.points ?? [];
    const phases = [];
    points.forEach(({phase, start_s: start, end_s: end}) => {
      const last = phases.at(-1);
      if (last && last.name === phase) last.end = end;
      else phases.push({name: phase, start, end});
    });
    return new Board({
      times: points.map(({start_s: start, end_s: end}) => (start + end) / 2),
      end: points.at(-1)?.end_s,
      // A search for capacity has dozens of short ones.
      phases: phases.length > 24 ? [] : phases,
      window: summary.capacity ? null : {start: summary.window.start_s, end: summary.window.end_s},
      marks: [...(summary.marks ?? []).map(({at_s: at, text}) => ({at, text})),
        ...(summary.reloads ?? []).map(({at_s: at}) => ({at, text: 'the scenario changed'}))],
      spans: (summary.anomalies ?? []).map(({start_s: start, end_s: end}) => ({start, end})),
    });
  };

  const percentiles = (parent, board, {summary}, glossary, name, title) => {
    const points = summary.timeline.points;
    const series = [['p50', '--low'], ['p95', '--middle'], ['p99', '--high']].map(([percentile, color]) => ({
      label: percentile, color,
      values: points.map((point) => point[`${name}_${percentile}`] ?? null),
      above: points.map((point) => point.above?.[`${name}_${percentile}`] ?? null),
    })).filter(({values, above}) => some(values) || some(above));
    if (series.length === 0) return null;
    const bounded = series.some(({above}) => some(above));
    return board.add(new Chart(parent, {title, help: glossary[name], unit: 'ms', board, series,
      between: series.length > 1 ? [[1, 0]] : [],
      foot: bounded ? 'Arrows are lower bounds: that rank falls among requests that ended before it came.' : undefined}));
  };

  const latencies = (board, run, glossary) => {
    if (!run.summary.timeline) return null;
    const grid = element('div', {class: 'cards'});
    const made = [['ttft', 'Time to first token (TTFT)'], ['icl', 'Inter-chunk latency (ICL)'],
      ['tpot', 'Time per output token (TPOT)'], ['e2e', 'End to end']]
      .map(([name, title]) => () => percentiles(grid, board, run, glossary, name, title));
    return later(section('latency', 'Latency over time', {nav: 'Latency',
      lead: 'Percentiles of each point’s own observations. A gap: too few for that percentile. Drag to zoom, double-click to see all again.'}, grid), made, grid);
  };

  /* Charts measure the place they get, so they are made when their section is on the page. */
  const later = (made, makers, grid) => {
    if (made) made.draw = () => {
      makers.forEach((make) => make());
      if (grid.childElementCount === 0) made.remove();
      else if (grid.childElementCount % 2 === 1) grid.lastElementChild.classList.add('wide');
    };
    return made;
  };

  const stacked = (kinds, points, bars) => {
    const sums = points.map(() => 0);
    return kinds.map((kind, index) => {
      const told = points.map(({errors}) => errors?.[kind] ?? 0);
      told.forEach((value, at) => { sums[at] += value; });
      return {label: kind, told, values: [...sums], color: index < 8 ? `--c${[5, 2, 4, 6, 7, 8, 3, 1][index]}` : '--quiet', solid: true, bars, width: 0};
    }).reverse(); // the greatest sum first, so that the others are seen before it
  };

  const load = (board, {summary}, glossary) => {
    if (!summary.timeline) return null;
    const points = summary.timeline.points;
    const step = summary.timeline.step_s;
    const column = (name) => Points.column(points, name);
    const rate = (name) => Points.rate(points, step, name);
    const bars = Points.bars(points, step);
    const grid = element('div', {class: 'cards'});
    const kinds = [...new Set(points.flatMap(({errors}) => Object.keys(errors ?? {})))];
    const frequency = Object.fromEntries(kinds.map((kind) => [kind, points.reduce((sum, {errors}) => sum + (errors?.[kind] ?? 0), 0)]));
    kinds.sort((a, b) => frequency[b] - frequency[a]);
    const makers = [
      () => board.add(new Chart(grid, {title: 'Users', help: 'How many the load curve asks for, how many there are, and requests in flight, on average.',
        unit: 'users', board, series: [
          {label: 'asked for', values: column('users_wanted'), color: '--quiet', dash: [4, 3]},
          {label: 'active', values: column('users_active'), color: '--c1'},
          {label: 'in flight', values: column('in_flight'), color: '--c2'}]})),
      () => board.add(new Chart(grid, {title: 'Requests per second', help: 'Answered or failed, per second. Goodput: operations that met their SLOs. Due: arrivals of an open loop. Dropped: those that nobody was free for.',
        unit: 'per_second', board, series: [
          {label: 'finished', values: rate('requests_per_second'), color: '--c1', fill: true},
          ...(some(column('goodput')) ? [{label: 'goodput', values: rate('goodput'), color: '--c3'}] : []),
          ...(some(column('arrivals')) ? [{label: 'due', values: Points.perSecond(points, step, 'arrivals'), color: '--quiet', dash: [4, 3]}] : []),
          ...(some(column('dropped_iterations')) ? [{label: 'dropped', values: Points.perSecond(points, step, 'dropped_iterations'), color: '--c5'}] : [])]})),
      () => some(column('failed')) && board.add(new Chart(grid, {title: 'Errors', help: 'Failed requests by kind. What each means stands in the table of errors.',
        unit: 'count', board, series: kinds.length > 0 ? stacked(kinds, points, bars)
          : [{label: 'failed', values: column('failed'), color: '--c5', solid: true, bars, width: 0}]})),
      () => some(column('output_tokens_per_second')) && board.add(new Chart(grid, {title: 'Output tokens', help: 'Of the answers that ended, per second, of all users together.',
        unit: 'tokens/s', board, series: [
          {label: 'all users', values: rate('output_tokens_per_second'), color: '--c1', fill: true}]})),
      () => some(column('output_tokens_per_second')) && board.add(new Chart(grid, {title: 'Output tokens per user', help: 'The same for each user that is active.',
        unit: 'tokens/s', board, series: [{label: 'of one user', color: '--c3',
          values: rate('output_tokens_per_second').map((tokens, at) => Format.known(tokens) && points[at].users_active > 0 ? tokens / points[at].users_active : null)}]})),
      () => some(column('cost_usd')) && board.add(new Chart(grid, {title: 'Cost so far', help: 'By the prices of the scenario.', unit: 'usd', board,
        series: [{label: 'spent', color: '--c6', fill: true,
          values: Points.running(column('cost_usd'))}]})),
      ...customs(summary, points).map(({title, help, unit, series}) => () => board.add(new Chart(grid, {title, help, unit, board, series}))),
    ];
    return later(section('load', 'Load and throughput', {nav: 'Load'}, grid), makers, grid);
  };

  /* The scenario's own metrics over time. */
  const customs = (summary, points) => (summary.custom ?? []).map(({name, kind, unit, help}) => {
    const values = (part) => points.map(({custom}) => custom?.[name + part] ?? null);
    const series = kind === 'trend'
      ? [['p50', '--low'], ['p95', '--middle'], ['p99', '--high']].map(([part, color]) => ({label: part, color, values: values(`_${part}`)}))
      : [{label: kind, color: '--c4', values: values('')}];
    return {title: name, help: help || `A ${kind} of the scenario's own.`, unit: unit || 'number', series: series.filter((one) => some(one.values))};
  }).filter(({series}) => series.length > 0);

  const units = {requests: 'requests', ms: 'ms', fraction: 'fraction', per_second: 'number', bytes: 'bytes', watts: 'watts', celsius: 'celsius'};
  const heading = (name) => {
    const words = name.replace(/^backend_/, '').replaceAll('_', ' ').replace('per second', '/s').replace('kv cache', 'KV cache').replace(/\bgpu\b/, 'GPU')
      .replace(/\bcpu\b/, 'CPU').replace(/\be2e\b/, 'end to end').replace(/\bttft\b/, 'TTFT');
    return words[0].toUpperCase() + words.slice(1);
  };

  const servers = (board, {summary}, glossary) => {
    const list = summary.backend?.servers ?? [];
    const told = list.filter(({answered}) => answered > 0);
    const names = [...new Set(told.flatMap(({timeline}) => Object.keys(timeline ?? {})))];
    const grid = element('div', {class: 'cards three'});
    const makers = names.map((name) => () => {
      const series = told.filter(({timeline}) => timeline[name]).map((server, index) => ({label: told.length > 1 ? server.name : '',
        values: timeline(server, name, board.times.length), color: `--c${index % 8 + 1}`, spanGaps: true}));
      if (!series.some(({values}) => some(values))) return;
      board.add(new Chart(grid, {title: heading(name), help: glossary[name], board, series, height: 140,
        unit: units[told.find(({metrics}) => metrics?.[name])?.metrics[name].unit] ?? 'number'}));
    });
    const timeline = (server, name, length) => Array.from({length}, (_, at) => server.timeline[name][at] ?? null);
    const silent = list.filter(({failed, answered}) => failed > 0 || answered === 0).map(({name, failed, answered, problem}) => ({state: answered > 0 ? 'warn' : 'bad',
      text: `${name} ${answered > 0 ? `did not answer ${Format.count(failed)} of ${Format.count(failed + answered)} times` : 'told nothing'}${problem ? `: ${problem}` : '.'}`}));
    const law = summary.backend?.littles_law;
    const made = section('servers', 'Servers', {lead: 'What the servers behind the target tell of themselves, on the same axis of time.'},
      silent.length > 0 && card(null, {}, lines(silent)),
      law && card('Client against servers', {help: 'Little’s law: requests in flight at the client should be as many as run and wait at the servers.'},
        element('p', {class: law.finding === 'agrees' ? '' : 'warn-text'}, law.sentence)),
      names.length > 0 && grid);
    if (made) made.draw = () => {
      makers.forEach((make) => make());
      if (grid.childElementCount > 0) return;
      grid.remove();
      if (!made.querySelector('.card')) made.remove();
    };
    return made;
  };

  /* How late throng was. */
  const lateness = (board, {summary}, glossary) => {
    if (!summary.timeline) return null;
    const place = element('div');
    const column = (name) => summary.timeline.points.map((point) => point[name] ?? null);
    if (!some(column('schedule_lag_p99')) && !some(column('loop_lag_p99'))) return null;
    return {place, draw: () => board.add(new Chart(place, {title: 'How late throng was', unit: 'ms', board, height: 150,
      help: `schedule_lag: ${glossary.schedule_lag}. loop_lag: ${glossary.loop_lag}.`, series: [
        {label: 'schedule lag p99', values: column('schedule_lag_p99'), color: '--c1'},
        {label: 'loop lag p99', values: column('loop_lag_p99'), color: '--c2'}]}))};
  };

  /* Several runs on one axis: each a line. */
  const together = (grid, runs) => {
    const colors = runs.map((run, index) => index < 8 ? `--c${index + 1}` : '--quiet');
    const points = runs.map(({summary}) => summary.timeline?.points ?? []);
    const middles = points.map((list) => list.map(({start_s: start, end_s: end}) => (start + end) / 2));
    const times = [...new Set(middles.flat())].sort((a, b) => a - b);
    const board = new Board({times, end: Math.max(...points.map((list) => list.at(-1)?.end_s ?? 0), 0)});
    const grows = ['requests_per_second', 'failed', 'output_tokens_per_second'];
    const chart = (title, unit, name) => {
      const series = runs.map(({summary}, index) => {
        const values = grows.includes(name) ? Points.rate(points[index], summary.timeline?.step_s, name) : Points.column(points[index], name);
        const known = new Map(values.map((value, at) => [middles[index][at], value]));
        return {label: summary.run.id, color: colors[index], spanGaps: true, values: times.map((time) => known.get(time) ?? null)};
      });
      if (series.some(({values}) => some(values))) board.add(new Chart(grid, {title, unit, board, series}));
    };
    chart('Requests per second', 'per_second', 'requests_per_second');
    chart('Failed', 'count', 'failed');
    chart('TTFT p50', 'ms', 'ttft_p50');
    chart('TTFT p95', 'ms', 'ttft_p95');
    chart('End to end p50', 'ms', 'e2e_p50');
    chart('End to end p95', 'ms', 'e2e_p95');
    chart('Output tokens per second', 'tokens/s', 'output_tokens_per_second');
    return board;
  };

  return {boardOf, heading, lateness, latencies, load, servers, some, together};
})();
