"""RUN-10: what is logged, what never is, and what a crash leaves behind."""
import json
import os
import re
import signal

import pytest

from program import ROOT, Running, environment, throng
from scripted import DONE, ScriptedServer, USAGE, event, stream, whole

KEY = 'sk-e2e-log-key-0123456789'
HEADER = 'team-header-key-4711'
BASIC = 'dXNlcjpodW50ZXIyLWluLWEtaGVhZGVy'
QUERY = 'query-key-8080'
PASSWORD = 'pass-phrase-in-a-body'
FORM = 'form-' + 'long-token-of-a-form-' * 30 + 'whose-end-is-secret-too'
SECRETS = (KEY, HEADER, BASIC, QUERY, PASSWORD, FORM)


@pytest.fixture
def echo():
    """A server that sends back all it got: in its errors, its pages, its streams."""

    def answer(request):
        told = ' '.join([request.path, *request.headers.values()]) + request.body.decode()
        if request.path.startswith('/page'):
            return whole('502 Bad Gateway', f'<html>{told}</html>', 'text/html')
        if len(server.requests) % 3 == 0:
            return whole('500 Oops', json.dumps({'error': {'message': told}}))
        if len(server.requests) % 3 == 1:
            return whole('400 No', 'x' * 185 + request.headers.get('authorization', ''))
        return stream(event({'content': told}), event(finish='stop'), USAGE, DONE)

    server = ScriptedServer(answer)
    yield server
    server.close()


@pytest.fixture
def secretive(scenario, echo):
    flow = ('[{chat: {model: m, question: mixed}}, '
            '{http: {request: "POST /page?api_key=${QUERY}", '
            'json: {user: me, password: "${PASSWORD}"}}, '
            'headers: {Authorization: "Basic ${BASIC}"}}, '
            '{http: {request: POST /page, form: {user: me, access_token: "${FORM}"}}}]')
    return scenario(
        target=f'{{url: "{echo.url}", api_key: "${{KEY}}", headers: {{X-Team: "${{TEAM}}"}}}}',
        users=f'{{asker: {{iterations: 6, flow: {flow}}}}}',
        load='[{phase: sustained, users: 2, for: 1s}]')


def everything(done, folder):
    """All that a run said and left."""
    yield 'standard output', done.stdout.encode()
    yield 'standard error', done.stderr.encode()
    for path in sorted(folder.rglob('*')):
        if path.is_file():
            yield str(path), path.read_bytes()


@pytest.mark.parametrize('words', [(), ('--log-level', 'debug'), ('--log-level', 'info',
                                                                '--log-format', 'json'),
                                   ('--log-bodies',), ('--log-bodies', '--log-format', 'json')])
def test_no_secret_is_in_anything_that_a_run_says_or_writes(secretive, echo, tmp_path, words):
    done = throng('run', secretive, '--out', tmp_path / 'out', *words,
                  env={'KEY': KEY, 'TEAM': HEADER, 'QUERY': QUERY, 'PASSWORD': PASSWORD,
                       'BASIC': BASIC, 'FORM': FORM})
    assert done.returncode in (0, 116), done.stderr
    sent = ' '.join(request.path + ' '.join(request.headers.values()) + request.body.decode()
                    for request in echo.requests)
    assert all(secret in sent for secret in SECRETS)
    for place, text in everything(done, tmp_path / 'out'):
        for secret in SECRETS:
            # Not even the half that was left where a text was cut.
            assert secret[:-3].encode() not in text, place
            assert secret[-20:].encode() not in text, place


def test_bodies_are_logged_where_they_are_asked_for_and_nowhere_else(
        scenario, fast_simulator, tmp_path):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 1, for: 300ms}]',
                    users='{asker: {flow: [{chat: {model: m, prompt: "What is a quokka?"}}]}}')
    for words in ((), ('--log-level', 'debug')):
        told = throng('run', path, '--out', tmp_path, *words, check=0)
        assert 'quokka' not in told.stdout + told.stderr
    told = throng('run', path, '--out', tmp_path, '--log-bodies', '--log-format', 'json', check=0)
    lines = [json.loads(line) for line in told.stderr.splitlines()]
    sent = [line for line in lines if line['message'].startswith('sent: ')]
    answered = [line for line in lines if line['message'].startswith('answered (ok, status 200)')]
    assert len(sent) == len(answered) > 0
    assert all('quokka' in line['message'] for line in sent)
    assert all('chat.completion.chunk' in line['message'] for line in answered)
    assert all(len(line['message']) <= 2048 for line in lines)
    assert [line['request'] for line in sent] == [line['request'] for line in answered]


def test_every_line_about_a_request_has_the_id_that_was_sent_with_it(scenario, tmp_path):
    server = ScriptedServer(lambda request: whole('500 Oops', '{}'))
    try:
        path = scenario(target=server.url, load='[{phase: sustained, users: 2, for: 200ms}]')
        done = throng('run', path, '--quiet', '--out', tmp_path, '--run-id', 'traced',
                      '--log-level', 'debug', '--log-format', 'json')
    finally:
        server.close()
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line['run'] for line in lines} == {'traced'}
    ids = {request.headers['x-request-id'] for request in server.requests
           if 'chat' in request.path}
    failures = [line for line in lines if 'http_5xx' in line['message']]
    assert {line['request'] for line in failures} == ids
    asking = [line for line in lines if line['message'].endswith('→ asking')]
    assert {line['request'] for line in asking} == ids
    assert all(re.fullmatch(r'00-[0-9a-f]{32}-[0-9a-f]{16}-01', request.headers['traceparent'])
               for request in server.requests if 'chat' in request.path)


@pytest.mark.parametrize('limits, code, told', [
    ('{error_rate: {above: 10%, over: 2s, min_requests: 10}}', 108,
     r'error run: limits\.error_rate: \d+ of \d+ requests failed \([\d.e+]+%\) within 2s, '
     r'and at most 10% may\. The run stops\.'),
    ('{cost: 0.0005 USD}', 111,
     r'error run: limits\.cost: \$[\d.]+ spent and \$[\d.]+ reserved; a further request could '
     r'have passed \$0\.0005\d*\. The run stops\.'),
    ('{duration: 400ms}', 0, r'warn run: limits\.duration: 400ms are over\. The run stops\.'),
    ('{requests: 5}', 0, r'warn run: limits\.requests: 5 were sent\. The run stops\.'),
])
def test_a_broken_limit_is_logged_once_with_its_figure(scenario, simulate, tmp_path, limits, code,
                                                       told):
    words = ('--error-rate', '0.9') if code == 108 else ()
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '8', *words)
    path = scenario(target=simulator.url, limits=limits,
                    models='{m: {price: {prompt: 1.00, completion: 10.00}}}',
                    load='[{phase: sustained, users: 3, for: 30s}]')
    done = throng('run', path, '--quiet', '--out', tmp_path, check=code)
    assert len(re.findall(told, done.stderr)) == 1, done.stderr


@pytest.mark.parametrize('number', [signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGABRT])
def test_a_crash_leaves_a_backtrace_and_where_the_results_are(scenario, simulate, tmp_path, number):
    simulator = simulate()
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 3, for: 1h}]')
    running = Running('run', path, '--headless', '--out', tmp_path, '--run-id', 'crashed')
    try:
        simulator.wait_for_streams(3)
        running.signal(number)
        assert running.wait() == -number
        told = ''.join(running.output['stderr'])
        assert 'this is a bug' in told
        assert f'Run crashed. What was written so far is in {tmp_path}/crashed' in told
        assert len(re.findall(r'^\S*throng\S*\(.*\) ?\[0x[0-9a-f]+\]$', told, re.M)) > 3, told
        assert 'session_run' in told
        assert '\x1b' not in told  # no terminal, no sequences
    finally:
        running.kill()


def test_a_crash_gives_the_terminal_back(scenario, fast_simulator, tmp_path):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 3, for: 1h}]')
    leader, follower = os.openpty()
    words = ['run', str(path), '--out', str(tmp_path)]
    pid = os.fork()
    if pid == 0:
        for descriptor in (0, 1, 2):
            os.dup2(follower, descriptor)
        program = os.environ.get('THRONG', str(ROOT / 'build/src/cli/throng'))
        os.execve(program, [program, *words], environment(TERM='xterm'))
    os.close(follower)
    seen = b''
    while seen.count(b'in flight') < 2:
        seen += os.read(leader, 65536)
    assert seen.count(b'\x1b[?25l') == 1  # hidden once, not at each drawing
    assert b'\x1b[2J' not in seen  # nothing is cleared as a whole: that would flicker
    os.kill(pid, signal.SIGSEGV)
    try:
        while True:
            seen += os.read(leader, 65536)
    except OSError:
        pass  # the other end is closed
    os.close(leader)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGSEGV
    assert seen.rindex(b'\x1b[?25h') > seen.rindex(b'\x1b[?25l')
    assert b'this is a bug' in seen
