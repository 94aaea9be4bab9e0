"""SCN-4 to SCN-7: what a scenario says beyond its requests, as a server and the results see it."""
import collections
import json
import re
import urllib.error
import urllib.request

import pytest

import scripted
from program import throng, wait_until
from scripted import HELLO, ScriptedServer

ONE_USER = '[{phase: sustained, users: 1, for: 1h}]'


class Shop:
    """Logs people in, sets cookies, says what it was asked."""

    def __init__(self):
        self.logins = 0
        self.broken = set()  # paths that are answered with 500

    def __call__(self, request):
        path = request.path.partition('?')[0]
        if path in self.broken:
            return scripted.whole('500 Broken', '{"detail": "broken"}')
        if path == '/login':
            self.logins += 1
            return scripted.whole('200 OK', json.dumps({'token': f'token-{self.logins}', 'left': 3}),
                                  more='Set-Cookie: session=s-1; Path=/\r\n'
                                       'Set-Cookie: deep=d-1; Path=/deep\r\n'
                                       'Location: /orders/17\r\n')
        if path.endswith('/chat/completions'):
            return scripted.stream(*HELLO)
        return scripted.whole('200 OK', json.dumps({'path': request.path, 'items': [1, 2, 3]}))


@pytest.fixture
def shop():
    one = Shop()
    one.server = ScriptedServer(one)
    yield one
    one.server.close()


@pytest.fixture
def act(scenario, run, shop):
    """act(flow, requests, **parts) → Results, after so many measured requests of one person."""

    def act_out(flow, requests=6, options=(), code=0, person='', **parts):
        path = scenario(**{'target': shop.server.url, 'load': ONE_USER,
                           'users': f'{{a: {{flow: {flow}{person}}}}}',
                           'limits': f'{{requests: {requests}}}', **parts})
        return run(path, '--no-preflight', *options, code=code)

    return act_out


def paths(shop):
    return [request.path for request in shop.server.requests]


def test_what_was_extracted_goes_into_paths_headers_bodies_and_tokens(act, shop):
    act('[{http: POST /login, extract: {token: .token, left: .left, where: {header: Location}, '
        'number: {regex: "token-(.)", group: 1}, status: {status: true}}}, '
        '{http: {request: "POST /as/{{ vars.token }}/{{ vars.where }}", '
        'json: {token: "{{ vars.token }}", left: "{{ vars.left | json }}", '
        'status: "{{ vars.status | json }}"}}, auth: "{{ vars.token }}", '
        'headers: {X-Number: "n{{ vars.number }}"}}]', requests=4)
    _, second, _, fourth = shop.server.requests
    assert second.path == '/as/token-1/%2Forders%2F17'
    assert second.json == {'token': 'token-1', 'left': 3, 'status': 200}
    assert second.headers['authorization'] == 'Bearer token-1'
    assert second.headers['x-number'] == 'n1'
    assert fourth.headers['authorization'] == 'Bearer token-2'


def test_people_keep_their_cookies_where_the_scenario_says_so(act, shop):
    act('[{http: POST /login}, {http: GET /deep/er}, {http: GET /}]', requests=3,
        person=', cookies: keep')
    act('[{http: POST /login}, {http: GET /deep/er}, {http: GET /}]', requests=3)
    cookies = [request.headers.get('cookie') for request in shop.server.requests]
    assert cookies[1:3] == ['deep=d-1; session=s-1', 'session=s-1']
    assert cookies[3:] == [None] * 3


def test_if_else_and_set_lead_people_through_their_flow(act, shop):
    act('[{set: {n: {jq: "(.vars.n // 0) + 1"}}}, '
        '{if: .vars.n % 2 == 0, steps: [{http: "GET /even/{{ vars.n }}"}], '
        'else: [{http: "GET /odd/{{ vars.n }}"}]}, '
        '{http: GET /third, when: .vars.n == 3}]', requests=5)
    assert paths(shop) == ['/odd/1', '/even/2', '/odd/3', '/third', '/even/4']


def test_repeat_while_asks_before_each_round(act, shop):
    act('[{http: POST /login, extract: {left: .left}}, '
        '{repeat: 10, while: .vars.left > 0, steps: ['
        '{http: "GET /left/{{ vars.left }}/{{ round }}"}, '
        '{set: {left: {jq: .vars.left - 1}}}]}, {http: GET /after}]', requests=5)
    assert paths(shop) == ['/login', '/left/3/0', '/left/2/1', '/left/1/2', '/after']


def test_flows_are_used_with_values_of_their_own(act, shop):
    act('[{use: visit, with: {page: one}}, {use: visit, with: {page: two}}]', requests=4,
        flows='{visit: [{http: "GET /{{ vars.page }}"}]}')
    assert paths(shop) == ['/one', '/two', '/one', '/two']


@pytest.mark.parametrize('what, expected', [
    ('iteration', ['/a/1', '/a/2', '/a/3']),
    ('user', ['/a/1', '/a/1', '/a/1']),
])
def test_stop_ends_an_iteration_or_a_person(act, shop, what, expected):
    act('[{set: {n: {jq: "(.vars.n // 0) + 1"}}}, {http: "GET /a/{{ vars.n }}"}, '
        f'{{stop: {what}}}, {{http: GET /never}}]', requests=3)
    assert paths(shop) == expected


def test_stop_may_end_the_run_and_call_it_failed(act, shop):
    results = act('[{http: GET /a}, {stop: {run: "the shop is empty", failed: true}}]', code=110)
    assert results.summary['run']['stop_reason'] == 'scenario'
    assert [verdict['sentence'] for verdict in results.summary['verdicts']] == [
        'The scenario stopped the run and calls it failed: the shop is empty.']
    assert act('[{http: GET /a}, {stop: run}]').summary['run']['stop_reason'] == 'scenario'


def test_groups_have_durations_and_label_their_requests(act, shop):
    results = act('[{group: shop, steps: [{group: login, steps: [{http: POST /login}]}, '
                  '{http: GET /buy}], record: {shopping: .duration_ms}}]', requests=10,
                  metrics='{shopping: {trend: time}}')
    times = {path: group['metrics']['group_duration']['count']
             for path, group in results.summary['by']['group'].items()}
    assert times == {'::shop': 5, '::shop::login': 5}
    assert results.summary['metrics']['shopping']['count'] == 5
    labels = {sample['labels'].get('group') for sample in results.samples()}
    assert labels == {'::shop', '::shop::login'}


def test_checks_count_and_change_nothing_else(act, shop):
    results = act('[{http: GET /thing, check: {status: {status: 200}, three: ".items | length == 3", '
                  'four: ".items | length == 4", says: {contains: "/thing"}, '
                  'fast: {latency: 10s}, plain: {header: {Content-Type: text/plain}}}}]', requests=4)
    checks = {check['name']: (check['passes'], check['fails'])
              for check in results.summary['checks']}
    assert checks == {'status': (4, 0), 'three': (4, 0), 'four': (0, 4), 'says': (4, 0),
                      'fast': (4, 0), 'plain': (0, 4)}
    assert results.summary['totals']['failed'] == 0


def test_what_is_expected_of_a_body_makes_a_request_a_failed_one(act, shop):
    results = act('[{http: GET /thing, expect: {body: ".items | length == 4"}}]', code=116)
    assert {sample['outcome'] for sample in results.samples()} == {'check_failed'}
    assert 'length == 4' in results.summary['errors'][0]['example']


def test_checks_and_extraction_look_at_the_words_of_a_chat(act, shop):
    results = act('[{chat: {model: m, prompt: hi}, check: {greets: {contains: Hello}, '
                  'jq: .text == "Hello"}, extract: {said: .text}}, '
                  '{http: "GET /said/{{ vars.said }}"}]', requests=2)
    assert paths(shop)[-1] == '/said/Hello'
    assert [check['fails'] for check in results.summary['checks']] == [0, 0]


def test_metrics_of_the_scenarios_own_are_fed_by_steps(act, shop):
    shop.broken.add('/broken')
    results = act('[{http: GET /thing, record: {seen: true, size: ".json.items | length", '
                  'level: ".json.items[1]"}}, {http: GET /broken, record: {errors: .failed, '
                  'took: .duration_ms}}]', requests=6,
                  metrics='{seen: counter, size: {trend: number}, level: gauge, errors: rate, '
                          'took: {trend: time}}')
    metrics = results.summary['metrics']
    assert metrics['size']['count'] == 3
    assert abs(metrics['size']['max'] - 3) < 0.01
    assert metrics['took']['count'] == 3
    assert metrics['seen']['count'] == 3
    assert metrics['level']['value'] == 2
    assert metrics['errors']['rate'] == 1


def test_rows_of_a_file_are_taken_in_turn(act, shop, tmp_path):
    (tmp_path / 'people.csv').write_text('name,city\nAda,London\nBo,"Oslo, Norway"\n')
    act('[{http: "GET /{{ data.people.name }}/{{ data.people.city }}"}, '
        '{http: "GET /again/{{ data.people.name }}"}]', requests=6,
        data='{people: {file: people.csv, order: sequential}}')
    assert paths(shop) == ['/Ada/London', '/again/Ada', '/Bo/Oslo%2C%20Norway', '/again/Bo',
                           '/Ada/London', '/again/Ada']


def test_a_feed_step_takes_the_next_row(act, shop, tmp_path):
    (tmp_path / 'ids.jsonl').write_text('{"id": 1}\n{"id": 2}\n{"id": 3}\n')
    act('[{repeat: 2, steps: [{feed: ids}, {http: "GET /{{ data.ids.id }}"}]}]', requests=4,
        data='{ids: {file: ids.jsonl, order: sequential}}')
    assert paths(shop) == ['/1', '/2', '/3', '/1']


def test_people_without_a_row_of_their_own_leave(scenario, run, shop, tmp_path):
    (tmp_path / 'ids.csv').write_text('id\n1\n2\n3\n')
    run(scenario(target=shop.server.url, load='[{phase: sustained, users: 2, for: 500ms}]',
                 users='{a: {flow: [{http: "GET /{{ data.ids.id }}"}]}}',
                 data='{ids: {file: ids.csv, order: unique}}'), '--no-preflight')
    assert collections.Counter(paths(shop)) == {'/1': 1, '/2': 1, '/3': 1}


SETUP = ('{run: [{http: POST /login, extract: {admin: {jq: .token, required: true, secret: true}}}], '
         'user: [{http: "POST /enter", auth: "{{ vars.admin }}"}]}')
TEARDOWN = ('{user: [{http: POST /leave}], '
            'run: [{http: DELETE /login, auth: "{{ vars.admin }}"}]}')


def test_setup_and_teardown_frame_the_run_and_each_person(act, shop):
    results = act('[{http: GET /work, auth: "{{ vars.admin }}"}, {think: 1ms}]', requests=3,
                  setup=SETUP, teardown=TEARDOWN)
    assert paths(shop) == ['/login', '/enter', '/work', '/work', '/work', '/leave', '/login']
    assert shop.server.requests[-1].method == 'DELETE'
    assert {request.headers.get('authorization') for request in shop.server.requests
            if request.path == '/work'} == {'Bearer token-1'}
    # What frames the load is not measured.
    assert results.summary['all']['requests'] == 3
    assert set(results.summary['by']['step']) == {'GET /work'}
    assert 'token-1' not in json.dumps(results.summary)


def test_a_setup_that_fails_ends_the_run_before_it_began(scenario, shop, tmp_path):
    shop.broken.add('/login')
    path = scenario(target=shop.server.url, load=ONE_USER, setup=SETUP, teardown=TEARDOWN,
                    users='{a: {flow: [{http: GET /work}]}}')
    done = throng('run', path, '--quiet', '--no-preflight', '--out', tmp_path / 'r', check=107)
    assert ('The setup failed at POST /login: http_5xx (status 500): {"detail": "broken"}; '
            'there was no load.') in done.stderr
    assert '/work' not in paths(shop)


def test_a_setup_that_never_ends_is_cut_short(scenario, tmp_path):
    server = ScriptedServer(lambda request: [b'HTTP/1.1 200 OK\r\n', scripted.HANG])
    try:
        done = throng('run', scenario(target=server.url, load=ONE_USER,
                                      setup='{run: [{http: GET /slow}], timeout: 200ms}',
                                      users='{a: {flow: [{http: GET /work}]}}'),
                      '--quiet', '--no-preflight', '--out', tmp_path / 'r', check=100)
        assert 'The setup took more than 0.2 s (setup.timeout)' in done.stderr
    finally:
        server.close()


def test_a_signal_during_the_setup_ends_the_run(scenario, processes, tmp_path):
    server = ScriptedServer(lambda request: [b'HTTP/1.1 200 OK\r\n', scripted.HANG])
    try:
        running = processes('run', scenario(target=server.url, load=ONE_USER,
                                            setup='{run: [{http: GET /slow}]}',
                                            users='{a: {flow: [{http: GET /work}]}}'),
                            '--quiet', '--no-preflight', '--out', tmp_path / 'r')
        wait_until(lambda: server.requests, 'the request of the setup')
        running.signal()
        assert running.wait() == 105
        assert 'A signal stopped the setup; there was no load.' in running.text()
    finally:
        server.close()


def test_nobody_is_ready_before_the_setup_is_over(scenario, processes, tmp_path):
    server = ScriptedServer(lambda request: [b'HTTP/1.1 200 OK\r\n', scripted.HANG])
    try:
        running = processes('run', scenario(target=server.url, load=ONE_USER,
                                            setup='{run: [{http: GET /slow}]}',
                                            users='{a: {flow: [{http: GET /work}]}}'),
                            '--no-preflight', '--listen', '127.0.0.1:0',
                            '--out', tmp_path / 'r')
        wait_until(lambda: server.requests, 'the request of the setup')
        url = re.search(r'http://127\.0\.0\.1:\d+', running.text())[0]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url + '/readyz')
        assert refused.value.code == 503
        running.signal()
        assert running.wait() == 105
    finally:
        server.close()


def test_a_teardown_that_fails_is_told_and_what_was_measured_stays(act, shop):
    shop.broken.add('/bye')
    results = act('[{http: GET /work}]', requests=3, code=101,
                  teardown='{run: [{http: POST /bye}, {http: POST /after}]}')
    assert results.summary['all']['requests'] == 3
    assert paths(shop)[-2:] == ['/bye', '/after']
    assert 'The teardown failed at POST /bye' in results.summary['verdicts'][0]['sentence']


def test_secrets_that_were_found_stand_in_no_log_and_no_result(act, shop, tmp_path):
    path_of = '"GET /{{ vars.token }}"'
    shop.broken.add('/token-1')
    results = act('[{http: POST /login, extract: {token: {jq: .token, secret: true}}, '
                  f'name: login}}, {{http: {path_of}, auth: "{{{{ vars.token }}}}", name: use}}]',
                  requests=2, options=('--log-bodies',))
    told = ''.join(file.read_text(errors='replace') for file in results.folder.iterdir()
                   if file.is_file() and file.suffix != '.bin')
    assert 'token-1' not in told


def test_a_dry_run_shows_names_in_place_of_what_would_be_found(scenario, shop):
    path = scenario(target=shop.server.url, load='[{phase: sustained, users: 1, for: 1s}]',
                    setup=SETUP,
                    users='{a: {flow: [{http: POST /login, extract: {left: .left}}, '
                          '{http: {request: "POST /x/{{ vars.left }}", '
                          'json: {a: "{{ vars.admin }}", t: "{{ now }}", u: "{{ uuid }}"}}}]}}')
    lines = [json.loads(line) for line in
             throng('run', path, '--dry-run', '--print-requests').stdout.splitlines()]
    used = next(line for line in lines if '/x/' in line['url'])
    assert used['url'].endswith('/x/{{vars.left}}')
    body = json.loads(used['body'])
    assert (body['a'], body['t']) == ('{{vars.admin}}', '{{now}}')
    assert re.fullmatch('[0-9a-f-]{36}', body['u'])
    again = throng('run', path, '--dry-run', '--print-requests').stdout.splitlines()
    assert [json.loads(line) for line in again] == lines


def test_a_name_without_a_value_is_told_with_the_result(act, shop):
    results = act('[{http: GET /a, extract: {x: .missing}}, {http: "GET /[{{ vars.x }}]"}]',
                  requests=4)
    assert paths(shop) == ['/a', '/[]', '/a', '/[]']
    workload = results.summary['workload']
    assert (workload['unset_uses'], workload['unset_name']) == (2, 'vars.x')


def test_who_cannot_be_set_up_tries_again_and_is_counted(scenario, run, shop):
    shop.broken.add('/enter')
    results = run(scenario(target=shop.server.url, load='[{phase: sustained, users: 2, for: 1500ms}]',
                           setup='{user: [{http: POST /enter}]}',
                           users='{a: {flow: [{http: GET /work}]}, '
                                 'b: {setup: [{http: POST /other}], flow: [{http: GET /work}, '
                                 '{think: 50ms}]}}'), '--no-preflight')
    assert results.summary['workload']['setups_failed'] == 2


def test_a_multipart_body_carries_its_fields_and_files(act, shop, tmp_path):
    (tmp_path / 'photo.bin').write_bytes(b'\x00\x01binary')
    act('[{http: {request: POST /upload, multipart: {title: {value: "of {{ user.ordinal }}"}, '
        'photo: {file: photo.bin, content_type: image/png}}}}]', requests=1)
    request = shop.server.requests[0]
    boundary = request.headers['content-type'].split('boundary=')[1].encode()
    parts = request.body.split(b'--' + boundary)
    assert parts[1] == b'\r\nContent-Disposition: form-data; name="title"\r\n\r\nof 0\r\n'
    assert parts[2] == (b'\r\nContent-Disposition: form-data; name="photo"; '
                        b'filename="photo.bin"\r\nContent-Type: image/png\r\n\r\n'
                        b'\x00\x01binary\r\n')
    assert parts[3] == b'--\r\n'
