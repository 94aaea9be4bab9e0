'use strict';

/* Changes with their intervals, one below the other, on one axis: what lies on one side of 0 for sure is seen at once. */
const Forest = (() => {
  const colors = {bad: 'var(--bad)', ok: 'var(--ok)', none: 'var(--ink-3)'};
  const height = 24, top = 22;

  /* The greatest change that has room: that of the widest interval, but for those that tell nothing. */
  const reach = (rows, limit) => {
    const told = rows.filter(({verdict}) => verdict !== 'not_enough_data');
    const ends = (told.length > 0 ? told : rows).flatMap(({low, high, change}) => [low, high, change])
      .filter(Format.known).map(Math.abs);
    return Math.min(Math.max(limit * 2, ...ends) * 1.1, 10);
  };

  const percent = (value) => `${value > 0 ? '+' : ''}${+(value * 100).toPrecision(2)}%`;

  /* name: of a row, in words; rows without a change are left out. limit: smaller ones count as none. */
  const draw = (rows, name, limit) => {
    const there = rows.filter(({change}) => Format.known(change));
    if (there.length === 0) return null;
    const most = reach(there, limit);
    const share = (value) => 50 * (1 + Math.max(-1, Math.min(1, value / most)));
    const x = (value) => `${1 + 0.98 * share(value)}%`;
    const whole = top + there.length * height;
    const picture = shape('svg', {role: 'img', 'aria-label': 'Changes with their 95% intervals'},
    shape('rect', {x: x(-limit), y: top, width: `${0.98 * (share(limit) - share(-limit))}%`, height: whole - top, fill: 'var(--line)', opacity: 0.5}),
    shape('line', {x1: x(0), x2: x(0), y1: top, y2: whole, stroke: 'var(--ink-3)', 'stroke-width': 1}));
    [-most, 0, most].forEach((value, at) => {
      const mark = shape('text', {x: x(value), y: 12, fill: 'var(--ink-3)', 'font-size': 10,
        'text-anchor': ['start', 'middle', 'end'][at]});
      mark.textContent = percent(value);
      picture.append(mark);
    });
    there.forEach((row, at) => {
      const y = top + at * height + height / 2;
      const color = colors[Differences.states[row.verdict]];
      if (Format.known(row.low) || Format.known(row.high))
        picture.append(shape('line', {x1: x(row.low ?? -most), x2: x(row.high ?? most), y1: y, y2: y, stroke: color,
          'stroke-width': 3, 'stroke-linecap': 'round', opacity: 0.6}));
      picture.append(shape('circle', {cx: x(row.change), cy: y, r: 4.5, fill: color}));
    });
    const labels = element('div', {style: {'padding-top': `${top}px`}}, there.map((row) => element('div',
      {style: {height: `${height}px`, 'line-height': `${height}px`, 'white-space': 'nowrap', 'font-size': '12px'}}, name(row))));
    Object.entries({width: '100%', height: `${whole}px`, overflow: 'visible'})
      .forEach(([key, value]) => picture.style.setProperty(key, value));
    return element('div', {style: {display: 'grid', 'grid-template-columns': 'max-content 1fr', gap: '16px'}, 'aria-hidden': 'true'},
      labels, picture);
  };

  return {draw};
})();
