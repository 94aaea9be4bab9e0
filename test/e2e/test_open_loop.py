"""LOAD-2, LOAD-6, LOAD-7: open loops with the real program against the real simulator."""
import csv
import json

import pytest
import yaml

from program import ROOT, Results, Running, throng
from suites import LAB

FLOW = """
scenario: arrivals
seed: 3
target: simulator
simulator: {ttft: 20ms, gap: 1ms, tokens: 5}
users:
  asker: {weight: 3, flow: [{chat: {model: small, question: mixed, max_tokens: 5}}]}
  reader: {weight: 1, flow: [{http: GET /v1/models}, {chat: {model: small, max_tokens: 5}}]}
"""


@pytest.fixture
def scenario(tmp_path):
    def write(load):
        path = tmp_path / 'scenario.yaml'
        path.write_text(FLOW + load)
        return path
    return write


def run(path, tmp_path, *options, check=0):
    done = throng('run', path, '--out', tmp_path / 'out', '--run-id', 'run', '--headless', *options,
                  check=check)
    return Results(tmp_path / 'out/run'), done.stdout


def test_arrivals_come_at_their_rate_and_are_counted_everywhere(scenario, tmp_path):
    results, said = run(scenario("""
arrivals: {distribution: constant, users: 50}
load:
  - {phase: ramp-up, rate: 60/s, over: 2s}
  - {phase: sustained, for: 2s}
thresholds: {dropped_iterations: count<1}
"""), tmp_path)
    totals = results.summary['totals']
    assert totals['arrivals'] == totals['arrivals_taken'] == 60 + 120
    assert 170 < totals['iterations'] <= 180  # at the end no further step is begun
    assert totals['dropped_iterations'] == 0
    assert results.summary['workload']['arrivals'] == {
        'distribution': 'constant', 'burstiness': 1, 'users': 50, 'max_wait_s': 10}
    phases = results.summary['by']['phase']
    assert (phases['ramp-up']['rate_from'], phases['ramp-up']['rate_to']) == (0, 60)
    assert (phases['ramp-up']['arrivals'], phases['sustained']['arrivals']) == (60, 120)
    assert '180 due' in said and '0→60/s' in said
    # Each first request is due at its arrival's moment, to the nanosecond; those of ramps by the integral.
    first = [s for s in results.samples() if s['labels']['step'] != 'chat' or s['labels']['class'] == 'asker']
    due = sorted(sample['due_ns'] for sample in first)
    start = due[0]
    assert due[60:] == [start + 2 * 10**9 + round(i * 1e9 / 60) for i in range(120)]
    assert abs(due[15] - start - 10**9) <= 1
    assert all('open_loop' in sample['flags'] for sample in first)
    with open(results.folder / 'timeline.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row['arrivals']) for row in rows) == 180
    assert sum(int(row['dropped_iterations']) for row in rows) == 0


def test_what_nobody_takes_is_told_and_fails_its_threshold(scenario, tmp_path):
    results, said = run(scenario("""
arrivals: {distribution: constant, users: 1, max_wait: 100ms}
load: [{phase: sustained, rate: 200/s, for: 1s}]
thresholds: {dropped_iterations: count<10}
"""), tmp_path, check=99)
    totals = results.summary['totals']
    assert totals['arrivals'] == 200 == totals['arrivals_taken'] + totals['dropped_iterations']
    assert totals['operations_failed'] == totals['dropped_iterations'] > 100
    assert totals['failed'] == 0
    assert any('the pool of 1 people was too small' in verdict['sentence']
               for verdict in results.summary['verdicts'])
    assert 'dropped (' in said
    # What never got an answer is no fast answer: the 95th percentile is unknown, and above what was waited.
    assert results.summary['metrics']['ttft_from_due']['p95'] is None
    assert results.summary['metrics']['ttft_from_due']['above']['p95'] >= 100
    assert results.summary['metrics']['ttft']['p95'] is not None


def test_a_closed_loop_hides_a_server_that_stands_still_and_an_open_one_does_not(tmp_path):
    """Coordinated omission: the same people, the same server, the same second and a half."""
    runs = {name: Running('run', ROOT / f'scenarios/lab/stalled-{name}.yaml', '--out', tmp_path, '--run-id',
                          name, '--quiet', '--duration', '6s', '--set', 'simulator.outage=2s..3500ms')
            for name in ('closed', 'open')}
    for name, running in runs.items():
        assert running.wait() == 0, running.text()
    closed, open_loop = (Results(tmp_path / name).summary for name in runs)
    assert closed['totals']['requests'] > 500
    assert closed['metrics']['e2e']['p99'] < 500 < closed['metrics']['e2e']['max']
    assert open_loop['totals']['arrivals_taken'] == 1200
    assert open_loop['metrics']['e2e']['p99'] < 500  # those who got to ask were answered soon, but
    assert open_loop['metrics']['e2e_from_due']['p99'] > 1000
    assert open_loop['metrics']['e2e_from_due']['p90'] > 500
    assert open_loop['metrics']['arrival_wait']['count'] > 250
    # The wait is the server's, and no lateness of throng's own.
    assert open_loop['metrics']['schedule_lag']['p99'] < 500
    assert open_loop['client']['loop_lag']['p99'] < 500


@pytest.mark.parametrize('path', LAB, ids=lambda path: path.stem)
def test_what_shows_how_throng_measures_checks_clean(path):
    throng('check', path, check=0)


def requests(path, *options):
    told = throng('run', path, '--dry-run', '--print-requests', *options, check=0).stdout
    return sorted((json.loads(line) for line in told.splitlines()),
                  key=lambda one: (one['arrival'], one['at_ns']))


def test_arrivals_ask_the_same_over_any_number_of_workers(scenario):
    path = scenario("""
arrivals: {distribution: gamma, burstiness: 0.5, users: 100}
load: [{phase: ramp-up, rate: 30/s, over: 4s, shape: exponential}, {phase: sustained, for: 2s}]
""")
    whole = requests(path)
    assert len(whole) > 60
    assert len({one['body'] for one in whole if one['body']}) > 60
    for workers in (2, 3, 7):
        parts = [one for index in range(workers)
                 for one in requests(path, '--workers', workers, '--worker-index', index)]
        assert sorted(parts, key=lambda one: (one['arrival'], one['at_ns'])) == whole
        assert {one['arrival'] % workers for one in requests(path, '--workers', workers)} == {0}


def fingerprint(path, *options):
    return throng('check', path, *options, check=0).stdout.split('Fingerprint ')[1].split()[0]


def test_options_scale_rates_and_people_and_the_resolved_file_keeps_them(scenario, tmp_path):
    path = scenario("""
arrivals: poisson
load: [{phase: ramp-up, rate: 100/s, over: 1s}, {phase: sustained, for: 1s}]
""")
    options = ('--rate', '40', '--users', '25', '--duration', '1s')
    results, _ = run(path, tmp_path, *options)
    resolved = yaml.safe_load((results.folder / 'scenario.yaml').read_text())
    assert resolved['arrivals'] == {'distribution': 'poisson', 'users': 25}
    assert [phase['rate'] for phase in resolved['load']] == ['40/s', '40/s']
    assert fingerprint(results.folder / 'scenario.yaml') == fingerprint(path, *options) != fingerprint(path)
    assert fingerprint(path, *options, '--workers', '3') == fingerprint(path, *options)
    refused = throng('check', ROOT / 'scenarios/quickstart.yaml', '--rate', '5/s', check=104)
    assert "--rate: error: the load has no rates that could be scaled" in refused.stderr
    refused = throng('check', path, '--rate', '2000000/s', check=104)
    assert '--rate: error: more than a million arrivals a second' in refused.stderr
    assert 'is no rate above 0' in throng('check', path, '--rate', 'fast', check=2).stderr


def test_warm_up_is_left_out_and_a_limit_ends_it(scenario, tmp_path):
    """LOAD-6 and LOAD-7, for arrivals."""
    results, _ = run(scenario("""
arrivals: {distribution: constant, users: 20}
warm_up: 1s
load: [{phase: sustained, rate: 20/s, for: 1m}, {phase: cool-down, over: 10s}]
limits: {requests: 50}
"""), tmp_path)
    summary = results.summary
    assert summary['run']['stop_reason'] == 'requests'
    assert summary['all']['requests'] == 50
    assert summary['all']['arrivals'] - summary['totals']['arrivals'] == 20
    assert abs(summary['window']['start_s'] - 1) < 0.1
    assert summary['all']['dropped_iterations'] == 0
