from dashboard import ANSWERS, COUNTS, RUN, dashboard, row
from health import health
from panel import distribution, graph, heatmap, stat
from query import (DURATION, FIRST_TOKEN, GAP, PER_TOKEN, SHOWN, STREAM_RATE, TOKENS, buckets, gauge, last, mean, pace,
                   quantile, quantiles, rate)

MODELLED = ANSWERS + ',model!=""'  # beside steps that ask no model
MODEL = RUN + ',model=~"$model"'
BY_SIZE = 'throng_time_to_first_token_by_prompt_size_seconds'
STAGE = 'throng_request_stage_seconds'
# Each stage's part of a whole stream: what they are divided by is common to all, so that they add up.
STREAMS = rate(STAGE + '_count', MODEL + ',stage="decoding"')
STAGES = f'{rate(STAGE + "_sum", MODEL, "stage")} / on () group_left () {STREAMS}'


def told(metric):
    return gauge(f'throng_backend_{metric}_seconds', how='avg')


DASHBOARD = dashboard('llm', 'LLM', 'Answers as their readers see them: first token, pace, and where the time goes.', [
    health(),
    row('Now',
        stat('ttft, p50', quantile(0.5, FIRST_TOKEN, over=SHOWN), 's'),
        stat('ttft, p95', quantile(0.95, FIRST_TOKEN, over=SHOWN), 's'),
        stat('Tokens per second of a stream, mean', mean(STREAM_RATE, over=SHOWN)),
        stat('Tokens per second of all', pace(TOKENS, COUNTS + ',type="completion"')),
        stat('Of what the model could', f'avg {last("throng_tps_efficiency_ratio", MODEL)}',
             'percentunit', description='Mean rate of a stream over theoretical_tps of the scenario.'),
        stat('Questions unlike all others',
             f'min {last("throng_question_uniqueness_ratio", RUN)}', 'percentunit',
             description='What is asked twice may come from a cache.')),
    row('The first token',
        graph('ttft', *quantiles(FIRST_TOKEN), unit='s'),
        graph('ttft by size of the prompt, p95', (quantile(0.95, BY_SIZE, MODEL, 'prompt_size'), '{{prompt_size}} tokens'),
              unit='s'),
        heatmap('ttft over time', buckets(FIRST_TOKEN)),
        graph('ttft by size of the prompt, p50', (quantile(0.5, BY_SIZE, MODEL, 'prompt_size'), '{{prompt_size}} tokens'),
              unit='s')),
    row('The pace',
        graph('Tokens per second of one stream', *quantiles(STREAM_RATE, which=(0.05, 0.5, 0.95)),
              description='p5: one in twenty is slower.'),
        graph('Time per output token', *quantiles(PER_TOKEN), unit='s'),
        graph('Gaps between chunks', *quantiles(GAP), unit='s'),
        graph('Efficiency', (gauge('throng_tps_efficiency_ratio', MODEL, 'model', 'avg'), '{{model}}'),
              unit='percentunit', description='Mean rate of a stream over theoretical_tps of the scenario.')),
    row('Where the time goes',
        graph('As throng sees it', (STAGES, '{{stage}}'), unit='s', stack=True,
              description='Mean of whole streams. first_output is queue and prompt processing together, where '
                          'the server does not say how long it read the prompt.'),
        graph('As the servers say',
              (told('queue_time'), 'queue'),
              (f'clamp_min({told("time_to_first_token")} - {told("queue_time")}, 0)', 'prompt processing'),
              (f'clamp_min({told("request_duration")} - {told("time_to_first_token")}, 0)', 'decoding'),
              (f'clamp_min({mean(DURATION, MODELLED)} - {told("request_duration")}, 0)', 'streaming'),
              unit='s', stack=True,
              description='Mean of a request by the servers\' own metrics (backends:), and what throng '
                          'waited longer than they say: the way and the reading.')),
    row('Tokens',
        graph('Tokens per second', (rate(TOKENS, COUNTS, 'type'), '{{type}}')),
        distribution('Prompt tokens of a request',
                     buckets('throng_request_tokens', MODEL + ',type="prompt"', SHOWN), width=6),
        distribution('Completion tokens of a request',
                     buckets('throng_request_tokens', MODEL + ',type="completion"', SHOWN), width=6)),
])
