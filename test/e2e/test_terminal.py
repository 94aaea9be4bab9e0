"""RUN-9: live progress in a terminal, plain lines without one."""
import os
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

    def __init__(self, *words, env=None, width=WIDTH, rows_above=0):
        self.socket = f'throng-{uuid.uuid4().hex}'
        command = shlex.join([THRONG, *map(str, words)])
        self.tmux('new-session', '-d', '-x', str(width), '-y', str(HEIGHT),
                  'env', *(f'{key}={value}' for key, value in (env or {}).items()),
                  'sh', '-c', f'trap : INT; seq {rows_above}; {command}; echo "exit code $?"; cat')
        self.tmux('set-option', '-g', 'history-limit', '5000')

    @classmethod
    def of_shell(cls, command, env, width=WIDTH):
        """One that runs any command line."""
        shell = cls.__new__(cls)
        shell.socket = f'throng-{uuid.uuid4().hex}'
        shell.tmux('new-session', '-d', '-x', str(width), '-y', str(HEIGHT), 'env',
                   *(f'{key}={value}' for key, value in env.items()), *shlex.split(command))
        return shell

    def tmux(self, *words):
        return subprocess.run(['tmux', '-L', self.socket, '-f', '/dev/null', *words], check=True,
                              capture_output=True, text=True, env=environment(TERM='xterm'),
                              timeout=20).stdout

    def screen(self, *options):
        return self.tmux('capture-pane', '-p', '-S', '-2000', *options)

    def rows(self):
        """What can be seen, without empty rows and what scrolled away."""
        return [row.rstrip() for row in self.tmux('capture-pane', '-p').splitlines()
                if row.strip()]

    def resize(self, width):
        self.tmux('resize-window', '-x', str(width), '-y', str(HEIGHT))

    def cursor_is_visible(self):
        return self.tmux('list-panes', '-F', '#{cursor_flag}').strip() == '1'

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


@pytest.fixture
def long_words(scenario, fast_simulator, tmp_path):
    """A run that goes on until it is stopped."""
    path = scenario(scenario='"日本語 e2e"', target=fast_simulator.url,
                    load='[{phase: sustained, users: 4, for: 1h}]')
    return ['run', path, '--out', tmp_path]


def block_of(rows):
    """The display: from the row with the bar to that of the client."""
    first = next(i for i, row in enumerate(rows) if re.search('[━─]', row))
    last = next(i for i, row in enumerate(rows) if row.startswith('client '))
    return rows[first:last + 1]


def is_whole(rows, width):
    """Whether there is one display and no rest of another, and it stands below all else."""
    bars = sum(bool(re.search('[━─]', row)) for row in rows)
    clients = sum(row.startswith('client ') for row in rows)
    return bars == clients == 1 and len(block_of(rows)) == 5 and \
        rows[-1].startswith('client ') and all(len(row) < width for row in block_of(rows))


@pytest.mark.parametrize('width', [60, 80, 100, 200])
def test_live_progress_is_one_block_that_is_drawn_over_itself(terminal, long_words, width):
    live = terminal(*long_words, width=width)
    live.wait_for(r'users +4/4')
    assert is_whole(live.rows(), width), live.screen()
    seen = '\n'.join(block_of(live.rows()))
    for label in ('requests', 'errors', 'ttft p50', 'ttft p95', 'icl p95', 'tokens', 'cost',
                  'in flight', 'client '):
        assert seen.count(label) == 1, seen
    assert ('icl p50' in seen) == (width >= 80)
    wait_until(lambda: live.screen().count('/s') and '\n'.join(block_of(live.rows())) != seen,
               'the progress moves on')
    assert is_whole(live.rows(), width), live.screen()
    assert live.rows()[0].startswith('日本語 e2e: 1 phase in ')


def test_fault_41_no_line_breaks_when_the_terminal_changes_its_width(terminal, long_words):
    # A full screen, so that what the terminal breaks anew cannot just scroll away.
    live = terminal(*long_words, width=120, rows_above=HEIGHT)
    live.wait_for(r'ttft p50 +\d')
    for width in (70, 61, 200, 60, 110):
        live.resize(width)
        # That the display was drawn for this width is seen by the figures that it has room for.
        wait_until(lambda: (lambda rows: is_whole(rows, width) and
                            ('icl p50' in '\n'.join(rows)) == (width >= 80))(live.rows()),
                   f'a whole display of {width} columns')
        above = live.rows()[:-5]
        assert above[0].isdigit() and above[-1].split()[0] not in ('sustained', 'users'), above


def test_the_cursor_is_hidden_while_it_would_dance_and_comes_back(terminal, long_words):
    live = terminal(*long_words)
    live.wait_for(r'users +4/4')
    assert not live.cursor_is_visible()
    live.tmux('send-keys', 'C-c')
    told = live.wait_for('exit code 105')
    assert live.cursor_is_visible()
    assert '━' not in told and 'client fine' not in told


def test_ctrl_z_leaves_a_clean_terminal(long_words):
    command = shlex.join([THRONG, *map(str, long_words)])
    live = Terminal.of_shell('bash --norc -i', env={'PS1': 'ready> '})
    try:
        live.wait_for('ready>')
        live.tmux('send-keys', command, 'Enter')
        live.wait_for(r'users +4/4')
        live.tmux('send-keys', 'C-z')
        live.wait_for('Stopped')
        assert live.cursor_is_visible()
        assert '━' not in live.screen()
        live.tmux('send-keys', 'fg', 'Enter')
        live.wait_for(r'users +4/4')
        live.tmux('send-keys', 'C-c')
        live.tmux('send-keys', 'echo code $?', 'Enter')
        live.wait_for('code 105')
        assert live.cursor_is_visible()
    finally:
        live.close()


def test_lines_of_the_log_stand_above_the_display_and_none_is_torn(
        terminal, scenario, simulate, tmp_path):
    simulator = simulate('--error-rate', '0.5', '--ttft', '30ms', '--gap', '4ms')
    path = scenario(target=simulator.url, load='[{phase: sustained, users: 4, for: 3s}]')
    live = terminal('run', path, '--out', tmp_path, '--log-level', 'info', width=140)
    wait_until(lambda: len(re.findall(r'http_5xx \(status', live.screen())) > 10, 'lines of the log')
    rows = live.rows()
    shown = block_of(rows)
    assert rows[-5:] == shown
    told = live.wait_for(r'exit code \d+')
    lines = [row for row in told.splitlines() if 'http_5xx (status' in row]
    assert all(re.match(r'\S+Z info run: \[\S+\] http_5xx \(status 5\d\d\)', row)
               for row in lines), told
    assert told.index('http_5xx (status') < told.index('PASSED')
    assert '━' not in told


def test_a_stopped_terminal_holds_up_no_results(words, tmp_path):
    """As after Ctrl-S, or where the line to whoever looks at it is dead."""
    leader, follower = os.openpty()
    run = subprocess.Popen([THRONG, *map(str, words), '--run-id', 'stopped'], stdin=follower,
                           stdout=follower, stderr=follower, env=environment(TERM='xterm'))
    os.close(follower)
    try:
        seen = b''
        while b'in flight' not in seen:
            seen += os.read(leader, 65536)
        os.write(leader, b'\x13')
        wait_until((tmp_path / 'stopped' / 'summary.json').exists, 'the results')
        os.write(leader, b'\x11')
        while b'Results' not in seen:
            seen += os.read(leader, 65536)
        assert run.wait(20) == 0
    finally:
        run.kill()
        run.wait()
        os.close(leader)
    summary = seen[seen.index(b'PASSED'):]
    assert b'\x1b[?25h' in seen and b'\x1b[?25l' not in summary and '━'.encode() not in summary


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
