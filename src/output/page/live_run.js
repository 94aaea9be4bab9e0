'use strict';

/* The run so far, as it was told. */
class LiveRun {
  constructor() {
    this.clear();
  }

  clear() {
    Object.assign(this, {info: null, planned: [], phases: [], points: [], marks: [], now: null, end: null});
  }

  /* Takes an event. */
  take(name, data) {
    if (name === 'run') this.info = data;
    else if (name === 'plan') this.planned = data.phases;
    else if (name === 'phase') this.phases.push(data);
    else if (name === 'point') this.points.push(data);
    else if (name === 'mark') this.marks.push(data);
    else if (name === 'now') this.now = data;
    else if (name === 'end') this.end = data;
  }

  get times() {
    return this.points.map(({start_s: start, end_s: end}) => (start + end) / 2);
  }

  /* Where the axis of time begins, and where it ends. */
  get from() {
    return 0;
  }

  get until() {
    return Math.max(this.points.at(-1)?.end_s ?? 0, this.end ? 0 : 10);
  }

  /* The phases as they were, the last until now. */
  get spans() {
    return this.phases.filter(({name}) => name).map(({name, at_s: start}, index, all) => {
      const next = this.phases[this.phases.indexOf(all[index]) + 1];
      return {name, start, end: next ? next.at_s : this.until};
    });
  }

  column(name) {
    return Points.column(this.points, name);
  }

  /* How long a point is, in seconds. */
  get step() {
    return this.info?.step_s ?? 1;
  }

  rate(name) {
    return Points.rate(this.points, this.step, name);
  }

  /* What was spent until each point, in USD. */
  get spent() {
    return Points.running(this.column('cost_usd'));
  }

  get streams() {
    return Format.known(this.now?.ttft.p50) || this.points.some((point) => Format.known(point.ttft_p50));
  }
}
