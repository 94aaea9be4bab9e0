'use strict';

/* The load generator, the network below it, and where the run came from. */
const ReportClient = (() => {
  const percent = (value) => Format.text(value, 'fraction');
  const some = (count, words) => count > 0 ? `${Format.count(count)} ${words}` : null;

  const client = (board, run, glossary) => {
    const {client: own, network, stream, integrity, workload, replay} = run.summary;
    if (!own) return null;
    const chart = ReportTime.lateness(board, run, glossary);
    const delays = ['schedule_lag', 'send_delay', 'client_delay', 'loop_lag'].filter((name) => own[name])
      .map((name) => ({name, ...own[name], latency: own[name]}));
    const flaws = Object.entries(integrity ?? {}).filter(([name, count]) => count > 0 && name !== 'unsound_answers')
      .map(([name, count]) => [name.replaceAll('_', ' '), Format.count(count)]);
    const made = section('client', 'The load generator and its network', {nav: 'Client'},
      chart?.place,
      element('div', {class: 'cards'},
        card('throng itself', {}, facts([
          ['CPU', `${Format.text(own.cpu_s, 's')} (${percent(own.cpu_s / run.summary.run.duration_s)} of one core)`],
          ['Memory', Format.text(own.max_rss_bytes, 'bytes'), 'Resident memory at its highest.'],
          ['Held back', own.throttled_s > 0 ? `${Format.text(own.throttled_s, 's')} by a CPU quota` : null],
          ['Stalls', own.stalls > 0 ? `${own.stalls}, the longest ${Format.text(own.longest_stall_s, 's')}` : 'none', 'How often nothing could run for 0.1 s or more.'],
          ['Kernel stamps', own.chunks > 0 ? `${percent(1 - (own.unstamped_share ?? 0))} of output chunks` : null, 'Output that was timed by the kernel and not by the program.'],
          ['Unsure', own.unsure_share > 0 ? `${percent(own.unsure_share)} of output chunks` : null, 'Whose arrival is not known exactly.'],
          ['Think time', own.pauses?.achieved_share ? `${percent(own.pauses.achieved_share)} of what was drawn` : null],
          ['Unique questions', Format.known(own.unique_questions) ? percent(own.unique_questions) : null],
        ]), delays.length > 0 && element('div', {style: {'margin-top': '12px'}}, table([
          {label: 'Delay', value: ({name}) => name.replaceAll('_', ' ')},
          ...latencyColumns('', '', ({latency}) => latency, ['p50', 'p99', 'max'])], delays))),
        network && card('Network', {}, facts([
          ['Reused connections', `${percent(network.reused_share)} of ${Format.count(network.requests)} requests`],
          ['Opened', `${Format.count(own.connections_opened)}, ${Format.count(own.connections_peak)} at most at once`],
          ['Round trip', network.rtt ? `median ${Format.quantile(network.rtt, 'p50').text}, p99 ${Format.quantile(network.rtt, 'p99').text}` : null, glossary.rtt],
          ['Resets', some(network.resets, 'requests')], ['Retransmits', some(network.retransmits, 'TCP segments')],
          ['Balance', network.balance?.backends > 1 ? `the busiest of ${network.balance.backends} backends had ${percent(network.balance.most_share)}${network.balance.uneven ? ': uneven' : ''}` : null],
          ['Streams', {flows: 'flow', held_back: 'are held back: the server or a proxy buffers them'}[stream?.verdict]],
          ['Tokens per chunk', Format.known(stream?.tokens_per_chunk) ? Format.text(stream.tokens_per_chunk, 'number') : null],
          ...flaws,
          ['Unset names', some(workload?.unset_uses, `uses without a value, first '${workload?.unset_name}'`)],
          ['Rows skipped', some(workload?.rows_skipped, 'bad rows of data')],
          ['Replay', replay ? `${Format.count(replay.sent)} of ${Format.count(replay.entries_of_worker)} entries sent${replay.degraded ? ', untrue to the trace' : ''}` : null],
        ]), network.peers?.length > 1 && element('div', {style: {'margin-top': '12px'}}, table([
          {label: 'Peer', value: ({peer}) => peer}, {label: 'Requests', unit: 'count', value: ({requests}) => requests, bar: true},
          {label: 'Failed', unit: 'count', value: ({failed}) => failed}], network.peers, {most: 6})))));
    if (chart) made.draw = chart.draw;
    return made;
  };

  const origin = ({summary, folder, scenario}) => {
    const {run} = summary;
    const again = `throng run ${folder ? `${folder}/scenario.yaml` : run.scenario_path}`;
    return section('again', 'Run it again', {nav: 'Again', lead: 'The scenario as it was resolved, without its keys. The fingerprint is the same for the same workload.'},
      card(null, {}, copyable(again), element('div', {style: {'margin-top': '14px'}}, facts([
        ['Run', run.id], ['Scenario', run.scenario_path], ['Started', Format.moment(run.started_at)], ['Ended', Format.moment(run.ended_at)],
        ['Seed', String(run.seed)], ['Workload', run.fingerprint ? element('span', {class: 'mono'}, run.fingerprint) : null],
        ['Tags', Object.entries(run.tags ?? {}).map(([name, value]) => `${name}=${value}`).join(', ')],
        ['Targets', (summary.targets ?? []).map(({name, url, http}) => `${name}: ${url} (HTTP/${http})`).join(', ')],
        ['Workers', summary.workers?.length > 1 ? String(summary.workers.length) : null]]))),
      scenario && card('scenario.yaml', {}, copyable(scenario)));
  };

  return {client, origin};
})();
