"""FAULTS 48 and 49: a run that is killed leaves what it had measured until a few seconds before."""
import datetime
import json
import os
import random
import resource
import signal
import time

import jsonschema
import pytest

from program import Results, throng, wait_until

HOUR = '[{phase: sustained, users: 3, for: 1h}]'
KILLED = 105
OLDEST_S = 5


def wall_s(moment):
    return datetime.datetime.fromisoformat(moment.replace('Z', '+00:00')).timestamp()


def schema():
    return json.loads(throng('schema', 'summary', check=0).stdout)


@pytest.fixture
def start(processes, scenario, tmp_path, fast_simulator):
    """start('name') → a run that goes on for an hour; its folder is process.folder."""
    path = scenario(target=fast_simulator.url, load=HOUR,
                    thresholds='{ttft: ["p(95)<1h"], tpot: ["p(50)<1us"]}')

    def start_run(name):
        process = processes('run', path, '--quiet', '--out', tmp_path, '--run-id', name)
        process.folder = tmp_path / name
        process.checkpoint = process.folder / 'checkpoint.json'
        return process

    return start_run


def wait_for_checkpoint(process):
    wait_until(process.checkpoint.exists, 'a checkpoint')


def samples_of(folder):
    done = throng('samples', folder / 'samples.bin', check=0)
    assert 'cut off' in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_recovered(folder, checkpoint, schema_of_summary):
    throng('recover', folder, check=KILLED)
    results = Results(folder)
    summary = results.summary
    jsonschema.validate(summary, schema_of_summary)
    assert {path.name for path in folder.iterdir()} >= {
        'summary.json', 'summary.md', 'report.html', 'junit.xml', 'timeline.csv', 'samples.bin'}
    assert not (folder / 'checkpoint.json').exists()
    assert not [path for path in folder.iterdir() if path.name.startswith('.')]
    assert summary['run']['stop_reason'] == 'killed'
    assert summary['run']['exit_code'] == KILLED
    assert {verdict['code'] for verdict in summary['verdicts']} == {105, 115, 99}
    for member in ('totals', 'all', 'metrics', 'by', 'timeline', 'thresholds', 'client'):
        assert summary[member] == checkpoint[member]


def test_fault_48_a_run_that_is_killed_at_any_moment_leaves_what_it_had(start):
    """Several at once, each at a moment of its own, so that many parts of a checkpoint are hit."""
    chance = random.Random(48)
    began = time.monotonic()
    runs = [(start(f'r{i}'), chance.uniform(1.5, 8.5)) for i in range(8)]
    summary_schema = schema()
    for process, after_s in sorted(runs, key=lambda run: run[1]):
        wait_for_checkpoint(process)
        wait_until(lambda: time.monotonic() - began > after_s, 'its moment')
        process.signal(signal.SIGKILL)
        killed_at = time.time()
        assert process.wait() == -signal.SIGKILL
        checkpoint = json.loads(process.checkpoint.read_text())
        jsonschema.validate(checkpoint, summary_schema)
        assert checkpoint['run']['stop_reason'] == 'running'
        assert killed_at - wall_s(checkpoint['run']['ended_at']) <= OLDEST_S
        assert samples_of(process.folder)
        check_recovered(process.folder, checkpoint, summary_schema)


def test_samples_reach_the_disk_every_second(start):
    """What the checkpoint counts as over is in samples.bin a moment later, without any end."""
    process = start('flushed')
    wait_for_checkpoint(process)
    counted = json.loads(process.checkpoint.read_text())['all']
    over = counted['requests'] - 3  # those of the three users may be in flight
    wait_until(lambda: len(samples_of(process.folder)) >= over, 'its samples')
    # They did not wait until a block of 256 KiB was full.
    assert (process.folder / 'samples.bin').stat().st_size < 200_000


def test_a_run_that_goes_on_is_not_recovered(start):
    process = start('alive')
    wait_for_checkpoint(process)
    done = throng('recover', process.folder, check=1)
    assert 'still goes on' in done.stderr
    process.signal()
    assert process.wait() == 105
    assert Results(process.folder).summary['run']['stop_reason'] == 'signal'
    assert not process.checkpoint.exists()


def test_results_that_are_whole_are_left_as_they_are(scenario, run, fast_simulator):
    results = run(scenario(target=fast_simulator.url))
    before = (results.folder / 'summary.json').read_bytes()
    assert 'nothing to recover' in throng('recover', results.folder, check=0).stdout
    assert (results.folder / 'summary.json').read_bytes() == before


def test_a_folder_without_a_checkpoint_says_so(tmp_path):
    (tmp_path / '.download.part').write_text('not of a run')
    assert 'no checkpoint.json' in throng('recover', tmp_path, check=1).stderr
    assert (tmp_path / '.download.part').exists()
    assert 'No such file' in throng('recover', tmp_path / 'nowhere', check=1).stderr
    (tmp_path / 'checkpoint.json').write_text('{"run": {"id": ')
    assert 'no checkpoint.json' in throng('recover', tmp_path, check=1).stderr


def test_what_was_half_written_is_swept_away(start):
    process = start('half')
    wait_for_checkpoint(process)
    process.signal(signal.SIGKILL)
    process.wait()
    (process.folder / '.checkpoint.json.part').write_text('{"half')
    throng('recover', process.folder, check=KILLED)
    assert not (process.folder / '.checkpoint.json.part').exists()


def test_fault_49_a_run_without_memory_leaves_a_partial_result_at_least(start):
    """From a moment on it gets not one page more. It may live or die of it; what it had is there."""
    process = start('starved')
    wait_for_checkpoint(process)
    pages = int((open(f'/proc/{process.process.pid}/statm').read()).split()[0])
    limit = pages * os.sysconf('SC_PAGE_SIZE')
    resource.prlimit(process.process.pid, resource.RLIMIT_AS, (limit, limit))
    samples = process.folder / 'samples.bin'
    before = samples.stat().st_size
    wait_until(lambda: process.process.poll() is not None or
               samples.stat().st_size > before + 20000, 'its end or more samples')
    process.signal()
    code = process.wait()
    if (process.folder / 'summary.json').exists():
        assert code not in (0, 99)
        return
    json.loads(process.checkpoint.read_text())
    assert throng('recover', process.folder).returncode == KILLED
    assert Results(process.folder).summary['totals']['requests'] > 0
