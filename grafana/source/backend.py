from dashboard import BACKEND, COUNTS, OF_RUNS, RUN, dashboard, row
from health import health
from panel import GREEN, RED, graph, stat, steps
from query import DURATION, FIRST_TOKEN, REQUESTS, gauge, last, quantile, rate

SERVER = RUN + ',backend=~"$backend"'


def of_server(metric):
    """Each worker asks the servers itself, and is told the same."""
    return gauge(f'throng_backend_{metric}', SERVER, 'backend', 'max')


def told(title, metric, unit='short', **more):
    return graph(title, (of_server(metric), '{{backend}}'), unit=unit, **more)


DASHBOARD = dashboard('backend', 'Backend', 'What the servers say of themselves, on the time axis of the load.', [
    health(),
    row('The load',
        graph('Users and requests in flight', (gauge('throng_active_users'), 'users'),
              (gauge('throng_requests_in_flight'), 'in flight'), width=8),
        graph('Requests per second', (rate(REQUESTS, COUNTS, 'outcome'), '{{outcome}}'), unit='reqps', stack=True,
              width=8),
        graph('ttft and e2e, p95', (quantile(0.95, FIRST_TOKEN, RUN), 'ttft'), (quantile(0.95, DURATION, RUN), 'e2e'),
              unit='s', width=8)),
    row('Saturation',
        stat('Servers that answer', f'sum (max by (backend) {last("throng_backend_up", SERVER)})',
             thresholds=steps((None, RED), (1, GREEN)), height=8),
        told('Saturation', 'saturation_ratio', 'percentunit', width=10,
             description='Running requests over those that the server can run at once.'),
        graph('Requests running and waiting',
              (of_server('requests_running'), '{{backend}} running'),
              (of_server('requests_waiting'), '{{backend}} waiting'),
              (of_server('capacity_requests'), '{{backend}} capacity'), width=10),
        told('Time in the queue, mean', 'queue_time_seconds', 's'),
        told('KV cache in use', 'kv_cache_usage_ratio', 'percentunit', most=1),
        told('Prompt tokens found in the prefix cache', 'prefix_cache_hit_ratio', 'percentunit', most=1),
        told('Preemptions per second', 'preemptions_per_second',
             description='Requests that lost their place, since the KV cache was full.')),
    row('Work',
        told('Requests finished per second', 'requests_per_second', 'reqps', width=8),
        told('Prompt tokens per second', 'prompt_tokens_per_second', width=8),
        told('Generated tokens per second', 'generation_tokens_per_second', width=8),
        told('ttft by the server\'s own clock, mean', 'time_to_first_token_seconds', 's'),
        told('Duration by the server\'s own clock, mean', 'request_duration_seconds', 's')),
    row('GPU',
        told('GPU at work', 'gpu_utilization_ratio', 'percentunit', most=1),
        told('GPU memory in use', 'gpu_memory_usage_ratio', 'percentunit', most=1),
        told('GPU memory', 'gpu_memory_used_bytes', 'bytes', width=6),
        told('Power', 'gpu_power_watts', 'watt', width=6),
        told('Temperature', 'gpu_temperature_celsius', 'celsius', width=6, least=None),
        told('GPUs that are slowed down', 'gpu_throttled_ratio', 'percentunit', width=6)),
    row('Machine',
        told('CPU in use', 'cpu_usage_ratio', 'percentunit', most=1, width=8),
        told('Memory in use', 'memory_usage_ratio', 'percentunit', most=1, width=8),
        told('Memory', 'memory_used_bytes', 'bytes', width=8)),
], variables=[*OF_RUNS, BACKEND])
