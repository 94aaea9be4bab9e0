"""MSR-12: a proxy that buffers the stream is found, and one that does not is not."""
import re

import pytest

from nginx import BINARY, Nginx
from program import throng, wait_until

pytestmark = [pytest.mark.alone,
              pytest.mark.skipif(not BINARY, reason='needs nginx')]

# HTTP/1.0 to the server is nginx's default: it collects whole buffers of such answers.
SERVER = """
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {upstream};
      proxy_buffering {buffering};
      proxy_buffer_size {bytes};
      proxy_buffers 16 {bytes};
      proxy_busy_buffers_size {bytes};
    }}
"""

LOAD = '[{phase: sustained, users: 4, for: 1h}]'
# Many, since on a busy machine throng is late for some, and these are not judged; and not all at once, lest one
# answer waits for another to be read.
PLAN = {'load': LOAD, 'limits': '{requests: 60}',
        'users': '{a: {flow: [{chat: {model: m, question: mixed, max_tokens: 80}}, {think: 10ms..90ms}]}}'}


@pytest.fixture
def proxy(tmp_path):
    """proxy(upstream, 'on', '64k') → URL of an nginx before it."""
    started = []

    def start(upstream, buffering, size):
        folder = tmp_path / f'nginx-{len(started)}'
        folder.mkdir()
        server = Nginx(folder, SERVER, upstream=upstream, buffering=buffering, bytes=size)
        started.append(server)
        wait_until(server.listens, 'nginx listens')
        return f'http://127.0.0.1:{server.port}'

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def upstream(simulate):
    return simulate('--ttft', '30ms', '--gap', '4ms', '--tokens', '80').url


@pytest.mark.parametrize('size', ['64k', '8k'], ids=['whole answers', 'pieces of answers'])
def test_a_proxy_that_buffers_is_told(scenario, run, upstream, proxy, size):
    results = run(scenario(target=proxy(upstream, 'on', size), **PLAN), '--no-preflight')
    stream = results.summary['stream']
    assert stream['verdict'] == 'held_back', stream
    assert stream['chunks_per_read'] > 10
    found = [advice for advice in results.summary['advice'] if advice['topic'] == 'bottleneck']
    assert (found[0]['rule'], found[0]['confidence']) == ('proxy_buffering', 'sure'), found
    if size == '64k':
        assert all(s['reads'] < 5 for s in results.samples())
    else:
        assert any(s['last_output_ns'] - s['first_output_ns'] > 80e6 for s in results.samples())


def test_a_proxy_that_does_not_buffer_is_not_blamed(scenario, run, upstream, proxy):
    results = run(scenario(target=proxy(upstream, 'off', '64k'), **PLAN), '--no-preflight')
    stream = results.summary['stream']
    assert stream['verdict'] != 'held_back', stream
    assert stream['bunched_answers'] == 0
    assert 'proxy_buffering' not in {advice['rule'] for advice in results.summary['advice']}
    assert stream['tokens_per_chunk'] == 1


def test_the_verdict_stands_in_the_terminal(scenario, upstream, proxy, tmp_path):
    path = scenario(target=proxy(upstream, 'on', '64k'), **PLAN)
    done = throng('run', path, '--headless', '--no-preflight', '--out', tmp_path / 'out', check=0)
    assert re.search(r'Streams held back: the chunks of \d+% of \d+ answers came in bunches',
                     ' '.join(done.stdout.split())), done.stdout


def test_chunks_of_several_tokens_are_counted_as_such(scenario, run, simulate):
    url = simulate('--ttft', '10ms', '--gap', '4ms', '--tokens', '80', '--tokens-per-chunk', '4').url
    assert run(scenario(target=url, **PLAN)).summary['stream']['tokens_per_chunk'] == 4
