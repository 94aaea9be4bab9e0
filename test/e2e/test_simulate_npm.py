"""SIM-1: the official OpenAI client for JavaScript gets along with the simulator too."""
import json
import pathlib
import shutil
import subprocess

import pytest

from program import ROOT

PACKAGE = 'openai@6.10.0'
SCRIPT = pathlib.Path(__file__).with_name('openai_client.mjs')

pytestmark = pytest.mark.skipif(not (shutil.which('node') and shutil.which('npm')),
                                reason='needs node and npm')


@pytest.fixture(scope='module')
def told(fast_simulator):
    """What the script saw, by the name of the call."""
    folder = ROOT / 'build-test/npm'
    if not (folder / f'{PACKAGE}.installed').exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'package.json').write_text('{"private": true}')
        subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund', '--no-save',
                        PACKAGE], cwd=folder, check=True, timeout=120)
        (folder / f'{PACKAGE}.installed').touch()
    # The script is copied to where its import finds the package.
    script = shutil.copy(SCRIPT, folder)
    done = subprocess.run(['node', script, fast_simulator.url], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_plain_answer_is_whole(told):
    assert told['plain']['finish'] == 'stop'
    assert told['plain']['tokens'] == 12
    assert told['plain']['text']


def test_a_stream_has_the_same_words_a_chunk_each_and_usage_at_its_end(told):
    assert told['streamed']['text'] == told['plain']['text']
    assert told['streamed']['chunks'] == 12
    assert told['streamed']['tokens'] == 12


def test_models_are_listed(told):
    assert told['models']


def test_an_error_has_status_and_type(told):
    assert told['error'] == {'status': 400, 'type': 'invalid_request_error'}
