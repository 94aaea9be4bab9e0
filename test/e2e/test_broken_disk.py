"""FAULTS 40: the results cannot be written. The run goes on in memory, each file that fails is told
by name, the summary goes to standard output, and the exit code is 115."""
import errno
import json
import os
import shutil
import subprocess

import jsonschema
import pytest

from program import ROOT, throng, wait_until

NOT_SAVED = 115
FILES = {'histograms.hlog', 'timeline.csv', 'users.csv', 'summary.md', 'junit.xml', 'report.html', 'summary.json'}


@pytest.fixture(scope='module')
def broken_disk(tmp_path_factory):
    library = tmp_path_factory.mktemp('broken') / 'broken_disk.so'
    subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o', library,
                    ROOT / 'test/e2e/broken_disk.c'], check=True)
    return library


@pytest.fixture
def start(processes, scenario, tmp_path, fast_simulator):
    """start(env, '--option', …) → a run of many requests in the folder tmp_path/out/r."""
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                    limits='{requests: 120}')

    def start_run(env=None, *options):
        process = processes('run', path, '--quiet', '--out', tmp_path / 'out', '--run-id', 'r',
                            *options, env=env)
        process.folder = tmp_path / 'out' / 'r'
        return process

    return start_run


def check_printed(process, why, files):
    """The summary on standard output has the whole run, and a sentence for each file."""
    assert process.wait() == NOT_SAVED, process.text()
    summary = json.loads(''.join(process.output['stdout']))
    jsonschema.validate(summary, json.loads(throng('schema', 'summary', check=0).stdout))
    assert summary['run']['exit_code'] == NOT_SAVED
    assert summary['run']['stop_reason'] == 'requests'
    assert summary['all']['requests'] == 120 and summary['all']['failed'] == 0
    sentences = [verdict['sentence'] for verdict in summary['verdicts']]
    assert {verdict['code'] for verdict in summary['verdicts']} == {NOT_SAVED}
    for name in files:
        [sentence] = [s for s in sentences if s.startswith(name)]
        assert why in sentence
    return sentences


@pytest.mark.parametrize('number', [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO],
                         ids=lambda number: errno.errorcode[number])
def test_fault_40_the_disk_breaks_in_the_middle_of_a_run(start, broken_disk, tmp_path, number):
    process = start({'LD_PRELOAD': str(broken_disk), 'BROKEN_BELOW': str(tmp_path / 'out'),
                     'BROKEN_WHEN': str(tmp_path / 'now'), 'BROKEN_ERRNO': str(number),
                     'ASAN_OPTIONS': 'verify_asan_link_order=0'}, '--requests-jsonl')
    wait_until((process.folder / 'checkpoint.json').exists, 'a checkpoint')
    (tmp_path / 'now').touch()
    why = os.strerror(number)
    sentences = check_printed(process, why, FILES | {'requests.jsonl', 'samples.bin'})
    assert len(sentences) == 9
    # What stood before stands: the scenario, the last checkpoint, and nothing half written.
    left = {path.name for path in process.folder.iterdir()}
    assert left == {'scenario.yaml', 'checkpoint.json', 'samples.bin'}
    json.loads((process.folder / 'checkpoint.json').read_text())


def test_fault_40_the_folder_is_removed_in_the_middle_of_a_run(start):
    process = start()
    wait_until((process.folder / 'checkpoint.json').exists, 'a checkpoint')
    shutil.rmtree(process.folder)
    check_printed(process, 'No such file or directory', FILES)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 36 KiB, where one may be mounted."""
    path = tmp_path / 'out'
    path.mkdir()
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=36k', 'none', path],
                          capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f'nothing can be mounted here: {done.stderr}')
    yield path
    subprocess.run(['umount', '-l', path], check=True)


def test_fault_40_the_disk_is_full(start, small_disk):
    process = start()
    sentences = check_printed(process, 'No space left on device', {'histograms.hlog', 'summary.json'})
    assert any(s.startswith('samples.bin is incomplete: No space left') for s in sentences)


def test_fault_40_one_file_that_cannot_be_written_does_not_keep_the_others(start):
    """summary.md is a folder already."""
    process = start()
    wait_until(process.folder.exists, 'its folder')
    (process.folder / 'summary.md' / 'full').mkdir(parents=True)
    assert process.wait() == NOT_SAVED, process.text()
    assert process.output['stdout'] == []
    summary = json.loads((process.folder / 'summary.json').read_text())
    [verdict] = summary['verdicts']
    assert verdict['code'] == NOT_SAVED
    assert verdict['sentence'] == 'summary.md could not be written: Is a directory.'
    assert 'summary.md could not be written' in (process.folder / 'junit.xml').read_text()
    assert not (process.folder / 'checkpoint.json').exists()
