'use strict';

/* Rows of a comparison (throng.comparison/1, differences[]) as a table: of two runs, and of the arms of one. */
const Differences = (() => {
  const states = {regression: 'bad', improvement: 'ok', no_change: 'none', not_enough_data: 'none'};
  const words = {regression: 'worse', improvement: 'better', no_change: 'no change', not_enough_data: 'too little data'};
  const help = {
    regression: 'Surely worse, and by more than the limit.',
    improvement: 'Surely better, and by more than the limit.',
    no_change: 'No difference above the limit is shown, and one above it is ruled out or would be surprising.',
    not_enough_data: 'No difference is shown, but one above the limit is not ruled out either: measure longer.',
  };
  const isShare = (row) => row.unit === 'fraction';
  const unit = (row) => row.unit === 'USD' ? 'usd' : row.unit;
  const figure = ({metric, aggregate}) => aggregate === 'rate' ? metric : `${metric} ${aggregate}`;

  const by = (row, value) => {
    if (!Format.known(value)) return '–';
    const [places, unitOf] = isShare(row) ? [2, ' pp'] : [1, '%'];
    const size = Math.abs(100 * value).toFixed(places);
    return `${Number(size) === 0 ? '' : value > 0 ? '+' : '−'}${size}${unitOf}`;
  };

  const valueOf = (row, side) => {
    const bound = row.above?.[side];
    return Format.known(bound) ? `> ${Format.text(bound, unit(row))}` : Format.text(row[side], unit(row));
  };

  const change = (row) => {
    const said = by(row, isShare(row) ? row.difference : row.change);
    if (Format.known(row.above?.new) && Format.known(row.above?.base)) return '–';
    return Format.known(row.above?.new) ? `at least ${said}` : Format.known(row.above?.base) ? `at most ${said}` : said;
  };

  const interval = (row) => {
    const [low, high] = isShare(row) ? [row.difference_low, row.difference_high] : [row.low, row.high];
    if (!Format.known(low) && !Format.known(high)) return '–';
    if (!Format.known(high)) return `from ${by(row, low)}`;
    return `${Format.known(low) && low > -1 ? by(row, low) : 'up'} to ${by(row, high)}`;
  };

  const verdict = (row) => element('span', {class: `${states[row.verdict]}-text`}, words[row.verdict]);

  const columns = [
    {label: 'Of', value: ({selector}) => selector},
    {label: 'Figure', value: figure},
    {label: 'Base', right: true, value: ({base}) => base, text: (row) => valueOf(row, 'base')},
    {label: 'New', right: true, value: (row) => row.new, text: (row) => valueOf(row, 'new')},
    {label: 'Change', right: true, value: (row) => isShare(row) ? row.difference : row.change, text: change},
    {label: '95% interval', right: true, value: ({low}) => low, text: interval,
      help: 'In 95 of 100 cases it holds the true change. Drawn from blocks of time, since requests that wait in one queue are not independent.'},
    {label: 'p', right: true, value: (row) => row.p_adjusted, help: 'Of no difference, adjusted for how many figures are compared (Holm).',
      text: (row) => !Format.known(row.p_adjusted) ? '–' : row.p_adjusted < 0.001 ? '< 0.001' : row.p_adjusted.toFixed(3)},
    {label: 'Verdict', value: (row) => words[row.verdict], text: verdict, note: (row) => help[row.verdict]},
  ];

  return {columns, figure, states, words};
})();
