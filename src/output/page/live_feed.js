'use strict';

/*
 * What the run tells while it goes on: server-sent events, read with fetch, since EventSource cannot send the token.
 * When the connection breaks it is made anew, and all is told again from the beginning.
 */
class Feed {
  /* heard(name, data): an event. begun(): all that was heard before is told again. state(name, sentence): live, lost, refused, over. */
  constructor({heard, begun, state}) {
    Object.assign(this, {heard, begun, state, isOver: false, failures: 0});
    this.token = Feed.takeToken() ?? Feed.keptToken();
    // The URL of another run at the same address, opened in this tab: that loads nothing by itself.
    addEventListener('hashchange', () => { if (Feed.takeToken()) location.reload(); });
  }

  /* From the URL, whose '#' no server sees; then it stays with this tab, and leaves the address. */
  static takeToken() {
    const given = new URLSearchParams(location.hash.slice(1)).get('token');
    if (!given) return null;
    Feed.keepToken(given);
    history.replaceState(null, '', location.pathname);
    return given;
  }

  static keptToken() {
    try { return sessionStorage.getItem('throng-token'); } catch { return null; }
  }

  static keepToken(token) {
    try {
      if (token) sessionStorage.setItem('throng-token', token);
      else sessionStorage.removeItem('throng-token');
    } catch { /* it holds until the page is closed */ }
  }

  headers() {
    return this.token ? {Authorization: `Bearer ${this.token}`} : {};
  }

  useToken(token) {
    this.token = token;
    Feed.keepToken(token);
    if (this.wake) this.wake();
  }

  async follow() {
    while (!this.isOver) {
      const wait = await this.read();
      if (this.isOver) break;
      await new Promise((resolve) => {
        this.wake = resolve;
        if (wait !== Infinity) setTimeout(resolve, wait);
      });
      this.wake = null;
    }
  }

  /* Reads until it ends. Returns how long to wait before the next try, in ms. */
  async read() {
    let answer = null;
    try {
      answer = await fetch('live/events', {headers: this.headers(), cache: 'no-store'});
    } catch {
      return this.lost();
    }
    if (answer.status === 401 && this.token) {
      // Another run's, from before: figures may be told without one.
      this.token = null;
      Feed.keepToken(null);
      return 0;
    }
    if (!answer.ok) {
      this.state('refused', (await answer.text().catch(() => '')).trim());
      return answer.status === 503 ? 3000 : Infinity;
    }
    this.failures = 0;
    this.begun();
    this.state('live');
    try {
      await this.listen(answer.body.getReader());
    } catch { /* it broke: the next try tells more */ }
    return this.isOver ? 0 : this.lost();
  }

  lost() {
    this.state('lost');
    return Math.min(5000, 500 * 2 ** this.failures++);
  }

  async listen(reader) {
    const decoder = new TextDecoder();
    let held = '';
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      held += decoder.decode(value, {stream: true});
      const events = held.split('\n\n');
      held = events.pop();
      events.forEach((event) => this.take(event));
    }
  }

  take(event) {
    // Of all that may stand in a text, '.' leaves out U+2028 and U+2029.
    const found = /^event: (\w+)\ndata: ([^\n]*)$/.exec(event);
    if (!found) return;
    this.heard(found[1], JSON.parse(found[2]));
    if (found[1] === 'end') {
      this.isOver = true;
      this.state('over');
    }
  }

  /* Asks something of the run. Returns null, or a sentence that says why not. */
  async ask(command) {
    try {
      const answer = await fetch('live/control', {method: 'POST', body: JSON.stringify(command),
        headers: {'Content-Type': 'application/json', ...this.headers()}});
      const {error} = await answer.json();
      return error ?? null;
    } catch {
      return 'The run did not answer: the connection is lost.';
    }
  }
}
