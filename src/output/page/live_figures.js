'use strict';

/* How the run stands: its state, its course through the phases, and the figures of the last seconds. */
const LiveFigures = (() => {
  const states = {starting: ['', 'Starting'], loading: ['ok', '● Running'], paused: ['warn', '❚❚ Paused'], stopping: ['warn', 'Stopping'], done: ['', 'Load is over']};
  const links = {live: null, lost: ['bad', 'Connection lost, trying again'], refused: ['bad', 'Not let in'], over: null};
  const trust = {A: 'ok', B: 'ok', C: 'warn', D: 'bad', F: 'bad'};

  const chip = ([state, text], help) => element('span', {class: `chip ${state}`.trim()}, term(text, help));

  /* What came of it, once that is known. */
  const outcome = ({exit_code: code, had_load: hadLoad}) =>
    !hadLoad ? ['bad', '✕ There was no load'] : code === 0 ? ['ok', '✓ Passed'] : ['bad', `✕ Failed (exit code ${code})`];

  const standing = (run, link) => {
    const grade = run.now?.trust.grade;
    return [
      chip(run.end ? outcome(run.end) : states[run.now?.state ?? 'starting']),
      links[link] ? chip(links[link]) : null,
      grade ? chip([trust[grade], `Trust ${grade}`], run.now.trust.reasons.join('\n') || 'Nothing speaks against the figures.') : null,
      run.info?.workers > 1 ? chip(['', `Worker ${run.info.worker + 1} of ${run.info.workers}`], 'Figures are those of this worker alone. Users and rates that you set are of all workers: tell each.') : null,
    ].filter(Boolean);
  };

  const course = (run) => {
    const {now, end} = run;
    if (!now || end) return [];
    const whole = now.elapsed_s + now.left_s;
    return [
      element('progress', {max: '1', value: String(whole > 0 ? now.elapsed_s / whole : 0), 'aria-label': 'How far the load is'}),
      element('p', {}, now.phase ? element('span', {}, 'Phase ', element('strong', {}, now.phase), run.info?.is_search ? null : `, ${Format.clock(now.phase_left_s)} left`) : null,
        element('span', {}, `${Format.clock(now.elapsed_s)} of ${run.info?.is_search ? 'at most ' : ''}${Format.clock(whole)}`),
        now.state === 'paused' ? element('span', {}, 'The clock of the load stands still.') : null),
    ];
  };

  /* The course of a figure over the last points: of a LiveRun. */
  const lately = (points, name) => points.column(name).slice(-60);
  const rateLately = (points, name) => points.rate(name).slice(-60);

  /* A latency of the last seconds. */
  const latency = (points, name, label, help, quantiles) => ({label, help, sparks: lately(points, `${name}_p50`), text: Format.known(quantiles.p95) ? (quantiles.is_above ? '> ' : '') + Format.text(quantiles.p95, 'ms') : '–',
    beside: `median ${Format.text(quantiles.p50, 'ms')}`});

  const figures = (run, points, glossary) => {
    const now = run.now;
    if (!now) return [];
    const open = now.arrivals;
    return [
      open ? {label: 'Arrivals', sparks: rateLately(points, 'arrivals'), help: 'Taken by somebody, per second, over the last five seconds.', value: open.taken_per_second, unit: 'per_second',
        beside: [open.rate > 0 ? `asked for ${Format.text(open.rate, 'per_second')}` : '', `${Format.count(open.waiting)} wait`, `${Format.count(open.dropped)} dropped`].filter(Boolean).join(', '), state: open.dropped > 0 ? 'bad' : ''}
        : {label: 'Users', sparks: lately(points, 'users_active'), help: 'At work now, of so many that are asked for.', text: Format.count(now.users_active),
          beside: `of ${Format.count(now.users_wanted)}${now.users_leaving ? `, ${Format.count(now.users_leaving)} leaving` : ''}`},
      {label: 'Requests', sparks: rateLately(points, 'requests_per_second'), help: 'Answered or failed, per second, over the last five seconds.', value: now.requests_per_second, unit: 'per_second',
        beside: `${Format.count(now.requests)} so far, ${Format.count(now.in_flight)} in flight`},
      {label: 'Failed', sparks: now.failed > 0 ? rateLately(points, 'failed') : null, help: 'Of all so far.', value: now.error_rate, unit: 'fraction', state: now.failed > 0 ? 'bad' : '',
        beside: now.errors.slice(0, 2).map(({kind, count}) => `${Format.count(count)} ${kind}`).join(', ') || Format.counted(now.failed, 'request')},
      ...(run.streams ? [latency(points, 'ttft', 'TTFT p95', glossary.ttft, now.ttft), latency(points, 'icl', 'ICL p95', glossary.icl, now.icl)] : []),
      latency(points, 'e2e', 'End to end p95', glossary.e2e, now.e2e),
      ...(now.completion_tokens > 0 ? [{label: 'Output tokens', sparks: rateLately(points, 'output_tokens_per_second'), help: 'Of answers that ended in the last five seconds, per second.', value: now.output_tokens_per_second, unit: 'tokens/s',
        beside: `${Format.count(now.completion_tokens)} so far`}] : []),
      ...(now.cost_usd > 0 ? [{label: 'Cost', sparks: rateLately(points, 'cost_usd'), help: 'By the prices of the scenario, so far.', value: now.cost_usd, unit: 'usd'}] : []),
    ];
  };

  /* Tiles that stay where they are while their figures change, so that nobody loses what they point at. */
  const tilesIn = (place, glossary) => {
    let shown = '';
    return (run, points) => {
      const wanted = figures(run, points, glossary);
      const names = wanted.map(({label}) => label).join('\n');
      if (wanted.length === 0) return;
      const made = wanted.map((one) => tile(one));
      if (names !== shown) {
        shown = names;
        place.replaceChildren(tileGrid(made));
        return;
      }
      [...place.querySelectorAll('.tile:not(.empty)')].forEach((old, index) => {
        old.className = made[index].className;
        [...old.children].slice(1).forEach((part) => part.remove());
        old.append(...[...made[index].children].slice(1));
      });
    };
  };

  /* What was noted and done, the latest first. */
  const marks = (run) => [...run.marks].reverse().map(({at_s: at, kind, text}) => ({state: 'none', sign: kind === 'control' ? '⚙' : '●', text, value: Format.clock(at)}));

  const failures = (run) => (run.now?.errors ?? []).map(({kind, count}) => ({state: 'bad', text: kind, value: Format.count(count)}));

  /* What is said against the run at its end, and where its results are. */
  const verdict = (run) => {
    const {end} = run;
    if (!end) return null;
    const said = end.verdicts.map(({code, sentence}) => ({state: code === 0 ? 'warn' : 'bad', text: sentence, value: code ? String(code) : undefined}));
    const where = end.results ? element('p', {}, 'The results are in ', element('span', {class: 'mono'}, end.results), ', and its report is ',
      element('span', {class: 'mono'}, `${end.results}/report.html`), '.') : null;
    return element('section', {class: 'card', role: 'status'}, element('header', {}, element('h3', {}, 'The run is over')),
      end.had_load ? null : element('p', {}, 'It ended before its load began: throng said why in its terminal.'),
      lines(said), where, element('p', {class: 'faint'}, 'This page keeps what it shows until you close it. Its figures are those of the last seconds; the report has those of the whole run.'));
  };

  return {course, failures, marks, standing, tilesIn, verdict};
})();
