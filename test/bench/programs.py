"""The programs that are measured: started, pinned, watched from outside, ended."""
import contextlib
import mmap
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / 'build'
THRONG = BUILT / 'src/cli/throng'
HERE = pathlib.Path(__file__).parent

# Two processors: what serves is on one, what is measured on the other.
SERVER_CORE, CLIENT_CORE = '0', '1'

# How long a state may take to come about before the benchmark has failed.
PATIENCE_S = 40


def pinned(core, *command, **options):
    return subprocess.Popen(['taskset', '-c', core, *map(str, command)], **options)


def wait_for(what, condition):
    until = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.005)


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()


def cpu_ns(pid):
    """Processor time of all threads, as the scheduler counted it."""
    total = 0
    for task in pathlib.Path(f'/proc/{pid}/task').iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            total += int((task / 'schedstat').read_text().split()[0])
    return total


def resident_kib(pid):
    return int(re.search(r'^VmRSS:\s+(\d+)', pathlib.Path(f'/proc/{pid}/status').read_text(),
                         re.MULTILINE)[1])


class Server:
    """bench_load_server, with its counters (struct load_state of load.h) as attributes."""
    WORDS = ('rate_per_s', 'answer_chunks', 'port', 'waiting', 'chunks', 'requests',
             'first_request_ns', 'late_chunks', 'blocked_chunks')

    def __init__(self, folder):
        path = pathlib.Path(folder) / 'state'
        path.write_bytes(bytes(8 * len(self.WORDS)))
        with path.open('r+b') as file:
            self._words = memoryview(mmap.mmap(file.fileno(), 0)).cast('Q')
        self.set(answer_chunks=200)
        self.process = pinned(SERVER_CORE, BUILT / 'test/bench/bench_load_server', path)
        wait_for('the load server', lambda: self.port)

    def __getattr__(self, name):
        return self._words[self.WORDS.index(name)]

    def set(self, **words):
        for name, value in words.items():
            self._words[self.WORDS.index(name)] = value


@contextlib.contextmanager
def server():
    """A load server and a folder for what its client writes."""
    with tempfile.TemporaryDirectory() as folder:
        served = Server(folder)
        try:
            yield served, pathlib.Path(folder)
        finally:
            end(served.process)


def throng(scenario, users, port, folder, *options, **environment):
    """A run of throng; its results are in folder/run."""
    return pinned(CLIENT_CORE, THRONG, 'run', HERE / scenario, '--users', users, '--out', folder,
                  '--run-id', 'run', '--quiet', *options, stdout=subprocess.DEVNULL,
                  env={**os.environ, 'BASE_URL': f'http://127.0.0.1:{port}', **environment})


@contextlib.contextmanager
def client(kind, form, users, port, folder):
    """A client of a kind (limit, curl, throng, wrk) that streams or makes small requests."""
    if kind == 'throng':
        process = throng({'stream': 'streams.yaml', 'small': 'small.yaml'}[form], users, port, folder)
    elif kind == 'wrk':
        process = pinned(CLIENT_CORE, 'wrk', '-t1', f'-c{users}', '-d60s',
                         f'http://127.0.0.1:{port}/v1/models', stdout=subprocess.DEVNULL)
    else:
        process = pinned(CLIENT_CORE, BUILT / f'test/bench/bench_{kind}_client', form, users, port)
    try:
        yield process
    finally:
        end(process)


class Span:
    """What a server and its client did within so many seconds."""

    def __init__(self, served, process, seconds):
        counters = ('chunks', 'requests', 'late_chunks', 'blocked_chunks')
        before = {name: getattr(served, name) for name in counters}
        pids = {'client': process.pid, 'server': served.process.pid}
        cpu = {name: cpu_ns(pid) for name, pid in pids.items()}
        start = time.monotonic()
        time.sleep(seconds)
        if process.poll() is not None:
            raise RuntimeError(f'{process.args} ended with {process.returncode}')
        self.seconds = time.monotonic() - start
        for name in counters:
            setattr(self, name, getattr(served, name) - before[name])
        self.client_us = (cpu_ns(process.pid) - cpu['client']) / 1e3
        self.server_load = (cpu_ns(served.process.pid) - cpu['server']) / 1e9 / self.seconds
        self.client_load = self.client_us / 1e6 / self.seconds
        self.resident_kib = resident_kib(process.pid)
        if self.chunks + self.requests == 0:
            raise RuntimeError('nothing was served: the machine is busy with something else')

    def is_spoiled(self):
        """The server did not keep its pace, so that chunks came in lumps, which cost less."""
        return self.late_chunks > 0.05 * self.chunks or self.blocked_chunks > 0
