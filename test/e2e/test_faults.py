"""What goes wrong at the server is data: counted under its own kind, and the others go on.

SIM-2 and RUN-1 at once: the simulator breaks what it was told to break, its ground truth says so,
and throng gives it the right name.
"""
import collections

import pytest

import truth

LOAD = '[{phase: sustained, users: 6, for: 1h}]'


def outcomes(results):
    return collections.Counter(sample['outcome'] for sample in results.samples())


@pytest.fixture
def run_against(scenario, run, simulate, tmp_path):
    """run_against('--reset-rate', '1', …) → (results, what the simulator wrote)."""

    def run_faulty(*words, requests=30, code=116, **parts):
        simulator = simulate('--ttft', '5ms', '--gap', '2ms', '--tokens', '12', '--ground-truth',
                             tmp_path / 'truth', *words)
        target = parts.pop('target', '{url: "{}"}').replace('{}', simulator.url)
        results = run(scenario(target=target, load=LOAD,
                               limits=f'{{requests: {requests}}}', **parts), '--no-preflight', code=code)
        simulator.stop()
        return results, truth.read(tmp_path / 'truth')

    return run_faulty


@pytest.mark.parametrize('words, kind', [
    (['--error-rate', '1', '--error-status', '500'], 'http_5xx'),
    (['--error-rate', '1', '--error-status', '503'], 'http_5xx'),
    (['--error-rate', '1', '--error-status', '400'], 'http_4xx'),
    (['--error-rate', '1', '--error-status', '429'], 'rate_limited'),
    (['--reset-rate', '1', '--fault-after', '3'], 'reset'),
    (['--truncate-rate', '1', '--fault-after', '3'], 'truncated'),
    (['--stream-error-rate', '1', '--fault-after', '3'], 'stream_error'),
    (['--malformed-rate', '1', '--fault-after', '3'], 'malformed_event'),
    (['--outage', '0s..1h', '--outage-status', '503'], 'http_5xx'),
    (['--outage', '0s..1h', '--outage-status', 'reset'], 'reset'),
], ids=lambda value: value if isinstance(value, str) else '-'.join(value).strip('-'))
def test_faults_19_to_28_are_each_counted_under_their_own_kind(run_against, words, kind):
    results, _ = run_against(*words)
    assert outcomes(results) == {kind: 30}
    assert [error['kind'] for error in results.summary['errors']] == [kind]
    assert results.summary['totals']['error_rate'] == 1


def test_fault_29_an_answer_that_stops_is_an_idle_timeout(run_against):
    results, _ = run_against('--stall-rate', '1', '--fault-after', '3', requests=6,
                             target='{url: "{}", timeouts: {idle: 200ms}}')
    assert outcomes(results) == {'idle_timeout': 6}
    assert all(sample['chunks'] == 3 for sample in results.samples())


def test_fault_29_an_answer_that_never_begins_is_a_first_token_timeout(run_against):
    results, _ = run_against('--ttft', '1h', requests=6,
                             target='{url: "{}", timeouts: {first_token: 200ms}}')
    assert outcomes(results) == {'first_token_timeout': 6}
    ttft = results.summary['metrics']['ttft']
    assert (ttft['count'], ttft['censored']) == (0, 6)


def test_fault_29_an_answer_that_takes_too_long_is_a_total_timeout(run_against):
    results, _ = run_against('--gap', '1h', requests=6, target='{url: "{}", timeouts: 200ms}')
    assert outcomes(results) == {'total_timeout': 6}


def test_fault_29_an_answer_byte_by_byte_is_read_whole(run_against):
    results, written = run_against('--drip-rate', '1', '--gap', '100us', '--tokens', '3',
                                   requests=4, code=0)
    assert outcomes(results) == {'ok': 4}
    assert all(sample['chunks'] == 3 for sample in results.samples())


def test_a_part_of_the_requests_breaks_and_exactly_those_are_counted(run_against):
    results, written = run_against('--error-rate', 'chat=10%', '--reset-rate', 'chat=10%',
                                   '--truncate-rate', 'chat=10%', requests=200, code=0)
    broken = collections.Counter(
        {2: 'reset', 3: 'truncated', 1: 'http_5xx'}[event.index]
        for events in written.values() for event in events if event.kind == 'fault')
    told = outcomes(results)
    assert len(broken) == 3
    assert {kind: told[kind] for kind in broken} == broken
    assert told['ok'] == 200 - sum(broken.values())


def test_partial_tokens_of_broken_streams_are_kept_apart(run_against):
    results, written = run_against('--truncate-rate', '1', '--fault-after', '5')
    for sample in results.samples():
        assert sample['chunks'] == 5
        assert sample['token_source'] == 'estimated'
    assert results.summary['metrics']['e2e']['count'] == 0


@pytest.mark.alone
def test_one_broken_stream_does_not_move_the_schedule_of_the_others(run_against):
    """The schedule's lag with faults stays below 3 times and 20 ms of the one without."""
    calm, _ = run_against(requests=150, code=0)
    stormy, _ = run_against('--reset-rate', '50%', requests=150, code=0)
    lag = [r.summary['client']['schedule_lag']['p50'] for r in (calm, stormy)]
    assert lag[1] < max(3 * lag[0], lag[0] + 20)


def test_a_queue_that_is_full_refuses_and_the_rest_is_served_in_order(run_against):
    results, _ = run_against('--capacity', '1', '--queue', '1', '--queue-full-status', '429',
                             '--ttft', '50ms', requests=40, code=0)
    told = outcomes(results)
    assert set(told) == {'ok', 'rate_limited'}


def test_a_plain_answer_is_measured_without_stream_metrics(run_against):
    results, _ = run_against(
        requests=20, code=0,
        users='{a: {flow: [{chat: {model: m, question: mixed, stream: false}}, {think: 10ms}]}}')
    assert outcomes(results) == {'ok': 20}
    metrics = results.summary['metrics']
    assert metrics['e2e']['count'] == 20
    assert metrics.get('ttft', {'count': 0})['count'] == 0
    assert results.summary['totals']['completion_tokens'] == 240


def test_expected_statuses_are_success_and_degraded_ones_are_counted(run_against):
    results, _ = run_against(
        '--outage', '0s..1h', requests=20, code=0,
        users='{a: {flow: [{http: GET /v1/models, expect: {status: [200, 503], degraded: [503]}}, '
              '{think: 10ms}]}}')
    assert outcomes(results) == {'degraded': 20}
    assert results.summary['totals']['degraded'] == 20
    assert results.summary['totals']['failed'] == 0
