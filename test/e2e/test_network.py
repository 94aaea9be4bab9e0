"""MSR-11: the network below the requests, as the kernel has it."""
import threading

import pytest

from program import throng
from scripted import HELLO, ScriptedServer, stream

ASKER = '{a: {flow: [{chat: {model: m, question: mixed}}, {think: 5ms}]}}'


class Noting(ScriptedServer):
    """Keeps which local port of the client each connection came from."""

    def __init__(self, answer):
        self.ports = {}
        super().__init__(answer)

    def _serve(self, sock, connection):
        self.ports[connection] = sock.getpeername()[1]
        super()._serve(sock, connection)


@pytest.fixture
def server():
    server = Noting(lambda request: stream(*HELLO))
    yield server
    server.close()


def test_each_attempt_has_its_connection_as_the_server_sees_it(scenario, run, server):
    results = run(scenario(target=server.url, users=ASKER, models='{m: {}}',
                           limits='{requests: 30}'), '--no-preflight')
    address = server.url.removeprefix('http://')
    seen = {}
    for request in server.requests:
        seen[request.headers['x-request-id']] = server.ports[request.connection]
    samples = results.samples()
    assert len(samples) == 30
    run_id = results.summary['run']['id']
    for sample in samples:
        request_id = f"{run_id}-0-{sample['operation_id']}-{sample['attempt']}"
        assert sample['local_port'] == seen[request_id]
        assert sample['labels']['backend'] == address
        assert sample['rtt_ns'] > 0
        assert 0 <= sample['rttvar_ns'] <= 4 * sample['rtt_ns']
        assert sample['delivery_rate_bytes_per_s'] > 0
    network = results.summary['network']
    assert network['requests'] == 30
    assert network['reused'] == 30 - server.connections
    assert network['rtt']['count'] == 30
    peer, = network['peers']
    assert (peer['peer'], peer['requests']) == (address, 30)
    assert peer['connections'] == server.connections
    assert network['balance']['backends'] == 1
    assert network['system'].keys() >= {'retransmitted_segments', 'resets', 'time_wait'}


def test_a_balancer_that_prefers_one_backend_is_told(scenario, tmp_path, server):
    """Nine answers of ten name one of two backends, behind one address."""
    lock, number = threading.Lock(), [0]

    def answer(request):
        with lock:
            number[0] += 1
            backend = b'pod-a' if number[0] % 10 else b'pod-b'
        head, *rest = stream(*HELLO)
        return [head.replace(b'\r\n\r\n', b'\r\nX-Served-By: ' + backend + b'\r\n\r\n'), *rest]

    server.answer = answer
    path = scenario(target=f'{{url: "{server.url}", backend_header: X-Served-By}}', users=ASKER,
                    models='{m: {}}', limits='{requests: 200}')
    done = throng('run', path, '--headless', '--no-preflight', '--out', tmp_path / 'out', check=0)
    flat = ' '.join(done.stdout.split())
    assert 'Network uneven: 90% of 200 requests went to pod-a, one of 2 backends' in flat
