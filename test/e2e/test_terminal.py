"""RUN-9: live progress in a terminal, plain lines without one."""
import re
import shlex
import shutil
import subprocess
import uuid

import pytest

from program import THRONG, environment, throng, wait_until

WIDTH, HEIGHT = 100, 40

pytestmark = pytest.mark.skipif(not shutil.which('tmux'), reason='needs tmux')


class Terminal:
    """A tmux session that runs one command and stays to be looked at."""

    def __init__(self, *words, env=None, width=WIDTH):
        self.socket = f'throng-{uuid.uuid4().hex}'
        command = shlex.join([THRONG, *map(str, words)])
        self.tmux('new-session', '-d', '-x', str(width), '-y', str(HEIGHT),
                  'env', *(f'{key}={value}' for key, value in (env or {}).items()),
                  'sh', '-c', f'{command}; echo "exit code $?"; cat')

    def tmux(self, *words):
        return subprocess.run(['tmux', '-L', self.socket, '-f', '/dev/null', *words], check=True,
                              capture_output=True, text=True, env=environment(TERM='xterm'),
                              timeout=20).stdout

    def screen(self, *options):
        return self.tmux('capture-pane', '-p', '-S', '-200', *options)

    def wait_for(self, pattern):
        return wait_until(lambda: (lambda text: text if re.search(pattern, text) else None)(
            self.screen()), f'{pattern!r} on the screen')

    def close(self):
        subprocess.run(['tmux', '-L', self.socket, 'kill-server'], capture_output=True)


@pytest.fixture
def terminal():
    opened = []

    def open_one(*words, **options):
        opened.append(Terminal(*words, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def words(scenario, fast_simulator, tmp_path):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 4, for: 1500ms}]')
    return ['run', path, '--out', tmp_path]


@pytest.mark.parametrize('width', [WIDTH, 60])
def test_live_progress_is_one_block_that_is_drawn_over_itself(terminal, words, width):
    live = terminal(*words, width=width)
    seen = live.wait_for(r'4/4|4 users|users 4')
    assert seen.count('ttft') <= 2
    later = wait_until(lambda: (lambda text: text if text != seen else None)(live.screen()),
                       'the progress moves on')
    assert len([line for line in later.splitlines() if line.strip()]) <= HEIGHT // 2

    told = live.wait_for(r'exit code \d+')
    assert 'PASSED' in told and 'exit code 0' in told
    assert told.count('PASSED') == 1
    assert all(len(line) <= width for line in told.splitlines())


def test_the_bar_is_gone_when_the_summary_stands(terminal, words):
    told = terminal(*words).wait_for(r'exit code 0')
    body = told[told.index('PASSED'):]
    assert not re.search(r'[█▏▎▍▌▋▊▉]{3}', body.split('Latency')[0])


def test_colour_is_for_terminals_and_no_color_switches_it_off(terminal, words):
    coloured = terminal(*words)
    coloured.wait_for(r'exit code 0')
    assert '\x1b[' in coloured.screen('-e')
    plain = terminal(*words, env={'NO_COLOR': '1'})
    plain.wait_for(r'exit code 0')
    assert '\x1b[3' not in plain.screen('-e')


def test_a_pipe_gets_plain_lines(words):
    told = throng(*words, check=0).stdout
    assert '\x1b' not in told and '\r' not in told
    assert 'PASSED' in told
