"""What is told as a ratio: clients side by side against one server, in turns."""
import functools
import statistics
import time

import programs
import tls
from programs import Span
from table import Row

USERS = (100, 1000, 10000)
RATES = (20000, 50000)
ROUNDS = 3
SPAN_S = 2
SETTLE_S = 0.7
TRIES = 3

# By then all that is made at first use has been, the copies for metrics and checkpoints included.
BASE_S = 8

def a_good_span(served, process):
    """The first that is not spoiled, of a few."""
    for _ in range(TRIES):
        span = Span(served, process, SPAN_S)
        if not span.is_spoiled():
            break
    return span


def spans(kinds, form, users, rates):
    """(kind, rate) → a span of each round; within a round the clients take turns."""
    seen = {(kind, rate): [] for kind in kinds for rate in rates}
    for turn in range(ROUNDS):
        for kind in kinds[turn % len(kinds):] + kinds[:turn % len(kinds)]:
            with programs.server() as (served, folder), \
                    programs.client(kind, form, users, served.port, folder) as process:
                programs.wait_for(f'{users} users of {kind}', lambda: served.waiting >= users)
                for rate in rates:
                    served.set(rate_per_s=rate)
                    time.sleep(SETTLE_S)
                    seen[kind, rate].append(a_good_span(served, process))
    return seen


def ratio(spans_a, spans_b, cost):
    """The median over rounds of cost in a over cost in b."""
    return statistics.median(cost(a) / cost(b) for a, b in zip(spans_a, spans_b))


def per_chunk_us(span):
    return span.client_us / span.chunks


def per_request_us(span):
    return span.client_us / span.requests


def doubtful(found):
    """What makes a span say less: the server was the slower one."""
    late = max(span.late_chunks / max(span.chunks, 1) for span in found)
    blocked = sum(span.blocked_chunks for span in found)
    return (f', {100 * late:.0f}% late' if late > 0.05 else '') + \
           (f', {blocked} blocked' if blocked else '')


@functools.cache
def streams():
    """The runs that B-1, B-2, B-5, B-11 and B-14 share: (kind, users, rate) → spans."""
    return {(kind, users, rate): found for users in USERS for (kind, rate), found in
            spans(('limit', 'curl', 'throng'), 'stream', users, RATES).items()}


@functools.cache
def small():
    """Those of B-6 and B-14: (kind, users) → spans."""
    return {(kind, users): found for users in USERS for (kind, _), found in
            spans(('curl', 'throng', 'wrk'), 'small', users, (1,)).items()}


def chunks_per_core():
    rate = 50000
    for users, least in zip(USERS, (0.60, 0.42, 0.60)):
        limit, curl, throng = (streams()[kind, users, rate] for kind in ('limit', 'curl', 'throng'))
        per_s = [1e6 / statistics.median(map(per_chunk_us, found)) for found in (throng, curl, limit)]
        what = f'{users:,} streams: chunks/s per core of throng, libcurl, limit'
        yield Row('B-1', what, ', '.join(f'{x:,.0f}' for x in per_s) + doubtful(throng))
        over = ratio(curl, throng, per_chunk_us)
        yield Row('B-1', f'{users:,} streams: throng over bare libcurl', f'{over:.2f}', '≥ 0.85',
                  over >= 0.85)
        over = ratio(limit, throng, per_chunk_us)
        yield Row('B-1', f'{users:,} streams: throng over the limit (bare libcurl: '
                  f'{ratio(limit, curl, per_chunk_us):.2f})', f'{over:.2f}', f'≥ {least:.2f}', over >= least)


def chunk_over_limit():
    for rate in RATES:
        for users in USERS:
            limit, curl, throng = (streams()[kind, users, rate]
                                   for kind in ('limit', 'curl', 'throng'))
            over = ratio(throng, limit, per_chunk_us)
            yield Row('B-2', f'{rate:,} chunks/s, {users:,} streams: CPU per chunk over the limit '
                      f'(bare libcurl: {ratio(curl, limit, per_chunk_us):.2f})',
                      f'{over:.2f} ({statistics.median(map(per_chunk_us, throng)):.1f} µs){doubtful(throng)}',
                      '≤ 1.5', over <= 1.5)


def resident_with_tls(users):
    with programs.server() as (served, folder), tls.front(served.port, folder) as url:
        served.set(rate_per_s=RATES[0])
        process = programs.throng('streams.yaml', users, served.port, folder, '--insecure', BASE_URL=url)
        try:
            programs.wait_for(f'{users} users with TLS', lambda: served.waiting >= users)
            time.sleep(BASE_S)
            return programs.resident_kib(process.pid)
        finally:
            programs.end(process)


def memory():
    found = {users: statistics.median([span.resident_kib for span in streams()['throng', users, 50000]])
             for users in USERS}
    with programs.server() as (served, folder), \
            programs.client('throng', 'stream', 1, served.port, folder) as process:
        served.set(rate_per_s=RATES[0])
        time.sleep(BASE_S)
        base = programs.resident_kib(process.pid)
    yield Row('B-5', f'resident memory with 1 user, after {BASE_S} s', f'{base / 1024:.1f} MiB', '≤ 24 MiB',
              base <= 24 * 1024)
    for few, many in zip(USERS, USERS[1:]):
        each = (found[many] - found[few]) / (many - few)
        yield Row('B-5', f'per streaming user, {few:,} → {many:,}', f'{each:.1f} KiB', '≤ 18 KiB',
                  each <= 18)
    yield Row('B-5', '10,000 streaming users', f'{found[10000] / 1024:.0f} MiB', '≤ 256 MiB',
              found[10000] <= 256 * 1024)
    few, many = USERS[:2]
    each = (resident_with_tls(many) - resident_with_tls(few)) / (many - few)
    yield Row('B-5', f'per streaming user with TLS, {few:,} → {many:,}', f'{each:.1f} KiB', '≤ 80 KiB',
              each <= 80)


def requests_per_core():
    for users in USERS:
        curl, throng, wrk = (small()[kind, users] for kind in ('curl', 'throng', 'wrk'))
        per_s = 1e6 / statistics.median(map(per_request_us, throng))
        yield Row('B-6', f'{users:,} users: requests/s per core', f'{per_s:,.0f}', '≥ 17,000',
                  per_s >= 17000)
        over = ratio(curl, throng, per_request_us)
        yield Row('B-6', f'{users:,} users: throng over bare libcurl', f'{over:.2f}', '≥ 0.9', over >= 0.9)
        yield Row('B-6', f'{users:,} users: throng over wrk (bare libcurl: '
                  f'{ratio(wrk, curl, per_request_us):.2f})', f'{ratio(wrk, throng, per_request_us):.2f}')


def growth():
    for name, found, cost in (('chunk', {u: streams()['throng', u, 50000] for u in USERS}, per_chunk_us),
                              ('request', {u: small()['throng', u] for u in USERS}, per_request_us)):
        other = {u: (streams()['curl', u, 50000] if name == 'chunk' else small()['curl', u])
                 for u in USERS}
        over = ratio(found[10000], found[100], cost)
        yield Row('B-14', f'CPU per {name}, 10,000 users over 100 (bare libcurl: '
                  f'{ratio(other[10000], other[100], cost):.2f})', f'{over:.2f}', '≤ 1.3', over <= 1.3)
