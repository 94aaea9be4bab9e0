"""The program under test: runs it, waits for what it prints, reads what it leaves.

Nothing here sleeps for a while and hopes: whatever is waited for has a deadline and is named when
it does not come.
"""
import json
import os
import pathlib
import queue
import resource
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
THRONG = os.environ.get('THRONG', str(ROOT / 'build/src/cli/throng'))

# Long enough for a sanitized build on a busy machine; nothing that works comes near it.
DEADLINE_S = 60


def environment(**changes):
    """That of the tests, without what would change a run, and with the given changes. Only tests of the
    history keep one."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(('THRONG_', 'OPENAI_', 'GITHUB_')) and
            key not in ('NO_COLOR', 'JOB_COMPLETION_INDEX', 'CI_JOB_URL', 'http_proxy', 'https_proxy')}
    return {**kept, 'THRONG_HISTORY': 'none', **changes}


def throng(*words, env=None, check=None, cwd=None, timeout=DEADLINE_S, limits=None,
           prepare=None):
    """Runs a command to its end. check: the exit code that it must have; limits: setrlimit(2).
    prepare: called in the child before it becomes the program."""

    def restrict():
        if prepare:
            prepare()
        for limit, value in (limits or {}).items():
            resource.setrlimit(limit, (value, value))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run([THRONG, *map(str, words)], env=environment(**(env or {})), cwd=cwd,
                          capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, preexec_fn=restrict if limits or prepare else None)
    if check is not None:
        assert done.returncode == check, (
            f'{words}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}')
    return done


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Waits for a condition that other processes bring about; returns its value."""
    end = time.monotonic() + deadline_s
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f'{what}: not within {deadline_s} s'
        pause.wait(0.01)


def connections_to(url):
    """How many stand to the port of a URL, by the kernel's own list."""
    port = f"{int(url.rsplit(':', 1)[1]):04X}"
    established = '01'
    rows = [line.split() for line in pathlib.Path('/proc/net/tcp').read_text().splitlines()[1:]]
    return sum(row[2].endswith(':' + port) and row[3] == established for row in rows)


class Running:
    """A command that goes on while the test does other things."""

    def __init__(self, *words, env=None, cwd=None):
        self.words = words
        self.process = subprocess.Popen([THRONG, *map(str, words)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=environment(**(env or {})), cwd=cwd)
        self.output = {'stdout': [], 'stderr': []}
        self._new = queue.Queue()
        self._readers = [threading.Thread(target=self._read, args=(name,), daemon=True)
                         for name in self.output]
        for reader in self._readers:
            reader.start()

    def _read(self, name):
        for line in getattr(self.process, name):
            self.output[name].append(line)
            if name == 'stdout':
                self._new.put(line)
        if name == 'stdout':
            self._new.put(None)

    def next_line(self, deadline_s=DEADLINE_S):
        """The next line of standard output; None when there is no more."""
        try:
            return self._new.get(timeout=deadline_s)
        except queue.Empty:
            raise AssertionError(f'{self.words}: no line within {deadline_s} s') from None

    def wait_for_line(self, text):
        end = time.monotonic() + DEADLINE_S
        while True:
            line = self.next_line(max(0, end - time.monotonic()))
            assert line is not None, f'{self.words} ended without {text!r}: {self.text()}'
            if text in line:
                return line

    def signal(self, number=signal.SIGINT):
        self.process.send_signal(number)

    def wait(self, deadline_s=DEADLINE_S):
        """Its exit code."""
        code = self.process.wait(deadline_s)
        for reader in self._readers:
            reader.join(deadline_s)
        return code

    def text(self):
        return ''.join(self.output['stdout'] + self.output['stderr'])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Results:
    """The results folder of a run."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.summary = json.loads((self.folder / 'summary.json').read_text())

    def samples(self):
        """One dictionary per attempt, as `throng samples` prints them."""
        done = throng('samples', self.folder / 'samples.bin', check=0)
        assert done.stderr == '', done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]
