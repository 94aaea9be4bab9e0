"""Figures that are made from many requests, made again here from the requests themselves."""
import http.server
import itertools
import math
import threading

import pytest

SPIKE_LOAD = ('[{phase: sustained, users: 4, for: 1500ms}, {phase: spike, users: 40, for: 1s}, '
              '{phase: sustained, users: 4, for: 4s}]')


def nearest_rank(values, q):
    return sorted(values)[math.ceil(q * len(values)) - 1]


def seconds_to_recover(samples, end_s, until_s, limit_ms):
    """As doc/metrics.md says it; of requests that all came whole."""
    requests = sorted((s['due_ns'] / 1e9 - end_s, (s['first_output_ns'] - s['sent_ns']) / 1e6)
                      for s in samples if end_s <= s['due_ns'] / 1e9 < until_s)
    for step in itertools.count():
        at = step / 10
        if at + 2 > until_s - end_s:
            return None
        behind = [r for r in requests if r[0] >= at]
        window = [r for r in behind if r[0] < at + 2]
        if len(window) < 20:
            window = behind[:20]
        if len(window) >= 20 and nearest_rank([ms for _, ms in window], 0.95) <= limit_ms:
            return at


@pytest.mark.alone
def test_a_spike_is_told_before_during_and_after_and_how_long_it_took_to_recover(
        simulate, scenario, run):
    simulator = simulate('--capacity', '4', '--ttft', '40ms', '--gap', '2ms', '--tokens', '10')
    results = run(scenario(target=simulator.url, load=SPIKE_LOAD))
    spike, = results.summary['spikes']
    phases = results.summary['by']['phase']
    for stage, phase in (('before', 'sustained'), ('during', 'spike'), ('after', 'sustained-2')):
        samples = [s for s in results.samples() if s['labels']['phase'] == phase]
        told = spike[stage]
        assert told['phase'] == phase
        assert told['requests'] == len(samples) and told['failed'] == 0
        ttft = [(s['first_output_ns'] - s['sent_ns']) / 1e6 for s in samples]
        assert told['ttft']['p95'] == pytest.approx(nearest_rank(ttft, 0.95), rel=0.02)
    assert spike['users'] == 40 and spike['metric'] == 'ttft'
    assert spike['during']['ttft']['p95'] > 3 * spike['before']['ttft']['p95']
    assert spike['recovery'] == 'recovered'
    assert spike['recovery_s'] == pytest.approx(seconds_to_recover(
        results.samples(), phases['spike']['end_s'], phases['sustained-2']['end_s'],
        1.2 * spike['before']['ttft']['p95']), abs=0.11)


def test_conversations_tell_the_prompt_tokens_of_each_turn(fast_simulator, scenario, run):
    flow = ('{asker: {flow: [{repeat: 3, steps: [{chat: {model: m, question: mixed, '
            'conversation: keep, max_tokens: 10}}]}]}}')
    results = run(scenario(target=fast_simulator.url, users=flow))
    turns = results.summary['conversations']['turns']
    assert [t['turn'] for t in turns] == [1, 2, 3]
    for turn in turns:
        tokens = [s['prompt_tokens'] for s in results.samples() if s['turn'] == turn['turn']]
        assert turn['requests'] == len(tokens)
        assert turn['prompt_tokens_mean'] == pytest.approx(sum(tokens) / len(tokens), abs=0.06)
    assert turns[0]['prompt_tokens_mean'] < turns[1]['prompt_tokens_mean']


class Gateway(http.server.BaseHTTPRequestHandler):
    """Names another backend in turn, and every third time none."""
    protocol_version = 'HTTP/1.1'
    served = itertools.count()

    def do_GET(self):
        number = next(self.served) % 3
        self.send_response(200)
        if number < 2:
            self.send_header('X-Served-By', f'pod-{number}')
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


def test_backends_are_those_that_the_header_names(scenario, run):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Gateway)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    address = f'127.0.0.1:{server.server_port}'
    try:
        results = run(scenario(
            target=f'{{url: "http://{address}", backend_header: X-Served-By}}',
            users='{looker: {flow: [{http: GET /}, {think: 20ms}]}}', models='{m: {}}'))
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
    assert set(results.summary['by']['backend']) == {'pod-0', 'pod-1', address}
    assert all(s['headers_ns'] >= s['sent_ns'] for s in results.samples())
