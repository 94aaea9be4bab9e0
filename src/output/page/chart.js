'use strict';

/* A card with a heading, which may be explained, and a place beside it. Charts and tables lie in such. */
function card(title, {help, beside = [], wide = false, id} = {}, ...children) {
  return element('section', {class: wide ? 'card wide' : 'card', id},
    title ? element('header', {}, element('h3', {}, term(title, help)), beside) : null, ...children);
}

/*
 * A thin layer over uPlot: colours from style.css, a legend whose entries switch lines on and off and tell the
 * values under the cursor, and keys: arrows move the cursor, + and - zoom, 0 shows all.
 */
class Chart {
  static font() {
    return getComputedStyle(document.body).fontFamily;
  }

  /*
   * options: title, help, unit (of Format), series [{label, values, color (a variable of style.css), unit, above,
   * told (values for the legend, where those drawn are sums), width, dash, fill, solid, bars (of Points.bars()), stepped, hidden}], between
   * [[upper, lower] …] fills the space between two series, log, least and most (what the axis holds at least), limits
   * (what it holds exactly), height, wide, foot, draw and drawBehind (of the plot), tell (what stands under the cursor), and
   * board, with times where they are not the board's; or x: {values, label, unit, ticks, range, say}.
   */
  constructor(parent, options) {
    this.options = options;
    this.board = options.board ?? null;
    this.series = options.series;
    this.legend = element('div', {class: 'legend'});
    this.at = element('span', {class: 'at'});
    this.nows = this.series.map(() => element('span', {class: 'now'}));
    this.place = element('div', {class: 'plot', tabindex: '0', role: 'img', 'aria-label': this.summary()});
    // Lines without a name need no legend: their value stands beside the heading.
    const named = this.series.some(({label}) => label !== '');
    this.root = card(options.title, {help: options.help, wide: options.wide, beside: [named ? null : this.legend, this.at].filter(Boolean)},
      named ? this.legend : null, this.place);
    if (options.foot) this.root.append(element('p', {class: 'faint'}, options.foot));
    parent.append(this.root);
    this.fillLegend();
    this.plot = new uPlot(this.settings(), this.data(), this.place);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.place);
    this.place.addEventListener('keydown', (event) => this.key(event));
    Theme.onChange(() => this.plot && this.plot.redraw(false, true));
  }

  remove() {
    this.sizes.disconnect();
    this.plot.destroy();
    this.plot = null;
    this.root.remove();
  }

  /* Other values, as while a run goes on: x, and the values of each series in order. */
  set(x, values) {
    values.forEach((list, index) => { this.series[index].values = list; });
    if (!this.board) this.options.x.values = x;
    this.place.setAttribute('aria-label', this.summary());
    this.plot.setData([x, ...values], false);
    const [min, max] = this.board ? this.board.range : [x[0] ?? 0, x.at(-1) ?? 1];
    this.plot.setScale('x', {min, max});
  }

  data() {
    const x = this.options.times ?? (this.board ? this.board.times : this.options.x.values);
    return [x, ...this.series.map(({values}) => values)];
  }

  unit(index) {
    return this.series[index].unit ?? this.options.unit;
  }

  /* For who cannot see it. */
  summary() {
    const said = this.series.map(({label, values, told, unit}) => {
      const known = (told ?? values).filter(Format.known);
      if (known.length === 0) return null;
      const [least, most] = [Math.min(...known), Math.max(...known)].map((value) => Format.text(value, unit ?? this.options.unit));
      return `${label} from ${least} to ${most}`;
    }).filter(Boolean);
    return `${this.options.title}: ${said.join(', ') || 'no values'}. Arrow keys move the cursor, plus and minus zoom.`;
  }

  fillLegend() {
    this.series.forEach((one, index) => {
      if (one.label === '') {
        this.legend.append(this.nows[index]);
        return;
      }
      const button = element('button', {type: 'button', 'aria-pressed': 'true', onclick: () => {
        const show = button.getAttribute('aria-pressed') !== 'true';
        button.setAttribute('aria-pressed', String(show));
        this.plot.setSeries(index + 1, {show});
      }}, element('span', {class: 'swatch', style: {background: `var(${one.color})`}}), one.label, this.nows[index]);
      this.legend.append(button);
    });
  }

  settings() {
    const {board, options} = this;
    const settings = {
      ...this.size(),
      padding: [board?.hasNames ? 18 : 8, 16, 0, 0],
      legend: {show: false},
      cursor: {
        y: false,
        points: {size: 6, fill: (plot, index) => Theme.color(this.series[index - 1].color), width: 0},
        drag: {x: true, y: false, setScale: false},
        ...(options.cursor ?? {}),
      },
      scales: {
        x: {time: false, range: () => board ? board.range : options.x.range ?? this.ownRange()},
        y: {range: (plot, least, most) => this.rangeOf(least, most), distr: options.log ? 3 : 1},
      },
      axes: [this.axisX(), this.axisY()],
      series: [{}, ...this.series.map((one) => this.line(one))],
      bands: (options.between ?? []).map(([upper, lower]) => ({series: [upper + 1, lower + 1],
        fill: () => Theme.clear(this.series[upper].color, 0.10)})),
      hooks: {
        drawClear: [(plot) => { board?.drawBehind(plot); options.drawBehind?.(plot); }],
        draw: [(plot) => { this.drawBounds(plot); options.draw?.(plot); board?.drawOver(plot); }],
        setCursor: [(plot) => this.tell(plot)],
        setSelect: [(plot) => this.select(plot)],
      },
    };
    if (board) {
      const moves = (type) => type === 'mousemove' || type === 'mouseleave' || type === 'mouseenter';
      settings.cursor.sync = {key: board.key, setSeries: false, scales: ['x', null], filters: {pub: moves, sub: moves}};
    }
    settings.cursor.bind = {dblclick: () => () => this.whole()};
    return settings;
  }

  line(one) {
    const stroke = () => Theme.color(one.color);
    return {
      stroke,
      width: one.width ?? 1.5,
      dash: one.dash,
      fill: one.solid ? stroke : one.fill ? () => Theme.clear(one.color, 0.14) : undefined,
      paths: one.hidden ? () => null : one.bars ? barsOf(one)
        : one.stepped ? uPlot.paths.stepped({align: -1}) : undefined,
      spanGaps: one.spanGaps ?? false,
      points: {show: false, filter: (plot, index) => one.hidden ? null : one.spanGaps ? only(plot.data[index]) : lonely(plot.data[index]), size: 5, fill: stroke, stroke},
    };
  }

  axisX() {
    const {x} = this.options;
    return {
      stroke: () => Theme.color('--ink-3'),
      font: `11px ${Chart.font()}`,
      grid: {show: false},
      ticks: {stroke: () => Theme.color('--line-strong'), width: 1, size: 4},
      size: x?.label ? 38 : 26,
      gap: 3,
      label: x?.label,
      labelSize: 12,
      labelGap: 0,
      labelFont: `11px ${Chart.font()}`,
      space: 64,
      incrs: this.board ? [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200] : wholes(x?.unit),
      splits: x?.ticks ? () => x.ticks.map(([value]) => value) : undefined,
      values: this.board ? (plot, splits) => splits.map(Format.clock)
        : x?.ticks ? (plot, splits) => splits.map((value) => x.ticks.find(([at]) => at === value)?.[1] ?? '')
          : (plot, splits) => Format.axis(splits, x?.unit ?? 'number'),
    };
  }

  axisY() {
    return {
      stroke: () => Theme.color('--ink-3'),
      font: `11px ${Chart.font()}`,
      grid: {stroke: () => Theme.color('--grid'), width: 1},
      ticks: {show: false},
      size: 58,
      gap: 6,
      space: 34,
      incrs: wholes(this.options.unit),
      splits: this.options.log ? (plot) => powers(plot.scales.y.min, plot.scales.y.max) : undefined,
      filter: (plot, splits) => splits,
      values: (plot, splits) => Format.axis(splits, this.options.unit, this.options.log),
    };
  }

  ownRange() {
    const {values} = this.options.x;
    const [from, to] = [values[0] ?? 0, values.at(-1) ?? 1];
    const room = this.options.x.room ? (to - from) * 0.06 || Math.abs(to) * 0.1 || 1 : 0;
    return [Math.max(Math.min(0, from), from - room), to > from || room ? to + room : from + 1];
  }

  rangeOf(least, most) {
    const {log, least: floor, most: ceiling, limits} = this.options;
    if (limits) return limits;
    for (const bound of this.bounds()) [least, most] = [Math.min(least ?? bound, bound), Math.max(most ?? bound, bound)];
    if (least === null || most === null) return log ? [1, 10] : [0, ceiling ?? 1];
    if (log) {
      const low = 10 ** Math.floor(Math.log10(Math.max(least, 1e-3)) + 1e-9), high = 10 ** Math.ceil(Math.log10(Math.max(most, 1e-3)) - 1e-9);
      return [low, high > low ? high : low * 10];
    }
    const high = Math.max(most, ceiling ?? 0);
    const low = floor ?? Math.min(0, least);
    return high > low ? [low, low + (high - low) * 1.06] : [low, low + 1];
  }

  /* What is shown of values that are only known to be greater. */
  bounds() {
    const [from, to] = this.board ? this.board.range : [-Infinity, Infinity];
    const x = this.data()[0];
    return this.series.flatMap(({above}, index) => !above || this.plot?.series[index + 1].show === false ? []
      : above.filter((value, at) => Format.known(value) && x[at] >= from && x[at] <= to));
  }

  size() {
    return {width: Math.max(160, this.place.clientWidth || 480), height: this.options.height ?? 190};
  }

  fit() {
    const size = this.size();
    if (this.plot && size.width !== this.plot.width) this.plot.setSize(size);
  }

  /* Values that are only known to be greater than this: small arrows. */
  drawBounds(plot) {
    const {ctx} = plot, r = devicePixelRatio;
    this.series.forEach((one, index) => {
      if (!one.above || !plot.series[index + 1].show) return;
      ctx.fillStyle = Theme.color(one.color);
      one.above.forEach((value, at) => {
        const x = plot.data[0][at];
        if (!Format.known(value) || x < plot.scales.x.min || x > plot.scales.x.max) return;
        const left = plot.valToPos(x, 'x', true);
        const top = Math.max(plot.bbox.top + 3 * r, plot.valToPos(value, 'y', true));
        ctx.beginPath();
        ctx.moveTo(left, top - 3 * r);
        ctx.lineTo(left + 3 * r, top + 3 * r);
        ctx.lineTo(left - 3 * r, top + 3 * r);
        ctx.fill();
      });
    });
  }

  /* What stands under the cursor into the legend. */
  tell(plot) {
    const at = plot.cursor.idx;
    const inside = at !== null && at !== undefined && plot.cursor.left >= 0;
    this.nows.forEach((now, index) => {
      const one = this.series[index];
      const value = inside ? (one.told ?? one.values)[at] : undefined;
      const bound = inside ? one.above?.[at] : undefined;
      now.textContent = !inside || this.options.tell ? '' : Format.known(value) ? Format.text(value, this.unit(index))
        : Format.known(bound) ? `> ${Format.text(bound, this.unit(index))}` : '–';
    });
    this.at.textContent = !inside ? '' : this.options.tell ? this.options.tell(plot) : this.board ? this.board.placeAt(plot.data[0][at])
      : this.options.x.say ? this.options.x.say(at) : '';
  }

  select(plot) {
    const {left, width} = plot.select;
    if (width < 5) return;
    const from = plot.posToVal(left, 'x'), to = plot.posToVal(left + width, 'x');
    plot.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
    if (this.board) this.board.zoom(from, to);
    else if (!this.options.x.range) plot.setScale('x', {min: from, max: to});
  }

  whole() {
    if (this.board) this.board.reset();
    else this.plot.setData(this.plot.data);
  }

  key(event) {
    const {plot} = this;
    const [min, max] = [plot.scales.x.min, plot.scales.x.max];
    const shown = plot.data[0].length;
    const step = {ArrowLeft: -1, ArrowRight: 1, Home: -shown, End: shown}[event.key];
    if (step !== undefined && shown > 0) {
      const at = Math.max(0, Math.min(shown - 1, (plot.cursor.idx ?? (step > 0 ? -1 : shown)) + step));
      plot.setCursor({left: plot.valToPos(plot.data[0][at], 'x'), top: plot.over.clientHeight / 2}, true, true);
    } else if (event.key === '+' || event.key === '-') {
      const middle = plot.data[0][plot.cursor.idx] ?? (min + max) / 2;
      const half = (max - min) / 2 * (event.key === '+' ? 0.5 : 2);
      if (this.board) this.board.zoom(middle - half, middle + half);
    } else if (event.key === '0' || event.key === 'Escape') this.whole();
    else return;
    event.preventDefault();
  }
}

/* Where values stand alone between gaps, so that no line shows them. */
function lonely(values) {
  const found = [];
  values.forEach((value, at) => {
    if (Format.known(value) && !Format.known(values[at - 1]) && !Format.known(values[at + 1])) found.push(at);
  });
  return found.length > 0 ? found : null;
}

/* The one value that there is. */
function only(values) {
  const found = values.flatMap((value, at) => Format.known(value) ? [at] : []);
  return found.length === 1 ? found : null;
}

/* Bars of one width, though the last point of a run is shorter than the others. */
function barsOf(one) {
  return uPlot.paths.bars({size: [1, 200], align: 0, disp: {
    x0: {unit: 1, values: () => one.bars.middles}, size: {unit: 1, values: () => [one.bars.step]}}});
}

/* The steps of an axis that counts, which has no halves. */
function wholes(unit) {
  if (unit !== 'count' && unit !== 'users') return undefined;
  return Array.from({length: 12}, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
}

/* The ticks of a scale of powers: 1, 2, 5, 10, …, or only the tens where that were too many. */
function powers(least, most) {
  const found = [];
  for (let ten = 10 ** Math.floor(Math.log10(least)); ten <= most * 1.0001; ten *= 10)
    found.push(...[1, 2, 5].map((step) => +(step * ten).toPrecision(12)).filter((tick) => tick >= least * 0.9999 && tick <= most * 1.0001));
  return found.length <= 7 ? found : found.filter((tick) => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9);
}
