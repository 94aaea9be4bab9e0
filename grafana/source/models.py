from dashboard import ANSWERS, COUNTS, dashboard, row
from health import health
from panel import graph, table
from query import (COST, DURATION, FIRST_TOKEN, REQUESTS, SHOWN, STREAM_RATE, TOKENS, error_share, gauge, mean, pace,
                   per_million, quantile, rate, total)

MODELLED = ANSWERS + ',model!=""'
COUNTED = COUNTS + ',model!=""'

DASHBOARD = dashboard('models', 'Models', 'Models side by side: first token, pace, cost, failures.', [
    health(),
    row('Side by side',
        table('Models', [
            ('ttft p50', quantile(0.5, FIRST_TOKEN, MODELLED, 'model', SHOWN), 's'),
            ('ttft p95', quantile(0.95, FIRST_TOKEN, MODELLED, 'model', SHOWN), 's'),
            ('e2e p95', quantile(0.95, DURATION, MODELLED, 'model', SHOWN), 's'),
            ('Tokens/s of a stream', mean(STREAM_RATE, MODELLED, 'model', SHOWN), 'short'),
            ('Tokens/s of all', pace(TOKENS, COUNTED + ',type="completion"', 'model'), 'short'),
            ('Failed', error_share(COUNTED, 'model', SHOWN), 'percentunit'),
            ('Requests', total(REQUESTS, COUNTED, 'model'), 'short'),
            ('Cost', total(COST, COUNTED, 'model'), 'currencyUSD'),
            ('Per million tokens', per_million('model'), 'currencyUSD')], sort='ttft p95')),
    row('Over time',
        graph('ttft, p50', (quantile(0.5, FIRST_TOKEN, MODELLED, 'model'), '{{model}}'), unit='s'),
        graph('ttft, p95', (quantile(0.95, FIRST_TOKEN, MODELLED, 'model'), '{{model}}'), unit='s'),
        graph('Tokens per second of one stream, mean', (mean(STREAM_RATE, MODELLED, 'model'), '{{model}}')),
        graph('e2e, p95', (quantile(0.95, DURATION, MODELLED, 'model'), '{{model}}'), unit='s'),
        graph('US dollars per hour', (f'{rate(COST, COUNTED, "model")} * 3600', '{{model}}')),
        graph('Share of requests that failed', (error_share(COUNTED, 'model'), '{{model}}'), unit='percentunit'),
        graph('Requests per second', (rate(REQUESTS, COUNTED, 'model'), '{{model}}'), unit='reqps'),
        graph('Efficiency', (gauge('throng_tps_efficiency_ratio', MODELLED, 'model', 'avg'), '{{model}}'),
              unit='percentunit', description='Mean rate of a stream over theoretical_tps of the scenario.')),
])
