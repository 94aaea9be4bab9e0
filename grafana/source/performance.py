from dashboard import ANSWERS, RUN, dashboard, row
from health import health
from panel import distribution, graph, heatmap, table
from query import (DURATION, FIRST_TOKEN, GAP, SHOWN, buckets, gauge, mean, pace, quantile, quantiles,
                   rate, those_of)

BY_STEP = quantile(0.95, DURATION, by='step', over=SHOWN)
SLOWEST = f'topk(20, {BY_STEP})'

DASHBOARD = dashboard('performance', 'Performance', 'How long people wait: quantiles, distributions, the slowest steps.', [
    health(),
    row('Quantiles',
        graph('e2e', *quantiles(DURATION), unit='s', description='From sending a request to the end of its answer.'),
        graph('ttft', *quantiles(FIRST_TOKEN), unit='s', description='To the first output of a stream.'),
        graph('Gaps between chunks', *quantiles(GAP), unit='s', description='icl: what a reader sees as stutter.'),
        graph('Active users and requests in flight', (gauge('throng_active_users'), 'users'),
              (gauge('throng_requests_in_flight'), 'in flight'))),
    row('Distribution',
        heatmap('e2e over time', buckets(DURATION)),
        distribution('e2e, requests by time', buckets(DURATION, over=SHOWN)),
        heatmap('ttft over time', buckets(FIRST_TOKEN)),
        distribution('ttft, requests by time', buckets(FIRST_TOKEN, over=SHOWN))),
    row('The slowest steps',
        table('Steps, the slowest first', [
            ('p95', SLOWEST, 's'),
            ('p50', those_of(quantile(0.5, DURATION, by='step', over=SHOWN), 'step', SLOWEST), 's'),
            ('Mean', those_of(mean(DURATION, by='step', over=SHOWN), 'step', SLOWEST), 's'),
            ('Requests per second', those_of(pace(DURATION + '_count', ANSWERS, 'step'), 'step', SLOWEST),
             'reqps')],
            width=12, sort='p95'),
        graph('p95 of the ten slowest steps', (f'topk(10, {quantile(0.95, DURATION, by="step")})', '{{step}}'),
              unit='s')),
    row('Objectives and arrivals',
        graph('Operations that missed an SLO, per second',
              (rate('throng_slo_missed_total', RUN, 'metric'), '{{metric}}'), stack=True),
        graph('Arrivals of an open loop, per second', (rate('throng_arrivals_total', RUN), 'due'),
              (rate('throng_dropped_iterations_total', RUN), 'dropped: nobody was free'),
              (gauge('throng_arrival_rate'), 'asked for'),
              description='In a closed loop all are 0.')),
])
