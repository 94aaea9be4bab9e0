"""SCN-1, SCN-3, LOAD-3: what people do, as a server sees it."""
import collections
import json
import urllib.parse

import pytest

import scripted
from program import throng
from scripted import HELLO, ScriptedServer

LOAD = '[{phase: sustained, users: 2, for: 1h}]'


@pytest.fixture
def server():
    """Streams where a stream is asked for, and says {} to everything else."""
    def answer(request):
        if request.path.endswith('/chat/completions'):
            return scripted.stream(*HELLO)
        return scripted.whole('200 OK', '{}')

    one = ScriptedServer(answer)
    yield one
    one.close()


@pytest.fixture
def act(scenario, run, server):
    """act(flow, requests) → the requests that the server got of people with that flow."""

    def act_out(flow, requests=6, env=None, **parts):
        path = scenario(**{'target': server.url, 'users': f'{{a: {{flow: {flow}}}}}', 'load': LOAD,
                           'limits': f'{{requests: {requests}}}', **parts})
        results = run(path, '--no-preflight', env=env)
        assert results.summary['all']['failed'] == 0
        assert len(server.requests) == requests
        return server.requests

    return act_out


@pytest.mark.parametrize('body, content_type, decode, expected', [
    ('json: {name: n, list: [1, true, null, 1.5]}', 'application/json', json.loads,
     {'name': 'n', 'list': [1, True, None, 1.5]}),
    ('form: {a: "1 2", b: "ü&="}', 'application/x-www-form-urlencoded',
     lambda body: urllib.parse.parse_qs(body.decode()), {'a': ['1 2'], 'b': ['ü&=']}),
    ('raw: "hello\\nthere"', 'text/plain', bytes.decode, 'hello\nthere'),
    ('raw: "<a/>", content_type: text/xml', 'text/xml', bytes.decode, '<a/>'),
], ids=['json', 'form', 'raw', 'raw with its type'])
def test_an_http_step_sends_its_body(act, body, content_type, decode, expected):
    for request in act(f'[{{http: {{request: PUT /v2/things?x=1, {body}}}}}, {{think: 5ms}}]'):
        assert (request.method, request.path) == ('PUT', '/v2/things?x=1')
        assert request.headers['content-type'].split(';')[0] == content_type
        assert decode(request.body) == expected


def test_pick_draws_its_branches_by_weight(act):
    flow = ('[{pick: [{weight: 3, steps: [{http: GET /often}]}, '
            '{weight: 1, steps: [{http: GET /seldom}]}]}]')
    seen = collections.Counter(request.path for request in act(flow, requests=400))
    assert 60 < seen['/seldom'] < 140  # 100 ± 4.6 standard deviations


def test_repeat_does_its_steps_so_often_and_then_goes_on(act):
    requests = act('[{repeat: 3, steps: [{http: GET /in}]}, {http: GET /after}]', requests=16,
                   load='[{phase: sustained, users: 1, for: 1h}]')
    assert [request.path for request in requests] == (['/in'] * 3 + ['/after']) * 4


def test_classes_have_their_own_headers_models_and_targets(scenario, run, server):
    other = ScriptedServer(server.answer)
    try:
        run(scenario(
            target=None, load=LOAD, limits='{requests: 40}',
            targets=f'{{first: {{url: "{server.url}"}}, second: {{url: "{other.url}/v1/"}}}}',
            users='{one: {target: first, model: small, headers: {X-Class: one}, '
                  'flow: [{chat: {question: mixed}}]}, '
                  'two: {target: second, model: large, headers: {X-Class: two}, '
                  'flow: [{chat: {question: mixed}}]}}'), '--no-preflight')
    finally:
        other.close()
    told = [{(r.headers['x-class'], r.json['model'], r.path) for r in one.requests}
            for one in (server, other)]
    assert told == [{('one', 'small', '/v1/chat/completions')},
                    {('two', 'large', '/v1/chat/completions')}]


def test_environment_defaults_anchors_and_includes_make_one_scenario(act, server, tmp_path):
    (tmp_path / 'base.yaml').write_text(
        'scenario: base\n'
        'target: {url: "${E2E_URL}", headers: {X-From: "${E2E_ABSENT:-default}"}}\n'
        f'load: {LOAD}\n')
    path = tmp_path / 'top.yaml'
    path.write_text(
        'include: base.yaml\n'
        'scenario: top\n'
        'limits: {requests: 4}\n'
        'users:\n'
        '  a: &person {think_time: 5ms, flow: [{http: GET /x}, think]}\n'
        '  b: {<<: *person, headers: {X-B: "1 $${dollar}"}}\n')
    throng('run', path, '--quiet', '--no-preflight', '--out', tmp_path, check=0,
           env={'E2E_URL': server.url})
    assert {r.headers['x-from'] for r in server.requests} == {'default'}
    assert {r.headers.get('x-b') for r in server.requests} == {None, '1 ${dollar}'}


def test_a_secret_from_a_file_is_sent_and_not_written(scenario, run, server, tmp_path):
    (tmp_path / 'key').write_text('sk-from-a-file-42\n')
    results = run(scenario(
        target=f'{{url: "{server.url}", api_key: {{file: "{tmp_path / "key"}"}}}}', load=LOAD,
        limits='{requests: 4}', users='{a: {flow: [{chat: {model: m, question: mixed}}]}}'),
        '--no-preflight')
    assert {r.headers['authorization'] for r in server.requests} == {'Bearer sk-from-a-file-42'}
    for path in results.folder.iterdir():
        assert b'sk-from-a-file' not in path.read_bytes()


def test_usr_1_every_question_that_was_sent_is_unlike_all_others(act):
    requests = act('[{chat: {model: m, question: mixed}}]', requests=500)
    questions = [r.json['messages'][-1]['content'] for r in requests]
    assert len(set(questions)) == 500


def test_load_3_a_pause_takes_what_was_drawn(scenario, run, server):
    results = run(scenario(
        target=server.url, limits='{requests: 60}', load=LOAD,
        users='{a: {flow: [{http: GET /x}, {think: {base: 30ms, variance: 10ms, '
              'distribution: gaussian, min: 10ms, max: 50ms}}]}}'), '--no-preflight')
    pauses = results.summary['client']['pauses']
    assert pauses['count'] >= 50
    assert 0.025 < pauses['drawn_s'] / pauses['count'] < 0.035
    assert 1 <= pauses['achieved_share'] < 1.5
