"""LIB-6: throng record passes traffic on as it is, and writes down what went through, without secrets."""
import gzip
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import stat
import threading

import openai
import pytest

from conftest import FAST, Simulator
from nginx import BINARY, Nginx, certify
from program import connections_to, throng, wait_until
from test_simulate_npm import packages, told_by  # noqa: F401, a fixture
from scripted import CLOSE, HANG, HELLO, RESET, ScriptedServer, event, stream, whole

KEY = 'sk-e2e-recorder-0123456789abcdef'
QUESTION = [{'role': 'user', 'content': 'Which river is the longest?'}]


class Recorder(Simulator):
    """A recording proxy; it is found as a simulator is."""

    def __init__(self, process, path):
        super().__init__(process)
        self.path = path
        for _ in range(3):
            process.next_line()

    def entries(self):
        head, *lines = self.path.read_text().splitlines()
        assert json.loads(head)['schema'] == 'throng.trace/1'
        return [json.loads(line) for line in lines]

    def wait_for_entries(self, count):
        return wait_until(lambda: len(self.entries()) == count and self.entries(), f'{count} entries')

    def end(self, code=0):
        """Its entries, once it has ended."""
        self.process.signal()
        assert self.process.wait() == code, self.process.text()
        return self.entries()

    def client(self, **options):
        return openai.OpenAI(base_url=self.url + '/v1',
                             **{'api_key': KEY, 'max_retries': 0, **options})


@pytest.fixture
def record(processes, tmp_path):
    """record(upstream, '--option', …) → Recorder."""

    def start(upstream, *words):
        path = tmp_path / 'trace.jsonl'
        return Recorder(processes('record', '--upstream', upstream, '--listen', '127.0.0.1:0',
                                  '--out', path, *words), path)

    return start


@pytest.fixture
def scripted():
    """scripted(answer) → ScriptedServer."""
    servers = []

    def start(answer):
        servers.append(ScriptedServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def ask(recorder, method, path, body=None, headers=None):
    """Status, headers and body as they came."""
    connection = http.client.HTTPConnection(recorder.url.split('/')[-1], timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    got = answer.status, answer.headers, answer.read()
    connection.close()
    return got


def test_the_official_client_sees_what_it_sees_without_the_proxy(fast_simulator, record):
    recorder = record(fast_simulator.url)
    told = []
    for url in (recorder.url, fast_simulator.url):
        with openai.OpenAI(base_url=url + '/v1', api_key=KEY, max_retries=0) as client:
            plain = client.chat.completions.create(model='m', messages=QUESTION)
            chunks = list(client.chat.completions.create(
                model='m', messages=QUESTION, stream=True, stream_options={'include_usage': True}))
            told.append((plain.choices[0].message.content, plain.usage,
                         [chunk.choices[0].delta.content for chunk in chunks if chunk.choices],
                         chunks[-1].usage))
    assert told[0] == told[1]

    plain, streamed = recorder.end()
    assert plain['session_id'] == streamed['session_id'] == 's1'
    assert plain['timestamp'] == 0 < streamed['timestamp']
    for entry in (plain, streamed):
        assert entry['request']['method'] == 'POST'
        assert entry['request']['path'] == '/v1/chat/completions'
        assert json.loads(entry['request']['body'])['messages'] == QUESTION
        assert entry['response']['status'] == 200
        assert entry['response']['end'] == 'complete'
        assert entry['output_length'] == 12
        assert entry['input_length'] == told[0][1].prompt_tokens
    assert not plain['response']['streamed']
    answer = streamed['response']
    assert answer['streamed']
    assert len(answer['gaps_ms']) == answer['chunks'] - 1
    assert 25 < answer['first_output_ms'] <= answer['duration_ms']
    assert answer['headers_ms'] <= answer['first_byte_ms'] <= answer['first_output_ms']


@pytest.mark.skipif(not (shutil.which('node') and shutil.which('npm')), reason='needs node and npm')
def test_the_client_for_javascript_sees_what_it_sees_without_the_proxy(packages, fast_simulator, record):
    recorder = record(fast_simulator.url)
    told = [told_by('openai_client.mjs', packages, url) for url in (recorder.url, fast_simulator.url)]
    assert told[0] == told[1]
    assert len(recorder.end()) >= 5


def test_no_credential_is_found_anywhere(fast_simulator, record):
    recorder = record(fast_simulator.url, '--redact', 'customer', '--header-keep', 'x-token-count')
    with recorder.client() as client:
        client.chat.completions.create(
            model='m', messages=[{'role': 'user', 'content': f'My key is {KEY}, or sk-other0123456789abc'}],
            extra_headers={'Cookie': 'sid=cookie-secret-1', 'X-Again': f'k={KEY}', 'X-Token-Count': '5'},
            extra_query={'api_key': 'query-secret-1', 'page': '2'},
            extra_body={'password': 'body-secret-1', 'customer': {'name': 'Ann-secret-1'}})
    entry, = recorder.end()
    everything = recorder.path.read_text() + recorder.process.text()
    for secret in (KEY, 'cookie-secret-1', 'query-secret-1', 'body-secret-1', 'Ann-secret-1',
                   'sk-other0123456789abc'):
        assert secret not in everything, secret
    headers = {name.lower(): value for name, value in entry['request']['headers']}
    assert headers['x-again'] == 'k=***'
    assert headers['x-token-count'] == '5'
    assert not {'authorization', 'cookie', 'host', 'content-length', 'connection'} & set(headers)
    assert entry['request']['path'] == '/v1/chat/completions?api_key=***&page=2'
    body = json.loads(entry['request']['body'])
    assert body['password'] == body['customer'] == '***'
    assert body['messages'][0]['content'] == 'My key is ***, or ***'
    assert stat.S_IMODE(os.stat(recorder.path).st_mode) == 0o600


def test_requests_and_answers_pass_as_they_are(scripted, record):
    zipped = gzip.compress(b'{"usage": {"prompt_tokens": 5}}')
    answers = {
        '/v1/head': [b'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nX-A: 1\r\nX-A: 2\r\n\r\n'],
        '/v1/none': [b'HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n'],
        '/v1/zip?a=%20b': whole('200 OK', zipped, more='Content-Encoding: gzip\r\n'),
        '/v1/hint': [b'HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n', *whole('404 Not Found', '{}')],
        '/v1/old': [b'HTTP/1.0 200 OK\r\n\r\n', b'to the', b' end', CLOSE],
    }
    server = scripted(lambda request: answers[request.path])
    recorder = record(server.url + '/v1/')

    status, headers, body = ask(recorder, 'HEAD', '/v1/head')
    assert (status, headers['content-length'], headers.get_all('x-a'), body) == (200, '1234', ['1', '2'], b'')
    status, headers, body = ask(recorder, 'DELETE', '/v1/none')
    assert (status, headers['content-length'], headers.get_all('date'), body) == (
        204, None, ['Thu, 01 Jan 1970 00:00:00 GMT'], b'')
    # A body of unknown length, which goes out in chunks and arrives with its length.
    status, headers, body = ask(recorder, 'POST', '/v1/zip?a=%20b', iter([b'{"a"', b': 1}']),
                                {'Accept-Encoding': 'gzip', 'Authorization': f'Bearer {KEY}',
                                 'Connection': 'X-Hop', 'X-Hop': '1'})
    assert (status, headers['content-encoding'], body) == (200, 'gzip', zipped)
    asked = server.requests[-1]
    assert asked.body == b'{"a": 1}'
    assert asked.headers['authorization'] == f'Bearer {KEY}'
    assert asked.headers['accept-encoding'] == 'gzip'
    assert asked.headers['host'] == server.url.split('/')[-1]
    assert not {'x-hop', 'accept', 'content-type', 'user-agent', 'expect'} & set(asked.headers)
    # The client takes the interim answer for the answer.
    assert ask(recorder, 'GET', '/v1/hint')[:1] == (103,)
    assert ask(recorder, 'GET', '/v1/old')[::2] == (200, b'to the end')
    entries = recorder.end()
    assert [entry['request']['path'] for entry in entries] == list(answers)
    assert [entry['input_length'] for entry in entries] == [0, 0, 5, 0, 0]


def test_a_large_answer_comes_whole_to_a_slow_reader(scripted, record):
    size = 24 * 1024 * 1024  # more than the proxy would keep for a client
    server = scripted(lambda request: whole('200 OK', b'x' * size, 'text/plain'))
    recorder = record(server.url)
    host, port = recorder.url.split('/')[-1].split(':')
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        client.connect((host, int(port)))
        client.sendall(b'GET /v1/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        got = len(client.recv(8192))
        # By then the proxy has all that the upstream would send, unless it holds it up.
        with openai.OpenAI(base_url=recorder.url, api_key='-', max_retries=0) as other:
            for _ in range(5):
                other.models.with_raw_response.list()
        while (piece := client.recv(65536)):
            got += len(piece)
    assert got > size
    assert recorder.end()[0]['response']['bytes'] == size


def test_a_client_that_leaves_ends_the_upstreams_work_too(simulate, record):
    simulator = simulate('--ttft', '1ms', '--gap', '20ms', '--tokens', '5000')
    recorder = record(simulator.url)
    with recorder.client() as client:
        chunks = client.chat.completions.create(model='m', messages=QUESTION, stream=True)
        next(chunk for chunk in chunks if chunk.choices[0].delta.content)
        assert connections_to(simulator.url) == 1
        chunks.close()
        wait_until(lambda: connections_to(simulator.url) == 0, 'the upstream to be left')
    entry, = recorder.wait_for_entries(1)
    assert entry['response']['end'] == 'client_gone'
    assert entry['response']['chunks'] >= 2
    recorder.end()
    assert '1 whose client left' in recorder.process.text()


@pytest.mark.parametrize('end, name', [(RESET, 'reset'), (CLOSE, 'truncated')])
def test_an_answer_that_breaks_off_breaks_off_for_the_client(scripted, record, end, name):
    server = scripted(lambda request: stream(*HELLO[:2], end))
    recorder = record(server.url)
    with recorder.client() as client, pytest.raises(Exception) as caught:
        list(client.chat.completions.create(model='m', messages=QUESTION, stream=True))
    assert not isinstance(caught.value, openai.APIStatusError)
    entry, = recorder.end()
    assert entry['response']['end'] == name
    assert entry['response']['status'] == 200
    assert '1 that the upstream did not answer' in recorder.process.text()


def test_an_upstream_that_is_not_there_is_a_502_that_says_so(record):
    with socket.create_server(('127.0.0.1', 0)) as closed:
        url = f'http://127.0.0.1:{closed.getsockname()[1]}'
    recorder = record(url)
    with recorder.client() as client, pytest.raises(openai.InternalServerError) as caught:
        client.models.list()
    assert caught.value.status_code == 502
    assert 'does not take connections' in str(caught.value)
    entry, = recorder.end()
    assert (entry['response']['status'], entry['response']['end']) == (502, 'connect')


@pytest.mark.skipif(not BINARY, reason='needs nginx')
def test_tls_is_verified_unless_told_otherwise(fast_simulator, record, tmp_path):
    certify(tmp_path)
    front = Nginx(tmp_path, """
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        location / {{ proxy_pass {upstream}; }}
    """, upstream=fast_simulator.url)
    try:
        wait_until(front.listens, 'nginx')
        url = f'https://localhost:{front.port}'
        for words, status in (((), 502), (('--ca-file', tmp_path / 'cert.pem'), 200), (('--insecure',), 200)):
            recorder = record(url, *words)
            assert ask(recorder, 'GET', '/v1/models')[0] == status
            recorder.end()
            head = json.loads(recorder.path.read_text().splitlines()[0])
            assert (head['upstream'], head.get('insecure', False)) == (url, '--insecure' in words)
            assert ('not verified' in recorder.process.text()) == ('--insecure' in words)
            recorder.path.unlink()
    finally:
        front.stop()


def test_what_cannot_be_passed_on_is_refused_and_counted(fast_simulator, record):
    recorder = record(fast_simulator.url, '--max-body', '1KiB')
    assert ask(recorder, 'OPTIONS', '*')[0] == 501
    assert ask(recorder, 'POST', '/v1/x', b'x' * 2000)[0] == 413
    assert recorder.end() == []


def test_a_signal_lets_running_answers_end(simulate, record):
    recorder = record(simulate('--ttft', '1ms', '--gap', '20ms', '--tokens', '20').url)
    with recorder.client() as client:
        chunks = client.chat.completions.create(model='m', messages=QUESTION, stream=True)
        next(chunk for chunk in chunks if chunk.choices[0].delta.content)
        recorder.process.signal(signal.SIGTERM)
        wait_until(lambda: refuses(recorder.url), 'the proxy to listen no more')
        assert len([c for c in chunks if c.choices[0].delta.content]) == 19
    assert recorder.process.wait() == 0
    entry, = recorder.entries()
    assert entry['response']['end'] == 'complete'
    assert re.search(r'1 request in 1 session over \S+ written to ', recorder.process.text())


def refuses(url):
    host, port = url.split('/')[-1].split(':')
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


def test_a_second_signal_waits_for_nothing(scripted, record):
    server = scripted(lambda request: stream(*HELLO[:2], HANG))
    recorder = record(server.url)
    with recorder.client() as client:
        chunks = client.chat.completions.create(model='m', messages=QUESTION, stream=True)
        next(chunk for chunk in chunks if chunk.choices[0].delta.content)
        recorder.process.signal()
        wait_until(lambda: refuses(recorder.url), 'the proxy to listen no more')
        recorder.process.signal()
        assert recorder.process.wait() == 0
        with pytest.raises(Exception):
            list(chunks)
    entry, = recorder.entries()
    assert entry['response']['end'] == 'recording_ended'
    assert '1 cut off at the end' in recorder.process.text()


def test_a_killed_recording_has_all_that_ended(fast_simulator, record):
    recorder = record(fast_simulator.url)
    with recorder.client() as client:
        for _ in range(3):
            client.models.list()
    recorder.wait_for_entries(3)
    recorder.process.kill()
    assert len(recorder.entries()) == 3


def test_a_full_disk_costs_a_warning_and_no_traffic(fast_simulator, record):
    recorder = record(fast_simulator.url)
    with recorder.client() as client:
        assert client.chat.completions.create(model='m', messages=QUESTION).choices
        recorder.wait_for_entries(1)
        most = recorder.path.stat().st_size + 100
        resource.prlimit(recorder.process.process.pid, resource.RLIMIT_FSIZE, (most, most))
        for _ in range(4):
            assert client.chat.completions.create(model='m', messages=QUESTION).choices
    assert len(recorder.end(code=115)) == 1
    assert recorder.process.text().count('cannot write to the trace') == 1
    assert '4 requests, since the disk refused' in recorder.process.text()


def test_an_end_can_be_set_by_time_and_by_number(fast_simulator, record):
    recorder = record(fast_simulator.url, '--max-entries', '2', '--for', '1500ms')
    with recorder.client() as client:
        for _ in range(3):
            assert client.models.list().data
    assert recorder.process.wait() == 0
    assert len(recorder.entries()) == 2
    assert '1 request beyond --max-entries' in recorder.process.text()


def test_what_cannot_begin_says_why(record, tmp_path):
    there = tmp_path / 'there.jsonl'
    there.write_text('mine')
    for words, code, text in [
            ((), 2, '--upstream'),
            (('--upstream', 'a.example'), 2, 'http://'),
            (('--upstream', f'https://user:{KEY}@a.example'), 2, 'credentials'),
            (('--upstream', 'http://127.0.0.1:1', '--listen', 'nowhere'), 106, '127.0.0.1:8080'),
            (('--upstream', 'http://127.0.0.1:1', '--out', there), 115, 'there already'),
            (('--upstream', 'http://127.0.0.1:1', '--scenario', there), 2, 'there already'),
            (('--upstream', 'http://127.0.0.1:1', '--for', '5 apples'), 2, 'duration'),
            (('--upstream', 'http://127.0.0.1:1', '--max-body', '0'), 2, 'size')]:
        done = throng('record', *words, check=code, cwd=tmp_path)
        assert text in done.stderr, done.stderr
        assert KEY not in done.stderr
    assert there.read_text() == 'mine'


def test_many_streams_at_once_are_each_their_own(simulate, record):
    recorder = record(simulate('--ttft', '20ms', '--gap', '5ms', '--tokens', '20').url)
    texts = []

    def talk(number):
        with recorder.client(api_key=f'{KEY}-{number}') as client:
            texts.append(''.join(
                chunk.choices[0].delta.content or '' for chunk in client.chat.completions.create(
                    model='m', messages=[{'role': 'user', 'content': f'Number {number}?'}], stream=True)))

    talkers = [threading.Thread(target=talk, args=(number,)) for number in range(12)]
    for talker in talkers:
        talker.start()
    for talker in talkers:
        talker.join()
    assert all(len(text.split()) >= 15 for text in texts) and len(texts) == 12
    entries = recorder.end()
    assert len({entry['session_id'] for entry in entries}) == 12
    asked = sorted(json.loads(entry['request']['body'])['messages'][0]['content'] for entry in entries)
    assert asked == sorted(f'Number {number}?' for number in range(12))
    moments = [entry['timestamp'] for entry in entries]
    assert moments == sorted(moments)
