'use strict';

/* A search for capacity: its answer, and each load that was tried. */
const ReportCapacity = (() => {
  const colors = {holds: '--c3', breaks: '--c5', undecided: '--c6'};

  /* "p(95)<500ms" → 500, in ms; a bare number is ms. NaN where it is no such limit. */
  const limitOf = (expression) => {
    const [, number, unit] = /[<>]=?\s*([\d.]+)\s*(us|ms|s|m|%)?\s*$/.exec(expression) ?? [];
    return number === undefined ? NaN : Number(number) * ({us: 1e-3, ms: 1, s: 1e3, m: 6e4, '%': 1e-2}[unit] ?? 1);
  };

  /* The answer, and the figures of the last trial of it that held: those of the whole run mix all loads. */
  const tiles = ({capacity, cost}) => {
    const unit = capacity.by === 'rate' ? 'arrivals/s' : 'users';
    const there = capacity.levels.findLast(({load, verdict, untrusted}) => load === capacity.answer && verdict === 'holds' && !untrusted);
    const figure = (label, name, unitOf, help) => there && Format.known(there[name]) && tile({label, help, value: there[name], unit: unitOf, beside: 'at that load'});
    return [
      tile({label: 'Capacity', help: 'The highest load that holds.', text: Format.known(capacity.answer) ? `${Format.text(capacity.answer, 'number')} ${unit}` : 'none',
        beside: [capacity.end === 'unconfirmed' && 'not confirmed', Format.known(capacity.broke) && `broke at ${Format.text(capacity.broke, 'number')}`, capacity.trials > 0 && `held in ${capacity.held} of ${capacity.trials} trials`].filter(Boolean).join(', ')}),
      capacity.knee && tile({label: 'Knee', help: 'Where throughput over response time is greatest: beyond it, waiting grows faster than work.',
        text: `${Format.text(capacity.knee.load, 'number')} ${unit}`}),
      figure('Throughput', 'done_per_s', 'per_second', 'Requests that succeeded.'),
      figure('Output tokens', 'tokens_per_s', 'tokens/s'),
      figure('TTFT p95', 'ttft_p95_ms', 'ms'),
      figure('TPOT median', 'tpot_p50_ms', 'ms'),
      figure('End to end p95', 'e2e_p95_ms', 'ms'),
      cost && tile({label: 'Cost', help: 'Of the whole search.', value: cost.total_usd, unit: 'usd'}),
    ].filter(Boolean);
  };

  const make = ({summary}) => {
    const {capacity} = summary;
    if (!capacity) return null;
    const grid = element('div', {class: 'cards'});
    const unit = capacity.by === 'rate' ? 'arrivals per second' : 'users';
    const levels = capacity.levels.filter(({untrusted}) => !untrusted);
    const said = facts([['Gives way first', capacity.saturation?.sentence], ['Knee', capacity.knee?.sentence, 'Where throughput over response time is greatest.'],
      ['Recovery', capacity.recovery?.sentence, 'From overload.']]);
    const note = (level) => `${Format.text(level.load, 'number')} ${unit} · ${level.verdict} · ${level.stage} · at ${Format.clock(level.start_s)}`;
    const verticals = [
      capacity.knee && {x: capacity.knee.load, label: `knee ${Format.text(capacity.knee.load, 'number')}`},
      Format.known(capacity.answer) && {x: capacity.answer, label: `capacity ${Format.text(capacity.answer, 'number')}`}].filter(Boolean);
    const figure = (level, name) => ({x: level.load, y: level[name], color: colors[level.verdict], note: note(level)});
    const columns = [
      {label: unit[0].toUpperCase() + unit.slice(1), unit: 'number', value: ({load}) => load},
      {label: 'Verdict', value: ({verdict, breach}) => verdict + (breach ? ` (${breach})` : ''),
        text: (level) => element('span', {class: {holds: 'ok-text', breaks: 'bad-text'}[level.verdict] ?? 'warn-text'}, level.verdict + (level.breach ? ` (${level.breach})` : ''))},
      {label: 'Why tried', value: ({stage}) => stage}, {label: 'at', right: true, value: ({start_s: start}) => start, text: ({start_s: start}) => Format.clock(start)},
      {label: 'Requests', unit: 'count', value: ({requests}) => requests},
      {label: 'Failed', unit: 'count', value: ({failed}) => failed, bar: true, bad: true},
      {label: 'Done/s', unit: 'number', value: ({done_per_s: rate}) => rate, bar: true},
      {label: 'Tokens/s', unit: 'number', value: ({tokens_per_s: rate}) => rate || null},
      ...['ttft_p50_ms', 'ttft_p95_ms', 'tpot_p50_ms', 'e2e_p95_ms'].map((name) => ({unit: 'ms', value: (level) => level[name],
        label: name.replace('_ms', '').replace('_', ' ').replace('e2e', 'End to end').replace('ttft', 'TTFT').replace('tpot', 'TPOT')})),
      {label: 'Running', unit: 'number', value: ({server_running: count}) => count, help: 'Requests, as all servers tell of themselves, on average.'},
      {label: 'Waiting', unit: 'number', value: ({server_waiting: count}) => count, help: 'Likewise.'},
      {label: 'Trust', value: ({trust, untrusted}) => trust + (untrusted ? ' (not counted)' : '')}];
    const made = section('capacity', 'Capacity', {lead: 'Each dot is a load that was held and judged.'},
      said && card(null, {}, said),
      grid, card('Loads that were tried', {}, table(columns, capacity.levels, {most: 12})));
    made.draw = () => {
      grid.append(element('ul', {class: 'keys wide', style: {margin: '0'}}, Object.entries(colors).map(([verdict, color]) =>
        element('li', {}, element('span', {class: 'swatch', style: {background: `var(${color})`, 'border-radius': '50%'}}), verdict))));
      const shown = {unit: 'number', xUnit: capacity.by === 'rate' ? 'number' : 'users', xLabel: unit, verticals};
      dots(grid, {...shown, title: 'Throughput', help: 'Requests that succeeded per second. Where dots no longer rise, more load gets no more work done.', unit: 'per_second',
        points: levels.map((level) => figure(level, 'done_per_s'))});
      if (levels.some(({e2e_mean_ms: mean}) => Format.known(mean)))
        dots(grid, {...shown, title: 'Response time', help: 'Mean of whole answers; what was not over counts with the time it waited.', unit: 'ms',
          points: levels.map((level) => figure(level, 'e2e_mean_ms'))});
      capacity.slos.forEach((slo, index) => {
        const units = {ms: 'ms', fraction: 'fraction'};
        const values = levels.map((level) => ({...figure(level, 'load'), y: level.slos[index]?.value}));
        const known = levels.map((level) => level.slos[index]).find((one) => Format.known(one?.value));
        if (!known || values.every(({y}) => y === 0)) return;
        const limit = limitOf(slo.expression);
        dots(grid, {...shown, title: `${slo.metric}${slo.selector ? ` {${slo.selector}}` : ''} ${slo.expression}`, unit: units[known.unit] ?? 'number', points: values,
          horizontals: Format.known(limit) ? [{y: limit, label: `${slo.expression}`}] : []});
      });
      if (grid.childElementCount % 2 === 0) grid.lastElementChild.classList.add('wide');
    };
    return made;
  };

  return {make, tiles};
})();
