'use strict';

/*
 * A heat map over a board's time axis. heat: {from_ms, ratio, rows, columns [[start_s, length_s, first row, [counts]] …]}:
 * row n holds values from from_ms · ratioⁿ up to the next.
 */
function heatMap(parent, board, {title, help, heat, wide = false, height = 240, foot}) {
  const {from_ms: least, ratio, rows, columns} = heat;
  const edge = (row) => least * ratio ** row;
  const level = (column) => Math.max(...column[3]) / column[1];
  const most = Math.max(...columns.map(level));
  const stops = ['--heat-0', '--heat-1', '--heat-2', '--heat-3', '--heat-4'];
  // The square root lets the rare be seen beside the frequent.
  const shade = (density) => {
    const place = Math.sqrt(Math.min(1, density / most)) * 0.94 + 0.06;
    const at = Math.min(3, Math.floor(place * 4));
    return between(stops[at], stops[at + 1], place * 4 - at);
  };
  // A few rows alone would be one great block.
  const spare = Math.max(0, Math.ceil((12 - rows) / 2));
  const draw = (plot) => {
    const {ctx, bbox} = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const heights = Array.from({length: rows + 1}, (_, row) => Math.round(plot.valToPos(edge(row), 'y', true)));
    for (const [start, length, first, counts] of columns) {
      const left = Math.round(plot.valToPos(start, 'x', true));
      const right = Math.round(plot.valToPos(start + length, 'x', true));
      if (right < bbox.left || left > bbox.left + bbox.width) continue;
      counts.forEach((count, index) => {
        if (count === 0) return;
        ctx.fillStyle = shade(count / length);
        const row = first + index;
        ctx.fillRect(left, heights[row + 1], Math.max(1, right - left), Math.max(1, heights[row] - heights[row + 1]));
      });
    }
    ctx.restore();
  };
  const tell = (plot) => {
    const x = plot.posToVal(plot.cursor.left, 'x'), y = plot.posToVal(plot.cursor.top, 'y');
    const column = columns.find(([start, length]) => x >= start && x < start + length);
    const row = Math.floor(Math.log(y / least) / Math.log(ratio));
    // Told as the other charts tell it: by the nearest point of the run.
    const place = board.placeAt(board.times.reduce((best, time) => Math.abs(time - x) < Math.abs(best - x) ? time : best, board.times[0] ?? x));
    if (!column) return place;
    const count = column[3][row - column[2]] ?? 0;
    return `${place} · ${Format.text(edge(row), 'ms')} to ${Format.text(edge(row + 1), 'ms')}: `
      + `${Format.count(count)} of ${Format.count(column[3].reduce((sum, one) => sum + one, 0))}`;
  };
  return new Chart(parent, {
    title, help, wide, height, foot, board, unit: 'ms', log: true, tell, draw,
    limits: [edge(-spare), edge(rows + spare)],
    times: columns.map(([start, length]) => start + length / 2),
    series: [{label: '', values: columns.map(() => null), color: '--heat-3', hidden: true}],
    cursor: {y: true},
  });
}
