"""Several scenarios in one command, as `make gateway` runs them."""
import signal

from program import throng

PASSED, COMMAND_LINE, THRESHOLDS, SCENARIO, SIGNAL = 0, 2, 99, 104, 105


def names(out):
    return sorted(folder.name.split('-')[0] for folder in out.iterdir())


def test_scenarios_run_one_after_the_other_and_the_gravest_code_is_that_of_all(
        scenario, fast_simulator, tmp_path):
    first = scenario('a.yaml', scenario='crossed', target=fast_simulator.url,
                     thresholds='{error_rate: "rate>50%"}')
    second = scenario('b.yaml', scenario='passes', target=fast_simulator.url)
    done = throng('run', first, second, '--out', tmp_path / 'out', check=THRESHOLDS)
    assert done.stdout.index('FAILED  crossed') < done.stdout.index('PASSED  passes')
    assert names(tmp_path / 'out') == ['crossed', 'passes']


def test_a_mistake_in_the_last_keeps_the_first_from_beginning(scenario, fast_simulator, tmp_path):
    first = scenario('a.yaml', target=fast_simulator.url)
    second = scenario('b.yaml', target=fast_simulator.url, load='[]')
    done = throng('run', first, second, '--out', tmp_path / 'out', check=SCENARIO)
    assert 'b.yaml:' in done.stderr
    assert not (tmp_path / 'out').exists()


def test_one_id_is_not_given_to_two_runs(scenario, fast_simulator):
    path = scenario(target=fast_simulator.url)
    done = throng('run', path, path, '--run-id', 'mine', check=COMMAND_LINE)
    assert 'one scenario' in done.stderr


def test_a_signal_ends_the_series(scenario, fast_simulator, processes, tmp_path):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 2, for: 30s}]')
    process = processes('run', path, path, '--out', tmp_path / 'out', '--headless')
    process.wait_for_line('sustained')
    process.signal(signal.SIGINT)
    assert process.wait() == SIGNAL
    assert len(list((tmp_path / 'out').iterdir())) == 1
