"""What a run is judged by beside its own figures: the run before it, and itself while it lasted."""
import csv
import json

import pytest

from program import throng

THRESHOLDS, REGRESSION, COMMAND_LINE = 99, 112, 2
COMPARED = '{e2e: ["p(95)<baseline*1.5"], "e2e{model:m}": ["p(50)<baseline*1.5"], error_rate: rate<=baseline}'


LOAD = '[{phase: sustained, users: 10, for: 1s}]'


@pytest.fixture
def earlier(scenario, run, fast_simulator):
    """The results of a run without any such threshold."""
    return run(scenario(target=fast_simulator.url, load=LOAD))


def test_a_run_as_fast_as_its_baseline_passes(scenario, run, fast_simulator, earlier):
    summary = run(scenario(target=fast_simulator.url, load=LOAD, thresholds=COMPARED),
                  '--baseline', earlier.folder).summary
    then = earlier.summary
    by_metric = {(one['metric'], one['selector']): one for one in summary['thresholds']}
    assert by_metric['e2e', '']['baseline'] == pytest.approx(then['metrics']['e2e']['p95'])
    assert by_metric['e2e', 'model:m']['baseline'] == pytest.approx(
        then['by']['model']['m']['metrics']['e2e']['p50'])
    assert by_metric['error_rate', '']['baseline'] == 0


def test_a_slower_run_is_a_regression_and_told_with_both_figures(scenario, run, simulate, earlier):
    slower = simulate('--ttft', '300ms', '--gap', '4ms', '--tokens', '12')
    summary = run(scenario(target=slower.url, load=LOAD, thresholds='{e2e: ["p(50)<baseline*1.5"]}'),
                  '--baseline', earlier.folder / 'summary.json', code=REGRESSION).summary
    [verdict] = summary['verdicts']
    assert verdict['code'] == REGRESSION
    assert 'and the baseline is' in verdict['sentence']


def test_without_a_baseline_it_fails_and_says_what_to_do(scenario, run, fast_simulator):
    done = run(scenario(target=fast_simulator.url, thresholds='{e2e: ["p(95)<baseline"]}'),
               code=THRESHOLDS)
    assert 'add --baseline RUN' in done.summary['verdicts'][0]['sentence']


def test_there_may_be_none_yet(scenario, run, fast_simulator):
    summary = run(scenario(target=fast_simulator.url, thresholds='{e2e: ["p(95)<baseline"]}'),
                  '--baseline', 'none').summary
    [threshold] = summary['thresholds']
    assert threshold['ignored'] and threshold['lack'] == 'there is no baseline yet'


def test_what_is_no_summary_is_refused_before_any_load(scenario, fast_simulator, tmp_path):
    (tmp_path / 'summary.json').write_text('{"schema": "else"}')
    path = scenario(target=fast_simulator.url, thresholds=COMPARED)
    assert 'no summary' in throng('run', path, '--baseline', tmp_path, check=COMMAND_LINE).stderr
    assert 'nowhere' in throng('run', path, '--baseline', tmp_path / 'nowhere',
                               check=COMMAND_LINE).stderr


@pytest.mark.parametrize('claimed', [-5, 1e308, 'fast', None])
def test_a_baseline_that_cannot_be_true_is_not_compared_with(scenario, run, fast_simulator, earlier, tmp_path, claimed):
    summary = {**earlier.summary, 'metrics': {'e2e': {'p95': claimed}}}
    (tmp_path / 'claimed.json').write_text(json.dumps(summary))
    done = run(scenario(target=fast_simulator.url, thresholds='{e2e: ["p(95)<baseline"]}'),
               '--baseline', tmp_path / 'claimed.json', code=THRESHOLDS)
    assert done.summary['thresholds'][0]['lack'] == 'the baseline does not have this value'


def test_a_steady_phase_does_not_drift_and_a_user_has_figures(scenario, run, fast_simulator):
    done = run(scenario(target=fast_simulator.url, load='[{phase: sustained, users: 10, for: 3s}]',
                        thresholds='{e2e: ["drift(p(50))<50%"], error_rate: drift(rate)<5%}'))
    for threshold in done.summary['thresholds']:
        assert threshold['change']['phase'] == 'sustained'
        assert threshold['change']['low'] <= threshold['value'] <= threshold['change']['high']
    with open(done.folder / 'users.csv', newline='') as file:
        users = list(csv.DictReader(file))
    assert sum(int(one['requests']) for one in users) == done.summary['all']['requests']
    slowest = done.summary['users']['slowest']
    assert len(slowest) == 10 == done.summary['users']['count']
    latency = [done.summary['by']['user_id'][name]['latency']['p95'] for name in slowest]
    assert latency == sorted(latency, reverse=True)
    exact = done.summary['all']['metrics']['e2e']['max']
    assert max(done.summary['by']['user_id'][name]['latency']['max'] for name in slowest) \
        == pytest.approx(exact, abs=0.01)


def test_workers_share_the_limit_of_requests_exactly(scenario, run, fast_simulator):
    path = scenario(target=fast_simulator.url, load=LOAD, limits='{requests: 20}')
    sent = []
    for index in range(3):
        done = run(path, '--workers', '3', '--worker-index', str(index))
        sent.append(done.summary['all']['requests'])
        assert done.summary['workers'][0]['limit_requests'] == sent[-1]
    assert sent == [7, 7, 6]
    said = throng('check', path, '--workers', '3', '--worker-index', '2').stdout
    assert 'its share of limits.requests is 6 of 20' in ' '.join(said.split())
