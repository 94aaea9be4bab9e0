"""MSR-11: the network below the requests, as the kernel has it."""
import json
import pathlib
import subprocess
import threading

import pytest

from program import THRONG, throng
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


# A network of its own, whose only link goes down for half a second once people are at work.
OUTAGE = """
ip link set lo up
"$0" run "$1" --headless --no-preflight --out "$2" &
until awk '$1 == "Tcp:" && $12 + 0 > 3000 {found = 1} END {exit !found}' /proc/net/snmp
do sleep 0.02; done
ip link set lo down
sleep 0.5
ip link set lo up
wait $!
"""


def has_networks_of_its_own():
    try:
        return subprocess.run(['unshare', '-rn', 'ip', 'link', 'set', 'lo', 'up'],
                              capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not has_networks_of_its_own(), reason='needs unshare and ip')
@pytest.mark.alone
def test_what_is_lost_on_the_way_is_sent_again_and_counted(scenario, tmp_path):
    path = scenario(target='simulator', simulator='{ttft: 5ms, gap: 2ms, tokens: 10}',
                    users='{a: {flow: [{chat: {model: m, question: mixed}}, {think: 10ms..400ms}]}}',
                    load='[{phase: sustained, users: 40, for: 3s}]')
    done = subprocess.run(['unshare', '-rn', 'sh', '-c', OUTAGE, THRONG, path, tmp_path / 'out'],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    folder, = (path for path in (tmp_path / 'out').iterdir() if path.is_dir())
    network = json.loads(pathlib.Path(folder / 'summary.json').read_text())['network']
    assert network['retransmits'] > 0
    assert network['system']['retransmitted_segments'] >= network['retransmits']
    assert network['system']['timeouts'] > 0
    lines = throng('samples', folder / 'samples.bin', check=0).stdout.splitlines()
    assert sum(json.loads(line)['retransmits'] for line in lines) == network['retransmits']
    told = f"Network {network['retransmits']:,} TCP segment"
    assert told in ' '.join(done.stdout.split())
