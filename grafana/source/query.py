"""Queries that several dashboards ask. A quantile is always of buckets that are summed first."""
from dashboard import ANSWERS, COUNTS, RUN

WINDOW = '$__rate_interval'
SHOWN = '$__range'  # all of the time that is shown

REQUESTS = 'throng_requests_total'
DURATION = 'throng_request_duration_seconds'
FIRST_TOKEN = 'throng_time_to_first_token_seconds'
GAP = 'throng_inter_chunk_latency_seconds'
PER_TOKEN = 'throng_time_per_output_token_seconds'
STREAM_RATE = 'throng_output_tokens_per_second'
TOKENS = 'throng_tokens_total'
COST = 'throng_cost_usd_total'

# What throng withdrew itself is no failure, and nobody knows what it would have been.
JUDGED = 'outcome=~"ok|degraded|failed"'


# A Pushgateway goes on showing the last figures of runs that are over, unless they delete them (`at_end`).
WORKER = 'cluster, test_run, worker_pod'
END = 'throng_run_end_time_seconds'


def going(series):
    """Without workers whose run is over: a gauge that stands still since then is not of now."""
    return f'({series} unless on ({WORKER}) {END})'


def shown(series):
    """Without workers whose run was over before the time that is shown."""
    return f'({series} unless on ({WORKER}) ({END} offset {SHOWN}))'


def last(metric, selector):
    return shown(f'last_over_time({metric}{{{selector}}}[{SHOWN}])')


def rate(metric, selector, by='', over=WINDOW):
    grouped = f' by ({by})' if by else ''
    return f'sum{grouped} (rate({metric}{{{selector}}}[{over}]))'


def over_run(how, metric, selector, by=''):
    """Of a rate, what it was while there was a run. Taken over all of the time that is shown it would be as much
    less as the run is shorter than that."""
    grouped = f' by ({by})' if by else ''
    of_now = going(f'rate({metric}{{{selector}}}[{WINDOW}])')
    return f'{how}_over_time(sum{grouped} {of_now}[{SHOWN}:$__interval])'


def pace(metric, selector, by=''):
    return over_run('avg', metric, selector, by)


def total(metric, selector, by=''):
    """What counters came to, of runs that ended and were removed too: each counts from 0."""
    grouped = f' by ({by})' if by else ''
    return f'sum{grouped} {shown(f"max_over_time({metric}{{{selector}}}[{SHOWN}])")}'


def those_of(query, by, chosen):
    """The rows of a query that another has chosen."""
    return f'{query} and on ({by}) {chosen}'


def quantile(q, metric, selector=ANSWERS, by='', over=WINDOW):
    labels = f'le, {by}' if by else 'le'
    return f'histogram_quantile({q}, {rate(metric + "_bucket", selector, labels, over)})'


def quantiles(metric, selector=ANSWERS, which=(0.5, 0.9, 0.95, 0.99)):
    return [(quantile(q, metric, selector), f'p{q * 100:g}') for q in which]


def mean(metric, selector=ANSWERS, by='', over=WINDOW):
    return f'{rate(metric + "_sum", selector, by, over)} / {rate(metric + "_count", selector, by, over)}'


def buckets(metric, selector=ANSWERS, over=WINDOW):
    return f'sum by (le) (increase({metric}_bucket{{{selector}}}[{over}]))'


def error_share(selector=COUNTS, by='', over=WINDOW):
    failed = rate(REQUESTS, selector + ',outcome="failed"', by, over)
    return f'{failed} / {rate(REQUESTS, selector + "," + JUDGED, by, over)}'


def gauge(metric, selector=RUN, by='', how='sum'):
    grouped = f' by ({by})' if by else ''
    return f'{how}{grouped} {going(f"{metric}{{{selector}}}")}'


def per_million(by=''):
    """US dollars for a million tokens, prompt and completion."""
    tokens = total(TOKENS, COUNTS + ',type=~"prompt|completion"', by)
    return f'{total(COST, COUNTS, by)} / {tokens} * 1e6'
