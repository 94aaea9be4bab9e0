"""PLT-6: what must hold before any load, found out while it is still cheap."""
import pathlib
import re
import resource

import pytest

from program import throng
from scripted import CLOSE, HELLO, ScriptedServer, stream, whole

PASSED, PREFLIGHT = 0, 113
PLAN = {'users': '{a: {flow: [{chat: {model: tiny, question: mixed, max_tokens: 40}}]}}',
        'models': '{tiny: {price: {prompt: 2.50, completion: 10.00}}}'}


@pytest.fixture
def serve():
    servers = []

    def start(answer):
        servers.append(ScriptedServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def well(request):
    return whole('200 OK', '{"status": "ok"}') if request.method == 'GET' else stream(*HELLO)


def look(path, tmp_path, *options, code=PASSED, **more):
    done = throng('run', path, '--preflight-only', '--out', tmp_path / 'never', *options,
                  check=code, **more)
    assert not (tmp_path / 'never').exists()
    # Words of a sentence may stand on several lines.
    return re.sub(r'\s+', ' ', done.stdout)


def test_each_check_is_a_line_with_its_figure(scenario, tmp_path, serve):
    server = serve(well)
    said = look(scenario(target=f'{{url: "{server.url}", health: /ready}}', **PLAN), tmp_path)
    for check in ('descriptors', 'ports to default', 'memory', 'processors', 'results folder'):
        assert re.search(rf'\bok {check}', said), said
    assert '/ready answered 200 in ' in said and 'HTTP/1.1, at 127.0.0.1:' in said
    assert re.search(r'ok model tiny first token in .* 2 tokens', said), said
    assert 'Pre-flight passed' in said
    # Health and canary, and no request more; the canary is like the flow's step, and short.
    assert [request.path for request in server.requests] == ['/ready', '/v1/chat/completions']
    canary = server.requests[1]
    assert canary.json['model'] == 'tiny' and canary.json['stream'] is True
    assert canary.json['max_tokens'] == 16
    assert all('-preflight' in request.headers['x-request-id'] for request in server.requests)


def test_the_preflight_is_not_measured(scenario, run, serve):
    server = serve(well)
    summary = run(scenario(target=server.url, limits='{requests: 3}', **PLAN)).summary
    chats = [request for request in server.requests if request.method == 'POST']
    assert (len(chats), summary['all']['requests']) == (4, 3)


def test_a_service_that_is_not_well_is_113(scenario, tmp_path, serve):
    server = serve(lambda request: whole('503 Service Unavailable', '{}'))
    path = scenario(target=f'{{url: "{server.url}", health: /health}}', **PLAN)
    done = throng('run', path, '--out', tmp_path / 'never', check=PREFLIGHT)
    assert 'is not well: /health answered 503' in done.stderr
    assert len(server.requests) == 1, 'nothing else was asked of it'


@pytest.mark.parametrize('status, body, told', [
    ('401 Unauthorized', '{"error": {"message": "Incorrect key"}}', 'api_key'),
    ('404 Not Found', '{"error": {"message": "no model tiny"}}', "the model's name"),
    ('400 Bad Request', '{"error": {"message": "unknown field stream_options"}}', 'include_usage: false'),
    ('301 Moved Permanently', '', 'write that address as url'),
])
def test_a_refusal_of_the_canary_is_113_and_says_what_to_do(scenario, tmp_path, serve, status, body, told):
    server = serve(lambda request: well(request) if request.method == 'GET'
                   else whole(status, body, more='Location: http://127.0.0.1:9/\r\n'))
    path = scenario(target=f'{{url: "{server.url}", api_key: sk-SECRET-KEY-OF-MINE}}', **PLAN)
    done = throng('run', path, '--out', tmp_path / 'never', check=PREFLIGHT)
    assert server.url in done.stderr and 'tiny' in done.stderr and told in done.stderr
    assert 'SECRET-KEY' not in done.stderr
    assert not (tmp_path / 'never').exists()


@pytest.mark.parametrize('status', ['500 Internal Server Error', '503 Service Unavailable',
                                    '429 Too Many Requests'])
def test_what_may_pass_is_a_warning_and_the_run_goes_on(scenario, tmp_path, serve, status):
    server = serve(lambda request: well(request) if request.method == 'GET' else whole(status, '{}'))
    said = look(scenario(target=server.url, **PLAN), tmp_path)
    assert re.search(r'warning model tiny .* the run will measure how often', said), said


def test_an_answer_without_usage_or_in_one_piece_is_told(scenario, tmp_path, serve):
    words = HELLO[:1] + HELLO[1:2] * 8 + HELLO[3:4] + HELLO[-1:]
    whole_stream = stream(*words)
    server = serve(lambda request: well(request) if request.method == 'GET' else [b''.join(whole_stream)])
    said = look(scenario(target=server.url, **PLAN), tmp_path)
    assert 'tells no usage' in said and 'came in one piece' in said


def test_a_canary_that_needs_what_the_setup_finds_is_left_out(scenario, tmp_path, serve):
    def answer(request):
        known = request.headers.get('authorization') == 'Bearer t'
        return well(request) if request.method == 'GET' or known else whole('401 Unauthorized', '{}')

    path = scenario(target=serve(answer).url, vars='{token: t}', models=PLAN['models'],
                    setup='{user: [{http: GET /token, extract: {token: {jq: .status}}}]}',
                    users='{a: {auth: "{{ vars.other }}", setup: [{http: GET /x, extract: {other: .status}}], '
                          'flow: [{chat: {model: tiny, question: mixed}}]}}')
    assert re.search(r'skipped model tiny it needs vars\.other', look(path, tmp_path))


def test_a_canary_that_needs_nothing_is_told_beside_one_that_does(scenario, tmp_path, serve):
    server = serve(lambda request: well(request) if request.method == 'GET'
                   else whole('401 Unauthorized', '{}'))
    path = scenario(target=server.url, models='{tiny: {}, other: {}}', users='{a: {flow: ['
                    '{http: GET /x, extract: {token: .status}}, '
                    '{chat: {model: tiny, question: mixed}, auth: "{{ vars.token }}"}, '
                    '{chat: {model: other, question: mixed}}]}}')
    said = look(path, tmp_path, code=PREFLIGHT)
    assert re.search(r'skipped model tiny it needs vars\.token', said), said
    assert re.search(r'FAILED model other .* look at the target.s api_key', said), said


def test_the_canary_brings_the_headers_of_its_class(scenario, tmp_path, serve):
    server = serve(lambda request: well(request) if request.method == 'GET' or (
        request.headers.get('x-tenant'), request.headers.get('x-step')) == ('t-tiny', 's')
        else whole('401 Unauthorized', '{}'))
    look(scenario(target=server.url, models=PLAN['models'],
                  users='{a: {headers: {x-tenant: "t-{{ vars.name }}", x-step: c}, flow: [{chat: '
                        '{model: tiny, question: mixed}, headers: {x-step: s}}]}}',
                  vars='{name: tiny}'), tmp_path)


def test_people_with_cookies_may_be_let_in_by_then(scenario, tmp_path, serve):
    server = serve(lambda request: well(request) if request.method == 'GET'
                   else whole('401 Unauthorized', '{}'))
    said = look(scenario(target=server.url, cookies='keep', **PLAN), tmp_path)
    assert re.search(r'warning model tiny .* without cookies', said), said


def test_each_kind_of_step_has_a_canary_of_its_kind(scenario, tmp_path, serve):
    server = serve(lambda request: well(request) if request.path.endswith(('models', 'chat/completions'))
                   else whole('404 Not Found', '{}'))
    said = look(scenario(target=server.url, models='{m: {}}', users='{a: {flow: ['
                         '{chat: {question: mixed}}, {completion: {prompt: x}}, '
                         '{responses: {prompt: x}}, {embeddings: {prompt: x}}]}}'), tmp_path, code=PREFLIGHT)
    for line in 'ok model m ', 'FAILED model m (completion)', 'FAILED model m (responses)', \
            'FAILED model m (embeddings)':
        assert line in said, said
    assert [request.path for request in server.requests[1:]] == [
        '/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/embeddings']


def test_anthropic_is_asked_as_it_wants_to_be(scenario, tmp_path, serve):
    server = serve(well)
    look(scenario(target=f'{{url: "{server.url}", api: anthropic, api_key: sk-ours, health: /ok, '
                         'headers: {x-team: green}}',
                  users='{a: {flow: [{chat: {model: tiny, question: mixed}}]}}'),
         tmp_path)
    health, canary = server.requests
    for request in health, canary:
        assert (request.headers['x-api-key'], request.headers['x-team']) == ('sk-ours', 'green')
        assert 'anthropic-version' in request.headers and 'authorization' not in request.headers
    assert (health.path, canary.path) == ('/ok', '/v1/messages')
    assert canary.json['max_tokens'] == 16, 'though the step has no limit, and the API wants one'


def test_a_canary_is_not_sent_past_the_limit_of_costs(scenario, tmp_path, serve):
    server = serve(well)
    said = look(scenario(target=server.url, limits='{cost: 0.000001 USD}', **PLAN), tmp_path)
    assert re.search(r'skipped model tiny a request could cost more than limits\.cost', said), said
    assert [request.method for request in server.requests] == ['GET']


def test_a_simulator_that_does_not_start_is_told(scenario, tmp_path):
    said = look(scenario(target='simulator'), tmp_path, '--ground-truth', tmp_path / 'no' / 'where',
                code=PREFLIGHT)
    assert 'FAILED built-in simulator' in said and 'Pre-flight failed: 1 of' in said


def test_all_that_fails_is_told_at_once(scenario, tmp_path):
    path = scenario(target='{url: "http://127.0.0.1:9", connections: {sources: [192.0.2.1]}}', **PLAN)
    done = throng('run', path, '--users', '200000', '--out', tmp_path / 'never', check=PREFLIGHT)
    for told in ('file descriptors', 'as many local ports', 'No connection can come from 192.0.2.1',
                 'cannot be reached'):
        assert told in done.stderr


def test_each_source_address_is_tried(scenario, tmp_path, serve):
    server = Noting(well)
    path = scenario(target=f'{{url: "{server.url}", connections: {{sources: [127.0.0.2, "::1", 127.0.0.3]}}}}',
                    **PLAN)
    done = throng('run', path, '--out', tmp_path / 'never', check=PREFLIGHT)
    server.close()
    assert 'cannot be reached from ::1 (' in done.stderr and 'from 127' not in done.stderr
    assert set(server.addresses.values()) == {'127.0.0.2', '127.0.0.3'}


def test_a_server_that_closes_without_an_answer_is_a_warning(scenario, tmp_path, serve):
    server = serve(lambda request: [CLOSE] if request.method == 'GET' else stream(*HELLO))
    assert 'took the connection and gave no answer' in look(scenario(target=server.url, **PLAN), tmp_path)


def test_a_results_folder_that_cannot_be_written_is_113(scenario, tmp_path, fast_simulator):
    (tmp_path / 'file').write_text('')
    done = throng('run', scenario(target=fast_simulator.url), '--preflight-only', '--out',
                  tmp_path / 'file' / 'below', check=PREFLIGHT)
    assert 'FAILED  results folder' in done.stdout and '--out' in done.stdout


def test_descriptors_are_raised_to_the_hard_limit(scenario, tmp_path, fast_simulator):
    path = scenario(target=fast_simulator.url)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    said = look(path, tmp_path)
    assert f'{hard} allowed' in said or int(re.search(r'(\d+) allowed', said)[1]) >= 300


class Noting(ScriptedServer):
    """Keeps which address of the client each connection came from."""

    def __init__(self, answer):
        self.addresses = {}
        super().__init__(answer)

    def _serve(self, sock, connection):
        self.addresses[connection] = sock.getpeername()[0]
        super()._serve(sock, connection)


def test_connections_come_from_all_source_addresses_and_a_user_stays_with_theirs(scenario, run):
    server = Noting(well)
    path = scenario(target=f'{{url: "{server.url}", connections: {{sources: [127.0.0.2, 127.0.0.3]}}}}',
                    load='[{phase: sustained, users: 8, for: 500ms}]', models=PLAN['models'],
                    users='{a: {headers: {x-user: "{{ user.ordinal }}"}, flow: '
                          '[{chat: {model: tiny, question: mixed}}, {think: 5ms}]}}')
    run(path, '--no-preflight')
    server.close()
    of_user = {}
    for request in server.requests:
        of_user.setdefault(request.headers['x-user'], set()).add(server.addresses[request.connection])
    assert len(of_user) == 8 and all(len(addresses) == 1 for addresses in of_user.values())
    counts = [sum(addresses == {address} for addresses in of_user.values())
              for address in ('127.0.0.2', '127.0.0.3')]
    assert counts == [4, 4]


def test_the_gateway_scenarios_look_whether_the_stack_is_well_first(tmp_path, serve):
    server = serve(lambda request: whole('503 Service Unavailable', '{}'))
    for name in ('api', 'rag', 'mcp', 'baseline'):
        path = pathlib.Path(__file__).parents[2] / 'scenarios' / 'gateway' / f'{name}.yaml'
        done = throng('run', path, '--base-url', server.url, '--out', tmp_path / 'never',
                      check=PREFLIGHT)
        assert '/health answered 503' in done.stderr
