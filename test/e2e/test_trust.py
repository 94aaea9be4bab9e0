"""MSR-6: how far a run can be trusted, and what it says of a machine that starves it.

Nothing here asserts how fast this machine is: what is compared are runs of the same minute.
"""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys

import openai
import pytest

import truth
from program import Results, throng

pytestmark = pytest.mark.alone

GRADES = 'ABCDF'
HOGS = 4


def grade(results):
    return GRADES.index(results.summary['client']['trust'])


def reason(results, rule):
    """What it says of a rule; None where that is an A."""
    found = [r for r in results.summary['client']['reasons'] if r['rule'] == rule]
    return found[0] if found else None


def run_prepared(tmp_path, path, run_id, prepare=None):
    throng('run', path, '--quiet', '--out', tmp_path / 'results', '--run-id', run_id, check=0,
           prepare=prepare)
    return Results(tmp_path / 'results' / run_id)


@contextlib.contextmanager
def hogs(cpu):
    """Programs that take all of a CPU that they can get."""
    started = [subprocess.Popen([sys.executable, '-c', 'while True: pass'],
                                preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
               for _ in range(HOGS)]
    try:
        yield
    finally:
        for hog in started:
            hog.kill()
            hog.wait()


def test_fault_52_a_run_whose_cpu_others_take_says_so_and_is_trusted_less(
        scenario, simulate, tmp_path):
    """The starved run stands between two calm ones: what else the machine does meets all three."""
    simulator = simulate('--ttft', '30ms', '--gap', '4ms', '--tokens', '12')
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 8, for: 2s}]')
    cpu = min(os.sched_getaffinity(0))

    def starve():
        os.sched_setaffinity(0, {cpu})
        os.nice(10)

    before = run_prepared(tmp_path, path, 'before')
    with hogs(cpu):
        starved = run_prepared(tmp_path, path, 'starved', starve)
    after = run_prepared(tmp_path, path, 'after')

    client = starved.summary['client']
    assert grade(starved) > 0, client
    assert min(grade(before), grade(after)) <= grade(starved)
    assert client['reasons'][0]['grade'] == client['trust']
    assert any(re.search(r'it waited \S+ m?s for a CPU that others had', r['sentence'])
               for r in client['reasons']), client['reasons']
    waits = [results.summary['client']['cpu_wait_s'] for results in (before, starved, after)]
    assert waits[1] > min(waits[0], waits[2])


def gaps_ms(path):
    """Between the outputs of each answer, as the simulator wrote them; sorted."""
    gaps = []
    for events in truth.read(path).values():
        stamps = [event.mono_ns for event in truth.output(events)]
        gaps += [(after - before) / 1e6 for before, after in zip(stamps, stamps[1:])]
    return sorted(gaps)


def test_fault_52_gaps_stay_true_while_others_have_the_cpu(scenario, simulate, tmp_path):
    """Chunks then lie in heaps; what gaps are told of them must be those the server made."""
    log = tmp_path / 'truth'
    simulator = simulate('--ttft', '30ms', '--gap', '20ms', '--tokens', '40', '--ground-truth', log)
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 20, for: 3s}]')
    cpu = min(os.sched_getaffinity(0))

    def starve():
        os.sched_setaffinity(0, {cpu})
        os.nice(10)

    with hogs(cpu):
        starved = run_prepared(tmp_path, path, 'starved', starve)
    simulator.stop()
    written = gaps_ms(log)
    icl = starved.summary['metrics']['icl']
    assert starved.summary['client']['unresolved_chunks'] > 0
    assert icl['p99'], icl
    assert icl['p99'] < 1.25 * written[len(written) * 99 // 100], icl


CGROUP_V1 = pathlib.Path('/sys/fs/cgroup/cpu')
CGROUP_V2 = pathlib.Path('/sys/fs/cgroup')


def set_quota(folder, share):
    period_us = 100000
    quota_us = int(period_us * share)
    if (folder / 'cpu.cfs_quota_us').exists():
        (folder / 'cpu.cfs_period_us').write_text(str(period_us))
        (folder / 'cpu.cfs_quota_us').write_text(str(quota_us))
    else:
        (folder / 'cpu.max').write_text(f'{quota_us} {period_us}')


@contextlib.contextmanager
def cpu_quota(share):
    """A cgroup that gets so much of a CPU; yields the file that processes enter it by."""
    root = CGROUP_V1 if CGROUP_V1.exists() else CGROUP_V2
    folder = root / f'throng-test-{os.getpid()}'
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f'no cgroup may be made here, so throttling is not tested: {error}')
    try:
        try:
            set_quota(folder, share)
        except OSError as error:
            pytest.skip(f'no CPU quota may be set here, so throttling is not tested: {error}')
        yield folder / 'cgroup.procs'
    finally:
        folder.rmdir()


def test_fault_52_a_run_that_the_kernel_throttles_says_so(scenario, simulate, tmp_path):
    simulator = simulate('--ttft', '30ms', '--gap', '4ms', '--tokens', '12')
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 20, for: 2s}]')
    with cpu_quota(0.03) as entrance:
        results = run_prepared(tmp_path, path, 'throttled',
                               lambda: entrance.write_text(str(os.getpid())))
    calm = run_prepared(tmp_path, path, 'calm')

    client = results.summary['client']
    throttled = reason(results, 'throttled')
    assert throttled and throttled['grade'] in 'CDF', client
    assert 'CPU quota of its cgroup' in throttled['sentence']
    assert client['throttled_s'] > 0
    assert client['throttled_share'] > calm.summary['client']['throttled_share']
    assert grade(calm) <= grade(results)


def test_fault_45_a_run_that_was_stopped_is_trusted_less_and_no_gap_is_made_up(
        processes, scenario, simulate, tmp_path):
    """It is stopped for as long as the simulator takes for an answer of 0.8 seconds."""
    simulator = simulate('--ttft', '20ms', '--gap', '20ms', '--tokens', '40')
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 3, for: 1h}]',
                    limits='{requests: 9}')
    undisturbed = run_prepared(tmp_path, path, 'undisturbed')
    process = processes('run', path, '--quiet', '--out', tmp_path / 'results', '--run-id',
                        'stopped')
    simulator.wait_for_streams(3)
    process.signal(signal.SIGSTOP)
    with openai.OpenAI(base_url=simulator.url + '/v1', api_key='-') as client:
        client.chat.completions.create(model='m', messages=[{'role': 'user', 'content': 'Wait.'}])
    process.signal(signal.SIGCONT)
    assert process.wait() == 0
    stopped = Results(tmp_path / 'results' / 'stopped')

    client = stopped.summary['client']
    assert client['stalls'] >= 1
    assert client['longest_stall_s'] > undisturbed.summary['client']['longest_stall_s']
    assert reason(stopped, 'stalls')['grade'] in 'CDF'
    late = next(advice for advice in stopped.summary['advice'] if advice['rule'] == 'client_late')
    assert late['topic'] == 'measurement'
    assert any('stood still' in sentence for sentence in late['evidence']), late
    assert 'stood still' in reason(stopped, 'stalls')['sentence']
    assert grade(stopped) >= grade(undisturbed)
    # What lay there when it went on had come over all that time: no gap is as long.
    assert stopped.summary['metrics']['icl']['max'] < 1000 * client['longest_stall_s']
    assert client['unresolved_chunks'] > 30


def test_many_new_connections_in_one_instant_are_named_as_the_cause(
        scenario, run, fast_simulator):
    path = scenario(target=fast_simulator.url,
                    load='[{phase: sustained, users: 400, for: 1h}]', limits='{requests: 400}')
    results = run(path)
    late = reason(results, 'schedule_lag')
    assert results.summary['client']['most_requests_at_once'] == 400
    assert late, results.summary['client']['schedule_lag']
    assert 'up to 400 were due within 10 ms' in late['sentence']
    assert 'of 400 needed a new connection' in late['sentence']


def test_require_trust_is_an_exit_code(scenario, run, fast_simulator):
    """Without the kernel's stamps nobody knows when chunks came: an F on any machine."""
    path = scenario(target=fast_simulator.url)
    results = run(path, '--no-kernel-stamps', '--require-trust', 'B', code=116)
    assert results.summary['client']['trust'] == 'F'
    assert '--no-kernel-stamps' in reason(results, 'unsure_chunks')['sentence']
    verdict = results.summary['verdicts'][0]
    assert verdict['code'] == 116
    assert verdict['sentence'].startswith('The trust grade is F, and --require-trust asks for B: ')
    run(path, '--no-kernel-stamps', env={'THRONG_REQUIRE_TRUST': 'D'}, code=116)
    run(path, '--no-kernel-stamps')
    done = throng('run', path, '--require-trust', 'E', check=2)
    assert 'require-trust' in done.stderr


def test_answers_in_one_piece_whose_end_is_not_stamped_are_trusted_less(
        scenario, simulate, run):
    """They have no chunks to count; how late their end was seen is in e2e all the same."""
    simulator = simulate('--ttft', '30ms', '--gap', '1ms', '--tokens', '5')
    users = '{a: {flow: [{chat: {model: m, question: mixed, stream: false}}]}}'
    path = scenario(target=simulator.url, users=users)
    stamped = run(path)
    blind = run(path, '--no-kernel-stamps')
    assert blind.summary['metrics']['e2e_width']['count'] == blind.summary['totals']['requests']
    assert (stamped.summary['metrics'].get('e2e_width', {}).get('count', 0) <
            stamped.summary['totals']['requests'])
    assert '--no-kernel-stamps' in reason(blind, 'e2e_width')['sentence']
    assert grade(stamped) <= grade(blind)


def test_trust_is_a_metric_for_thresholds(scenario, run, fast_simulator):
    path = scenario(target=fast_simulator.url, thresholds='{trust: [value>=D, value>=F]}')
    results = run(path, '--no-kernel-stamps', code=99)
    at_least_d, any_grade = results.summary['thresholds']
    assert (at_least_d['unit'], at_least_d['value'], at_least_d['passed']) == ('grade', 0, False)
    assert any_grade['passed']
    assert results.summary['verdicts'][0]['sentence'] == 'trust should satisfy value>=D: F.'


def test_the_grade_is_the_first_thing_that_is_said(scenario, fast_simulator, tmp_path):
    path = scenario(target=fast_simulator.url)
    done = throng('run', path, '--headless', '--no-kernel-stamps', '--out', tmp_path, check=0)
    page = done.stdout[done.stdout.index('PASSED'):].splitlines()
    assert page[0] == 'PASSED  e2e  trust F'
    assert page[2].startswith('  Measurement  ')
    assert page[4].strip().startswith('F: ')


def test_a_run_that_cannot_be_trusted_may_be_ended_at_once(scenario, run, fast_simulator):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                    thresholds='{trust: {threshold: value>=D, abort_on_fail: true}}')
    results = run(path, '--no-kernel-stamps', code=108)
    assert results.summary['run']['stop_reason'] == 'threshold'
