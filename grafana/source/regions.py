from dashboard import ANSWERS, COUNTS, OF_RUNS, REGION, dashboard, row
from health import health
from panel import graph, table
from query import (COST, DURATION, FIRST_TOKEN, REQUESTS, SHOWN, STREAM_RATE, TOKENS, error_share, mean, quantile,
                   rate, total)

HERE = ANSWERS + ',region=~"$region",region!=""'
COUNTED = COUNTS + ',region=~"$region",region!=""'

DASHBOARD = dashboard('regions', 'Regions', 'The same load from several places: what the tag region tells apart.', [
    health(),
    row('Side by side',
        table('Regions', [
            ('ttft p50', quantile(0.5, FIRST_TOKEN, HERE, 'region', SHOWN), 's'),
            ('ttft p95', quantile(0.95, FIRST_TOKEN, HERE, 'region', SHOWN), 's'),
            ('e2e p95', quantile(0.95, DURATION, HERE, 'region', SHOWN), 's'),
            ('Tokens/s of a stream', mean(STREAM_RATE, HERE, 'region', SHOWN), 'short'),
            ('Failed', error_share(COUNTED, 'region', SHOWN), 'percentunit'),
            ('Requests', total(REQUESTS, COUNTED, 'region'), 'short'),
            ('Cost', total(COST, COUNTED, 'region'), 'currencyUSD')], sort='e2e p95')),
    row('Over time',
        graph('Requests per second', (rate(REQUESTS, COUNTED, 'region'), '{{region}}'), unit='reqps', stack=True),
        graph('Share of requests that failed', (error_share(COUNTED, 'region'), '{{region}}'), unit='percentunit'),
        graph('ttft, p95', (quantile(0.95, FIRST_TOKEN, HERE, 'region'), '{{region}}'), unit='s'),
        graph('e2e, p95', (quantile(0.95, DURATION, HERE, 'region'), '{{region}}'), unit='s'),
        graph('ttft, p50', (quantile(0.5, FIRST_TOKEN, HERE, 'region'), '{{region}}'), unit='s'),
        graph('Completion tokens per second', (rate(TOKENS, COUNTED + ',type="completion"', 'region'), '{{region}}'))),
    row('Where and what',
        table('Regions and steps', [
            ('e2e p95', quantile(0.95, DURATION, HERE, 'region, step', SHOWN), 's'),
            ('e2e p50', quantile(0.5, DURATION, HERE, 'region, step', SHOWN), 's'),
            ('Requests', total(REQUESTS, COUNTED, 'region, step'), 'short')], width=12, sort='e2e p95'),
        table('Regions and backends', [
            ('e2e p95', quantile(0.95, DURATION, HERE, 'region, backend', SHOWN), 's'),
            ('Requests', total(REQUESTS, COUNTED, 'region, backend'), 'short')], width=12, sort='e2e p95'))],
    variables=[*OF_RUNS, REGION])
