from dashboard import COUNTS, RUN, dashboard, row
from health import health
from panel import graph, stat, table
from query import COST, REQUESTS, TOKENS, per_million, rate, those_of, total

CACHED, PROMPT = (total(TOKENS, COUNTS + f',type="{kind}"') for kind in ('cached', 'prompt'))
DEAREST = f'topk(20, {total("throng_user_cost_usd_total", RUN, "user_id")})'
PER_HOUR = f'{rate(COST, COUNTS)} * 3600'

DASHBOARD = dashboard('cost', 'Cost', 'What it costs: in all, per hour, by organization, user and model.', [
    health(),
    row('In all',
        stat('Cost', total(COST, COUNTS), 'currencyUSD', decimals=4,
             description='By the prices of the scenario (models.NAME.price); 0 where no model has one.'),
        stat('Per hour, now', PER_HOUR, 'currencyUSD', decimals=2,
             description='At the rate of the last minutes, and the prices of the scenario.'),
        stat('Per request', f'{total(COST, COUNTS)} / {total(REQUESTS, COUNTS)}', 'currencyUSD', decimals=6),
        stat('Per million tokens', per_million(), 'currencyUSD', decimals=2),
        stat('Tokens', total(TOKENS, COUNTS + ',type=~"prompt|completion"')),
        stat('Prompt tokens from the cache', f'{CACHED} / {PROMPT}', 'percentunit'),
        graph('US dollars per hour', (PER_HOUR, 'all')),
        graph('Tokens per second', (rate(TOKENS, COUNTS, 'type'), '{{type}}'),
              description='cached is part of prompt, reasoning of completion.')),
    row('By organization',
        graph('US dollars per hour by organization', (f'{rate(COST, COUNTS, "org_id")} * 3600', '{{org_id}}'),
              stack=True),
        table('Organizations, the dearest first', [
            ('Cost', total(COST, COUNTS, 'org_id'), 'currencyUSD'),
            ('Requests', total(REQUESTS, COUNTS, 'org_id'), 'short'),
            ('Tokens', total(TOKENS, COUNTS + ',type=~"prompt|completion"', 'org_id'), 'short')],
            width=12, sort='Cost')),
    row('By model',
        graph('US dollars per hour by model', (f'{rate(COST, COUNTS, "model")} * 3600', '{{model}}'), stack=True),
        table('Models, the dearest first', [
            ('Cost', total(COST, COUNTS, 'model'), 'currencyUSD'),
            ('Per million tokens', per_million('model'), 'currencyUSD'),
            ('Requests', total(REQUESTS, COUNTS, 'model'), 'short')], width=12, sort='Cost')),
    row('By user',
        table('The twenty dearest users', [
            ('Cost', DEAREST, 'currencyUSD'),
            ('Tokens', those_of(total('throng_user_tokens_total', RUN, 'user_id'), 'user_id', DEAREST), 'short'),
            ('Questions', those_of(total('throng_user_questions_total', RUN, 'user_id'), 'user_id', DEAREST),
             'short')],
            width=12, sort='Cost', description='other: users past the budget of series, together.'),
        graph('US dollars per hour of the ten dearest users',
              (f'topk(10, {rate("throng_user_cost_usd_total", RUN, "user_id")} * 3600)', 'user {{user_id}}'))),
])
