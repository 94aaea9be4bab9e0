"""RUN-3: what the exit code says. Each code that can come about has its test here."""
import json
import resource
import signal

import pytest

from conftest import FAST
from program import Results, throng

PASSED, COMMAND_LINE, THRESHOLDS, SCENARIO, SIGNAL = 0, 2, 99, 104, 105
LISTEN, STOP_RULE, COST, PREFLIGHT, NOT_SAVED, UNTRUSTED = 106, 108, 111, 113, 115, 116


def codes(summary):
    return [verdict['code'] for verdict in summary['verdicts']]


def test_a_run_that_holds_its_thresholds_passes_with_0(scenario, run, fast_simulator):
    summary = run(scenario(target=fast_simulator.url, thresholds='{error_rate: "rate<1%"}')).summary
    assert summary['verdicts'] == []
    assert summary['run']['stop_reason'] == 'completed'
    assert summary['totals']['requests'] > 4


@pytest.mark.parametrize('words, told', [
    (['fly'], 'fly'),
    (['run'], 'SCENARIO'),
    (['run', 'x.yaml', '--fast'], '--fast'),
    (['run', 'x.yaml', '--users', 'many'], 'many'),
    (['run', 'x.yaml', '--duration', 'soon'], 'soon'),
    (['run', 'x.yaml', '--users'], '--users'),
    (['check', 'a.yaml', 'b.yaml'], 'many words'),
    (['run', 'x.yaml', '--log-level', 'loud'], 'loud'),
    (['run', 'x.yaml', '--workers', '2', '--worker-index', '2'], '--worker-index'),
    (['simulate', '--gap', 'never'], 'never'),
    (['schema', 'weather'], 'weather'),
])
def test_a_bad_command_line_is_2_and_names_the_word(words, told):
    assert told in throng(*words, check=COMMAND_LINE).stderr


def test_a_run_id_that_would_leave_the_results_folder_is_2(scenario, fast_simulator):
    done = throng('run', scenario(target=fast_simulator.url), '--run-id', '../up',
                  check=COMMAND_LINE)
    assert '../up' in done.stderr


def test_a_crossed_threshold_is_99_and_told_with_its_figure(scenario, run, fast_simulator):
    summary = run(scenario(target=fast_simulator.url, thresholds='{ttft: ["p(50)<1ms"]}'),
                  code=THRESHOLDS).summary
    assert codes(summary) == [THRESHOLDS]
    [threshold] = summary['thresholds']
    assert not threshold['passed']
    assert threshold['value'] >= 30
    assert summary['run']['exit_code'] == THRESHOLDS


def test_a_threshold_without_data_is_a_failure_too(scenario, run, fast_simulator):
    summary = run(scenario(target=fast_simulator.url, thresholds='{ttfo: ["p(50)<1h"]}'),
                  code=THRESHOLDS).summary
    assert 'no data' in summary['verdicts'][0]['sentence']


def test_a_missing_scenario_is_104():
    assert 'no-such.yaml' in throng('run', 'no-such.yaml', check=SCENARIO).stderr


@pytest.mark.parametrize('sends', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_105_and_the_results_are_whole(processes, scenario, tmp_path, simulate, sends):
    simulator = simulate(*FAST)
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 3, for: 1h}]')
    running = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'stopped')
    simulator.wait_for_streams(3)
    running.signal(sends)
    assert running.wait() == SIGNAL
    results = Results(tmp_path / 'stopped')
    assert codes(results.summary) == [SIGNAL]
    assert results.summary['run']['stop_reason'] == 'signal'
    assert len(results.samples()) == results.summary['all']['requests'] > 0


def test_an_address_in_use_is_106(fast_simulator):
    address = fast_simulator.url.removeprefix('http://')
    assert 'in use' in throng('simulate', '--listen', address, check=LISTEN).stderr


def test_too_many_errors_are_108_soon_after_the_limit(scenario, run, simulate):
    simulator = simulate('--error-rate', '1')
    summary = run(scenario(target=simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                           limits='{error_rate: {above: 10%, over: 1s, min_requests: 20}}'),
                  code=STOP_RULE).summary
    assert summary['run']['stop_reason'] == 'error_rate'
    assert summary['run']['duration_s'] < 30
    assert [error['kind'] for error in summary['errors']] == ['http_5xx']


def test_fault_26_refused_keys_stop_the_run_with_108_and_name_the_key(scenario, run, simulate):
    simulator = simulate('--api-key-env', 'RIGHT', env={'RIGHT': 'sk-right'})
    summary = run(scenario(target=f'{{url: "{simulator.url}", api_key: "${{WRONG}}"}}',
                           load='[{phase: sustained, users: 4, for: 1h}]'),
                  '--no-preflight', code=STOP_RULE, env={'WRONG': 'sk-wrong-key-xyz'}).summary
    assert [error['kind'] for error in summary['errors']] == ['unauthorized']
    sentence = summary['verdicts'][0]['sentence']
    assert simulator.url in sentence and 'api_key' in sentence
    assert 'sk-wrong' not in json.dumps(summary)


def test_an_abort_on_fail_threshold_stops_the_run_with_108(scenario, run, fast_simulator):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                    thresholds='{ttft: [{threshold: "p(50)<1ms", abort_on_fail: true}]}')
    summary = run(path, code=STOP_RULE).summary
    assert summary['run']['stop_reason'] == 'threshold'
    assert set(codes(summary)) == {STOP_RULE, THRESHOLDS}


def test_fault_53_a_cost_limit_is_111_and_never_overspent(scenario, run, fast_simulator):
    summary = run(scenario(target=fast_simulator.url,
                           models='{m: {price: {prompt: 1.00, completion: 10.00}}}',
                           load='[{phase: sustained, users: 2, for: 1h}]',
                           limits='{cost: 0.01 USD}'), code=COST).summary
    assert summary['run']['stop_reason'] == 'cost'
    assert 0.005 < summary['all']['cost_usd'] <= 0.01


def test_limits_of_requests_and_duration_are_a_normal_end(scenario, run, fast_simulator):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                    limits='{requests: 25}')
    summary = run(path).summary
    assert summary['run']['stop_reason'] == 'requests'
    assert summary['all']['requests'] == 25

    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                    limits='{duration: 400ms}')
    summary = run(path).summary
    assert summary['run']['stop_reason'] == 'duration'
    assert 0.4 <= summary['run']['duration_s'] < 20


def test_rates_are_those_of_the_load_and_not_of_the_wait_behind_it(scenario, run, simulate):
    simulator = simulate('--ttft', '1500ms', '--tokens', '2')
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                    limits='{duration: 1s}', thresholds='{requests_per_second: "value>1"}')
    summary = run(path).summary
    window = summary['window']['end_s'] - summary['window']['start_s']
    assert 1 <= window < 1.4 < summary['run']['duration_s']
    rate = summary['totals']['requests'] / window
    assert summary['totals']['requests_per_second'] == pytest.approx(rate, rel=0.01)
    assert summary['thresholds'][0]['value'] == pytest.approx(rate, rel=0.01)


def test_fault_38_more_users_than_descriptors_are_113_before_any_load(scenario, fast_simulator,
                                                                      tmp_path):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 500, for: 1s}]')
    done = throng('run', path, '--out', tmp_path / 'never', check=PREFLIGHT,
                  limits={resource.RLIMIT_NOFILE: 200})
    assert 'descriptors' in done.stderr and 'ulimit' in done.stderr
    assert not (tmp_path / 'never').exists()


def test_a_server_that_nobody_runs_is_113_and_its_address_is_told(scenario, tmp_path):
    done = throng('run', scenario(target='http://127.0.0.1:9'), '--out', tmp_path / 'never',
                  check=PREFLIGHT)
    assert 'http://127.0.0.1:9' in done.stderr
    assert not (tmp_path / 'never').exists()


def test_without_preflight_a_server_that_nobody_runs_is_a_failed_connection(scenario, run):
    summary = run(scenario(target='http://127.0.0.1:9', limits='{requests: 10}'),
                  '--no-preflight', code=UNTRUSTED).summary
    assert [error['kind'] for error in summary['errors']] == ['connect']
    ttft = summary['metrics']['ttft']
    assert (ttft['count'], ttft['censored']) == (0, 10)


def test_a_results_folder_that_cannot_be_made_is_113(scenario, fast_simulator, tmp_path):
    (tmp_path / 'file').write_text('')
    done = throng('run', scenario(target=fast_simulator.url), '--out', tmp_path / 'file',
                  check=PREFLIGHT)
    assert '--out' in done.stderr


def test_fault_40_a_full_disk_is_115_and_the_summary_goes_to_standard_output(
        scenario, fast_simulator, tmp_path):
    """A file may not pass 2000 bytes here: writing fails in the middle, as on a full disk."""
    path = scenario(target=fast_simulator.url, limits='{requests: 20}')
    done = throng('run', path, '--quiet', '--out', tmp_path, check=NOT_SAVED,
                  limits={resource.RLIMIT_FSIZE: 2000})
    summary = json.loads(done.stdout)
    assert summary['all']['requests'] == 20
    assert NOT_SAVED in codes(summary)


def test_a_run_that_measured_nothing_is_116(scenario, run, fast_simulator):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 1, for: 300ms}]',
                    users='{late: {flow: [{think: 1h}, {chat: {model: m, question: mixed}}]}}',
                    graceful_stop='100ms')
    summary = run(path, code=UNTRUSTED).summary
    assert 'Nothing was measured' in summary['verdicts'][0]['sentence']


def test_all_verdicts_are_told_and_the_gravest_is_the_exit_code(scenario, run, simulate):
    simulator = simulate('--error-rate', '1')
    summary = run(scenario(target=simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                           limits='{error_rate: {above: 10%, over: 1s, min_requests: 20}}',
                           thresholds='{error_rate: "rate<1%"}'), code=STOP_RULE).summary
    assert sorted(codes(summary)) == [THRESHOLDS, STOP_RULE]


def test_the_manual_page_names_every_exit_code():
    page = throng('man', check=0).stdout
    for code in (0, 1, 2, 99, 104, 105, 106, 108, 111, 113, 115, 116):
        assert f'\n.B {code}\n' in page


@pytest.mark.parametrize('url, told', [
    ('http://127.0.0.1:9', 'is the server up'),
    ('http://no-such-host.invalid', 'is the name spelt right'),
])
def test_a_target_that_cannot_be_reached_is_113_before_any_load(scenario, tmp_path, url, told):
    done = throng('run', scenario(target=url), '--out', tmp_path / 'results', check=PREFLIGHT)
    assert url in done.stderr and told in done.stderr
    assert not (tmp_path / 'results').exists()


def test_preflight_only_makes_the_checks_and_leaves(scenario, tmp_path, fast_simulator):
    done = throng('run', scenario(target=fast_simulator.url), '--preflight-only', '--out',
                  tmp_path / 'results', check=PASSED)
    assert 'Pre-flight passed' in done.stdout
    assert not (tmp_path / 'results').exists()


def test_without_preflight_the_refusals_are_measured(scenario, run):
    summary = run(scenario(target='http://127.0.0.1:9', load='[{phase: sustained, users: 1, for: 1s}]'),
                  '--no-preflight', code=UNTRUSTED).summary
    assert [error['kind'] for error in summary['errors']] == ['connect']
    assert 'not one of' in summary['verdicts'][0]['sentence']


def test_a_signal_before_the_first_request_is_105_too_and_leaves_results(processes, scenario,
                                                                         tmp_path, simulate):
    path = scenario(target=simulate(*FAST).url, load='[{phase: sustained, users: 3, for: 1h}]')
    running = processes('run', path, '--quiet', '--out', tmp_path, '--run-id', 'early')
    while not (tmp_path / 'early').exists():  # made before the loop runs; ends at the latest when
        assert running.process.poll() is None  # the run does
    running.signal(signal.SIGTERM)
    assert running.wait() == SIGNAL
    assert codes(Results(tmp_path / 'early').summary)[0] in (SIGNAL, UNTRUSTED)


def test_a_second_run_of_one_name_is_named_as_its_folder_is(scenario, tmp_path, fast_simulator):
    path = scenario(target=fast_simulator.url)
    for name in ('twice', 'twice-2'):
        throng('run', path, '--quiet', '--out', tmp_path, '--run-id', 'twice', check=PASSED)
        assert Results(tmp_path / name).summary['run']['id'] == name
