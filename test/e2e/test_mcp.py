"""SCN-4: tools over MCP's streamable HTTP, against the simulator, and servers that end sessions or have
none."""
import collections
import json

import pytest

from program import throng
from scripted import ScriptedServer, whole

TOOLS = ('[{mcp: {tool: write_file, arguments: {path: "{{ user.ordinal }}.md", content: hello}}}, '
         '{mcp: {tool: read_file, arguments: {path: "{{ user.ordinal }}.md"}}, '
         'check: {reads: {contains: hello}}}, '
         '{mcp: {tool: read_file, arguments: {path: "../etc/passwd"}}, name: escapes}, '
         '{mcp: {method: tools/list}, check: {lists: {jq: ".result.tools | length > 3"}}}, '
         '{think: 5ms}]')


@pytest.fixture
def serve():
    servers = []

    def start(answer):
        servers.append(ScriptedServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize('answers', ['json', 'stream'])
def test_each_user_works_with_tools_in_a_session_of_their_own(simulate, scenario, run, answers):
    simulator = simulate('--tool', '2ms', '--mcp-answer', answers)
    results = run(scenario(target=simulator.url, users=f'{{agent: {{flow: {TOOLS}}}}}',
                           load='[{phase: sustained, users: 3, for: 1h}]',
                           limits='{requests: 90}'))
    outcomes = collections.Counter((s['labels']['step'], s['outcome']) for s in results.samples())
    # Three users open their sessions once, in two requests, whatever they do then.
    assert outcomes.pop(('mcp initialize', 'ok')) == 6
    assert {step: outcome for step, outcome in outcomes} == {
        'write_file': 'ok', 'read_file': 'ok', 'escapes': 'tool_error', 'tools/list': 'ok'}
    for sample in results.samples():
        assert 'chat' not in sample['flags'] and 'streamed' not in sample['flags']
        assert 'first_output_ns' not in sample
    checks = results.summary['checks']
    assert {check['name']: check['fails'] for check in checks} == {'reads': 0, 'lists': 0}


def test_what_a_tool_says_of_its_failure_is_told(simulate, scenario, tmp_path):
    path = scenario(target=simulate('--tool', '2ms').url,
                    users=f'{{agent: {{flow: {TOOLS}}}}}',
                    load='[{phase: sustained, users: 1, for: 1h}]', limits='{requests: 6}')
    done = throng('run', path, '--headless', '--no-preflight', '--out', tmp_path / 'out', check=0)
    told = ' '.join(done.stdout.split())
    assert '1 tool_error' in told and 'sandbox violation' in told


def answer_of(request, result, session=''):
    body = json.dumps({'jsonrpc': '2.0', 'id': request.json['id'], 'result': result})
    return whole('200 OK', body, more=f'Mcp-Session-Id: {session}\r\n' if session else '')


def play(scenario, run, server, requests):
    run(scenario(target=server.url, users='{a: {flow: [{mcp: {method: ping}}, {think: 1ms}]}}',
                 load='[{phase: sustained, users: 1, for: 1h}]',
                 limits=f'{{requests: {requests}}}'), '--no-preflight')
    return [(request.json['method'], request.headers.get('mcp-session-id'))
            for request in server.requests]


def test_a_session_that_is_over_is_opened_again(scenario, run, serve):
    begun = []

    def answer(request):
        if request.json['method'] == 'initialize':
            begun.append(f'session-{len(begun)}')
            return answer_of(request, {'protocolVersion': '2025-06-18'}, begun[-1])
        if 'id' not in request.json:
            return whole('202 Accepted', b'')
        over = request.headers['mcp-session-id'] == 'session-0' and len(server.requests) > 4
        return whole('404 Not Found', '{}') if over else answer_of(request, {})

    server = serve(answer)
    assert play(scenario, run, server, 8) == [
        ('initialize', None), ('notifications/initialized', 'session-0'),
        ('ping', 'session-0'), ('ping', 'session-0'), ('ping', 'session-0'),
        ('initialize', None), ('notifications/initialized', 'session-1'), ('ping', 'session-1')]
    ids = [request.json['id'] for request in server.requests if 'id' in request.json]
    assert len(set(ids)) == len(ids)
    assert {request.headers['mcp-protocol-version'] for request in server.requests} == {'2025-06-18'}
    assert {request.headers['accept'] for request in server.requests} == {
        'application/json, text/event-stream'}


def test_a_server_without_sessions_is_asked_without_one(scenario, run, serve):
    server = serve(lambda request: answer_of(request, {}) if 'id' in request.json
                   else whole('202 Accepted', b''))
    assert play(scenario, run, server, 5) == [
        ('initialize', None), ('notifications/initialized', None),
        ('ping', None), ('ping', None), ('ping', None)]


def test_a_session_that_did_not_open_is_opened_by_the_next_call(scenario, run, serve):
    def answer(request):
        if request.json['method'] == 'initialize' and len(server.requests) == 1:
            return whole('503 Service Unavailable', '{}')
        if 'id' not in request.json:
            return whole('202 Accepted', b'')
        return answer_of(request, {}, 'session-1')

    server = serve(answer)
    methods = [method for method, _ in play(scenario, run, server, 6)]
    assert methods.count('initialize') == 2
    assert methods[-1] == 'ping'
