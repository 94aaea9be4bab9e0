from dashboard import COUNTS, RUN, dashboard, row
from health import health
from panel import GREEN, ORANGE, RED, YELLOW, graph, stat, states, steps
from query import (COST, DURATION, FIRST_TOKEN, REQUESTS, SHOWN, TOKENS, WINDOW, error_share, gauge, last,
                   quantile, quantiles, rate, shown, total)

MET = rate('throng_slo_operations_total', COUNTS + ',result="met"')
JUDGED = rate('throng_slo_operations_total', COUNTS)

DASHBOARD = dashboard('overview', 'Overview', 'What a run does now: who is at work, how much they ask, what fails.', [
    health(),
    row('Now',
        stat('Active users', gauge('throng_active_users')),
        stat('Requests/s', rate(REQUESTS, COUNTS), 'reqps'),
        stat('Errors', error_share(over=SHOWN), 'percentunit',
             thresholds=steps((None, GREEN), (0.01, YELLOW), (0.05, RED))),
        stat('e2e, p95', quantile(0.95, DURATION, over=SHOWN), 's'),
        stat('ttft, p95', quantile(0.95, FIRST_TOKEN, over=SHOWN), 's'),
        stat('Cost', total(COST, COUNTS), 'currencyUSD', decimals=4,
             description='By the prices of the scenario (models.NAME.price); 0 where no model has one.'),
        stat('Phases seen', (f'max by (phase) {shown(f"max_over_time(throng_phase{{{RUN}}}[{SHOWN}])")} == 1', '{{phase}}'),
             by_name=True, description='The phases that the time shown has seen.'),
        stat('In flight', gauge('throng_requests_in_flight')),
        stat('Tokens/s', rate(TOKENS, COUNTS + ',type="completion"'),
             description='Completion tokens of all answers together.'),
        stat('SLOs met', f'{MET.replace(WINDOW, SHOWN)} / {JUDGED.replace(WINDOW, SHOWN)}', 'percentunit',
             thresholds=steps((None, RED), (0.9, ORANGE), (0.95, YELLOW), (0.99, GREEN))),
        stat('Anomalies', total('throng_anomalies_total', RUN), decimals=0,
             thresholds=steps((None, GREEN), (1, ORANGE)),
             description='Stretches that were unlike the run\'s own past; they are marked on the charts.'),
        stat('Limit used up', f'max {last("throng_limit_used_ratio", RUN)}', 'percentunit',
             thresholds=steps((None, GREEN), (0.8, YELLOW), (0.9, RED)),
             description='Of the limit that is nearest: cost, requests or duration.')),
    row('Load',
        graph('Users', (gauge('throng_active_users'), 'active'), (gauge('throng_users_wanted'), 'wanted'),
              (gauge('throng_users_leaving'), 'leaving')),
        graph('Requests per second', (rate(REQUESTS, COUNTS, 'outcome'), '{{outcome}}'), unit='reqps', stack=True),
        states('Phase', gauge('throng_phase', by='phase', how='max'), '{{phase}}', width=24)),
    row('What came of it',
        graph('Share of requests that failed', (error_share(), 'failed'), unit='percentunit'),
        graph('e2e', *quantiles(DURATION, which=(0.5, 0.95, 0.99)), unit='s'),
        graph('ttft', *quantiles(FIRST_TOKEN, which=(0.5, 0.95, 0.99)), unit='s'),
        graph('Tokens per second', (rate(TOKENS, COUNTS + ',type=~"prompt|completion"', 'type'), '{{type}}')),
        graph('Share of operations that met their SLOs', (f'{MET} / {JUDGED}', 'met'), unit='percentunit', most=1),
        graph('Limits used up', (gauge('throng_limit_used_ratio', by='limit', how='max'), '{{limit}}'),
              unit='percentunit')),
])
