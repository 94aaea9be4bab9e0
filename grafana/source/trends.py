from dashboard import CLUSTER, RESULTS, SOURCE, annotation, dashboard, row
from health import GRADE_STEPS, GRADES
from panel import GREEN, RED, YELLOW, graph, stat, steps, table

OF = 'cluster=~"$cluster",scenario=~"$scenario"'
YES = [{'type': 'value', 'options': {'1': {'text': 'passed', 'color': GREEN, 'index': 0},
                                     '0': {'text': 'failed', 'color': RED, 'index': 1}}}]


def last(name, more=''):
    return f'max by (scenario) (throng_result_{name}{{{OF}{more}}})'


def latency(metric, aggregate, of=''):
    return last(f'{of}latency_seconds', f',metric="{metric}",aggregate="{aggregate}"')


def of_latency(title, metric):
    return graph(title, *((latency(metric, aggregate), f'{{{{scenario}}}} {aggregate}')
                          for aggregate in ('p50', 'p95', 'p99')),
                 (latency(metric, 'p95', 'baseline_'), '{{scenario}} p95 of the baseline'), unit='s')


def change(metric):
    return f'{latency(metric, "p95")} / {latency(metric, "p95", "baseline_")} - 1'


DASHBOARD = dashboard(
    'trends', 'Trends', 'Results from run to run, and against the baseline. One step of a line is one run.', [
        row('The last run: is it to be believed?',
            stat('Trust (worst scenario)', f'min (throng_result_trust_grade{{{OF}}})', thresholds=GRADE_STEPS,
                 mappings=GRADES, width=6),
            stat('Passed (worst scenario)', f'min (throng_result_passed{{{OF}}})', mappings=YES,
                 thresholds=steps((None, RED), (1, GREEN)), width=6),
            stat('Since the last run', f'time() - max (throng_result_end_time_seconds{{{OF}}})', 's', width=6,
                 thresholds=steps((None, GREEN), (93600, YELLOW), (180000, RED))),
            stat('ttft p95 against the baseline', f'max ({change("ttft")})', 'percentunit', width=6,
                 thresholds=steps((None, GREEN), (0.1, YELLOW), (0.2, RED)))),
        row('Scenarios',
            table('The last result of each scenario', [
                ('Passed', last('passed'), 'bool_yes_no'),
                ('Exit code', last('exit_code'), 'short'),
                ('Ended', last('end_time_seconds') + ' * 1000', 'dateTimeFromNow'),
                ('ttft p95', latency('ttft', 'p95'), 's'),
                ('e2e p95', latency('e2e', 'p95'), 's'),
                ('Requests/s', last('requests_per_second'), 'reqps'),
                ('Failed', last('error_ratio'), 'percentunit'),
                ('Cost', last('cost_usd'), 'currencyUSD')])),
        row('Latency from run to run',
            of_latency('ttft', 'ttft'), of_latency('e2e', 'e2e'), of_latency('Time per output token', 'tpot'),
            graph('p95 against the baseline', (change('ttft'), '{{scenario}} ttft'), (change('e2e'), '{{scenario}} e2e'),
                  unit='percentunit', least=None)),
        row('Everything else from run to run',
            graph('Requests per second', (last('requests_per_second'), '{{scenario}}'), unit='reqps'),
            graph('Tokens per second', (last('output_tokens_per_second'), '{{scenario}}')),
            graph('Share of requests that failed', (last('error_ratio'), '{{scenario}}'), unit='percentunit'),
            graph('Share of operations that met their SLOs', (last('slo_met_ratio'), '{{scenario}}'),
                  unit='percentunit', most=1),
            graph('Cost of a run', (last('cost_usd'), '{{scenario}}'), unit='currencyUSD'),
            graph('Exit code', (last('exit_code'), '{{scenario}}')),
            graph('Duration', (last('duration_seconds'), '{{scenario}}'), unit='s'),
            graph('Trust: 4 is A, 0 is F', (last('trust_grade'), '{{scenario}}'), most=4)),
    ], variables=[SOURCE, CLUSTER, RESULTS], period='now-30d',
    annotations=[annotation('Results', f'max by (scenario) (throng_result_end_time_seconds{{{OF}}}) * 1000',
                            '{{scenario}} ends', 'purple', value_is_time=True)])
