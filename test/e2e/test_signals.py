"""RUN-4: SIGINT and SIGTERM let running answers end; a second one does not."""
import pathlib
import signal

import pytest

from program import Results, connections_to, wait_until
from scripted import HANG, ScriptedServer, whole

SLOW = ('--ttft', '20ms', '--gap', '50ms', '--tokens', '40')
HOUR = '[{phase: sustained, users: 5, for: 1h}]'


@pytest.fixture
def running(processes, scenario, tmp_path, simulate):
    """A run in the middle of five streams of two seconds each."""
    simulator = simulate(*SLOW)
    path = scenario(target=simulator.url, load=HOUR, graceful_stop='30s')
    process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'drained')
    process.folder = tmp_path / 'drained'
    simulator.wait_for_streams(5)
    return process


def test_answers_in_flight_are_read_to_their_end_after_the_first_signal(running):
    running.signal(signal.SIGTERM)
    assert running.wait() == 105
    results = Results(running.folder)
    samples = results.samples()
    assert len(samples) >= 5
    assert {s['outcome'] for s in samples} == {'ok'}
    assert all(s['chunks'] == 40 for s in samples)
    assert results.summary['all']['cancelled'] == 0


def test_the_second_signal_stops_at_once_and_still_writes_results(running):
    running.signal(signal.SIGINT)
    running.signal(signal.SIGTERM)
    assert running.wait() == 105
    results = Results(running.folder)
    cancelled = [s for s in results.samples() if s['outcome'] == 'cancelled']
    assert results.summary['all']['cancelled'] == len(cancelled) == 5
    assert all(0 < s['chunks'] < 40 for s in cancelled)
    assert results.summary['all']['failed'] == 0


@pytest.mark.parametrize('hung, asked', [('target', ['GET']), ('gateway', ['GET']),
                                         ('model', ['GET', 'POST'])])
def test_a_signal_in_the_preflight_leaves_before_any_load(processes, scenario, tmp_path, hung, asked):
    """None answers: the pre-flight would wait for long, and then go on or give up."""
    server = ScriptedServer(lambda request: whole('200 OK', '{}') if hung == 'model' and
                            request.method == 'GET' else [HANG])
    parts = {'target': server.url} if hung != 'gateway' else {
        'target': 'simulator', 'outputs': f'{{pushgateway: {{url: "{server.url}", timeout: 30s}}}}'}
    try:
        process = processes('run', scenario(load=HOUR, **parts), '--headless', '--out',
                            tmp_path / 'out')
        wait_until(lambda: len(server.requests) == len(asked), 'the pre-flight')
        process.signal(signal.SIGTERM)
        assert process.wait() == 105
        assert 'before the load began' in process.text()
        assert [request.method for request in server.requests] == asked
        assert not (tmp_path / 'out').exists()
    finally:
        server.close()


def test_graceful_stop_bounds_the_wait(processes, scenario, tmp_path, simulate):
    simulator = simulate('--ttft', '20ms', '--gap', '1h', '--tokens', '2')
    path = scenario(target=simulator.url, load=HOUR, graceful_stop='300ms')
    process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'bounded')
    wait_until(lambda: connections_to(simulator.url) == 5, 'five connections')
    process.signal()
    assert process.wait() == 105
    assert Results(tmp_path / 'bounded').summary['all']['cancelled'] > 0


@pytest.mark.parametrize('load, flow', [
    ('[{phase: ramp-up, users: 200, over: 1h}]', None),
    ('[{phase: sustained, users: 2, for: 1h}]', '[{think: 1h}, {chat: {model: m, question: mixed}}]'),
    ('[{phase: sustained, users: 3, for: 200ms}, {phase: pause, for: 1h}]', None),
], ids=['ramp', 'idle', 'pause'])
def test_fault_46_a_signal_in_any_phase_leaves_every_file(processes, scenario, tmp_path,
                                                          fast_simulator, load, flow):
    """Idle: nobody has asked anything, which has a verdict of its own."""
    parts = {'users': f'{{asker: {{flow: {flow}}}}}'} if flow else {}
    process = processes('run', scenario(target=fast_simulator.url, load=load, **parts), '--quiet',
                        '--out', tmp_path, '--run-id', 'r', '--requests-jsonl')
    folder = tmp_path / 'r'
    wait_until((folder / 'checkpoint.json').exists, 'a checkpoint')
    process.signal(signal.SIGTERM)
    assert process.wait() == 105
    assert {path.name for path in folder.iterdir()} == {
        'summary.json', 'users.csv', 'summary.md', 'report.html', 'junit.xml', 'timeline.csv', 'histograms.hlog',
        'samples.bin', 'requests.jsonl', 'scenario.yaml'}
    results = Results(folder)
    assert 105 in {verdict['code'] for verdict in results.summary['verdicts']}
    assert len(results.samples()) == results.summary['all']['requests']


def children_of(pid):
    return pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()


def is_gone(pid):
    try:
        state = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except FileNotFoundError:
        return True
    return state == 'Z'


@pytest.mark.parametrize('sends, code', [(signal.SIGINT, 105), (signal.SIGKILL, -9)])
def test_the_simulator_of_a_run_ends_with_it_however_it_ends(processes, scenario, tmp_path, sends,
                                                             code):
    """fault_48 where the run is killed."""
    process = processes('run', scenario(target='simulator', load=HOUR), '--headless', '--out',
                        tmp_path)
    [simulator] = wait_until(lambda: children_of(process.process.pid), 'a simulator')
    process.wait_for_line('1 phase')
    process.signal(sends)
    assert process.wait() == code
    wait_until(lambda: is_gone(simulator), 'the end of the simulator')
