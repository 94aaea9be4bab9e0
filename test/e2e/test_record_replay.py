"""LIB-6: what was recorded is replayed: the same requests at the same times."""
import http.client
import json
import statistics
import time

import pytest

from program import throng
from scripted import HELLO, ScriptedServer, stream, whole
from test_record import record  # noqa: F401, a fixture

KEY = 'sk-e2e-replay-0123456789abcdef'

# Method, path, body and how long after the one before.
ASKED = [
    ('POST', '/v1/chat/completions', json.dumps(
        {'model': 'm', 'stream': True, 'messages': [{'role': 'user', 'content': 'Größe? 🙂'}]}).encode(), 0),
    ('GET', '/v1/models?page=2&q=%20a', None, .12),
    ('POST', '/v1/audio', b'\xff\x00\x01RIFF', .05),
    ('DELETE', '/v1/files/7', None, .3),
    ('POST', '/v1/embeddings', b'{"input":["a",  "b"]}', .02),
    ('PUT', '/v1/other', b'', .2),
]


@pytest.fixture
def server():
    """A server that notes when each request came."""
    def answer(request):
        request.moment = time.monotonic()
        if b'"stream": true' in request.body:
            return stream(*HELLO)
        return whole('200 OK', '{"usage": {"prompt_tokens": 3, "completion_tokens": 1}}')

    one = ScriptedServer(answer)
    yield one
    one.close()


def taken(server):
    """What came since the last time: (method, path, body, content type), and the times between."""
    requests, server.requests = server.requests, []
    moments = [request.moment - requests[0].moment for request in requests]
    return [(request.method, request.path, request.body, request.headers.get('content-type'))
            for request in requests], moments


def test_a_replay_sends_what_was_recorded_when_it_was(server, record, tmp_path):  # noqa: F811
    scenario = tmp_path / 'replay.yaml'
    recorder = record(server.url, '--scenario', scenario)
    connection = http.client.HTTPConnection(recorder.url.split('/')[-1], timeout=60)
    for method, path, body, pause_s in ASKED:
        time.sleep(pause_s)  # the client's own pace
        connection.request(method, path, body, {'Authorization': f'Bearer {KEY}', 'Content-Type': 'a/b'})
        connection.getresponse().read()
    connection.close()
    recorder.end()
    asked, moments = taken(server)
    assert [one[:3] for one in asked] == [(method, path, body or b'') for method, path, body, _ in ASKED]

    throng('run', scenario, '--quiet', '--no-preflight', '--out', tmp_path / 'results', check=0)
    replayed, at = taken(server)
    assert replayed == asked
    assert statistics.median(abs(one - other) for one, other in zip(at, moments)) < .05
    assert KEY not in scenario.read_text()


def test_a_replay_can_be_twice_as_fast(server, record, tmp_path):  # noqa: F811
    scenario = tmp_path / 'replay.yaml'
    recorder = record(server.url, '--scenario', scenario)
    connection = http.client.HTTPConnection(recorder.url.split('/')[-1], timeout=60)
    for _ in range(3):
        connection.request('GET', '/v1/models')
        connection.getresponse().read()
        time.sleep(.4)  # the client's own pace
    connection.close()
    recorder.end()
    _, moments = taken(server)
    throng('run', scenario, '--quiet', '--no-preflight', '--out', tmp_path / 'results', '--set', 'load.0.time_scale=0.5', check=0)
    _, at = taken(server)
    assert len(at) == 3
    assert abs(at[2] - moments[2] / 2) < .1
