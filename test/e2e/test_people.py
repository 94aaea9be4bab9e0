"""USR-6, USR-7, LIB-5: people who lose patience, try again and read slowly, and faults on purpose."""
import json
import re

import pytest

from nginx import BINARY, Nginx, certify
from program import connections_to, throng, wait_until
from scripted import ScriptedServer, stream, whole, HELLO
import truth

ASK = '{chat: {model: m, question: mixed, max_tokens: 40}}'
LOAD = '[{phase: sustained, users: 8, for: 1s}]'


def asker(flow=f'[{ASK}, {{think: 20ms}}]', **keys):
    more = ''.join(f', {key}: {value}' for key, value in keys.items())
    return f'{{asker: {{flow: {flow}{more}}}}}'


def request_ids(results, outcome):
    """The ids under which the server knows the requests of an outcome."""
    run = results.summary['run']['id'][:64]
    return {f"{run}-0-{s['operation_id']}-{s['attempt']}"
            for s in results.samples() if s['outcome'] == outcome}


@pytest.fixture
def server():
    servers = []

    def start(answer):
        servers.append(ScriptedServer(answer))
        return servers[-1]

    yield start
    for each in servers:
        each.close()


def test_who_waits_too_long_leaves_and_the_server_sees_the_connection_close(
        simulate, scenario, run, tmp_path):
    log = tmp_path / 'truth'
    simulator = simulate('--ttft', '30s', '--ground-truth', log)
    results = run(scenario(target=simulator.url, load=LOAD,
                           users=asker(patience='{first_token: 100ms..200ms}')), code=116)
    simulator.stop()
    verdict, = results.summary['verdicts']
    assert 'impatient people left all of' in verdict['sentence']
    totals = results.summary['totals']
    assert totals['abandoned'] == totals['requests'] - totals['cancelled'] > 8
    assert totals['failed'] == 0 and results.summary['errors'] == []
    # Longer than they waited is all that is known of the time to the first token.
    ttft = results.summary['metrics']['ttft']
    assert ttft['count'] == 0 and ttft['p50'] is None and ttft['above']['p50'] >= 100
    for sample in results.samples():
        if sample['outcome'] == 'abandoned':
            assert 100e6 <= sample['end_ns'] - sample['sent_ns']
    events = truth.read(log)
    for request in request_ids(results, 'abandoned'):
        assert events[request][-1].kind == 'gone'


def test_some_leave_in_the_middle_of_an_answer(simulate, scenario, run, tmp_path):
    log = tmp_path / 'truth'
    simulator = simulate('--ttft', '10ms', '--gap', '10ms', '--tokens', '40', '--ground-truth', log)
    results = run(scenario(target=simulator.url, load=LOAD, users=asker(
        patience='{mid_stream: 50%, chunks: 3..6}')))
    simulator.stop()
    left = [s for s in results.samples() if s['outcome'] == 'abandoned']
    stayed = [s for s in results.samples() if s['outcome'] == 'ok']
    assert left and stayed
    assert all(3 <= s['chunks'] < 40 and s['first_output_ns'] for s in left)
    assert all(s['chunks'] == 40 for s in stayed)
    events = truth.read(log)
    for request in request_ids(results, 'abandoned'):
        assert events[request][-1].kind == 'gone'
        assert len(truth.output(events[request])) < 40


@pytest.fixture
def over_http_2(tmp_path):
    """over_http_2(url) → the target, as YAML, of an nginx before it, with one connection."""
    servers = []

    def start(url):
        certify(tmp_path)
        servers.append(Nginx(tmp_path, """
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{ proxy_pass {upstream}; proxy_http_version 1.1; proxy_buffering off; }}
""", upstream=url))
        wait_until(servers[-1].listens, 'nginx listens')
        return (f'{{url: "https://localhost:{servers[-1].port}", http: 2, '
                f'tls: {{ca_file: "{tmp_path}/cert.pem"}}, connections: {{max: 1}}}}')

    yield start
    for server in servers:
        server.stop()


@pytest.mark.skipif(not BINARY, reason='needs nginx')
def test_over_http_2_the_stream_is_reset_and_the_connection_stays(
        simulate, scenario, run, tmp_path, over_http_2):
    log = tmp_path / 'truth'
    simulator = simulate('--ttft', '30s', '--ground-truth', log)
    results = run(scenario(target=over_http_2(simulator.url), load=LOAD,
                           users=asker(patience='{first_token: 100ms..200ms}')),
                  '--no-preflight', code=116)
    wait_until(lambda: connections_to(simulator.url) == 0, 'nginx lets go')
    simulator.stop()
    assert results.summary['totals']['abandoned'] > 8
    assert results.summary['client']['connections_opened'] <= 2
    events = truth.read(log)
    for request in request_ids(results, 'abandoned'):
        assert events[request][-1].kind == 'gone'


def test_fault_27_28_what_is_refused_is_tried_again_and_told(server, scenario, run):
    refused = set()

    def answer(request):
        if request.body in refused:
            return stream(*HELLO)
        refused.add(request.body)
        return whole('429 Too Many Requests', '{"error": {"message": "slow down"}}',
                     more='Retry-After: 0\r\n')

    refusing = server(answer)
    results = run(scenario(target=refusing.url, load=LOAD, users=asker(retry=3)), '--no-preflight')
    totals = results.summary['totals']
    samples = [s for s in results.samples() if 'in_window' in s['flags']]
    tried_again = [s for s in samples if s['attempt'] == 1]
    assert len(tried_again) > 8
    assert totals['retries'] == len(tried_again)
    assert results.summary['retries'] == [{'after': 'rate_limited', 'count': len(tried_again)}]
    assert totals['failed'] == len([s for s in samples if s['outcome'] == 'rate_limited'])
    assert totals['operations_failed'] == 0
    assert totals['operations'] < totals['requests']
    # Each retry has an id of its own, and says the same.
    ids = [r.headers['x-request-id'] for r in refusing.requests]
    assert len(set(ids)) == len(ids)
    by_operation = {}
    for request in refusing.requests:
        by_operation.setdefault(request.headers['x-request-id'].rsplit('-', 1)[0], set()).add(
            request.body)
    assert all(len(bodies) == 1 for bodies in by_operation.values())


def test_fault_27_retry_after_is_waited_out_and_no_longer_than_allowed(server, scenario, run):
    def answer(request):
        if request.headers['x-request-id'].endswith('-0'):
            return whole('503 Service Unavailable', 'busy', more='Retry-After: 100000000000\r\n')
        return stream(*HELLO)

    results = run(scenario(target=server(answer).url,
                           load='[{phase: sustained, users: 4, for: 2s}]',
                           users=asker(retry='{attempts: 2, max_retry_after: 300ms}')),
                  '--no-preflight')
    attempts = {(s['operation_id'], s['attempt']): s for s in results.samples()}
    waits = [s['due_ns'] - attempts[operation, 0]['end_ns']
             for (operation, attempt), s in attempts.items() if attempt == 1]
    assert len(waits) > 4 and set(waits) == {300_000_000}


def test_a_key_that_is_refused_is_not_tried_again(server, scenario, run):
    refusing = server(lambda request: whole('401 Unauthorized', '{}'))
    results = run(scenario(target=refusing.url, users=asker(retry=5)), '--no-preflight', code=108)
    assert results.summary['totals']['retries'] == 0


def test_an_open_circuit_spares_the_server_and_is_told(server, scenario, tmp_path):
    failing = server(lambda request: whole('500 Internal Server Error', 'broken'))
    path = scenario(
        target=f'{{url: "{failing.url}", circuit_breaker: {{above: 50%, over: 5s, '
               'min_requests: 10, open_for: 30s}}',
        load='[{phase: sustained, users: 8, for: 3s}]')
    done = throng('run', path, '--no-preflight', '--out', tmp_path / 'out',
                  env={'COLUMNS': '200', 'NO_COLOR': '1'})
    folder, = (tmp_path / 'out').iterdir()
    summary = json.loads((folder / 'summary.json').read_text())
    circuit, = summary['circuits']
    assert circuit['target'] == 'default' and circuit['opened'] == 1
    assert circuit['state'] == 'open' and circuit['open_s'] > 1
    assert 10 <= len(failing.requests) <= 18 # those on their way when it opened are answered
    kinds = {error['kind']: error['count'] for error in summary['errors']}
    assert kinds['http_5xx'] == len(failing.requests)
    # Everybody asks once a second at most.
    assert 8 <= kinds['circuit_open'] <= 8 * 4
    assert circuit['not_sent'] == summary['all']['requests'] - len(failing.requests)
    assert re.search(r'Circuit +default: opened 1 time and was open for', done.stdout)
    assert 'circuit of target default: open, since' in done.stderr


def test_a_slow_reader_holds_the_server_up(simulate, scenario, run, tmp_path):
    log = tmp_path / 'truth'
    simulator = simulate('--ttft', '1ms', '--gap', '0', '--tokens', '20', '--ground-truth', log)
    results = run(scenario(target=simulator.url, load='[{phase: sustained, users: 2, for: 500ms}]',
                           users=asker(reads='16KiB/s')))
    totals = results.summary['totals']
    assert totals['slow_reads'] == totals['requests'] > 0 == totals['failed']
    for sample in results.samples():
        assert 'slow_reader' in sample['flags']
        # No faster than asked for, but for the last piece of 1 KiB and what may be made up for.
        least_s = (sample['bytes_received'] - 2048) / 16384 - 0.05
        assert (sample['end_ns'] - sample['headers_ns']) / 1e9 > least_s


@pytest.mark.skipif(not BINARY, reason='needs nginx')
def test_over_http_2_a_slow_reader_holds_up_its_own_stream(
        simulate, scenario, run, over_http_2):
    simulator = simulate('--ttft', '1ms', '--gap', '0', '--tokens', '20')
    results = run(scenario(
        target=over_http_2(simulator.url), load='[{phase: sustained, users: 2, for: 500ms}]',
        users=f'{{slow: {{count: 1, reads: 16KiB/s, flow: [{ASK}]}}, '
              f'fast: {{count: 1, flow: [{ASK}]}}}}'), '--no-preflight')
    totals = results.summary['totals']
    assert totals['failed'] == 0
    by_class = {'slow': [], 'fast': []}
    for sample in results.samples():
        if sample['outcome'] == 'ok':
            by_class[sample['labels']['class']].append(sample)
    assert by_class['slow'] and len(by_class['fast']) > len(by_class['slow'])
    for sample in by_class['slow']:
        least_s = (sample['bytes_received'] - 4096) / 16384 - 0.05
        assert (sample['end_ns'] - sample['headers_ns']) / 1e9 > least_s


def test_chaos_is_told_as_throngs_own_doing(simulate, scenario, run, tmp_path):
    log = tmp_path / 'truth'
    simulator = simulate('--ttft', '20ms', '--gap', '10ms', '--tokens', '20', '--ground-truth', log)
    results = run(scenario(target=simulator.url, load=LOAD, users=asker(
        chaos='{drop: 20%, reset: 20%, after: 50ms..150ms, late: 30%, late_by: 50ms..100ms}')))
    simulator.stop()
    totals = results.summary['totals']
    assert totals['sabotaged'] > 0 and totals['delayed'] > 0
    assert totals['failed'] == 0 and results.summary['errors'] == []
    assert totals['error_rate'] == 0
    late = [s for s in results.samples() if s['late_ns']]
    assert all(50e6 <= s['late_ns'] <= 100e6 and s['sent_ns'] >= s['due_ns'] + s['late_ns']
               for s in late)
    assert results.summary['metrics']['schedule_lag']['p50'] < 50
    events = truth.read(log)
    for request in request_ids(results, 'sabotaged'):
        assert events[request][-1].kind == 'gone'


def test_all_of_it_is_seen_in_the_terminal_and_in_summary_md(simulate, scenario, tmp_path):
    simulator = simulate('--ttft', '50ms', '--gap', '5ms', '--tokens', '10',
                         '--error-rate', '40%', '--error-status', '503', '--retry-after', '0')
    path = scenario(target=simulator.url, load=LOAD, users=asker(
        retry='{attempts: 4, base: 10ms}', patience='{mid_stream: 50%, chunks: 2..5}',
        reads='64KiB/s', chaos='{drop: 20%, after: 20ms, late: 30%, late_by: 10ms}'))
    done = throng('run', path, '--out', tmp_path / 'out', env={'COLUMNS': '200', 'NO_COLOR': '1'})
    assert re.search(r'People +\d+ requests abandoned by impatient people, \d+ answers read slowly',
                     done.stdout), done.stdout
    assert re.search(r'Retries +\d+ requests were retries: after \d+ http_5xx; \d+ of \d+ operations '
                     'failed in the end', done.stdout)
    assert re.search(r'Chaos +\d+ connections broken, \d+ requests sent late, on purpose', done.stdout)
    folder, = (tmp_path / 'out').iterdir()
    text = (folder / 'summary.md').read_text()
    assert re.search(r'\d+ abandoned by impatient people, \d+ broken on purpose, \d+ of them retries',
                     text)


def test_abandonment_and_retries_can_be_thresholds(simulate, scenario, run):
    simulator = simulate('--ttft', '10ms', '--gap', '5ms', '--tokens', '10')
    results = run(scenario(target=simulator.url, load=LOAD,
                           users=asker(patience='{mid_stream: 60%, chunks: 2}'),
                           thresholds='{abandonment_rate: ["rate<10%"], retries: ["count<1"], '
                                      'operation_failed: ["rate<1%"]}'),
                  code=99)
    judged = {t['metric']: t['passed'] for t in results.summary['thresholds']}
    assert judged == {'abandonment_rate': False, 'retries': True, 'operation_failed': True}
    assert 'abandonment_rate' in results.summary['verdicts'][0]['sentence']
