"""PLT-8: servers' own metrics, asked while the load goes on, by the real programs."""
import math
import pathlib
import re
import socket
import statistics

import pytest

import truth
from program import ROOT, Results, throng, wait_until
from prometheus import get, samples_of
from scripted import HANG, ScriptedServer, whole

OFTEN = 'interval: 100ms'


@pytest.fixture
def scripted():
    """scripted(answer) → a server that answers so."""
    servers = []

    def start(answer):
        servers.append(ScriptedServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def tells(**levels):
    """An answer like vLLM's, with these figures."""
    text = ''.join(f'vllm:{name}{{model_name="m"}} {value}\n' for name, value in levels.items())
    return lambda request: whole('200 OK', text, 'text/plain; version=0.0.4')


def server_of(results, name):
    return next(server for server in results.summary['backend']['servers']
                if server['name'] == name)


def mean_over(steps, start_ns, end_ns):
    """Of a number that changes by `steps` (moment, by), over time."""
    level, before_ns, area = 0, start_ns, 0
    for at_ns, by in sorted(steps):
        at_ns = min(max(at_ns, start_ns), end_ns)
        area += level * (at_ns - before_ns)
        level, before_ns = level + by, at_ns
    return (area + level * (end_ns - before_ns)) / (end_ns - start_ns)


def moment(events, kind):
    return next(event.mono_ns for event in events if event.kind == kind)


@pytest.mark.alone
def test_what_the_server_tells_is_what_it_did(simulate, scenario, run, tmp_path):
    log = tmp_path / 'truth.bin'
    simulator = simulate('--ttft', '60ms', '--gap', '4ms', '--tokens', '20', '--capacity', '4',
                         '--cached', '25%', '--ground-truth', log)
    results = run(scenario(target=simulator.url, backends=f'[{{name: engine, {OFTEN}}}]',
                           users='{asker: {flow: [{chat: {model: m, max_tokens: 20}}]}}',
                           load='[{phase: sustained, users: 7, for: 4s}]', warm_up='1s'))
    simulator.stop()
    engine = server_of(results, 'engine')
    figures = engine['metrics']
    requests = [events for events in truth.read(log).values()
                if {'admitted', 'done'} <= {event.kind for event in events}]
    first = min(moment(events, 'received') for events in requests)
    start_ns, end_ns = first + 1_000_000_000, first + 3_900_000_000
    running = mean_over([step for events in requests for step in
                         ((moment(events, 'admitted'), 1), (moment(events, 'done'), -1))],
                        start_ns, end_ns)
    waiting = mean_over([step for events in requests for step in
                         ((moment(events, 'received'), 1), (moment(events, 'admitted'), -1))],
                        start_ns, end_ns)
    queued_ms = statistics.mean(moment(events, 'admitted') - moment(events, 'received')
                                for events in requests
                                if start_ns <= moment(events, 'admitted') < end_ns) / 1e6

    assert engine['kind'] == 'vllm' and engine['failed'] == 0
    assert engine['capacity'] == {'requests': 4, 'source': 'queued'}
    assert figures['backend_running']['max'] == 4
    assert math.isclose(figures['backend_running']['mean'], running, rel_tol=0.1)
    assert math.isclose(figures['backend_waiting']['mean'], waiting, rel_tol=0.2)
    assert math.isclose(figures['backend_queue_time']['mean'], queued_ms, rel_tol=0.25)
    assert math.isclose(figures['backend_prefix_cache_hit_rate']['mean'], 0.25, abs_tol=0.03)
    assert figures['backend_running']['readings'] >= 15
    # The same in the client's eyes.
    law = results.summary['backend']['littles_law']
    assert law['finding'] == 'agrees', law
    assert math.isclose(law['in_flight'], law['rate_times_mean'], rel_tol=0.15)
    # On the axis of everything else.
    points = results.summary['timeline']['points']
    assert len(engine['timeline']['backend_running']) == len(points)
    heading, *lines = (results.folder / 'timeline.csv').read_text().splitlines()
    column = heading.split(',').index('engine.backend_running')
    assert [float(line.split(',')[column]) for line in lines[1:3]] == pytest.approx(
        engine['timeline']['backend_running'][1:3])
    assert 'engine | backend' in (results.folder / 'summary.md').read_text()


def test_one_that_tells_nothing_costs_its_own_figures_and_no_more(simulate, scenario, scripted,
                                                                  tmp_path):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '5')
    hanging = scripted(lambda request: [HANG])
    page = scripted(lambda request: whole('200 OK', '<html>\n', 'text/html'))
    with socket.create_server(('127.0.0.1', 0)) as listener:
        dead = f'http://127.0.0.1:{listener.getsockname()[1]}/metrics'
    path = scenario(target=simulator.url, backends=f'''
  - {{name: good, {OFTEN}}}
  - {{name: dead, url: "{dead}", {OFTEN}}}
  - {{name: hanging, url: "{hanging.url}/metrics", {OFTEN}, timeout: 300ms, token: {{file: token}}}}
  - {{name: page, url: "{page.url}/metrics", {OFTEN}}}''',
                    load='[{phase: sustained, users: 2, for: 2s}]')
    (tmp_path / 'token').write_text('s3cret-of-the-exporter')
    done = throng('run', path, '--out', tmp_path / 'out', check=0, cwd=tmp_path)
    results = Results(next((tmp_path / 'out').iterdir()))
    assert server_of(results, 'good')['failed'] == 0
    assert server_of(results, 'good')['answered'] >= 10
    for name, problem in (('dead', 'connect'), ('hanging', 'timed out'),
                          ('page', 'what it answers is no exposition: line 1: a line that '
                                   'begins with no name')):
        server = server_of(results, name)
        assert server['answered'] == 0 and server['failed'] >= 3, name
        assert problem in server['problem']
        assert server['metrics'] == {}
        warnings = [line for line in done.stderr.splitlines() if f'backend {name}:' in line]
        assert len(warnings) == 1 and 'the run goes on without them' in warnings[0], done.stderr
        assert re.search(rf'{name}.*; told nothing \d+ of \d+ times', done.stdout)
    assert hanging.requests[0].headers['authorization'] == 'Bearer s3cret-of-the-exporter'
    assert 'authorization' not in page.requests[0].headers
    for file in results.folder.iterdir():
        assert b's3cret-of-the-exporter' not in file.read_bytes(), file
    assert 's3cret' not in done.stdout + done.stderr


def test_one_that_comes_back_is_told_of(simulate, scenario, scripted, tmp_path):
    answers = iter(['503 Service Unavailable'] * 5)
    server = scripted(lambda request: whole(next(answers, '200 OK'),
                                            'vllm:num_requests_running 3\n'))
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '5')
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 1, for: 2s}]',
                    backends=f'[{{name: back, url: "{server.url}/metrics", {OFTEN}}}]')
    done = throng('run', path, '--out', tmp_path / 'out', '--quiet', check=0)
    assert 'status 503; the run goes on' in done.stderr
    assert 'backend back tells its metrics again, after it did not 5 times' in done.stderr


def test_thresholds_are_judged_on_what_servers_told(simulate, scenario, scripted, run):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '5')
    one = scripted(tells(num_requests_running=3, num_requests_waiting=7, kv_cache_usage_perc=0.5))
    other = scripted(tells(num_requests_running=5, num_requests_waiting=1))
    backends = f'''[{{name: one, url: "{one.url}/metrics", {OFTEN}, capacity: 6}},
  {{name: other, url: "{other.url}/metrics", {OFTEN}}}]'''
    expected = {
        ('backend_waiting', '', 'max<50'): (7, True),
        ('backend_waiting', '', 'max<7'): (7, False),
        ('backend_waiting', 'backend:other', 'max<7'): (1, True),
        ('backend_running', '', 'value<6'): (5, True),
        ('backend_running', '', 'min>3'): (3, False),
        ('backend_running', '', 'p(99)<=5'): (5, True),
        ('backend_saturation', 'backend:one', 'avg<=50%'): (0.5, True),
        ('backend_kv_cache_usage', '', 'p(95)<40%'): (0.5, False),
        ('gpu_utilization', '', 'avg<90%'): (None, False),
    }
    thresholds = '\n' + '\n'.join(
        f'  "{metric}{{{selector}}}": ["{expression}"]' if selector else
        f'  {metric}: {[e for m, s, e in expected if m == metric and not s]}'
        for metric, selector, expression in
        {(m, s): (m, s, e) for m, s, e in expected}.values())
    results = run(scenario(target=simulator.url, backends=backends, thresholds=thresholds,
                           load='[{phase: sustained, users: 1, for: 1s}]'), code=99)
    judged = {(t['metric'], t['selector'], t['expression']): (t['value'], t['passed'])
              for t in results.summary['thresholds']}
    assert judged == expected


def test_a_threshold_on_a_server_can_end_the_run(simulate, scenario, scripted, run):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '5')
    server = scripted(tells(num_requests_running=3, num_requests_waiting=700))
    results = run(scenario(
        target=simulator.url, backends=f'[{{url: "{server.url}/metrics", {OFTEN}}}]',
        thresholds='{backend_waiting: {threshold: max<100, abort_on_fail: true}}',
        load='[{phase: sustained, users: 1, for: 30s}]'), code=108)
    assert results.summary['run']['stop_reason'] == 'threshold'
    assert results.summary['run']['duration_s'] < 20


@pytest.mark.parametrize('running, finding, words', [
    (40, 'server_more', 'somebody else is using them'),
    (1, 'client_more', 'a proxy or gateway queues it, or their metrics are stale'),
])
def test_client_and_servers_that_disagree_are_told_of(simulate, scenario, scripted, tmp_path,
                                                      running, finding, words):
    simulator = simulate('--ttft', '300ms', '--gap', '10ms', '--tokens', '20')
    server = scripted(tells(num_requests_running=running, num_requests_waiting=0))
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 8, for: 3s}]',
                    users='{asker: {flow: [{chat: {model: m}}]}}',
                    backends=f'[{{url: "{server.url}/metrics", {OFTEN}}}]')
    done = throng('run', path, '--out', tmp_path / 'out', check=0)
    law = Results(next((tmp_path / 'out').iterdir())).summary['backend']['littles_law']
    assert law['finding'] == finding
    assert math.isclose(law['difference'], running / law['in_flight'] - 1, abs_tol=1e-4)
    assert words in ' '.join(done.stdout.split())
    assert words in law['sentence']


def test_where_requests_go_elsewhere_too_nothing_is_compared(simulate, scenario, run):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '5')
    results = run(scenario(target=simulator.url, backends=f'[{{{OFTEN}}}]',
                           users='{asker: {flow: [{chat: {model: m}}, {http: GET /v1/models}]}}',
                           load='[{phase: sustained, users: 4, for: 1s}]'))
    assert results.summary['backend']['littles_law'] is None


def test_prometheus_sees_them(processes, scenario, tmp_path):
    process = processes('run', scenario(
        target='simulator', simulator='{ttft: 50ms, gap: 5ms, tokens: 10, capacity: 2}',
        load='[{phase: sustained, users: 4, for: 1h}]'), '--out', tmp_path / 'out',
        '--listen', '127.0.0.1:0')
    url = re.search(r'http://\S+', process.wait_for_line('/metrics'))[0]

    def seen():
        samples = {sample.name: sample for sample in samples_of(get(url + '/metrics')[1])
                   if sample.name.startswith('throng_backend_')}
        return samples if 'throng_backend_generation_tokens_per_second' in samples else None

    samples = wait_until(seen, 'rates of the simulator')
    assert samples['throng_backend_up'].value == 1
    assert samples['throng_backend_up'].labels['kind'] == 'vllm'
    assert samples['throng_backend_requests_running'].labels['backend'] == 'simulator'
    assert 0 <= samples['throng_backend_saturation_ratio'].value <= 1
    process.signal()
    assert process.wait() == 105


def test_nobody_is_asked_where_the_scenario_says_so(simulate, scenario, run):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '5')
    for backends in (None, '[]'):
        results = run(scenario(target=simulator.url, backends=backends))
        assert results.summary['backend'] == {'servers': [], 'littles_law': None}


# A real target is asked for its metrics only where the scenario says so, whatever it was written for.
def test_a_target_in_place_of_the_simulator_is_not_asked_unless_told(simulate, scenario, run):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '5')
    results = run(scenario(target='simulator'), '--base-url', simulator.url)
    assert results.summary['backend'] == {'servers': [], 'littles_law': None}
    results = run(scenario(target=simulator.url), '--base-url', 'simulator')
    assert [server['name'] for server in results.summary['backend']['servers']] == ['simulator']


def test_the_example_of_the_page_is_a_scenario(scenario):
    page = (ROOT / 'doc/backends.md').read_text()
    example = re.search(r'```yaml\n(.*?)```', page, re.S)[1]
    path = scenario(target='https://gateway.example')
    pathlib.Path(path).write_text(path.read_text() + example)
    checked = throng('check', path, check=0).stdout
    assert 'gpu-1: http://10.0.0.7:9400/metrics every 1s' in checked
    assert 'default: https://gateway.example/metrics every 1s' in checked
