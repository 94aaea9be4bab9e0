'use strict';

/*
 * A chart of dots: points [{x, y, color (a variable of style.css), share (of the points' colours, from 0 to 1), bound (y is only known to be
 * greater: a ring), note}] in any order, with lines beside: verticals [{x, label}] and
 * horizontals [{y, label}]. The nearest dot is told at the cursor, and where keys move it.
 */
function dots(parent, {title, help, unit, xUnit, xLabel, points, verticals = [], horizontals = [], joined = false,
  log = false, height = 260, wide = false, foot, color = '--accent'}) {
  const sorted = points.filter(({x, y}) => Format.known(x) && Format.known(y)).sort((a, b) => a.x - b.x);
  const r = () => devicePixelRatio;
  const line = (ctx, from, to) => {
    ctx.beginPath();
    ctx.moveTo(...from);
    ctx.lineTo(...to);
    ctx.stroke();
  };
  const rules = (plot) => {
    const {ctx, bbox} = plot;
    ctx.save();
    ctx.font = `${11 * r()}px ${Chart.font()}`;
    ctx.lineWidth = r();
    ctx.setLineDash([4 * r(), 4 * r()]);
    for (const {y, label} of horizontals) {
      const top = plot.valToPos(y, 'y', true);
      ctx.strokeStyle = ctx.fillStyle = Theme.color('--bad');
      line(ctx, [bbox.left, top], [bbox.left + bbox.width, top]);
      ctx.textAlign = 'left';
      ctx.fillText(label, bbox.left + 6 * r(), top - 5 * r());
    }
    const names = [];
    verticals.forEach(({x, label}, index) => {
      const left = plot.valToPos(x, 'x', true);
      ctx.strokeStyle = Theme.color('--ink-2');
      line(ctx, [left, bbox.top], [left, bbox.top + bbox.height]);
      const room = bbox.left + bbox.width - left > ctx.measureText(label).width + 8 * r();
      names.push({label, at: left + (room ? 5 : -5) * r(), align: room ? 'left' : 'right', base: bbox.top + (12 + 14 * index) * r()});
    });
    // Over all lines, none of which may run through a name.
    for (const {label, at, align, base} of names) {
      const width = ctx.measureText(label).width;
      ctx.fillStyle = Theme.color('--surface');
      ctx.fillRect((align === 'left' ? at : at - width) - 2 * r(), base - 11 * r(), width + 4 * r(), 14 * r());
      ctx.fillStyle = Theme.color('--ink-2');
      ctx.textAlign = align;
      ctx.fillText(label, at, base);
    }
    ctx.restore();
  };
  const draw = (plot) => {
    const {ctx} = plot;
    ctx.save();
    sorted.forEach((point) => {
      ctx.beginPath();
      ctx.arc(plot.valToPos(point.x, 'x', true), plot.valToPos(point.y, 'y', true), 4 * r(), 0, 2 * Math.PI);
      const own = point.share === undefined ? Theme.clear(point.color ?? color, 0.85) : between('--heat-1', '--heat-3', point.share);
      ctx.fillStyle = point.bound ? Theme.color('--surface') : own;
      ctx.fill();
      ctx.strokeStyle = point.bound ? own : Theme.color('--surface');
      ctx.lineWidth = (point.bound ? 1.5 : 1) * r();
      ctx.stroke();
    });
    ctx.restore();
  };
  const nearest = (plot, series, at, x) => {
    const {left, top} = plot.cursor;
    let best = at, least = Infinity;
    sorted.forEach((point, index) => {
      const distance = Math.hypot(plot.valToPos(point.x, 'x') - left, plot.valToPos(point.y, 'y') - top);
      if (distance < least) [best, least] = [index, distance];
    });
    return Number.isFinite(x) ? best : at;
  };
  return new Chart(parent, {
    title, help, unit, log, height, wide, foot,
    // The names of verticals stand above the dots.
    most: Math.max(0, ...horizontals.map(({y}) => y), ...(verticals.length > 0 ? sorted.map(({y}) => y * 1.2) : [])),
    cursor: {dataIdx: nearest, y: true},
    series: [{label: '', values: sorted.map(({y}) => y), color, hidden: !joined, width: 1}],
    x: {values: sorted.map(({x}) => x), unit: xUnit, label: xLabel, room: true,
      say: (at) => sorted[at]?.note ?? Format.text(sorted[at]?.x, xUnit)},
    drawBehind: rules, draw,
  });
}

/* A colour between two of style.css: share from 0 to 1. */
function between(from, to, share) {
  const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const [a, b] = [channels(Theme.color(from)), channels(Theme.color(to))];
  return '#' + a.map((value, index) => Math.round(value + (b[index] - value) * share).toString(16).padStart(2, '0')).join('');
}
