"""RUN-5: a run follows its scenario file: on SIGHUP, on a changed file, on a remounted ConfigMap."""
import json
import os
import pty
import signal
import subprocess

import pytest

from program import THRONG, DEADLINE_S, Results, environment, wait_until

HOUR = '[{phase: sustained, users: %d, for: 1h}]'
FLOW = '[{chat: {model: m, question: mixed, max_tokens: 10}}, {think: 20ms}]'


class Reloading:
    """A run that goes on while its file changes."""

    def __init__(self, start, path, out):
        self.path, self.out = path, out
        self.run = start('run', path, '--quiet', '--out', out)
        wait_until(lambda: self.samples_bin(), 'the load has begun')

    def samples_bin(self):
        return [p for p in self.out.glob('*/samples.bin') if p.stat().st_size > 0]

    def errors(self):
        return ''.join(self.run.output['stderr'])

    def wait_for(self, text):
        wait_until(lambda: text in self.errors() or self.run.process.poll() is not None, text)
        assert text in self.errors(), self.errors()

    def finish(self, code=0):
        assert self.run.wait() == code, self.errors()
        folder, = self.out.iterdir()
        return Results(folder)

    def stop(self):
        self.run.signal()
        return self.finish(105)


@pytest.fixture
def reloading(processes, tmp_path):
    return lambda path: Reloading(processes, path, tmp_path / 'results')


def parts(simulator, **changes):
    return {'target': simulator.url, 'load': HOUR % 2, 'graceful_stop': '1s',
            'users': f'{{asker: {{think_time: 30ms, flow: {FLOW}}}}}', **changes}


def replace(path, scenario, **changed):
    """As editors do it: another file takes the place of the old one."""
    new = scenario(name='new.tmp', **changed)
    os.replace(new, path)


def peak_of(results):
    return results.summary['totals']['users_peak']


def test_a_file_that_is_replaced_is_followed_and_the_log_says_what_changed(
        fast_simulator, scenario, reloading):
    path = scenario(**parts(fast_simulator))
    run = reloading(path)
    replace(path, scenario, **parts(fast_simulator, load=HOUR % 7))
    run.wait_for('was reloaded: load.0.users: 2 → 7')
    results = run.stop()
    assert peak_of(results) == 7
    reload, = results.summary['reloads']
    assert reload['changes'] == 'load.0.users: 2 → 7' and reload['at_s'] > 0


def test_sighup_has_the_file_read_again(fast_simulator, scenario, reloading):
    path = scenario(**parts(fast_simulator))
    run = reloading(path)
    run.run.signal(signal.SIGHUP)
    run.wait_for('nothing has changed in')
    # The new curve is read at the run clock as it is: past its end, the run is over.
    replace(path, scenario, **parts(fast_simulator, load='[{phase: sustained, users: 3, for: 1ms}]'))
    run.run.signal(signal.SIGHUP)
    results = run.finish()
    assert results.summary['run']['stop_reason'] == 'completed'
    assert '1h → 1ms' in run.errors()


def test_a_configmap_that_is_mounted_anew_is_followed(fast_simulator, scenario, reloading, tmp_path):
    """As the kubelet does it: ..data is a link that is turned to another folder."""
    mount = tmp_path / 'mount'
    for name, users in (('..one', 2), ('..two', 5)):
        (mount / name).mkdir(parents=True)
        text = scenario(**parts(fast_simulator, load=HOUR % users)).read_text()
        (mount / name / 'scenario.yaml').write_text(text)
    (mount / '..data').symlink_to('..one')
    (mount / 'scenario.yaml').symlink_to('..data/scenario.yaml')
    run = reloading(mount / 'scenario.yaml')
    (mount / '..data_tmp').symlink_to('..two')
    os.replace(mount / '..data_tmp', mount / '..data')
    run.wait_for('was reloaded: load.0.users: 2 → 5')
    assert peak_of(run.stop()) == 5


def test_a_log_that_grows_beside_the_file_does_not_keep_it_from_being_read(
        fast_simulator, scenario, reloading, tmp_path):
    path = scenario(**parts(fast_simulator))
    run = reloading(path)
    replace(path, scenario, **parts(fast_simulator, load=HOUR % 7))
    with open(tmp_path / 'beside.log', 'w', buffering=1) as log:
        def is_followed():
            log.write('more\n')
            return 'was reloaded' in run.errors()
        wait_until(is_followed, 'the file is followed')
    run.stop()


@pytest.mark.parametrize('changed, key', [
    ({'seed': '8'}, 'seed'),
    ({'users': f'{{asker: {{think_time: 30ms, flow: {FLOW.replace("10", "11")}}}}}'},
     'users.asker.flow.0.chat.max_tokens'),
    ({'target': 'http://127.0.0.1:9'}, 'target'),
    ({'users': f'{{other: {{flow: {FLOW}}}}}'}, 'users.other.flow.0.chat.model'),
])
def test_any_other_change_is_refused_by_its_key_and_line_and_the_run_goes_on(
        fast_simulator, scenario, reloading, changed, key):
    path = scenario(**parts(fast_simulator))
    run = reloading(path)
    replace(path, scenario, **{**parts(fast_simulator, load=HOUR % 7), **changed})
    run.wait_for('is not followed; the run goes on as it was')
    assert f"'{key}' cannot change while the run goes on" in run.errors()
    assert 'scenario.yaml:' in run.errors()
    # Nothing of it is taken, also not what could have been.
    results = run.stop()
    assert peak_of(results) == 2 and results.summary['reloads'] == []


def test_a_broken_file_is_told_with_its_place_and_the_next_good_one_is_followed(
        fast_simulator, scenario, reloading):
    path = scenario(**parts(fast_simulator))
    run = reloading(path)
    replace(path, scenario, **parts(fast_simulator, load='[{phase: sustaned, users: 5, for: 1h}]'))
    run.wait_for('is not followed; the run goes on as it was')
    assert 'sustaned' in run.errors() and 'scenario.yaml:' in run.errors()
    replace(path, scenario, **parts(fast_simulator, load=HOUR % 4))
    run.wait_for('was reloaded: load.0.users: 2 → 4')
    assert peak_of(run.stop()) == 4


def test_limits_thresholds_and_think_times_are_followed(fast_simulator, scenario, reloading):
    path = scenario(**parts(fast_simulator, thresholds='{requests: ["count>0"]}'))
    run = reloading(path)
    replace(path, scenario, **parts(
        fast_simulator, thresholds='{requests: ["count>0"], "requests{step:chat}": ["count<1"]}',
        users=f'{{asker: {{think_time: 30ms, flow: {FLOW.replace("20ms", "30ms")}}}}}',
        limits='{duration: 4s}'))
    run.wait_for('was reloaded: ')
    for change in ('limits.duration: new, 4s', 'users.asker.flow.1.think: 20ms → 30ms',
                   'thresholds.requests{step:chat}.0: new, count<1'):
        assert change in run.errors()
    results = run.finish(99)
    assert results.summary['run']['stop_reason'] == 'duration'
    judged = {t['selector']: t for t in results.summary['thresholds']}
    assert judged['']['passed'] and judged['']['since_s'] == 0
    # What the new selector means is measured from then on, and the verdict says so.
    new = judged['step:chat']
    at_s = results.summary['reloads'][0]['at_s']
    assert new['since_s'] == at_s
    late = [s for s in results.samples() if s['end_ns'] / 1e9 > at_s and 'in_window' in s['flags']]
    assert 0 < new['value'] <= len(late) < judged['']['value']
    verdict, = results.summary['verdicts']
    assert f'measured from {at_s:.1f} s on, when a reload brought it' in verdict['sentence']


def test_rows_of_data_that_users_share_out_keep_the_load_below_its_first_peak(
        fast_simulator, scenario, reloading, tmp_path):
    (tmp_path / 'people.csv').write_text('name\n' + 'x\n' * 100)
    data = '{people: {file: people.csv, order: sequential}}'
    flow = '[{chat: {model: m, prompt: "Hello {{ data.people.name }}"}}, {think: 20ms}]'
    users = f'{{asker: {{flow: {flow}}}}}'
    path = scenario(**parts(fast_simulator, data=data, users=users))
    run = reloading(path)
    replace(path, scenario, **parts(fast_simulator, data=data, users=users, load=HOUR % 9))
    run.wait_for('the same rows of data as others; the run goes on as it was')
    assert peak_of(run.stop()) == 2


def test_under_nohup_sighup_is_ignored(fast_simulator, scenario, tmp_path):
    path = scenario(**parts(fast_simulator, load='[{phase: sustained, users: 2, for: 2s}]'))
    out = tmp_path / 'results'
    process = subprocess.Popen(
        [THRONG, 'run', path, '--quiet', '--out', out], env=environment(), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    wait_until(lambda: list(out.glob('*/samples.bin')), 'the load has begun')
    process.send_signal(signal.SIGHUP)
    _, errors = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0 and 'nothing has changed' not in errors
    folder, = out.iterdir()
    assert json.loads((folder / 'summary.json').read_text())['run']['stop_reason'] == 'completed'


def test_a_run_whose_terminal_goes_stops_with_its_results(fast_simulator, scenario, tmp_path):
    path = scenario(**parts(fast_simulator))
    out = tmp_path / 'results'
    child, terminal = pty.fork()
    if child == 0:
        os.execve(THRONG, [THRONG, 'run', str(path), '--out', str(out)], environment())
    try:
        wait_until(lambda: list(out.glob('*/samples.bin')), 'the load has begun')
        os.close(terminal)
        _, status = os.waitpid(child, 0)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    assert os.waitstatus_to_exitcode(status) == 105
    folder, = out.iterdir()
    assert json.loads((folder / 'summary.json').read_text())['run']['stop_reason'] == 'signal'
