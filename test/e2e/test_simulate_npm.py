"""SIM-1: the official clients for JavaScript get along with the simulator: OpenAI's, Anthropic's
and MCP's.
"""
import fcntl
import json
import pathlib
import shutil
import subprocess

import pytest

from conftest import FAST
from program import ROOT

PACKAGES = ('openai@6.10.0', '@anthropic-ai/sdk@1.14.0', '@modelcontextprotocol/sdk@1.32.2')
SCRIPTS = pathlib.Path(__file__).parent

pytestmark = pytest.mark.skipif(not (shutil.which('node') and shutil.which('npm')),
                                reason='needs node and npm')


@pytest.fixture(scope='module')
def packages():
    """The folder that holds the clients."""
    folder = ROOT / 'build-test/npm'
    installed = folder / 'installed'
    folder.mkdir(parents=True, exist_ok=True)
    # Tests of other files want them too, in another process at the same time.
    with open(folder / 'lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_text() != ' '.join(PACKAGES):
            (folder / 'package.json').write_text('{"private": true}')
            subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund', '--no-save',
                            *PACKAGES], cwd=folder, check=True, timeout=240)
            installed.write_text(' '.join(PACKAGES))
    return folder


def told_by(script, packages, *words):
    """What a script saw, by the name of the call."""
    # It is copied to where its import finds the packages.
    copy = shutil.copy(SCRIPTS / script, packages)
    done = subprocess.run(['node', copy, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope='module')
def openai(packages, fast_simulator):
    return told_by('openai_client.mjs', packages, fast_simulator.url)


@pytest.fixture
def anthropic(packages, simulate):
    """What Anthropic's client is told by a model that thinks 4 tokens and says 12."""
    return told_by('anthropic_client.mjs', packages,
                   simulate(*FAST, '--reasoning-tokens', '4').url)


@pytest.fixture(params=['json', 'stream'])
def mcp(packages, simulate, request):
    """What MCP's client is told by a server that answers in either of the two ways."""
    return told_by('mcp_client.mjs', packages, simulate('--mcp-answer', request.param,
                                                        '--tool', '1ms').url)


def test_a_plain_answer_is_whole(openai):
    assert openai['plain']['finish'] == 'stop'
    assert openai['plain']['tokens'] == 12
    assert openai['plain']['text']


def test_a_stream_has_the_same_words_a_chunk_each_and_usage_at_its_end(openai):
    assert openai['streamed']['text'] == openai['plain']['text']
    assert openai['streamed']['chunks'] == 12
    assert openai['streamed']['tokens'] == 12


def test_completions_of_two_prompts_are_the_same_streamed_and_plain(openai):
    assert len(set(openai['completion']['texts'])) == 2
    assert openai['completion']['tokens'] == 24
    assert openai['completion']['streamed'] == openai['completion']['texts']


def test_a_response_is_put_together_from_its_events(openai):
    assert openai['response']['status'] == 'completed'
    assert openai['response']['tokens'] == 12
    assert openai['response']['deltas'] == 12
    assert openai['response']['streamed'] == openai['response']['text'] != ''


def test_embeddings_in_base64_are_the_floats(openai):
    assert [len(vector) for vector in openai['embeddings']['floats']] == [16, 16]
    for decoded, floats in zip(openai['embeddings']['decoded'], openai['embeddings']['floats']):
        assert decoded == pytest.approx(floats, abs=1e-7)


def test_models_are_listed(openai):
    assert openai['models']


def test_an_error_has_status_and_type(openai):
    assert openai['error'] == {'status': 400, 'type': 'invalid_request_error'}


def test_a_message_thinks_before_it_answers(anthropic):
    assert anthropic['plain']['types'] == ['thinking', 'text']
    assert anthropic['plain']['stop'] == 'end_turn'
    assert anthropic['plain']['tokens'] == 16


def test_a_message_is_put_together_from_its_events(anthropic):
    assert anthropic['streamed'] == anthropic['plain']
    assert anthropic['deltas'] == 12


def test_a_message_is_cut_at_max_tokens(anthropic):
    assert anthropic['cut']['stop'] == 'max_tokens'
    assert anthropic['cut']['tokens'] == 6


def test_a_bad_message_is_the_error_that_the_client_knows(anthropic):
    assert anthropic['error'] == {'name': 'BadRequestError', 'status': 400,
                                  'type': 'invalid_request_error'}


def test_a_session_is_opened_lists_tools_and_is_ended(mcp):
    assert mcp['server'] == 'throng-simulator'
    assert mcp['revision'] == '2025-06-18'
    assert mcp['session']
    assert mcp['tools'] == ['read_file', 'write_file', 'git_status', 'git_log', 'web_scrape']
    assert mcp['ended'] == 404


def test_tools_work_on_files_of_the_session(mcp):
    assert mcp['missing']['failed']
    assert not mcp['written']['failed']
    assert mcp['read'] == {'text': 'two words', 'failed': False}
    assert '?? new.txt' in mcp['status']['text']
    assert len(mcp['log']['text'].splitlines()) == 3
    assert mcp['page']['text'].startswith('# https://example.test/')
    assert mcp['elsewhere']


def test_what_leads_out_of_the_sandbox_is_refused_by_the_tool(mcp):
    assert mcp['outside']['failed']
    assert 'sandbox violation' in mcp['outside']['text']


def test_a_tool_that_does_not_exist_is_an_error_of_the_protocol(mcp):
    assert mcp['unknown'] == -32602
