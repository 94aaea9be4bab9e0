'use strict';

/* The first look at a run: what came of it, in one screen. */
const ReportVerdict = (() => {
  const isStream = (summary) => Boolean(summary.metrics.ttft);

  const models = (summary) => Object.keys(summary.by?.model ?? {}).filter(Boolean);

  /* What happened, in one or two sentences. */
  const gist = (summary) => {
    const {totals, metrics} = summary;
    const said = [`${Format.counted(totals.requests, 'request')} at ${Format.text(totals.requests_per_second, 'per_second')}`
      + (totals.users_peak ? ` by ${totals.users_peak > 1 ? 'up to ' : ''}${Format.counted(totals.users_peak, 'user')}` : '')];
    said.push(totals.failed > 0 ? `${Format.text(totals.error_rate, 'fraction')} failed` : 'none failed');
    const first = Format.quantile(metrics.ttft, 'p95'), whole = Format.quantile(metrics.e2e, 'p95');
    if (isStream(summary) && first.value !== null) said.push(`95% of first tokens came within ${first.text}`);
    if (whole.value !== null) said.push(`95% of answers were whole within ${whole.text}`);
    if (summary.capacity) return summary.capacity.sentence;
    const text = said.join('; ') + '.';
    // "within > 4 s" is no English; a bound is told as one.
    return text.replaceAll(/95% of (first tokens came|answers were whole) within > ([^;.]+(?:\.\d+ \S+)?)/g,
      (all, what, bound) => `for more than 5%, ${what === 'first tokens came' ? 'first tokens' : 'whole answers'} took over ${bound}`);
  };

  const where = (summary) => summary.targets?.map((target) => target.url
    + (target.simulator ? ' (the built-in simulator)' : '') + (target.tls_verified ? '' : ' (certificates were not verified)'));

  const trustState = (grade) => ({A: 'ok', B: 'ok', C: 'warn'}[grade] ?? 'bad');

  const hero = ({summary}) => {
    const {run} = summary;
    const passed = run.exit_code === 0;
    const running = run.stop_reason === 'running';
    const state = running ? 'warn' : passed ? 'ok' : 'bad';
    // What stands in large letters above need not be said twice.
    const said = summary.verdicts.filter(({sentence}) => sentence !== gist(summary)).map((verdict) => ({state: verdict.code === 0 ? 'warn' : 'bad',
      text: verdict.sentence, value: verdict.code ? String(verdict.code) : undefined,
      note: verdict.code ? `Exit code ${verdict.code}: ${verdict.meaning}` : undefined}));
    const peers = [...new Set(where(summary))];
    return element('header', {id: 'verdict'},
      element('div', {class: 'chips'},
        element('span', {class: `chip ${state}`}, running ? 'Not over yet' : passed ? '✓ Passed' : `✕ Failed (exit code ${run.exit_code})`),
        element('span', {class: `chip ${trustState(summary.client?.trust)}`}, 'Trust ',
          term(summary.client?.trust ?? '–', 'How far the figures can be trusted: A best, F not at all. The reasons stand below.')),
        passed && !summary.thresholds?.length && !summary.capacity ? element('span', {class: 'chip'},
          term('No thresholds', 'Nothing was asked of this run: passed says only that nothing went wrong.')) : null,
        summary.targets?.some((target) => target.simulator) ? element('span', {class: 'chip'}, 'Simulator') : null),
      element('h1', {}, run.scenario),
      run.description ? element('p', {class: 'muted'}, run.description) : null,
      element('p', {style: {'margin-top': '8px', 'font-size': '15px'}}, gist(summary)),
      element('p', {class: 'faint', style: {'margin-top': '4px'}}, [Format.moment(run.started_at), Format.duration(run.duration_s),
        models(summary).slice(0, 4).join(', '), peers.slice(0, 2).join(', ') + (peers.length > 2 ? ` and ${peers.length - 2} more` : ''),
        run.stop_reason === 'completed' || summary.capacity ? '' : `ended by: ${run.stop_reason}`, `throng ${run.version}`].filter(Boolean).join(' · ')),
      said.length > 0 ? element('div', {class: 'card', style: {'margin-top': '16px'}}, lines(said)) : null);
  };

  const column = (summary, name) => Points.column(summary.timeline?.points ?? [], name);
  const rate = (summary, name) => Points.rate(summary.timeline?.points ?? [], summary.timeline?.step_s, name);

  const tiles = ({summary}, glossary) => {
    const {totals, metrics, cost} = summary;
    const latency = (name, label) => {
      const p95 = Format.quantile(metrics[name], 'p95');
      const [p50, p99] = ['p50', 'p99'].map((percentile) => Format.quantile(metrics[name], percentile));
      // A few observations have no percentiles yet, but they have a mean.
      const few = [p50, p95, p99].every(({value}) => value === null);
      return metrics[name] && tile({label, help: glossary[name], text: p95.text, note: p95.help,
        beside: few ? metrics[name].count > 0 ? `mean ${Format.text(metrics[name].mean, 'ms')} of ${Format.count(metrics[name].count)}` : 'never seen'
          : `median ${p50.text}, p99 ${p99.text}`,
        sparks: column(summary, `${name}_p50`)});
    };
    if (summary.capacity) return tileGrid(ReportCapacity.tiles(summary));
    const made = [
      tile({label: 'Requests', help: 'Attempts within the measured window, and their rate.', value: totals.requests_per_second, unit: 'per_second',
        beside: `${Format.count(totals.requests)} in ${Format.duration(summary.window.end_s - summary.window.start_s)}`,
        sparks: rate(summary, 'requests_per_second')}),
      totals.arrivals > 0 && tile({label: 'Arrivals', help: 'Due per second. What nobody was free for within arrivals.max_wait was dropped: the server never saw it.',
        value: totals.arrivals / Math.max(summary.window.end_s - summary.window.start_s, 1e-3), unit: 'per_second', state: totals.dropped_iterations > 0 ? 'bad' : '',
        beside: `${Format.count(totals.dropped_iterations)} of ${Format.count(totals.arrivals)} dropped`,
        sparks: Points.perSecond(summary.timeline?.points ?? [], summary.timeline?.step_s, 'arrivals')}),
      tile({label: 'Failed', help: 'Failed requests over all but those that throng or its people ended themselves.',
        value: totals.error_rate, unit: 'fraction', state: totals.error_rate >= 0.01 ? 'bad' : '',
        beside: Format.counted(totals.failed, 'request'), sparks: totals.failed > 0 ? rate(summary, 'failed') : null}),
      latency('ttft', 'TTFT p95'),
      isStream(summary) ? latency('tpot', 'TPOT p95') : latency('ttfb', 'First byte p95'),
      latency('e2e', 'End to end p95'),
      totals.arrivals > 0 && latency('e2e_from_due', 'Since it was due p95'),
      totals.completion_tokens > 0 && tile({label: 'Output tokens', help: 'Tokens of answers per second, of all users together. '
        + 'Beside it: of one answer, once its first token is there (1/TPOT).' + (totals.estimated_tokens > 0
        ? ' Partly estimated: the server did not count all.' : ''), value: totals.output_tokens_per_second, unit: 'tokens/s',
      beside: metrics.tps ? `${Format.text(metrics.tps.mean, 'tokens/s')} per answer` : `${Format.count(totals.completion_tokens)} in all`,
      sparks: rate(summary, 'output_tokens_per_second')}),
      totals.slo && tile({label: 'Goodput', help: 'Operations per second that met all their service level objectives.',
        value: totals.goodput, unit: 'per_second', beside: `${Format.text(totals.slo.share, 'fraction')} met their SLOs`,
        sparks: rate(summary, 'goodput')}),
      cost && tile({label: 'Cost', help: 'By the prices of the scenario, over the whole run, failed requests included.', value: cost.total_usd, unit: 'usd',
        beside: Format.known(cost.per_million_tokens_usd) ? `${Format.money(cost.per_million_tokens_usd)} per 1M tokens` : '',
        sparks: rate(summary, 'cost_usd')}),
    ];
    return tileGrid(made.filter(Boolean));
  };

  const unitOf = {ms: 'ms', fraction: 'fraction', count: 'count', per_second: 'per_second', usd: 'usd', number: 'number', grade: 'grade'};

  const thresholds = ({summary}, glossary) => {
    const list = summary.thresholds ?? [];
    if (list.length === 0) return null;
    const measured = (threshold) => Format.known(threshold.above) ? `> ${Format.text(threshold.above, unitOf[threshold.unit])}`
      : Format.text(threshold.value, unitOf[threshold.unit]);
    const failed = list.filter(({passed}) => !passed).length;
    return section('thresholds', 'Thresholds', {lead: list.length === 1 ? failed === 0 ? 'It holds.' : 'It does not hold.' : failed === 0 ? `All ${list.length} hold.` : `${failed} of ${list.length} ${failed === 1 ? 'does' : 'do'} not hold.`},
      card(null, {}, lines([...list].sort((a, b) => a.passed - b.passed).map((threshold) => ({
        state: threshold.ignored ? 'none' : threshold.passed ? 'ok' : 'bad',
        text: [term(threshold.metric, glossary[threshold.metric]), threshold.selector ? ` {${threshold.selector}}` : '', ' ',
          element('code', {}, threshold.expression), threshold.ignored ? ' (ignored)' : ''],
        evidence: [threshold.lack, Format.known(threshold.baseline)
          ? `The baseline had ${Format.text(threshold.baseline, unitOf[threshold.unit])}.` : '',
        threshold.since_s > 0 ? `Measured from ${Format.clock(threshold.since_s)} on, since a reload brought it.` : ''].filter(Boolean),
        value: measured(threshold), note: `Of ${Format.count(threshold.samples)} observations`
          + (Format.known(threshold.above) ? '. Only a lower bound is known: the truth is greater.' : '.')})))));
  };

  const trust = ({summary}) => {
    const {client} = summary;
    if (!client) return null;
    const reasons = client.reasons.map(({grade, sentence}) => ({state: trustState(grade), sign: grade, text: sentence}));
    const [left, timers] = [client.schedule_lag, client.loop_lag].map((delay) => Format.quantile(delay, 'p99'));
    const calm = (left.value === null || timers.value === null ? ''
      : `Requests left ${left.text} after they were due at the 99th percentile, and the loop ran its timers ${timers.text} late. `) + 'Nothing speaks against the figures.';
    return section('trust', 'Was the measurement sound?', {nav: 'Trust', lead: `Grade ${client.trust}, from A (best) to F. It is about throng itself and this machine, not about the server.`},
      card(null, {}, reasons.length > 0 ? lines(reasons) : element('p', {}, element('span', {class: 'ok-text'}, '✓ '), calm)));
  };

  const findings = ({summary}) => {
    const sure = {sure: 'Counted, or told by a server.', likely: 'The figures speak for it.', possible: 'It fits the figures, as other causes may.'};
    const advice = (summary.advice ?? []).map(({sentence, evidence, confidence}) => ({state: confidence === 'possible' ? 'none' : 'warn', sign: '→',
      text: sentence, evidence: [(evidence ?? []).join(' · ')].filter(Boolean), value: confidence && element('span', {class: 'chip'}, term(confidence, sure[confidence]))}));
    const anomalies = (summary.anomalies ?? []).map((anomaly) => ({state: 'bad', sign: '▲', text: anomaly.sentence,
      value: `${Format.clock(anomaly.start_s)}–${Format.clock(anomaly.end_s)}`}));
    const marks = (summary.marks ?? []).map(({at_s: at, text, kind}) => ({state: 'none', sign: kind === 'control' ? '⚙' : '●', text, value: Format.clock(at)}));
    const spikes = (summary.spikes ?? []).map((spike) => ({state: spike.recovery === 'not_recovered' ? 'bad' : 'none', sign: '↑',
      text: `Spike '${spike.phase}' to ${Format.count(spike.users)} users: ` + (spike.recovery === 'recovered'
        ? spike.recovery_s > 0 ? `recovered ${Format.duration(spike.recovery_s)} after its end.` : `${spike.metric} was never worse.`
        : spike.recovery === 'not_recovered' ? `${spike.metric} did not come back within the phase behind it.`
          : 'too few requests to say whether it recovered.')}));
    const reloads = (summary.reloads ?? []).map(({at_s: at, changes}) => ({state: 'none', sign: '↻', text: `The scenario changed: ${changes}`, value: Format.clock(at)}));
    return section('findings', 'What stands out', {nav: 'Findings'}, [
      advice.length > 0 && card('Advice', {help: 'What to look at, the most important first, with what it rests on.'}, lines(advice)),
      anomalies.length > 0 && card('Anomalies', {help: 'Stretches of time unlike the rest of the run. They are tinted on the charts.'}, lines(anomalies)),
      (marks.length > 0 || reloads.length > 0) && card('During the run', {help: 'Notes and interventions. They are dotted lines on the charts.'}, lines([...marks, ...reloads])),
      spikes.length > 0 && card('Spikes', {}, lines(spikes)),
    ]);
  };

  return {column, findings, gist, hero, isStream, thresholds, tiles, trust};
})();
