'use strict';

/* Numbers as people read them: three significant digits, a unit that fits, thousands apart. */
const Format = (() => {
  const digits = (value, count) => {
    const size = Math.abs(value);
    if (size >= 100 || value === 0) return Math.round(value).toLocaleString('en-US');
    return value.toLocaleString('en-US', {maximumFractionDigits: Math.max(0, count - 1 - Math.floor(Math.log10(size)))});
  };
  const three = (value) => digits(value, 3);

  /* Always so many places behind the point, so that columns stand below each other. */
  const fixed = (value, places) =>
    value.toLocaleString('en-US', {minimumFractionDigits: places, maximumFractionDigits: places});

  const threeFixed = (value) => fixed(value, Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2);

  const milliseconds = (value) => {
    const size = Math.abs(value);
    if (size >= 120000) return [clock(value / 1000), size >= 3600000 ? 'h' : 'min'];
    if (size >= 999.5) return [fixed(value / 1000, size >= 100000 ? 0 : size >= 10000 ? 1 : 2), 's'];
    if (size === 0) return ['0', 'ms'];
    return size >= 0.9995 ? [threeFixed(value), 'ms'] : [threeFixed(value * 1000), 'µs'];
  };

  const scaled = (value, base, names) => {
    let step = 0;
    while (Math.abs(value) >= base && step < names.length - 1) {
      value /= base;
      step++;
    }
    return [three(value), names[step]];
  };

  const money = (value) => {
    const size = Math.abs(value);
    const places = size >= 1 || size === 0 ? 2 : Math.min(8, 2 - Math.floor(Math.log10(size)));
    return '$' + fixed(value, places);
  };

  const count = (value) => Math.round(value).toLocaleString('en-US');
  /* "1 request", "2 requests". */
  const counted = (number, what) => `${count(number)} ${what}${number === 1 ? '' : 's'}`;

  const percent = (value) => {
    const size = Math.abs(value) * 100;
    if (size === 0 || size === 100) return String(value * 100);
    if (size < 0.01) return '< 0.01';
    return fixed(value * 100, size >= 10 ? 1 : 2);
  };

  /* Units: those of summary.json, and 'count', 'usd'. Each gives a text and the unit behind it. */
  const units = {
    ms: milliseconds,
    s: (value) => milliseconds(value * 1000),
    fraction: (value) => [percent(value), '%'],
    per_second: (value) => [three(value), '/s'],
    'tokens/s': (value) => [three(value), 'tokens/s'],
    count: (value) => [count(value), ''],
    number: (value) => [three(value), ''],
    requests: (value) => [three(value), ''],
    users: (value) => [three(value), ''],
    usd: (value) => [money(value), ''],
    bytes: (value) => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']),
    watts: (value) => [three(value), 'W'],
    celsius: (value) => [three(value), '°C'],
    grade: (value) => ['FDCBA'[value] ?? '–', ''],
  };

  const known = (value) => typeof value === 'number' && Number.isFinite(value);

  /* [number, unit] of a value; ['–', ''] where it is not known. */
  const parts = (value, unit = 'number') =>
    known(value) ? (units[unit] ?? ((number) => [three(number), unit]))(value) : ['–', ''];

  /* The same as one text: "259 ms", "5.9%", "$0.17". */
  const text = (value, unit) => {
    const [number, name] = parts(value, unit);
    return name === '' ? number : name === '%' || name === '/s' ? number + name : `${number} ${name}`;
  };

  /* Seconds as a clock tells them: 0:07, 12:30, 3:05:00. */
  function clock(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const two = (number) => String(number).padStart(2, '0');
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  }

  /* A length of time in words: 12.2 s, 15 min, 24 h. */
  const duration = (seconds) => {
    if (!known(seconds)) return '–';
    if (seconds < 120) return text(seconds, 's');
    const minutes = Math.floor(seconds / 60), rest = Math.round(seconds % 60);
    if (minutes < 120) return `${minutes} min${rest ? ` ${rest} s` : ''}`;
    return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  };

  /* A moment in UTC: 28 Nov 2026, 13:19:40 UTC. */
  const moment = (iso) => {
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? '–' : date.toLocaleString('en-GB', {
      timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit',
      second: '2-digit'}) + ' UTC';
  };

  /* A percentile or maximum of a latency: known, only a bound ("> 4.00 s"), or too few observations. */
  const quantile = (latency, name) => {
    const unit = latency?.unit ?? 'ms';
    const bound = latency?.above?.[name];
    if (known(latency?.[name])) return {text: text(latency[name], unit), value: latency[name], unit};
    if (known(bound))
      return {text: `> ${text(bound, unit)}`, value: bound, unit, above: true,
        help: 'Only a lower bound is known: this rank falls among requests that ended before it came, by a timeout, '
          + 'a refusal or a reset. The truth is greater.'};
    return {text: '–', value: null, unit,
      help: latency ? 'Not known: too few observations for this percentile.' : undefined};
  };

  /* The ticks of an axis: short, in one unit for all; on a scale of powers each in its own. */
  const axis = (values, unit, powers = false) => {
    if (powers) return values.map((value) => value === null ? '' : axis([value], unit)[0]);
    const most = Math.max(...values.map((value) => Math.abs(value ?? 0)));
    if (unit === 'ms' && most >= 1000) return values.map((value) => value === null ? '' : `${+(value / 1000).toPrecision(6)} s`);
    if (unit === 'ms' && most < 1) return values.map((value) => value === null ? '' : `${+(value * 1000).toPrecision(6)} µs`);
    if (unit === 'ms') return values.map((value) => value === null ? '' : `${+value.toPrecision(6)} ms`);
    if (unit === 'fraction') return values.map((value) => value === null ? '' : `${+(value * 100).toPrecision(4)}%`);
    if (unit === 'usd') return values.map((value) => value === null ? '' : `$${+value.toPrecision(4)}`);
    if (unit === 'bytes') return values.map((value) => value === null ? '' : text(value, 'bytes'));
    return values.map((value) => {
      if (value === null) return '';
      const size = Math.abs(value);
      if (size >= 1e9) return `${+(value / 1e9).toPrecision(4)}G`;
      if (size >= 1e6) return `${+(value / 1e6).toPrecision(4)}M`;
      if (size >= 1e4) return `${+(value / 1e3).toPrecision(4)}k`;
      return String(+value.toPrecision(6));
    });
  };

  return {axis, clock, count, counted, duration, known, moment, money, parts, percent, quantile, text};
})();
