"""What a recording adds to what passes it, and how true its own figures are."""
import contextlib
import json
import pathlib
import re
import subprocess
import tempfile

import accuracy
import programs
from programs import CLIENT_CORE, HERE, SERVER_CORE, THRONG
from table import Row

STREAMS = (200, 1000)
SHAPE = ('--ttft', 'uniform(100ms,300ms)', '--gap', '50ms', '--tokens', '100')


@contextlib.contextmanager
def listening(core, *words):
    """A program of throng's that prints where it listens, and its URL; it is ended in order."""
    process = programs.pinned(core, THRONG, *words, stdout=subprocess.PIPE, text=True)
    try:
        yield re.search(r'http://\S+', process.stdout.readline())[0]
        process.terminate()
        process.communicate(timeout=programs.PATIENCE_S)
    finally:
        programs.end(process)


def client(streams, url, folder):
    """Runs throng against a URL: request id → the moments of its first and last output in ns."""
    subprocess.run(['taskset', '-c', SERVER_CORE, THRONG, 'run', HERE / 'accuracy.yaml', '--users', str(streams),
                    '--out', folder, '--run-id', 'accuracy', '--quiet', '--base-url', url,
                    '--set', 'load.0.over=3s', '--set', 'load.1.for=8s'], check=True)
    return {key: (start + sample['first_output_ns'], start + sample['last_output_ns'])
            for key, sample, start in accuracy.samples(THRONG, folder / 'accuracy')
            if sample['outcome'] == 'ok'}


def measure(streams, records):
    """ns from the simulator's write to the client, and ns by which recorded gaps are wrong."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        with contextlib.ExitStack() as stack:
            url = stack.enter_context(listening(SERVER_CORE, 'simulate', '--listen', '127.0.0.1:0',
                                                '--ground-truth', place / 'truth.bin', *SHAPE))
            if records:
                url = stack.enter_context(listening(
                    CLIENT_CORE, 'record', '--upstream', url, '--listen', '127.0.0.1:0', '--out', place / 'trace'))
            seen = client(streams, url, place)
        wrote = accuracy.truth(place / 'truth.bin')
        delays = [moment - true for key, moments in seen.items() if key in wrote
                  for moment, true in zip(moments, (wrote[key][0], wrote[key][-1]))]
        return delays, list(gap_errors(place / 'trace', wrote)) if records else []


def gap_errors(trace, wrote):
    for line in trace.read_text().splitlines()[1:]:
        entry = json.loads(line)
        headers = {name.lower(): value for name, value in entry['request']['headers']}
        true = wrote.get(headers.get('x-request-id'), [])
        if entry['response']['end'] != 'complete' or len(true) < 2:
            continue
        # Before the first output stands the event of the role, and behind the last others.
        gaps = entry['response']['gaps_ms'][1:len(true)]
        for recorded, (before, after) in zip(gaps, zip(true, true[1:])):
            yield abs(recorded * 1e6 - (after - before))


def added():
    for streams in STREAMS:
        direct, _ = measure(streams, False)
        through, errors = measure(streams, True)
        for q in (.5, .99):
            added_ns = accuracy.quantile(through, q) - accuracy.quantile(direct, q)
            share = added_ns / 50e6
            yield Row('B-15', f'{streams} streams through `throng record`: delay added, p{q * 100:.0f}, of a gap of 50 ms',
                      f'{added_ns / 1e3:.0f} µs ({100 * share:.2f}%)', '≤ 5%', share <= .05)
        for q in (.5, .99):
            share = accuracy.quantile(errors, q) / 50e6
            yield Row('B-15', f'{streams} streams: error of a recorded gap, p{q * 100:.0f}, of {len(errors):,}',
                      f'{share * 50e3:.0f} µs ({100 * share:.2f}%)', '≤ 2%', share <= .02)
