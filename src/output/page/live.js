'use strict';

/* The live page: {glossary: {metric: meaning}}, and all else from the run itself. */
(() => {
  const {glossary} = JSON.parse(document.getElementById('data').textContent);
  const run = new LiveRun();
  const recent = new LiveRecent();
  let link = 'live';
  let problem = '';
  let isDue = false;

  const standing = element('div', {class: 'standing'});
  const title = element('h1', {}, 'throng');
  const about = element('p', {class: 'muted'});
  const course = element('div', {class: 'course'});
  const trouble = element('p', {class: 'bad-text', role: 'alert'});
  const verdict = element('div');
  const steer = element('section', {'aria-label': 'Steer the run'});
  const tiles = element('div');
  const grid = element('div', {class: 'cards fill'});
  const wait = element('p', {class: 'muted', hidden: true});
  const marks = card('During the run', {help: 'Notes and interventions. They are dotted lines on the charts, and stand in the results.'}, element('div'));
  const failures = card('Errors so far', {help: 'Failed requests by kind.'}, element('div'));
  const events = element('div', {class: 'cards fill'}, marks, failures);

  const recentGrid = element('div', {class: 'cards fill'});
  const sections = [section('recent', 'The last minutes', {nav: 'Now', lead: 'Second by second, since this page was opened and for ten minutes at most. Latencies and rates are those of five seconds.'}, recentGrid), section('load', 'Load and latency', {nav: 'Charts'}, wait, grid), section('events', 'What happened', {nav: 'Events'}, events)];
  const top = bar('throng live', sections);
  document.body.append(top, element('main', {class: 'page'},
    element('header', {}, standing, title, about, course, trouble), verdict, steer, tiles, sections));

  const feed = new Feed({
    heard: (name, data) => { [run, recent].forEach((one) => one.take(name, data)); due(); },
    begun: () => [run, recent].forEach((one) => one.clear()),
    state: (name, sentence = '') => { link = name; problem = sentence; due(); },
  });
  const charts = LiveCharts.draw(grid, run, glossary);
  const recentCharts = LiveCharts.draw(recentGrid, recent, glossary);
  const showTiles = LiveFigures.tilesIn(tiles, glossary);
  const control = LiveControl.draw(steer, run, feed);

  const list = (place, items) => {
    place.hidden = items.length === 0;
    place.lastElementChild.replaceChildren(...[lines(items)].filter(Boolean));
  };

  /* Where a point of the timeline is hardly more than a second, it tells all that the last seconds do. */
  const isLong = () => run.step > 5;

  const show = () => {
    isDue = false;
    const {info, now} = run;
    standing.replaceChildren(...LiveFigures.standing(run, link));
    course.replaceChildren(...LiveFigures.course(run));
    trouble.textContent = problem;
    if (info) {
      title.textContent = info.scenario;
      about.textContent = [info.description, info.id, `throng ${info.version}`].filter(Boolean).join(' · ');
      document.title = `${run.end ? 'over' : now?.state ?? 'starting'}: ${info.scenario} (throng)`;
    }
    verdict.replaceChildren(...[LiveFigures.verdict(run)].filter(Boolean));
    showTiles(run, isLong() ? recent : run);
    control.follow();
    sections[0].hidden = !isLong() || recent.points.length === 0;
    if (!sections[0].hidden) recentCharts.follow();
    charts.follow();
    wait.hidden = run.points.length > 0;
    wait.textContent = run.end ? 'There was nothing to draw.' : `A point on these charts is ${Format.duration(run.step)} of the run: the first comes when that is over.`;
    list(marks, LiveFigures.marks(run));
    list(failures, LiveFigures.failures(run));
    sections[2].hidden = marks.hidden && failures.hidden;
    top.tidy();
  };

  /* However many events come at once, as to who comes late, they are shown once. */
  function due() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(show);
  }

  show();
  feed.follow();
})();
