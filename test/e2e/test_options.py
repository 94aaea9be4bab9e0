"""RUN-1: what each option of `throng run` changes."""
import json
import re

import pytest

from program import throng


def test_set_changes_any_key_of_the_scenario(scenario, run, fast_simulator):
    summary = run(scenario(target=fast_simulator.url), '--set', 'load.0.users=2',
                  '--set', 'load.0.for=200ms', '--set', 'scenario=renamed').summary
    assert summary['totals']['users_peak'] == 2
    assert summary['run']['scenario'] == 'renamed'
    assert summary['window']['end_s'] == pytest.approx(0.2, abs=0.05)


def test_set_of_an_unknown_key_is_104_and_says_which(scenario, fast_simulator):
    done = throng('run', scenario(target=fast_simulator.url), '--set', 'lod.0.users=2', check=104)
    assert 'lod' in done.stderr


@pytest.mark.parametrize('option', ['--users', '--vus', '-u'])
def test_users_scale_every_phase_to_the_peak(scenario, run, fast_simulator, option):
    load = '[{phase: sustained, users: 10, for: 200ms}, {phase: spike, users: 40, for: 200ms}]'
    summary = run(scenario(target=fast_simulator.url, load=load), option, '8').summary
    assert summary['totals']['users_peak'] == 8
    assert summary['by']['phase']['sustained']['users_to'] == 2


def test_duration_scales_the_phases_to_their_sum(scenario, run, fast_simulator):
    load = '[{phase: ramp-up, users: 2, over: 1h}, {phase: sustained, for: 3h}]'
    summary = run(scenario(target=fast_simulator.url, load=load), '--duration', '800ms').summary
    assert summary['by']['phase']['ramp-up']['end_s'] == pytest.approx(0.2, abs=0.05)
    assert summary['by']['phase']['sustained']['end_s'] == pytest.approx(0.8, abs=0.05)


def test_base_url_takes_the_place_of_every_target(scenario, run, fast_simulator):
    summary = run(scenario(target='http://127.0.0.1:9'),
                  '--base-url', fast_simulator.url + '/v1/').summary
    assert summary['totals']['failed'] == 0 < summary['totals']['requests']


def test_base_url_of_a_class_changes_that_class_alone(scenario, run, simulate):
    one, other = simulate(), simulate()
    flow = 'flow: [{http: GET /v1/models}, {think: 20ms}]'
    path = scenario(target=one.url, users=f'{{a: {{{flow}}}, b: {{{flow}}}}}')
    summary = run(path, '--base-url', f'b={other.url}').summary
    assert {one.url[7:], other.url[7:]} == set(summary['by']['backend'])
    assert summary['by']['backend'][other.url[7:]]['requests'] == \
        summary['by']['class']['b']['requests']


def test_run_id_and_out_name_the_results_folder(scenario, fast_simulator, tmp_path):
    throng('run', scenario(target=fast_simulator.url), '--quiet', '--out', tmp_path / 'a/b',
           '--run-id', 'my.run-1', check=0)
    assert (tmp_path / 'a/b/my.run-1/summary.json').is_file()


def test_results_of_a_run_are_never_written_over(scenario, fast_simulator, tmp_path):
    words = ('run', scenario(target=fast_simulator.url), '--quiet', '--out', tmp_path, '--run-id',
             'twice')
    throng(*words, check=0)
    before = (tmp_path / 'twice/summary.json').read_bytes()
    throng(*words, check=0)
    assert (tmp_path / 'twice/summary.json').read_bytes() == before
    assert (tmp_path / 'twice-2/summary.json').is_file()


def test_tags_of_the_command_line_join_those_of_the_file(scenario, run, fast_simulator):
    summary = run(scenario(target=fast_simulator.url, tags='{team: red, site: north}'),
                  '--tag', 'team=blue', '--tag', 'commit=abc').summary
    assert summary['run']['tags'] == {'team': 'blue', 'site': 'north', 'commit': 'abc'}


def test_quiet_says_nothing_and_headless_says_plain_lines(scenario, fast_simulator, tmp_path):
    words = ('run', scenario(target=fast_simulator.url), '--out', tmp_path)
    quiet = throng(*words, '--quiet', check=0)
    assert quiet.stdout + quiet.stderr == ''
    headless = throng(*words, '--headless', check=0)
    assert 'PASSED' in headless.stdout
    assert not re.search(r'[\x00-\x09\x0b-\x1f]', headless.stdout)


def test_every_option_is_also_an_environment_variable_and_the_command_line_wins(
        scenario, fast_simulator, tmp_path):
    env = {'THRONG_USERS': '3', 'THRONG_DURATION': '300ms', 'THRONG_RUN_ID': 'by-environment',
           'THRONG_OUT': str(tmp_path), 'THRONG_QUIET': '1', 'THRONG_SEED': '5',
           'THRONG_BASE_URL': fast_simulator.url, 'THRONG_TAG': 'from=environment'}
    throng('run', scenario(target='http://127.0.0.1:9'), '--seed', '6', env=env, check=0)
    summary = json.loads((tmp_path / 'by-environment/summary.json').read_text())
    assert summary['totals']['users_peak'] == 3
    assert summary['run']['seed'] == 6
    assert summary['run']['tags'] == {'from': 'environment'}
    assert summary['totals']['failed'] == 0


def test_preflight_only_sends_no_load_and_leaves_no_results(scenario, fast_simulator, tmp_path):
    throng('run', scenario(target=fast_simulator.url), '--preflight-only', '--out',
           tmp_path / 'none', check=0)
    assert not (tmp_path / 'none').exists()


def test_sim_5_a_run_starts_its_own_simulator_and_ends_it(scenario, run):
    summary = run(scenario(target='simulator', simulator='{ttft: 30ms, gap: 3ms, tokens: 5}'),
                  ).summary
    [target] = summary['targets']
    assert target['simulator']
    assert summary['totals']['completion_tokens'] == 5 * summary['totals']['requests'] > 0
    throng('simulate', '--listen', target['url'].removeprefix('http://'), '--help', check=0)


@pytest.mark.parametrize('command', ['run', 'check', 'schema', 'simulate', 'questions', 'samples',
                                     'man', 'version'])
def test_every_command_has_help(command):
    done = throng(command, '--help', check=0)
    assert done.stdout.startswith(f'Usage: throng {command}')
    assert done.stderr == ''


def test_no_command_prints_help_and_fails():
    done = throng(check=2)
    assert 'Commands:' in done.stderr
