"""OBS-5, SEC-1: the live page: events for those who look on, commands for those who have the token, and the page in a browser."""
import http.client
import json
import re
import threading
import urllib.parse

import pytest

from program import DEADLINE_S, Results, throng, wait_until

LONG = '[{phase: sustained, users: %d, for: 10m}]'
FLOW = '[{chat: {model: m, question: mixed, max_tokens: 10}}, {think: 20ms}]'


class Page:
    """A run that goes on with its live page; url and token are as it printed them."""

    def __init__(self, start, path, out, *words, env=None, command='run'):
        self.out = out
        self.run = start(command, path, '--out', out, *words, env=env)
        self.line = self.run.wait_for_line('Live page: ')
        self.url = re.search(r'http://[^/\s]+', self.line)[0]
        self.token = re.search(r'#token=([\w.~-]+)', self.line)
        self.token = self.token and self.token[1]

    @property
    def address(self):
        return f'{self.url}/#token={self.token}'

    def connection(self):
        place = urllib.parse.urlsplit(self.url)
        return http.client.HTTPConnection(place.hostname, place.port, timeout=DEADLINE_S)

    def get(self, path, **headers):
        """(status, headers, text)."""
        connection = self.connection()
        connection.request('GET', path, headers=headers)
        answer = connection.getresponse()
        result = answer.status, answer.headers, answer.read().decode()
        connection.close()
        return result

    def command(self, body, token=True, **headers):
        """(status, answer)."""
        connection = self.connection()
        given = {'Content-Type': 'application/json', **headers}
        if token:
            given['Authorization'] = f'Bearer {self.token if token is True else token}'
        connection.request('POST', '/live/control', body=body if isinstance(body, str) else json.dumps(body), headers=given)
        answer = connection.getresponse()
        result = answer.status, json.loads(answer.read())
        connection.close()
        return result

    def ask(self, **command):
        assert self.command(command) == (200, {'done': True})

    def finish(self, code):
        assert self.run.wait() == code, self.run.text()
        folder, = self.out.iterdir()
        return Results(folder)


class Viewer:
    """Somebody who looks on, on a thread of their own: all events, as they come."""

    def __init__(self, page, **headers):
        self.connection = page.connection()
        self.connection.request('GET', '/live/events', headers=headers)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200
        self.events = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        name = None
        for line in self.answer:
            line = line.decode().rstrip('\n')
            if line.startswith('event: '):
                name = line.removeprefix('event: ')
            elif line.startswith('data: '):
                self.events.append((name, json.loads(line.removeprefix('data: '))))

    def of(self, name):
        return [data for kind, data in list(self.events) if kind == name]

    def wait_for(self, what, condition):
        return wait_until(lambda: next((data for data in reversed(self.of('now')) if condition(data)), None), what)

    def end(self):
        self.thread.join(DEADLINE_S)
        assert not self.thread.is_alive(), 'the stream did not end'


@pytest.fixture
def live(processes, tmp_path, fast_simulator, scenario):
    """live('--ui-listen', ':0', …) → Page of a run of 3 users for ten minutes."""

    def start(*words, env=None, **parts):
        path = scenario(**{'target': fast_simulator.url, 'users': f'{{asker: {{flow: {FLOW}}}}}', 'load': LONG % 3,
                           'graceful_stop': '1s', **parts})
        return Page(processes, path, tmp_path / 'results', *(words or ('--ui-listen', '127.0.0.1:0')), env=env)

    return start


def test_a_run_is_watched_and_steered_and_says_so_in_its_results(live):
    page = live('--ui-listen', '127.0.0.1:0', '--listen', '127.0.0.1:0')
    viewer = Viewer(page)
    viewer.wait_for('3 users', lambda now: now['users_active'] == 3)
    page.ask(users=40)
    viewer.wait_for('40 users', lambda now: now['users_wanted'] == now['users_active'] == 40)
    page.ask(mark='deployed <b>1.4.2</b>')
    page.ask(users=2)
    viewer.wait_for('2 users', lambda now: now['users_active'] == 2 and now['users_leaving'] == 0)
    page.ask(pause=True)
    assert page.command({'pause': True})[0] == 409
    paused = viewer.wait_for('a pause', lambda now: now['state'] == 'paused' and now['in_flight'] == 0)
    viewer.wait_for('time to go by', lambda now: now['at_s'] > paused['at_s'] + 1)
    assert viewer.of('now')[-1]['requests'] == paused['requests']
    page.ask(resume=True)
    viewer.wait_for('requests', lambda now: now['requests'] > paused['requests'])
    late = Viewer(page)
    wait_until(lambda: late.of('now'), 'a late viewer')
    assert [mark['text'] for mark in late.of('mark')] == [mark['text'] for mark in viewer.of('mark')]
    assert late.of('point')[:2] == viewer.of('point')[:2]
    page.ask(stop=True)
    results = page.finish(105)
    for one in (viewer, late):
        one.end()
        assert one.of('end')[0]['exit_code'] == 105 and one.of('end')[0]['results'] == str(results.folder)
    summary = results.summary
    assert [(mark['kind'], mark['text']) for mark in summary['marks']] == [
        ('control', 'users set to 40 from the live page'), ('mark', 'deployed <b>1.4.2</b>'),
        ('control', 'users set to 2 from the live page'), ('control', 'paused from the live page'),
        ('control', 'resumed from the live page'), ('control', 'stopped from the live page')]
    assert summary['run']['stop_reason'] == 'by_hand'
    assert summary['totals']['users_peak'] == 40
    said = [verdict['sentence'] for verdict in summary['verdicts']]
    assert any('changed by hand 5 times' in sentence for sentence in said)
    # What a viewer was told is what the report is made of.
    points = summary['timeline']['points']
    assert viewer.of('point')[:3] == points[:3]
    assert [point["start_s"] for point in viewer.of("point")] == [point["start_s"] for point in points]
    # The load's clock stood still: the window ends with the load, not before it.
    assert summary['window']['end_s'] > summary['marks'][3]['at_s'] + 1
    assert page.token not in page.run.text().replace(page.line, '')
    for file in results.folder.iterdir():
        assert page.token.encode() not in file.read_bytes(), file


def test_only_its_owner_steers_and_only_this_machine_looks_on(live):
    page = live()
    assert page.command({'users': 5}, token=False)[0] == 401
    assert page.command({'users': 5}, token=page.token + 'x')[0] == 401
    assert page.command({'users': 5}, Origin='http://evil.example')[0] == 403
    assert page.command({'users': 5}, Host='evil.example')[0] == 403
    assert page.command({'users': 5}, **{'Content-Type': 'text/plain'})[0] == 415
    assert page.command('{"users": 5')[0] == 400
    assert page.command('{"users": 5}' + ' ' * 5000)[0] == 413
    for path in ('/', '/live/events', '/metrics'):
        assert page.get(path, Host='evil.example')[0] == 403
    status, headers, text = page.get('/')
    assert status == 200 and headers['Cache-Control'] == 'no-store' and page.token not in text
    assert "default-src 'none'" in headers['Content-Security-Policy']
    assert "connect-src 'self'" in headers['Content-Security-Policy']
    assert page.get('/readyz')[0] in (200, 503) and page.get('/healthz')[0] == 200
    viewer = Viewer(page)
    viewer.wait_for('users', lambda now: now['users_active'] == 3)
    page.ask(stop=True)
    assert page.finish(105).summary['totals']['users_peak'] == 3


def test_others_than_this_machine_see_nothing_without_the_token(live):
    token = 'a-token-of-my-own-17'
    page = live('--ui-listen', '0.0.0.0:0', env={'THRONG_UI_TOKEN': token})
    assert page.token is None and token not in page.line
    key = {'Authorization': f'Bearer {token}'}
    for path in ('/live/events', '/metrics'):
        assert page.get(path)[0] == 401
    assert page.get('/healthz')[0] == 200 and page.get('/')[0] == 200
    viewer = Viewer(page, **key)
    viewer.wait_for('users', lambda now: now['users_active'] == 3)
    assert page.get('/metrics', **key)[0] == 200
    assert page.command({'stop': True}, token=token)[0] == 200
    page.finish(105)


def test_a_search_is_watched_and_stopped_but_not_changed(processes, tmp_path, fast_simulator, scenario):
    path = scenario(target=fast_simulator.url, users=f'{{asker: {{flow: {FLOW}}}}}')
    page = Page(processes, path, tmp_path / 'results', '--ui-listen', '127.0.0.1:0', '--slo', 'error_rate: rate<50%',
                '--settle', '1s', '--hold', '60s', command='capacity')
    viewer = Viewer(page)
    viewer.wait_for('a level', lambda now: now['users_active'] > 0)
    for command in ({'users': 5}, {'rate': 5}, {'pause': True}):
        status, answer = page.command(command)
        assert status == 409 and 'search' in answer['error']
    page.ask(mark='half way')
    page.ask(stop=True)
    summary = page.finish(105).summary
    assert viewer.of('run')[0]['is_search'] and viewer.of('plan') == []
    assert [mark['text'] for mark in summary['marks']] == ['half way', 'stopped from the live page']


def test_one_address_for_both_is_one_server(live, processes, tmp_path):
    page = live('--ui', env={'THRONG_UI_LISTEN': '127.0.0.1:0'})
    taken = page.url.removeprefix('http://')
    refused = processes('run', page.run.words[1], '--ui-listen', taken, '--out', tmp_path / 'none')
    assert refused.wait() == 106 and '--ui-listen: cannot listen on' in refused.text()
    page.ask(stop=True)
    page.finish(105)
    again = live('--ui-listen', taken, '--listen', taken)
    again.run.wait_for_line(f'Serving /metrics, /healthz and /readyz at {again.url}')
    wait_until(lambda: again.get('/metrics', Host='elsewhere.example')[0] == 200, '/metrics')
    again.ask(stop=True)
    assert again.run.wait() == 105


def test_twenty_viewers_are_told_the_same(live):
    page = live(load=LONG % 20)
    viewers = [Viewer(page) for _ in range(20)]
    viewers[0].wait_for('three seconds', lambda now: now['at_s'] > 3)
    page.ask(stop=True)
    points = page.finish(105).summary['timeline']['points']
    for viewer in viewers:
        viewer.end()
        assert viewer.of('point') == points


def text_of(browser, selector):
    return browser.run('return document.querySelector(arguments[0])?.textContent ?? ""', selector)


def tile(browser, label):
    return browser.run('return [...document.querySelectorAll(".tile")].find((one) => '
                       'one.querySelector(".label").textContent === arguments[0])?.querySelector(".figure").textContent ?? ""', label)


def press(browser, words):
    browser.run('[...document.querySelectorAll("button")].find((one) => one.textContent === arguments[0] && '
                'one.checkVisibility()).click()', words)


def test_in_a_browser_users_move_when_buttons_are_pressed(live, browser, tmp_path):
    page = live()
    browser.open(page.address)
    wait_until(lambda: tile(browser, 'Users') == '3', 'users on the page')
    assert browser.run('return location.hash') == ''
    browser.run('location.hash = "token=" + arguments[0]', page.token)  # as when the URL is opened again in this tab
    wait_until(lambda: browser.run('return location.hash') == '' and tile(browser, 'Users') == '3', 'the page anew')
    browser.run('document.getElementById("users").value = "12"; document.getElementById("users").form.requestSubmit()')
    wait_until(lambda: tile(browser, 'Users') == '12', 'more users')
    press(browser, '−')
    wait_until(lambda: tile(browser, 'Users') == '11', 'fewer users')
    press(browser, 'Pause')
    wait_until(lambda: 'Paused' in text_of(browser, '.standing'), 'a pause')
    press(browser, 'Resume')
    wait_until(lambda: 'Running' in text_of(browser, '.standing'), 'the run to go on')
    browser.run('document.getElementById("mark").value = "<img src=x onerror=alert(1)>\\u2028!"; '
                'document.getElementById("mark").form.requestSubmit()')
    wait_until(lambda: '<img src=x onerror=alert(1)>\u2028!' in text_of(browser, '#events'), 'the note on the page')
    wait_until(lambda: browser.run('return document.querySelectorAll("canvas").length') >= 5, 'charts')
    assert browser.problems() == []
    assert {urllib.parse.urlsplit(url).netloc for url in browser.requested()} == {page.url.removeprefix('http://')}
    press(browser, 'Stop …')
    press(browser, 'Stop the run')
    results = page.finish(105)
    wait_until(lambda: 'Failed (exit code 105)' in text_of(browser, '.standing'), 'the end on the page')
    assert f'{results.folder}/report.html' in text_of(browser, '[role=status]')
    assert browser.run('return document.querySelectorAll("canvas").length') >= 5
    assert 'users set to 12 from the live page' in [mark['text'] for mark in results.summary['marks']]


def test_in_a_browser_without_the_token_one_looks_on(live, browser):
    page = live(load='[{phase: sustained, users: 3, for: 24h}]')
    browser.open(page.url)
    browser.run('sessionStorage.clear()')
    browser.open(page.url + '/?')
    wait_until(lambda: tile(browser, 'Users') == '3', 'users on the page')
    assert not browser.run('return document.getElementById("users").checkVisibility()')
    assert 'A point on these charts is 2 min 24 s of the run' in text_of(browser, '#load')
    wait_until(lambda: browser.run('return document.querySelectorAll("#recent canvas").length') >= 5, 'charts of the last minutes')
    browser.run('document.getElementById("token").value = arguments[0]; document.getElementById("token").form.requestSubmit()', page.token)
    wait_until(lambda: browser.run('return document.getElementById("users").checkVisibility()'), 'the controls')
    page.run.kill()
    wait_until(lambda: 'Connection lost' in text_of(browser, '.standing'), 'the loss to be told')


def test_what_was_done_to_single_workers_stands_in_the_result_of_all(live, tmp_path):
    pages = [live('--ui-listen', '127.0.0.1:0', '--workers', 2, '--worker-index', index, '--run-id', f'w{index}')
             for index in (0, 1)]
    viewer = Viewer(pages[1])
    pages[1].ask(pause=True)
    viewer.wait_for('a pause', lambda now: now['state'] == 'paused' and now['at_s'] > 1)
    pages[1].ask(resume=True)
    pages[0].ask(mark='deployed 1.4.2')
    for page in pages:
        page.ask(stop=True)
        assert page.run.wait() == 105, page.run.text()
    throng('merge', tmp_path / 'results/w0', tmp_path / 'results/w1', '--out', tmp_path, '--run-id', 'whole', check=105)
    whole = Results(tmp_path / 'whole').summary
    workers = [Results(tmp_path / f'results/w{index}').summary for index in (0, 1)]
    assert sorted((mark['kind'], mark['text']) for mark in whole['marks']) == [
        ('control', 'worker 0: stopped from the live page'), ('control', 'worker 1: paused from the live page'),
        ('control', 'worker 1: resumed from the live page'), ('control', 'worker 1: stopped from the live page'),
        ('mark', 'worker 0: deployed 1.4.2')]
    assert [mark['at_s'] for mark in whole['marks']] == sorted(mark['at_s'] for one in workers for mark in one['marks'])
    assert whole['run']['stop_reason'] == 'by_hand'
    assert any('changed by hand 4 times' in one['sentence'] for one in whole['verdicts'])
