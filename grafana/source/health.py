"""Whether the generator's figures can be believed: the first row of each dashboard of runs."""
from dashboard import RUN, row
from panel import GREEN, ORANGE, RED, YELLOW, stat, steps
from query import SHOWN, last, over_run, quantile, total

GRADES = [{'type': 'value', 'options': {
    '4': {'text': 'A', 'color': GREEN, 'index': 0}, '3': {'text': 'B', 'color': GREEN, 'index': 1},
    '2': {'text': 'C', 'color': YELLOW, 'index': 2}, '1': {'text': 'D', 'color': ORANGE, 'index': 3},
    '0': {'text': 'F', 'color': RED, 'index': 4}}}]
GRADE_STEPS = steps((None, RED), (1, ORANGE), (2, YELLOW), (3, GREEN))


def health():
    return row(
        'Is the generator healthy?',
        stat('Trust (worst worker)', f'min {last("throng_client_trust_grade", RUN)}',
             thresholds=GRADE_STEPS, mappings=GRADES,
             description='How far the figures can be trusted: from D on, look at the dashboard '
                         'of the client before you look at anything else.'),
        stat('Requests left late, p99', quantile(0.99, 'throng_client_schedule_lag_seconds', RUN, over=SHOWN),
             's', thresholds=steps((None, GREEN), (0.01, YELLOW), (0.05, ORANGE), (0.2, RED))),
        stat('Timers ran late, p99', quantile(0.99, 'throng_client_loop_lag_seconds', RUN, over=SHOWN),
             's', thresholds=steps((None, GREEN), (0.01, YELLOW), (0.05, ORANGE), (0.2, RED))),
        stat('CPU of the busiest worker',
             f'max ({over_run("max", "throng_client_cpu_seconds_total", RUN, "test_run, worker_pod")})',
             'percentunit', thresholds=steps((None, GREEN), (0.7, YELLOW), (0.9, RED)),
             description='Of one core, when it was busiest: throng makes its load on one thread.'),
        stat('Stood still', total('throng_client_stalls_total', RUN),
             thresholds=steps((None, GREEN), (1, ORANGE)), decimals=0,
             description='Times that throng stood still for 0.1 s or longer.'),
        stat('Pushes that failed',
             total('throng_pushes_total', RUN + ',result="failed"'),
             thresholds=steps((None, GREEN), (1, YELLOW)), decimals=0))
