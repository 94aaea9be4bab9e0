'use strict';

/*
 * The last minutes second by second, as long as somebody has looked on: points made of the figures of the moment. In a long
 * run those of the timeline are minutes apart.
 */
class LiveRecent extends LiveRun {
  static most = 600;

  /* What was seen stays, also when all else is told anew. */
  clear() {
    const {points = [], last = null, id = null} = this;
    super.clear();
    Object.assign(this, {points, last, id});
  }

  take(name, data) {
    if (name === 'run' && data.id !== this.id) Object.assign(this, {points: [], last: null, id: data.id});
    if (name === 'now') this.add(data);
    else if (name !== 'point') super.take(name, data);
  }

  add(now) {
    const {last} = this;
    this.last = now;
    if (!last || now.at_s <= last.at_s) return;
    const before = new Map(last.errors.map(({kind, count}) => [kind, count]));
    const point = {start_s: last.at_s, end_s: now.at_s, users_wanted: now.users_wanted, users_active: now.users_active, in_flight: now.in_flight,
      requests_per_second: now.requests_per_second, output_tokens_per_second: now.output_tokens_per_second,
      failed: now.failed - last.failed, dropped_iterations: now.arrivals && last.arrivals ? now.arrivals.dropped - last.arrivals.dropped : null,
      cost_usd: now.cost_usd - last.cost_usd, spent: now.cost_usd,
      errors: Object.fromEntries(now.errors.map(({kind, count}) => [kind, count - (before.get(kind) ?? 0)]).filter(([, count]) => count > 0)), above: {}};
    for (const name of ['ttft', 'icl', 'e2e']) {
      point[`${name}_p50`] = now[name].p50;
      (now[name].is_above ? point.above : point)[`${name}_p95`] = now[name].p95;
    }
    this.points = [...this.points, point].slice(-LiveRecent.most);
  }

  get spent() {
    return this.column('spent');
  }

  get step() {
    return 1;
  }

  get from() {
    return this.points[0]?.start_s ?? 0;
  }

  get until() {
    return Math.max(this.points.at(-1)?.end_s ?? 0, this.from + 10);
  }
}
