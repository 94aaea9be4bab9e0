"""LIB-7: other tools' words become scenarios. UPDATE_GOLDEN=1 writes the golden files anew."""
import os
import shutil
import subprocess

import pytest

from program import DEADLINE_S, ROOT, THRONG, environment, throng

GOLDEN = ROOT / 'test/golden/convert'
CASES = sorted(path.name for path in GOLDEN.iterdir())


def input_of(case):
    return next((GOLDEN / case).glob('input.*'))


def notes_of(scenario):
    """The notes in the comments at a scenario's head, a sentence each."""
    lines = [line[1:] for line in scenario.splitlines() if line.startswith('#')]
    text = '\n'.join(['', *lines[3:]])
    return [' '.join(note.split()) for note in text.split('\n - ')[1:]]


@pytest.mark.parametrize('case', CASES)
def test_another_tools_words_become_a_scenario(case):
    expected = GOLDEN / case / 'expected.yaml'
    made = throng('convert', input_of(case), check=0).stdout
    if os.environ.get('UPDATE_GOLDEN'):
        expected.write_text(made)
    assert made == expected.read_text()


@pytest.mark.parametrize('case', CASES)
def test_a_converted_scenario_is_valid(case, tmp_path):
    shutil.copytree(GOLDEN / case, tmp_path, dirs_exist_ok=True)
    throng('convert', input_of(case), '-o', tmp_path / 'made.yaml', check=0)
    assert 'The scenario is valid.' in throng('check', 'made.yaml', cwd=tmp_path, check=0).stdout


@pytest.mark.parametrize('case', CASES)
def test_what_was_not_carried_over_is_told_twice(case):
    done = throng('convert', input_of(case), check=0)
    told = [' '.join(line.split(': ', 1)[1].split()) for line in done.stderr.splitlines()]
    assert told and notes_of(done.stdout) == told


@pytest.mark.parametrize('form', ['k6', 'artillery', 'vllm'])
def test_whose_words_they_are_is_seen_or_said(form):
    for case in CASES:
        if case.startswith(form):
            seen = throng('convert', input_of(case), check=0).stdout
            assert throng('convert', '--from', form, input_of(case), check=0).stdout == seen


def test_standard_input_is_read(tmp_path):
    text = '{"vus": 3, "duration": "10s"}'
    path = tmp_path / 'options.json'
    path.write_text(text)
    done = subprocess.run([THRONG, 'convert', '-'], input=text, text=True, capture_output=True,
                          env=environment(), timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout == throng('convert', path, check=0).stdout


@pytest.mark.parametrize('text, told', [
    ('hello', 'say whose it is: --from k6, artillery or vllm'),
    ('{"stages": [', 'input:2:1: error'),
    ('config: {target: x}\nflow: []\nphases: 1', 'a list of `scenarios`'),
    ('config: {phases: []}\nscenarios: [{engine: ws, flow: []}]', 'none of its scenarios'),
])
def test_what_is_none_of_them_is_104_with_its_place(text, told, tmp_path):
    path = tmp_path / 'input'
    path.write_text(text)
    done = throng('convert', path, check=104)
    assert told in done.stderr and done.stdout == ''


def test_a_file_that_is_not_there_is_104():
    assert 'No such file' in throng('convert', 'nowhere.yaml', check=104).stderr


def test_a_converted_load_runs(tmp_path, run):
    """Against the simulator, with a path that it knows: as many requests as k6 makes iterations."""
    path = tmp_path / 'made.yaml'
    throng('convert', input_of('k6_iterations'), '-o', path, check=0)
    totals = run(path, '--set', 'users.default.flow.0.http=GET /v1/models').summary['totals']
    assert totals['requests'] == 200 and totals['failed'] == 0


def test_a_converted_benchmark_runs(tmp_path, run):
    """Against the simulator, shortened: as many requests as it was told to send."""
    path = tmp_path / 'made.yaml'
    throng('convert', input_of('vllm_random'), '-o', path, check=0)
    totals = run(path, '--set', 'limits.requests=12', '--set', 'load.0.users=4',
                 '--set', 'users.asker.flow.0.completion.synthetic={input: 20, output: 5}',
                 env={'BASE_URL': 'simulator'}).summary['totals']
    assert totals['requests'] == 12 and totals['failed'] == 0


def test_a_stage_that_cannot_be_read_is_told(tmp_path):
    script = tmp_path / 'terse.js'
    script.write_text("""import http from 'k6/http';
export const options = {stages: [{target: 5, duration: '10s'}, {target: 0, duration:'5s'}]};
export default function () { http.get('http://localhost/'); }
""")
    told = throng('convert', script, check=0)
    assert 'a stage without a `duration` that could be read is left out' in told.stderr
    assert 'over: 10s' in told.stdout
