from dashboard import RUN, dashboard, row
from health import health
from panel import distribution, graph, heatmap, stat
from query import SHOWN, buckets, gauge, going, quantiles, rate, total


def share(part):
    return f'{rate(part, RUN)} / {rate("throng_client_chunks_total", RUN)}'


def lag(name):
    return f'throng_client_{name}_seconds'


WHICH = (0.5, 0.99)

DASHBOARD = dashboard('client', 'Client', 'The load generator itself: can its figures be believed?', [
    health(),
    row('Lateness',
        graph('Requests left late', *quantiles(lag('schedule_lag'), RUN, WHICH), unit='s',
              description='How long after it was due a request was sent.'),
        graph('Timers ran late', *quantiles(lag('loop_lag'), RUN, WHICH), unit='s'),
        graph('From handing over to the first byte', *quantiles(lag('send_delay'), RUN, WHICH), unit='s',
              description='On a connection that stood.'),
        graph('From the kernel to throng', *quantiles('throng_client_delay_seconds', RUN, WHICH), unit='s'),
        heatmap('Timers ran late, over time', buckets(lag('loop_lag'), RUN)),
        distribution('Requests left late, by how much', buckets(lag('schedule_lag'), RUN, SHOWN))),
    row('Grade and chunks',
        graph('Trust: 4 is A, 0 is F', (going(f'throng_client_trust_grade{{{RUN}}}'), '{{worker_pod}}'), most=4),
        graph('Chunks per second', (rate('throng_client_chunks_total', RUN), 'chunks')),
        graph('Chunks whose arrival is not known',
              (share('throng_client_unresolved_chunks_total'), 'gap left out'),
              (share('throng_client_unstamped_chunks_total'), 'without the kernel\'s stamp'), unit='percentunit')),
    row('Machine',
        graph('CPU, of one core', (rate('throng_client_cpu_seconds_total', RUN, 'worker_pod, mode'),
                                   '{{worker_pod}} {{mode}}'), unit='percentunit', stack=True),
        graph('Memory', (going(f'throng_client_resident_memory_bytes{{{RUN}}}'), '{{worker_pod}}'), unit='bytes'),
        graph('Users at work, by worker', (gauge('throng_active_users', by='worker_pod'), '{{worker_pod}}')),
        graph('Requests in flight, by worker', (gauge('throng_requests_in_flight', by='worker_pod'), '{{worker_pod}}'))),
    row('Figures on their way',
        graph('Pushes per second', (rate('throng_pushes_total', RUN, 'result'), '{{result}}'), stack=True),
        stat('Observations lost', total('throng_client_lost_observations_total', RUN),
             decimals=0, description='Memory did not suffice for them.'),
        stat('Counted as other', total('throng_series_dropped_total', RUN), decimals=0,
             description='Label sets and users past the budget of series.')),
])
