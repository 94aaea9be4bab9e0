"""What stands for itself: whole runs of throng, and programs that measure one thing."""
import json
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

import accuracy
import programs
import ratios
from programs import BUILT, CLIENT_CORE, HERE, THRONG, Span
from table import Row

TRIES = 7


def against_truth():
    for users in (1000, 2500):
        errors, chunks, summary = accuracy.measure(
            str(THRONG), users, True, '--duration', '12s')
        p99_us = accuracy.quantile(errors, .99) / 1e3
        yield Row('B-3', f'{users * 20:,} chunks/s: error p50, p99, of {len(errors):,} moments',
                  f'{accuracy.quantile(errors, .5) / 1e3:.1f}, {p99_us:.1f} µs', '≤ 25 µs', p99_us <= 25)


def finished_run(scenario, users, *options, rate=1, **environment):
    """Runs throng to its end and gives its summary and the folder of its results."""
    with programs.server() as (served, folder):
        served.set(rate_per_s=rate)
        process = programs.throng(scenario, users, served.port, folder, *options, **environment)
        try:
            process.wait(90)
        finally:
            programs.end(process)
        summary = json.loads((folder / 'run/summary.json').read_text())
        yield summary, folder / 'run'


def many_streams():
    for rate in (50000, 100000):
        for summary, _ in finished_run('streams.yaml', 10000, '--set', 'load.0.over=10s',
                                       '--set', 'load.1.for=20s', rate=rate):
            client = summary['client']
            why = ', '.join(f'{reason["rule"]} {reason["grade"]}' for reason in client['reasons'])
            wanted = rate == 50000
            yield Row('B-4', f'10,000 streams, {rate // 10000} tokens/s each: trust',
                      client['trust'] + (f' ({why})' if why else ''), 'A or B' if wanted else '',
                      client['trust'] in ('A', 'B') if wanted else None)
            yield Row('B-4', 'their chunks without a certain arrival, client_delay p99',
                      f'{100 * client["unsure_share"]:.2f}%, {client["client_delay"]["p99"]} ms')


def early(folder):
    """How many requests left before they were due, and of how many."""
    lines = subprocess.run([THRONG, 'samples', folder / 'samples.bin'], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    return sum(sample['sent_ns'] < sample['due_ns'] for sample in map(json.loads, lines)), len(lines)


def lateness():
    """People who pause, and arrivals of an open loop: both wait for moments on the same heap."""
    runs = (('wake-ups', 'small.yaml', ('--set', 'load.1.for=11s')), ('arrivals', 'open.yaml', ('--rate',)))
    for what, scenario, options in runs:
        for per_s, limit_ms in ((1000, 0.2), (10000, 1)):
            said = (*options, str(per_s)) if what == 'arrivals' else options
            # An arrival takes somebody who is free: as many people as requests of a tenth of a second.
            users = per_s if what == 'wake-ups' else per_s // 10
            for summary, folder in finished_run(scenario, users, *said, PAUSE='1s'):
                lag = summary['metrics']['schedule_lag']
                count, total = early(folder)
                yield Row('B-7', f'{per_s:,} {what}/s: lateness p50, p99',
                          f'{lag["p50"] * 1000:.0f}, {lag["p99"] * 1000:.0f} µs',
                          f'< {limit_ms * 1000:.0f} µs', lag['p99'] < limit_ms)
                yield Row('B-7', f'{per_s:,} {what}/s: early, of {total:,}', str(count), '0', count == 0)


def output_of(*command, core=CLIENT_CORE):
    return subprocess.run(['taskset', '-c', core, *map(str, command)], check=True,
                          capture_output=True, text=True).stdout


def pushes():
    told = output_of(BUILT / 'test/bench/bench_snapshot')
    series = re.search(r'(\d+) series', told)[1]
    for when, median, longest in re.findall(r'^on the loop: (.*?)\s+(?:median\s+)?([\d.]+) us'
                                            r'(?:\s+max\s+([\d.]+) us)?', told, re.M):
        held_us = float(longest or median)
        yield Row('B-8', f'a push of {series} series holds the loop at most, {when}',
                  f'{held_us:.0f} µs', '< 200 µs', held_us < 200)


def questions():
    for line in output_of(BUILT / 'test/bench/bench_questions').splitlines():
        told = re.match(r'(.*\S)\s+([\d.]+) M/s', line)
        if told:
            yield Row('B-9', told[1], f'{told[2]} M/s', '≥ 1 M/s', float(told[2]) >= 1)


def start_up():
    first = []
    check = []
    for _ in range(TRIES):
        with programs.server() as (served, folder):
            served.set(rate_per_s=1)
            start_ns = time.monotonic_ns()
            process = programs.throng('small.yaml', 10, served.port, folder, '--set', 'load.0.over=1ms')
            try:
                programs.wait_for('the first request', lambda: served.first_request_ns)
            finally:
                programs.end(process)
            first.append((served.first_request_ns - start_ns) / 1e6)
    with tempfile.TemporaryDirectory() as folder:
        long = pathlib.Path(folder) / 'long.yaml'
        text = (HERE / 'small.yaml').read_text().split('load:')
        lines = ''.join(f'      - http: GET /v1/models/{i}\n' for i in range(950))
        long.write_text(text[0] + lines + 'load:' + text[1].replace('users: 1000', 'users: 10'))
        count = len(long.read_text().splitlines())
        for _ in range(TRIES):
            start_ns = time.monotonic_ns()
            output_of('env', 'BASE_URL=http://127.0.0.1:9', THRONG, 'check', long)
            check.append((time.monotonic_ns() - start_ns) / 1e6)
    yield Row('B-10', 'start to first request', f'{statistics.median(first):.0f} ms', '≤ 50 ms', statistics.median(first) <= 50)
    yield Row('B-10', f'check of {count:,} lines', f'{statistics.median(check):.0f} ms', '≤ 50 ms',
              statistics.median(check) <= 50)


def simulator():
    read = ratios.streams()['throng', 1000, 50000]
    read_per_s = 1e6 / statistics.median(map(ratios.per_chunk_us, read))
    for count in ratios.USERS:
        text = output_of(BUILT / 'test/bench/bench_simulator', count, 0, 3, core='0,1')
        per_s = float(re.search(r'= (\d+) chunks/s per core', text)[1])
        yield Row('B-11', f'simulator, {count:,} streams: chunks/s per core over what throng reads',
                  f'{per_s / read_per_s:.2f} ({per_s:,.0f}/s)', '≥ 1.5', per_s / read_per_s >= 1.5)


def few_users():
    with programs.server() as (served, folder):
        served.set(rate_per_s=1000, answer_chunks=50)
        process = programs.throng('streams.yaml', 50, served.port, folder, '--set',
                                  'users.reader.think_time=3s', '--set',
                                  'users.reader.flow=[{chat: {model: bench, max_tokens: 200}}, think]')
        try:
            programs.wait_for('the first request', lambda: served.first_request_ns)
            time.sleep(4)
            span = Span(served, process, 6)
        finally:
            programs.end(process)
    yield Row('B-12', f'50 users who think 3 s, {span.chunks / span.seconds:.0f} chunks/s: memory',
              f'{span.resident_kib / 1024:.1f} MiB', '≤ 32 MiB', span.resident_kib <= 32 * 1024)
    yield Row('B-12', 'their processor time', f'{100 * span.client_load:.1f}% of a core', '≤ 3%',
              span.client_load <= 0.03)
