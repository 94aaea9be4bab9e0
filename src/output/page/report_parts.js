'use strict';

/* The run by its parts: models, organizations, steps, phases, users, errors, money. */
const ReportParts = (() => {
  // Of a dimension: as a heading, and of one value.
  const titles = {arm: ['Arms', 'Arm'], model: ['Models', 'Model'], org_id: ['Organizations', 'Organization'], step: ['Steps', 'Step'],
    class: ['Classes of users', 'Class'], backend: ['Backends', 'Backend'], target: ['Targets', 'Target'], region: ['Regions', 'Region'],
    group: ['Groups', 'Group'], prompt_size: ['Prompt sizes', 'Tokens'], phase: ['Phases', 'Phase']};

  const columns = (key, glossary, hasCost) => [
    {label: titles[key]?.[1] ?? key, value: ([name]) => name || '(none)'},
    {label: 'Requests', unit: 'count', value: ([, part]) => part.requests, bar: true},
    {label: 'per second', unit: 'number', value: ([, part]) => part.requests_per_second},
    {label: 'Failed', unit: 'fraction', value: ([, part]) => part.error_rate, bar: true, bad: true,
      help: 'Failed requests over all but those that throng or its people ended themselves.'},
    ...latencyColumns('ttft', 'TTFT', ([, part]) => part.metrics?.ttft, ['p50', 'p95'], glossary.ttft),
    ...latencyColumns('tpot', 'TPOT', ([, part]) => part.metrics?.tpot, ['p50', 'p95'], glossary.tpot),
    ...latencyColumns('e2e', 'End to end', ([, part]) => part.metrics?.e2e, ['p50', 'p95'], glossary.e2e),
    {label: 'Output tokens/s', unit: 'number', value: ([, part]) => part.completion_tokens > 0 ? part.output_tokens_per_second : null},
    {label: 'SLOs met', unit: 'fraction', value: ([, part]) => part.slo?.share},
    hasCost && {label: 'Cost', unit: 'usd', value: ([, part]) => part.cost_usd, bar: true},
  ].filter(Boolean);

  const dimension = (key, summary, glossary) => {
    const values = Object.entries(summary.by?.[key] ?? {});
    if (values.length < 2 || (key === 'phase' && summary.capacity)) return null;
    const phases = key === 'phase';
    return card(titles[key]?.[0] ?? key, {help: phases ? 'Each phase is a window of its own, warm-up included.' : undefined},
      table(columns(key, glossary, Boolean(summary.cost)), values, phases ? {most: 30} : {sort: 'Requests'}));
  };

  const parts = ({summary}, glossary) => {
    const keys = Object.keys(titles);
    const others = Object.keys(summary.by ?? {}).filter((key) => !keys.includes(key) && key !== 'user_id');
    return section('parts', 'Side by side', {nav: 'Parts', lead: 'The measured window by what a request belongs to. Headings sort.'},
      [...keys, ...others].map((key) => dimension(key, summary, glossary)));
  };

  /* Of a run that split its traffic: whether the arms differ by more than chance. */
  const arms = ({summary}) => {
    const {ab} = summary;
    if (!ab) return null;
    const labels = {Of: 'Arm', Base: ab.base, New: 'This arm'};
    const columns = Differences.columns.map((column) => ({...column, label: labels[column.label] ?? column.label,
      value: column.label === 'Of' ? ({selector}) => selector.replace(/^arm=/, '') : column.value}));
    const what = ({models, target, share}) => [Format.text(share, 'fraction'), target && `target ${target}`,
      Object.entries(models ?? {}).map(([from, to]) => `${to} in place of ${from}`).join(', ')].filter(Boolean).join(', ');
    return section('arms', 'A/B', {lead: `What each arm differs in from ${ab.base}, and whether by more than chance.`},
      card(null, {}, lines((ab.sentences ?? []).map((text) => ({sign: '→', text}))),
        element('div', {style: {'margin-top': '12px'}}, facts(ab.arms.map((arm) => [arm.name, what(arm)])))),
      ab.differences.length > 0 && card(null, {}, table(columns, ab.differences, {most: 30})));
  };

  const errors = ({summary}) => {
    const list = summary.errors ?? [];
    const retries = (summary.retries ?? []).filter(({count}) => count > 0);
    const circuits = (summary.circuits ?? []).filter(({opened}) => opened > 0);
    return section('errors', 'Errors', {}, [
      list.length > 0 && card(null, {}, table([
        {label: 'Kind', value: ({kind}) => kind},
        {label: 'Count', unit: 'count', value: ({count}) => count, bar: true, bad: true},
        {label: 'What it means, and where to look', value: ({help}) => help, wrap: true},
        {label: 'Example', value: ({example}) => example, text: ({example}) => element('span', {class: 'mono'}, example), wrap: true},
      ], list, {most: 20})),
      (retries.length > 0 || circuits.length > 0) && element('div', {class: 'cards fill'},
        retries.length > 0 && card('Retries', {help: 'How the attempt before each retry ended.'}, table([
          {label: 'After', value: ({after}) => after}, {label: 'Retries', unit: 'count', value: ({count}) => count, bar: true}], retries)),
        circuits.length > 0 && card('Circuit breakers', {}, table([
          {label: 'Target', value: ({target}) => target}, {label: 'State', value: ({state}) => state}, {label: 'Opened', unit: 'count', value: ({opened}) => opened},
          {label: 'Open for', unit: 's', value: ({open_s: open}) => open}, {label: 'Not sent', unit: 'count', value: ({not_sent: count}) => count}], circuits))),
    ]);
  };

  const checks = ({summary}) => {
    const list = summary.checks ?? [];
    const customs = (summary.custom ?? []).map((custom) => ({...custom, told: summary.metrics[custom.name]})).filter(({told}) => told);
    const figure = ({kind, unit, told}) => ({counter: () => Format.text(told.count, unit || 'number'), rate: () => Format.text(told.rate, 'fraction'),
      gauge: () => `${Format.text(told.value, unit || 'number')} (${Format.text(told.min, unit || 'number')} to ${Format.text(told.max, unit || 'number')})`,
      trend: () => `median ${Format.quantile(told, 'p50').text}, p95 ${Format.quantile(told, 'p95').text}, p99 ${Format.quantile(told, 'p99').text}`}[kind]());
    return section('checks', 'Checks and own metrics', {nav: 'Checks'}, [
      list.length > 0 && card('Checks', {}, table([
        {label: 'Step', value: ({step}) => step}, {label: 'Check', value: ({name}) => name, wrap: true},
        {label: 'Held', unit: 'fraction', value: ({rate}) => rate, bar: true},
        {label: 'Passes', unit: 'count', value: ({passes}) => passes}, {label: 'Fails', unit: 'count', value: ({fails}) => fails}], list, {most: 20})),
      customs.length > 0 && card('The scenario’s own metrics', {}, facts(customs.map((custom) => [custom.name, figure(custom), custom.help]))),
    ]);
  };

  const spendings = (title, map) => {
    const list = Object.entries(map ?? {}).filter(([, {total_usd: total}]) => total > 0);
    if (list.length === 0) return null;
    return card(title, {}, table([
      {label: '', value: ([name]) => name || '(none)'},
      {label: 'Cost', unit: 'usd', value: ([, one]) => one.total_usd, bar: true},
      {label: 'per 1M tokens', unit: 'usd', value: ([, one]) => one.per_million_tokens_usd},
      {label: 'per good request', unit: 'usd', value: ([, one]) => one.per_ok_request_usd},
      {label: 'tokens for $1', unit: 'count', value: ([, one]) => one.output_tokens_per_usd, help: 'Output tokens.'}], list, {sort: 'Cost'}));
  };

  const cost = ({summary}) => {
    const {cost: spent, totals} = summary;
    if (!spent) return null;
    return section('cost', 'Cost', {lead: 'By the prices of the scenario, over the whole run, warm-up and failed requests included.'},
      element('div', {class: 'cards fill'}, card('In all', {}, facts([
        ['Spent', Format.money(spent.total_usd)],
        ['Per 1M tokens', Format.text(spent.per_million_tokens_usd, 'usd'), 'Prompt and output tokens together.'],
        ['Per 1M output tokens', Format.text(spent.per_million_output_tokens_usd, 'usd'), 'What the prompts cost is in it.'],
        ['Per good request', Format.text(spent.per_ok_request_usd, 'usd'), 'What the others cost is in it.'],
        ['Per user', Format.text(spent.users?.mean_usd, 'usd'), 'Mean over users with a request that is over.'],
        ['Tokens', `${Format.count(totals.prompt_tokens)} in${totals.cached_tokens > 0 ? ` (${Format.count(totals.cached_tokens)} cached)` : ''}, ${Format.count(totals.completion_tokens)} out`
          + (totals.estimated_tokens > 0 ? `; ${Format.count(totals.estimated_tokens)} estimated` : '')]])),
      spendings('By model', spent.by_model), spendings('By organization', spent.by_org_id)),
      spent.users?.dearest?.length > 1 && card('Most expensive users', {}, table([
        {label: 'User', value: ({user}) => `user ${user}`}, {label: 'Cost', unit: 'usd', value: ({cost_usd: usd}) => usd, bar: true},
        {label: 'Questions', unit: 'count', value: ({questions}) => questions}, {label: 'Prompt tokens', unit: 'count', value: ({prompt_tokens: count}) => count},
        {label: 'Output tokens', unit: 'count', value: ({completion_tokens: count}) => count}], spent.users.dearest, {most: 5})));
  };

  const tenants = ({summary}) => {
    const {isolation, platform} = summary;
    const ways = {true: 'yes', false: ''};
    return section('tenants', 'Organizations and platform', {nav: 'Tenants'}, [
      isolation && card('Isolation', {help: 'Whether one organization’s spent budget was felt by another.'},
        element('p', {class: isolation.harmed > 0 ? 'bad-text' : '', style: {'margin-bottom': '10px'}}, isolation.sentence), table([
          {label: 'Organization', value: ([name]) => name},
          {label: 'Cost', unit: 'usd', value: ([, one]) => one.cost_usd}, {label: 'Budget', unit: 'usd', value: ([, one]) => one.budget_usd},
          {label: 'Refused', unit: 'count', value: ([, one]) => one.throttled, bar: true, bad: true, help: 'Requests refused for want of money.'},
          {label: 'from', right: true, value: ([, one]) => one.throttled_from_s, text: ([, one]) => Format.known(one.throttled_from_s) ? Format.clock(one.throttled_from_s) : ''},
          {label: 'Mean before', unit: 'ms', value: ([, one]) => one.before.mean_ms, help: 'Of good answers, before the first refusal of all.'},
          {label: 'and after', unit: 'ms', value: ([, one]) => one.after.mean_ms},
          {label: 'Leaked', value: ([, one]) => ways[one.leaked]}, {label: 'Fails more', value: ([, one]) => ways[one.fails_more]},
          {label: 'Slower', value: ([, one]) => ways[one.slower]}], Object.entries(isolation.by_org_id), {sort: 'Refused'})),
      platform && card('Made at the platform', {help: 'Before the load, and removed behind it.'}, facts([
        ['Made in', Format.duration(platform.bootstrap_s)],
        ['Removed in', platform.cleaned_up ? Format.duration(platform.cleanup_s) : 'not removed'],
        ...['organizations', 'users', 'keys'].map((what) => [what[0].toUpperCase() + what.slice(1),
          `${Format.count(platform[what].removed + platform[what].left)} made` + (platform[what].left > 0 ? `, ${Format.count(platform[what].left)} still there` : '')
            + (platform[what].kept > 0 ? `, ${Format.count(platform[what].kept)} were there before` : '')])])),
    ]);
  };

  const userTable = (title, names, users, sort) => {
    const list = (names ?? []).map((name) => [name, users[name]]).filter(([, user]) => user);
    if (list.length === 0) return null;
    return card(title, {}, table([
      {label: 'User', value: ([name]) => name}, {label: 'Organization', value: ([, user]) => user.org_id},
      {label: 'Requests', unit: 'count', value: ([, user]) => user.requests},
      {label: 'Failed', unit: 'count', value: ([, user]) => user.failed, bar: sort === 'Failed', bad: true},
      ...latencyColumns('e2e', '', ([, user]) => user.latency, ['p50', 'p95'], 'End to end, the whole answer.')], list, {most: 10}));
  };

  const users = ({summary}) => {
    const found = summary.by?.user_id ?? {};
    const failing = (summary.users?.failing ?? []).filter((name) => found[name]?.failed > 0);
    if ((summary.users?.count ?? 0) < 2) return null;
    return section('users', 'Users who fared worst', {nav: 'Users', lead: `Of ${Format.count(summary.users.count)} users over the whole run; ${
      Format.count(summary.users.failed)} had a request that failed. Latencies of single users are off by 1/16 at most; all stand in users.csv.`},
    element('div', {class: 'cards fill'}, userTable('Slowest', summary.users.slowest, found, 'p95'), userTable('Most failures', failing, found, 'Failed')));
  };

  const turns = ({summary}) => {
    const list = summary.conversations?.turns ?? [];
    if (list.length < 2) return null;
    return section('conversations', 'Conversations', {lead: 'Prompts grow with what was said before.'}, card(null, {}, table([
      {label: 'Turn', right: true, value: ({turn}) => turn}, {label: 'Requests', unit: 'count', value: ({requests}) => requests, bar: true},
      {label: 'Mean prompt tokens', unit: 'number', value: ({prompt_tokens_mean: mean}) => mean, bar: true},
      ...latencyColumns('ttft', 'TTFT', ({ttft}) => ttft, ['p50', 'p95'])], list, {most: 32})));
  };

  return {arms, checks, cost, errors, parts, tenants, turns, users};
})();
