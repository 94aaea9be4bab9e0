'use strict';

/* The shape of what was measured: throughput against latency, the distribution, and where the time goes. */
const ReportShape = (() => {
  const metricNames = {ttft: 'TTFT', ttfo: 'TTFO', tpot: 'TPOT', icl: 'ICL', e2e: 'End to end'};

  /* Each point of the run as a dot. */
  const curve = (parent, {summary}) => {
    const all = summary.timeline?.points ?? [];
    const rates = Points.rate(all, summary.timeline?.step_s, 'requests_per_second');
    const points = all.filter(({requests}, at) => requests > 0 && Format.known(rates[at]));
    const figure = (point, one) => point[one] ?? point.above?.[one];
    const name = ['e2e_p95', 'e2e_p50'].find((one) => points.filter((point) => Format.known(figure(point, one))).length >= points.length / 2 && points.length > 3);
    if (!name) return;
    const most = Math.max(...points.map(({users_active: users}) => users), 1);
    const [metric, percentile] = name.split('_');
    dots(parent, {title: 'Throughput against latency', help: 'Each dot is a point of the run. Where dots rise without moving to the right, '
      + 'more users get no more work done: the system is saturated.', unit: 'ms', xUnit: 'number', xLabel: 'requests per second',
    foot: `${metricNames[metric]} ${percentile} of each ${Format.duration(summary.timeline.step_s)}; the stronger its colour, the more users.`
      + (points.some((point) => !Format.known(point[name]) && Format.known(point.above?.[name])) ? ' Rings are lower bounds.' : ''),
    points: points.map((point) => ({x: point.requests_per_second, y: figure(point, name), bound: !Format.known(point[name]),
      share: point.users_active / most,
      note: `${Format.clock(point.start_s)} · ${Format.counted(point.users_active, 'user')} · ${Format.text(point.requests_per_second, 'per_second')} · ${Format.known(point[name]) ? '' : '> '}${Format.text(figure(point, name), 'ms')}`}))});
  };

  /* Means, which add up; of streams that came whole. */
  const breakdown = ({summary}, glossary) => {
    const {metrics} = summary;
    const mean = (name) => metrics[name]?.mean ?? 0;
    const parts = [];
    const blocked = mean('http_req_blocked');
    // Means over new connections alone become means over all requests, so that parts add up.
    const requests = metrics.http_req_blocked?.count || 1;
    const spread = (name) => mean(name) * (metrics[name]?.count ?? 0) / requests;
    if (metrics.arrival_wait) parts.push({label: 'Waiting for a free user', value: mean('arrival_wait') * metrics.arrival_wait.count / requests, color: '--quiet', help: glossary.arrival_wait});
    const [dns, tcp, tls] = [spread('dns'), spread('connect'), spread('tls')];
    parts.push({label: 'DNS', value: dns, color: '--c6', help: glossary.dns}, {label: 'TCP', value: tcp, color: '--c7', help: glossary.connect},
      {label: 'TLS', value: tls, color: '--c4', help: glossary.tls},
      {label: 'Other wait for a connection', value: Math.max(0, blocked - dns - tcp - tls), color: '--c8', help: glossary.http_req_blocked});
    if (metrics.ttft) {
      const queue = queueOf(summary);
      const first = Math.max(0, mean('ttft') - blocked);
      if (Format.known(queue) && queue > 0 && queue < first) {
        parts.push({label: 'Server’s queue', value: queue, color: '--c2', help: 'As the servers tell it of themselves: the mean time in their queue.'},
          {label: 'First token', value: first - queue, color: '--c1', help: 'From the queue to the first output.'});
      } else parts.push({label: 'Queue and first token', value: first, color: '--c1', help: 'From the first byte on the wire to the first output: network, queue and prompt together.'});
      parts.push({label: 'Decode', value: Math.max(0, mean('e2e') - mean('ttft')), color: '--c3', help: 'From the first to the last output.'});
    } else {
      parts.push({label: 'Waiting for the answer', value: mean('http_req_waiting'), color: '--c1', help: glossary.http_req_waiting},
        {label: 'Reading it', value: mean('http_req_receiving'), color: '--c3', help: glossary.http_req_receiving});
    }
    const whole = parts.reduce((sum, {value}) => sum + value, 0);
    const shown = parts.filter(({value}) => value >= whole / 1000);
    if (!metrics.http_req_blocked || shown.length === 0) return null;
    return card('Where the time of a request goes', {wide: true, help: 'Means, since means add up and medians do not. Latencies are of answers that had the '
      + 'moment in question; a failed request may be in one mean and not in another.'}, stack(shown, 'ms'),
    element('p', {class: 'faint', style: {'margin-top': '10px'}}, `Means over the measured window; together ${Format.text(whole, 'ms')}. Parts below 0.1% are left out.`));
  };

  const queueOf = (summary) => {
    const told = (summary.backend?.servers ?? []).map(({metrics}) => metrics?.backend_queue_time).filter(Boolean);
    const readings = told.reduce((sum, {readings: count}) => sum + count, 0);
    return readings > 0 ? told.reduce((sum, {mean, readings: count}) => sum + mean * count, 0) / readings : null;
  };

  const spectrum = (parent, {spectrum: told}, glossary) => {
    if (!told) return;
    const colors = {ttft: '--c1', ttfo: '--c7', tpot: '--c3', icl: '--c6', e2e: '--c2'};
    // Of one value alone there is no line.
    const lines = Object.entries(told.metrics).filter(([, values]) => values.findLastIndex(Format.known) > 0);
    if (lines.length === 0) return;
    const last = Math.max(...lines.map(([, values]) => values.findLastIndex(Format.known)));
    const end = Math.min(told.nines.at(-1), Math.max(1, told.nines[last]) * 1.04);
    // The very least value says little, and would stretch the axis.
    const shown = lines.flatMap(([, values]) => values.slice(1)).filter(Format.known);
    const decade = (value, round) => 10 ** round(Math.log10(Math.max(value, 1e-3)));
    const limits = [decade(Math.min(...shown), Math.floor), decade(Math.max(...shown), Math.ceil)];
    new Chart(parent, {title: 'Percentile spectrum', unit: 'ms', log: true, limits, height: 260,
      help: 'All percentiles at once: the further to the right, the rarer. A flat line is an even service; a rise at the right is a long tail. '
        + 'A line ends where too few observations are left, or where requests ended before the moment came.',
      series: lines.map(([name, values]) => ({label: metricNames[name] ?? name, values, color: colors[name] ?? '--c8'})),
      x: {values: told.nines, range: [0, end], label: 'percentile', say: (at) => `p${+(100 * (1 - 10 ** -told.nines[at])).toFixed(4)}`,
        ticks: [[0, '0'], [Math.log10(2), '50'], [1, '90'], [2, '99'], [3, '99.9'], [4, '99.99'], [5, '99.999'], [6, '99.9999']].filter(([at]) => at <= end)}});
  };

  const draw = (board, run, glossary) => {
    const grid = element('div', {class: 'cards'});
    const parts = breakdown(run, glossary);
    const made = section('shape', 'Distribution', {lead: run.summary.capacity ? 'Of all loads that were tried together.' : undefined}, grid, parts);
    if (!run.spectrum && !run.heat && !parts && !run.summary.timeline) return null;
    made.draw = () => {
      if (!run.summary.capacity) curve(grid, run);
      spectrum(grid, run, glossary);
      if (grid.childElementCount % 2 === 1) grid.lastElementChild.classList.add('wide');
      if (run.heat) board.add(heatMap(grid, board, {title: `${metricNames[run.heat.metric]} over time`, wide: true, heat: run.heat,
        help: `${glossary[run.heat.metric]}. The stronger the colour, the more answers took that long.`}));
      if (grid.childElementCount === 0) grid.remove();
    };
    return made;
  };

  return {draw};
})();
