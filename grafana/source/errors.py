from dashboard import COUNTS, RUN, dashboard, row
from health import health
from panel import GREEN, RED, YELLOW, graph, stat, steps, table
from query import REQUESTS, SHOWN, error_share, rate, total

ERRORS = 'throng_errors_total'

DASHBOARD = dashboard('errors', 'Errors', 'What fails: kinds, organizations, when, and for whom.', [
    health(),
    row('In all',
        stat('Errors', error_share(over=SHOWN), 'percentunit', width=6,
             thresholds=steps((None, GREEN), (0.01, YELLOW), (0.05, RED))),
        stat('Failed requests', total(REQUESTS, COUNTS + ',outcome="failed"'), width=6),
        stat('Retries', total('throng_retries_total', RUN) + ' or vector(0)', width=6),
        stat('Checks that failed', total('throng_checks_total', RUN + ',result="failed"') + ' or vector(0)', width=6)),
    row('When',
        graph('Failures per second by kind', (rate(ERRORS, COUNTS, 'kind'), '{{kind}}'), stack=True),
        graph('Share of requests that failed', (error_share(), 'all'), (error_share(by='step'), '{{step}}'),
              unit='percentunit'),
        graph('Requests per second by outcome', (rate(REQUESTS, COUNTS, 'outcome'), '{{outcome}}'), stack=True),
        graph('Retries per second, by what came before', (rate('throng_retries_total', RUN, 'after'), '{{after}}'),
              stack=True)),
    row('What and where',
        table('By kind', [('Failures', total(ERRORS, COUNTS, 'kind'), 'short')], width=8, sort='Failures'),
        table('By step and kind', [('Failures', total(ERRORS, COUNTS, 'step, kind'), 'short')], width=8,
              sort='Failures'),
        table('By model and backend', [('Failures', total(ERRORS, COUNTS, 'model, backend'), 'short'),
                                       ('Share', error_share(by='model, backend', over=SHOWN), 'percentunit')],
              width=8, sort='Failures')),
    row('For whom',
        graph('Failures per second by organization', (rate(ERRORS, COUNTS, 'org_id'), '{{org_id}}'), stack=True),
        table('Organizations', [('Failures', total(ERRORS, COUNTS, 'org_id'), 'short'),
                                ('Share', error_share(by='org_id', over=SHOWN), 'percentunit')],
              width=6, sort='Failures'),
        table('The twenty users with the most failures',
              [('Failures', f'topk(20, {total("throng_user_errors_total", RUN, "user_id")})', 'short')],
              width=6, sort='Failures'))])
