'use strict';

/*
 * Charts over one time axis: the cursor of one moves that of all, a drag zooms all, a double click shows all
 * again. Phases are bands behind them, what lies outside of the measured window is faded, marks are lines and
 * spans are tinted. times: seconds after the start, one for each point.
 */
class Board {
  static count = 0;

  constructor({times, end, phases = [], window = null, marks = [], spans = []}) {
    Object.assign(this, {times, start: 0, end: end ?? times.at(-1) ?? 0, phases, window, marks, spans});
    this.key = `board-${Board.count++}`;
    this.charts = [];
    this.zoomed = null;
    this.button = element('button', {class: 'button floating', type: 'button', hidden: true, onclick: () => this.reset()},
      'Show the whole run');
    document.body.append(this.button);
  }

  /* Takes all its charts off the page. */
  remove() {
    this.charts.forEach((chart) => chart.remove());
    this.charts = [];
    this.button.remove();
  }

  add(chart) {
    this.charts.push(chart);
    return chart;
  }

  /* Whether phases are told above the charts: a single one says nothing. */
  get hasNames() {
    return this.phases.length > 1;
  }

  /* The limits of the time axis that are shown. */
  get range() {
    return this.zoomed ?? [this.start, Math.max(this.end, this.start + 1e-3)];
  }

  zoom(from, to) {
    const {start} = this, end = Math.max(this.end, start + 1e-3);
    const least = (end - start) / 2000;
    if (to - from < least) return;
    this.zoomed = from <= start && to >= end ? null : [Math.max(start, from), Math.min(end, to)];
    this.show();
  }

  reset() {
    this.zoomed = null;
    this.show();
  }

  show() {
    this.button.hidden = !this.zoomed;
    const [min, max] = this.range;
    this.charts.forEach((chart) => chart.plot.setScale('x', {min, max}));
  }

  /* What changes while a run goes on. Charts are given their values by their own set(). */
  follow({times, start = 0, end, phases, marks, spans}) {
    Object.assign(this, {times, start, end: Math.max(end ?? 0, times.at(-1) ?? 0)});
    if (phases) this.phases = phases;
    if (marks) this.marks = marks;
    if (spans) this.spans = spans;
  }

  /* Behind the lines. */
  drawBehind(plot) {
    const {ctx, bbox} = plot;
    const x = (seconds) => plot.valToPos(seconds, 'x', true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    this.phases.forEach(({start, end, name}, index) => {
      const left = x(start), width = x(end) - left;
      if (index % 2 === 0 && this.hasNames) {
        ctx.fillStyle = Theme.color('--band');
        ctx.fillRect(left, bbox.top, width, bbox.height);
      }
    });
    for (const {start, end} of this.spans) {
      ctx.fillStyle = Theme.clear('--bad', 0.09);
      ctx.fillRect(x(start), bbox.top, Math.max(x(end) - x(start), 2), bbox.height);
    }
    ctx.restore();
    this.drawNames(plot);
  }

  /* The phases' names, above the plot where there is room for them. */
  drawNames(plot) {
    const {ctx, bbox} = plot;
    if (!this.hasNames) return;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px ${Chart.font()}`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'alphabetic';
    ctx.fillStyle = Theme.color('--ink-3');
    let free = -Infinity;
    for (const {start, end, name} of this.phases) {
      const left = Math.max(plot.valToPos(start, 'x', true), bbox.left, free);
      const right = Math.min(plot.valToPos(end, 'x', true), bbox.left + bbox.width);
      const size = ctx.measureText(name).width;
      if (size > right - left) continue;
      ctx.fillText(name, left, bbox.top - 5 * devicePixelRatio);
      free = left + size + 8 * devicePixelRatio;
    }
    ctx.restore();
  }

  /* Over them. */
  drawOver(plot) {
    const {ctx, bbox} = plot;
    const x = (seconds) => plot.valToPos(seconds, 'x', true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    if (this.window) {
      ctx.fillStyle = Theme.clear('--surface', 0.6);
      if (this.window.start > 0) ctx.fillRect(bbox.left, bbox.top, x(this.window.start) - bbox.left, bbox.height);
      const right = x(this.window.end);
      if (this.window.end < this.end) ctx.fillRect(right, bbox.top, bbox.left + bbox.width - right, bbox.height);
    }
    ctx.strokeStyle = Theme.color('--warn');
    ctx.fillStyle = Theme.color('--warn');
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const {at} of this.marks) {
      const left = Math.round(x(at)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(left, bbox.top);
      ctx.lineTo(left, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(left, bbox.top + 4 * devicePixelRatio, 3 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  }

  /* The phase, and the mark, at a moment: what a reader wants to know at the cursor. */
  placeAt(seconds) {
    const phase = this.phases.find(({start, end}) => seconds >= start && seconds < end);
    const near = (this.range[1] - this.range[0]) / 150;
    const mark = this.marks.find(({at}) => Math.abs(at - seconds) <= near);
    return [Format.clock(seconds), phase?.name, mark?.text].filter(Boolean).join(' · ');
  }
}
