'use strict';

/* The points of a run's timeline, as charts take them. step: how long one is, in seconds. */
const Points = (() => {
  const isWhole = ({start_s: start, end_s: end}, step) => !step || end - start >= step / 2;

  const column = (points, name) => points.map((point) => point[name] ?? null);

  /*
   * A figure that grows with the length of its point: a rate, or a count beside others. A run ends within a point, and
   * an answer in its last hundredth of a second is no hundred a second: there it is not known.
   */
  const steady = (points, step, values) => values.map((value, at) =>
    at > 0 && at === points.length - 1 && !isWhole(points[at], step) ? null : value);

  const rate = (points, step, name) => steady(points, step, column(points, name));

  /* How many there were per second. */
  const perSecond = (points, step, name) => steady(points, step, points.map((point) =>
    Format.known(point[name]) ? point[name] / (point.end_s - point.start_s) : null));

  /* Where bars stand that are a whole step wide. */
  const bars = (points, step) => ({step, middles: points.map(({start_s: start}) => start + step / 2)});

  /* The sum so far. */
  const running = (values) => {
    let sum = 0;
    return values.map((value) => { sum += value ?? 0; return sum; });
  };

  return {bars, column, perSecond, rate, running, steady};
})();
