"""Tenants: organizations, users and keys that are made at a platform before the load and removed behind it.

The platform is the simulator's tenant API, which counts what it still holds; a scripted server where a
platform has to misbehave.
"""
import json
import pathlib
import resource
import signal
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jsonschema
import pytest

from program import Running, throng, wait_until

TOKEN = 'adm-token-of-the-tests'


@pytest.fixture(name='platform')
def platform_fixture():
    """A simulator whose models ask for keys of tenants."""
    simulator = Running('simulate', '--admin-key-env', 'PLATFORM_KEY', '--tenant-keys', 'required',
                        '--ttft', '5ms', '--tenants', '5ms', env={'PLATFORM_KEY': TOKEN})
    url = simulator.wait_for_line('listens on').split()[-1]
    yield url
    simulator.signal(signal.SIGTERM)
    simulator.wait()


def ask(url, path):
    request = urllib.request.Request(url + path, headers={'Authorization': f'Bearer {TOKEN}'})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def held(url):
    """What the platform still has, by the name of the organization: its users."""
    return {org['slug']: org['user_count'] for org in ask(url, '/v1/orgs?limit=100')['data']}


def write(tmp_path, url, more='', users=6, seconds=1, platform=''):
    path = tmp_path / 'tenants.yaml'
    path.write_text(f'''
scenario: tenants
target: {{url: "{url}"}}
platform:
  url: "{url}"
  token: ${{ADMIN_TOKEN:-}}
  organizations: 2
  users: 3
{platform}
users:
  people:
    think_time: 50ms
    flow:
      - chat: {{model: gpt-4o, max_tokens: 5}}
      - http: GET /v1/orgs
        target: platform
load: [{{phase: sustained, users: {users}, for: {seconds}s}}]
{more}
''')
    return path


def run(path, *words, check=0, token=TOKEN):
    """Returns what was done and the results folder, or None where there is none."""
    out = path.parent / f'results-{len(list(path.parent.glob("results-*")))}'
    done = throng('run', path, '--headless', '--out', out, *words, env={'ADMIN_TOKEN': token},
                  check=check)
    folders = list(out.glob('*'))
    return done, folders[0] if folders else None


def words_of(done):
    """What was printed, wherever its lines were broken."""
    return ' '.join(done.stdout.split())


def summary_of(folder):
    return json.loads((folder / 'summary.json').read_text())


def test_users_act_with_keys_of_their_own_and_nothing_stays_behind(tmp_path, platform):
    path = write(tmp_path, platform)
    done, folder = run(path)
    summary = summary_of(folder)
    jsonschema.validate(summary, json.loads(throng('schema', 'summary', check=0).stdout))
    made = summary['platform']

    assert summary['totals']['failed'] == 0, 'the models let only keys of tenants in'
    assert set(summary['by']['org_id']) == {'loadtest-org-1', 'loadtest-org-2'}
    assert made['users'] == {'removed': 6, 'left': 0, 'kept': 0}
    assert made['organizations'] == {'removed': 2, 'left': 0, 'kept': 0}
    assert made['keys'] == {'removed': 6, 'left': 0, 'kept': 0}
    assert made['calls']['make_user']['done'] == 6
    assert made['calls']['make_user']['p50_ms'] >= 4
    assert held(platform) == {}
    assert '6 users in 2 organizations made in' in words_of(done)
    assert '14 removed, none left' in words_of(done)
    assert '## Platform' in (folder / 'summary.md').read_text()


def test_no_key_is_written_anywhere(tmp_path, platform):
    path = write(tmp_path, platform, platform='  cleanup: never')
    done, folder = run(path, '--log-bodies', '--log-level', 'debug', '--requests-jsonl',
                       '--run-id', 'secrets')
    keys = [key['prefix'] for org in ask(platform, '/v1/orgs')['data']
            for user in ask(platform, f"/v1/orgs/{org['slug']}/users")['data']
            for key in ask(platform, f"/v1/orgs/{org['slug']}/users/{user['id']}/keys")['data']]
    assert len(keys) == 6 and all(len(key) >= 5 for key in keys)
    written = [file.read_bytes() for file in folder.rglob('*') if file.is_file()]
    written += [done.stdout.encode(), done.stderr.encode()]
    for text in written:
        assert TOKEN.encode() not in text
        for key in keys:
            assert key.rstrip('.…*').encode() not in text
    assert (folder / 'platform.jsonl').stat().st_mode & 0o777 == 0o600


def test_organizations_have_setups_and_budgets(tmp_path, platform):
    path = write(tmp_path, platform, platform='''
  cleanup: never''', more='''
setup:
  organization:
    - http: {request: "POST /v1/orgs/{{ org.slug }}/invites", json: {email: "guest@{{ org.name }}.invalid"}}
      target: platform
''')
    assert 'before it, for each organization:' in throng('check', path, check=0).stdout
    run(path, '--set', 'platform.organizations={count: 2, budget: {loadtest-org-2: 1.50 USD}}')
    budgets = {org['slug']: org['budget_usd'] for org in ask(platform, '/v1/orgs')['data']}
    assert budgets == {'loadtest-org-1': None, 'loadtest-org-2': 1.5}
    assert held(platform) == {'loadtest-org-1': 4, 'loadtest-org-2': 4}
    emails = {user['email'] for user in ask(platform, '/v1/orgs/loadtest-org-1/users')['data']}
    assert 'loadtest-org-1-user-0003@loadtest.invalid' in emails
    assert 'guest@loadtest-org-1.invalid' in emails


def test_what_exists_is_used_again_and_stays(tmp_path, platform):
    path = write(tmp_path, platform)
    _, first = run(path, '--no-cleanup')
    assert held(platform) == {'loadtest-org-1': 3, 'loadtest-org-2': 3}
    done, second = run(path)
    assert summary_of(second)['platform']['users'] == {'removed': 0, 'left': 0, 'kept': 6}
    assert summary_of(second)['platform']['keys'] == {'removed': 6, 'left': 0, 'kept': 0}
    assert '8 were there before, and stay' in words_of(done)
    assert held(platform) == {'loadtest-org-1': 3, 'loadtest-org-2': 3}
    environment = {'THRONG_TOKEN': TOKEN}
    told = throng('cleanup', first, env=environment, check=0)
    assert '14 removed, 0 left' in told.stdout
    assert held(platform) == {}
    assert '0 removed, 0 left' in throng('cleanup', first, env=environment, check=0).stdout


def test_a_failed_run_cleans_up_and_on_success_does_not(tmp_path, platform):
    failing = 'thresholds: {e2e: ["max<1us"]}'
    _, folder = run(write(tmp_path, platform, more=failing), check=99)
    assert summary_of(folder)['platform']['cleaned_up'] is True
    assert held(platform) == {}
    _, folder = run(write(tmp_path, platform, more=failing, platform='  cleanup: on-success'),
                    check=99)
    assert summary_of(folder)['platform']['users']['left'] == 3 * 2
    assert len(held(platform)) == 2


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up(tmp_path, platform, number):
    path = write(tmp_path, platform, seconds=60)
    process = Running('run', path, '--quiet', '--out', tmp_path / 'results',
                      env={'ADMIN_TOKEN': TOKEN})
    wait_until(lambda: ask(platform, '/v1/orgs')['data'] and
               sum(held(platform).values()) == 6, 'the bootstrap')
    process.signal(number)
    assert process.wait() == 105
    assert held(platform) == {}


def test_fault_54_a_run_with_keys_leaves_no_core_file(tmp_path, platform):
    process = Running('run', write(tmp_path, platform, seconds=60), '--quiet', '--out',
                      tmp_path / 'results', env={'ADMIN_TOKEN': TOKEN})
    wait_until(lambda: sum(held(platform).values()) == 6, 'the bootstrap')
    # 1, not 0: then core_pattern's program gets nothing either.
    assert resource.prlimit(process.process.pid, resource.RLIMIT_CORE) == (1, 1)
    process.signal(signal.SIGTERM)
    assert process.wait() == 105


def test_a_killed_run_is_cleaned_up_later(tmp_path, platform):
    path = write(tmp_path, platform, seconds=60)
    process = Running('run', path, '--quiet', '--out', tmp_path / 'results', '--run-id', 'killed',
                      env={'ADMIN_TOKEN': TOKEN})
    ledger = tmp_path / 'results/killed/platform.jsonl'
    wait_until(lambda: ledger.exists() and ledger.read_text().count('"keys"') == 6,
               'the bootstrap')
    busy = throng('cleanup', 'killed', '--out', tmp_path / 'results', check=2)
    assert 'still goes on' in busy.stderr
    process.signal(signal.SIGKILL)
    process.wait()
    assert len(held(platform)) == 2
    wrong = throng('cleanup', 'killed', '--out', tmp_path / 'results',
                   env={'THRONG_TOKEN': 'wrong'}, check=101)
    assert '2 organizations, 6 users and 6 keys' in wrong.stderr
    assert 'status 401' in wrong.stderr and 'throng cleanup' in wrong.stderr
    told = throng('cleanup', 'killed', '--out', tmp_path / 'results',
                  env={'ADMIN_TOKEN': TOKEN}, check=0)
    assert '14 removed, 0 left' in told.stdout
    assert held(platform) == {}


def test_two_signals_leave_it_and_say_how_to_finish(tmp_path, platform):
    path = write(tmp_path, platform, seconds=60)
    process = Running('run', path, '--headless', '--out', tmp_path / 'results', '--run-id', 'hasty',
                      '--set', 'graceful_stop=60s', '--set', 'users.people.flow.0.chat.max_tokens=4000',
                      env={'ADMIN_TOKEN': TOKEN})
    wait_until(lambda: sum(held(platform).values()) == 6, 'the bootstrap')
    process.wait_for_line('users')
    process.signal()
    process.signal(signal.SIGTERM)
    assert process.wait() == 101
    assert 'throng cleanup' in ''.join(process.output['stdout'])
    assert len(held(platform)) == 2


def test_what_is_wrong_is_said_with_what_to_do(tmp_path, platform):
    done, _ = run(write(tmp_path, platform), '--no-preflight', token='wrong', check=107)
    assert 'make_organization of loadtest-org-1' in done.stderr
    assert 'status 401' in done.stderr and 'platform.token' in done.stderr
    done, _ = run(write(tmp_path, platform, users=7), check=113)
    assert 'have 6' in done.stderr and 'share_keys' in done.stderr
    run(write(tmp_path, platform, users=7), '--set', 'platform.users={count: 3, share_keys: true}')
    assert held(platform) == {}


def test_three_workers_divide_the_organizations(tmp_path, platform):
    path = write(tmp_path, platform, users=9, platform='  cleanup: never')
    for worker in range(3):
        run(path, '--workers', '3', '--worker-index', worker, '--set', 'platform.organizations=4')
        now = held(platform)
        assert set(now) == {f'loadtest-org-{i}' for i in range(1, 5) if (i - 1) % 3 <= worker}
    assert set(now.values()) == {3}


class Script(BaseHTTPRequestHandler):
    """A platform of another kind: other paths, other words, and it is not well at first."""
    protocol_version = 'HTTP/1.1'
    tenants = None
    failures = 0
    asked = None

    def answer(self, status, body=None):
        text = json.dumps(body).encode() if body is not None else b''
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])) or b'{}')
        self.asked.append((self.path, self.headers['Authorization']))
        if Script.failures > 0:
            Script.failures -= 1
            self.answer(503, {'error': 'later'})
            return
        self.tenants.add(self.path)
        self.answer(200, {'uid': f"u{len(self.tenants)}", 'echo': body, 'secret': 'tok-123456789'})

    def do_DELETE(self):
        self.asked.append((self.path, self.headers['Authorization']))
        self.tenants.discard(self.path)
        self.answer(200, {})

    def do_GET(self):
        self.asked.append((self.path, self.headers['Authorization']))
        self.answer(200, {'ok': True})

    def log_message(self, *words):
        pass


@pytest.fixture(name='other')
def other_fixture():
    Script.tenants, Script.asked, Script.failures = set(), [], 0
    server = ThreadingHTTPServer(('127.0.0.1', 0), Script)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f'http://127.0.0.1:{server.server_port}'
    server.shutdown()
    thread.join()
    server.server_close()


OTHER = '''
scenario: other
target: {{url: "{url}"}}
platform:
  url: "{url}"
  token: boss
  organizations: {{count: 2, name: "team-{{index}}"}}
  users: {{count: 2, email: "{{organization}}.{{index}}@example.invalid"}}
  retry: {{attempts: 4, base: 1ms, on: [http_5xx]}}
  calls:
    make_organization:
      - http: {{request: "PUT /teams/{{{{ org.name }}}}", json: {{}}}}
        extract: {{org_id: .uid}}
    make_user:
      - http: {{request: "PUT /teams/{{{{ org.name }}}}/people/{{{{ user.email }}}}", json: {{n: "{{{{ user.index }}}}"}}}}
        extract: {{user_id: .uid, api_key: {{jq: .secret, secret: true}}}}
    make_key:
      - http: {{request: "PUT /keys/{{{{ user.id }}}}", json: {{}}}}
        extract: {{api_key: .secret, key_id: .uid}}
    remove_key: [{{http: "DELETE /keys/{{{{ user.id }}}}"}}]
    remove_user: [{{http: "DELETE /teams/{{{{ org.name }}}}/people/{{{{ user.email }}}}"}}]
    remove_organization: [{{http: "DELETE /teams/{{{{ org.name }}}}"}}]
users: {{people: {{think_time: 20ms, flow: [{{http: GET /work}}, {{http: GET /boss, target: platform}}]}}}}
load: [{{phase: sustained, users: 4, for: 300ms}}]
'''


def test_another_platform_is_spoken_to_in_its_own_words(tmp_path, other):
    path = tmp_path / 'other.yaml'
    path.write_text(OTHER.format(url=other))
    Script.failures = 3
    run(path)
    paths = [path for path, _ in Script.asked]
    assert '/teams/team-2/people/team-2.0001%40example.invalid' in paths
    assert Script.tenants == set()
    tokens = {path: token for path, token in Script.asked if path in ('/work', '/boss')}
    assert tokens == {'/work': 'Bearer tok-123456789', '/boss': 'Bearer boss'}


def test_a_platform_that_never_answers_well_fails_the_run_and_what_was_made_is_removed(tmp_path, other):
    path = tmp_path / 'other.yaml'
    path.write_text(OTHER.format(url=other))
    Script.failures = 0
    text = path.read_text().replace('PUT /keys', 'POST /keys')
    path.write_text(text)
    done, folder = run(path, check=107)
    assert 'make_key of team-' in done.stderr and 'status 501' in done.stderr
    assert 'are left' in done.stderr
    assert Script.tenants == set()
    assert not (folder / 'summary.json').exists()


class Flaky(BaseHTTPRequestHandler):
    """What stands before a simulator: it passes calls on, but keeps some of the answers."""
    protocol_version = 'HTTP/1.1'
    platform = ''
    manner = None  # of (method, path): how its answer is kept, '' where it is not
    seen = None
    ends = None

    def pass_on(self):
        length = int(self.headers['Content-Length'] or 0)
        request = urllib.request.Request(self.platform + self.path, method=self.command,
                                         data=self.rfile.read(length) if length else None,
                                         headers={'Authorization': self.headers['Authorization'] or ''})
        if length:
            request.add_header('Content-Type', 'application/json')
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def do(self):
        asked = (self.command, self.path)
        is_first = asked not in Flaky.seen
        Flaky.seen.add(asked)
        status, body = self.pass_on()
        manner = Flaky.manner(*asked, is_first)
        if manner == 'hang':
            Flaky.ends.wait(30)
            self.close_connection = True
            return
        if manner.isdigit():
            status, body = int(manner), b'{"error": "it went wrong behind the work"}'
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        if status != 204:
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if manner == 'lose':
            self.close_connection = True  # behind a head alone: libcurl would ask again by itself
        else:
            self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = do

    def log_message(self, *words):
        pass


@pytest.fixture(name='flaky')
def flaky_fixture(platform):
    Flaky.platform, Flaky.seen, Flaky.ends = platform, set(), threading.Event()
    Flaky.manner = lambda *_: ''
    server = ThreadingHTTPServer(('127.0.0.1', 0), Flaky)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f'http://127.0.0.1:{server.server_port}'
    Flaky.ends.set()
    server.shutdown()
    thread.join()
    server.server_close()


def write_flaky(tmp_path, platform, flaky, more=''):
    """The load goes to the platform itself, the calls to what stands before it."""
    path = write(tmp_path, platform, platform=more)
    path.write_text(path.read_text().replace(f'platform:\n  url: "{platform}"',
                                             f'platform:\n  url: "{flaky}"'))
    return path


@pytest.mark.parametrize('manner', ['lose', '500'])
def test_what_was_made_behind_a_lost_answer_is_removed(tmp_path, platform, flaky, manner):
    Flaky.manner = lambda method, path, is_first: manner if is_first and method != 'GET' else ''
    _, folder = run(write_flaky(tmp_path, platform, flaky))
    assert summary_of(folder)['platform']['users'] == {'removed': 6, 'left': 0, 'kept': 0}
    assert held(platform) == {}


def test_a_lost_answer_of_a_look_does_not_make_it_the_runs(tmp_path, platform, flaky):
    path = write_flaky(tmp_path, platform, flaky)
    run(path, '--no-cleanup')
    Flaky.seen.clear()
    Flaky.manner = lambda method, path, is_first: '504' if method == 'GET' and is_first else ''
    _, folder = run(path)
    assert summary_of(folder)['platform']['users'] == {'removed': 0, 'left': 0, 'kept': 6}
    assert held(platform) == {'loadtest-org-1': 3, 'loadtest-org-2': 3}


@pytest.mark.parametrize('where', ['/v1/orgs', '/invites'])
def test_what_a_killed_bootstrap_was_asking_for_is_removed(tmp_path, platform, flaky, where):
    path = write_flaky(tmp_path, platform, flaky)
    Flaky.manner = lambda method, path, _: 'hang' if path.endswith(where) else ''
    process = Running('run', path, '--quiet', '--no-preflight', '--out', tmp_path / 'results',
                      '--run-id', 'killed', env={'ADMIN_TOKEN': TOKEN})
    all_of_it = {f'loadtest-org-{i}': 3 if where == '/invites' else 0 for i in (1, 2)}
    wait_until(lambda: held(platform) == all_of_it, 'what is asked for')
    process.signal(signal.SIGKILL)
    process.wait()
    Flaky.manner = lambda *_: ''
    told = throng('cleanup', 'killed', '--out', tmp_path / 'results', env={'ADMIN_TOKEN': TOKEN},
                  check=0)
    assert f'{sum(all_of_it.values()) + 2} removed, 0 left' in told.stdout
    assert held(platform) == {}


def test_a_platform_that_hangs_ends_the_bootstrap_and_its_cleanup_in_time(tmp_path, platform, flaky):
    Flaky.manner = lambda method, path, _: 'hang' if path.endswith('/invites') else ''
    path = write_flaky(tmp_path, platform, flaky,
                       more='  bootstrap_timeout: 1s\n  cleanup_timeout: 1s')
    done, folder = run(path, '--no-preflight', check=100)
    assert 'more than 1 s (platform.bootstrap_timeout): 0 of 6 users' in done.stderr
    assert 'throng cleanup' in done.stderr and '0 were removed and 8 are left' in done.stderr
    Flaky.manner = lambda *_: ''
    told = throng('cleanup', folder, env={'ADMIN_TOKEN': TOKEN}, check=0)
    assert '8 removed, 0 left' in told.stdout
    assert held(platform) == {}
