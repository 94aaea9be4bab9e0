"""MSR-7: which operations met every SLO that the scenario names, held against what the servers did."""
import csv

import pytest

from program import throng
from scripted import HELLO, ScriptedServer, stream, whole
import truth

# The slow simulator never gives a first token within 200 ms; the fast one has 30 s for it.
TWO = """
  asker:
    model: m
    flow:
      - chat: {question: mixed, max_tokens: 5}
        name: soon
        target: fast
      - chat: {question: mixed, max_tokens: 5}
        name: late
        target: slow
        slo: {ttft: 200ms, e2e: 30s}
      - http: GET /v1/models
        name: list
        target: fast
      - chat: {question: mixed, max_tokens: 5}
        name: free
        target: fast
        slo: {}"""


@pytest.fixture
def two(simulate, scenario, fast_simulator):
    """two(thresholds, …) → path of a scenario with a target that is in time and one that is not."""
    slow = simulate('--ttft', '250ms', '--gap', '1ms', '--tokens', '5')

    def write(**parts):
        return scenario(**{'targets': f'{{fast: {fast_simulator.url}, slow: {slow.url}}}',
                           'models': '{m: {}}', 'users': TWO, 'slo': '{ttft: 30s, ttfo: 1ms}',
                           'load': '[{phase: sustained, users: 4, for: 2s}]', **parts})

    return write


def test_goodput_is_what_was_in_time_by_step_and_in_all(two, run):
    results = run(two(thresholds='{goodput: value>0.5, "slo_met{step:soon}": rate>=100%}'))
    totals = results.summary['totals']
    by_step = results.summary['by']['step']
    soon, late = by_step['soon']['slo'], by_step['late']['slo']
    assert soon['share'] == 1 and soon['met'] == by_step['soon']['operations'] > 3
    assert late['met'] == 0 and late['metrics']['ttft']['missed'] == late['operations'] > 3
    assert late['metrics']['e2e'] == {'observed': late['operations'], 'missed': 0}
    # A body has no first token, and `slo: {}` is none: neither is in any of it.
    assert by_step['list']['slo'] is None and by_step['list']['goodput'] is None
    assert by_step['free']['slo'] is None
    assert totals['slo']['operations'] == soon['operations'] + late['operations']
    assert totals['slo']['met'] == soon['met'] and totals['slo']['failed'] == 0
    window = results.summary['window']
    seconds = window['end_s'] - window['start_s']
    assert totals['goodput'] == pytest.approx(totals['slo']['met'] / seconds, rel=0.01)
    assert results.summary['workload']['slo_ignored'] == ['ttfo']
    page = (results.folder / 'summary.md').read_text()
    assert f"ttft {late['operations']}; ignored: ttfo, which no answer had" in page
    with open(results.folder / 'timeline.csv', newline='') as file:
        points = list(csv.DictReader(file))
    everything = results.summary['all']['slo']['met']
    assert sum(float(p['goodput_per_s']) * (float(p['end_s']) - float(p['start_s']))
               for p in points) == pytest.approx(everything, rel=0.01)


def test_a_run_whose_goodput_is_too_low_ends_early(two, run):
    results = run(two(load='[{phase: sustained, users: 4, for: 1h}]',
                      thresholds='{"slo_met{step:late}": {threshold: rate>50%, '
                                 'min_samples: 4, abort_on_fail: true}}'), code=108)
    row, = results.summary['thresholds']
    assert row['value'] == 0 and not row['passed'] and row['samples'] >= 4


def test_goodput_agrees_with_the_samples_and_the_servers_own_times(
        simulate, scenario, run, tmp_path):
    limit_ns = 60e6
    log = tmp_path / 'truth'
    simulator = simulate('--ttft', 'lognormal(60ms,0.5)', '--gap', '1ms', '--tokens', '8',
                         '--ground-truth', log)
    results = run(scenario(target=simulator.url, slo='{ttft: 60ms}',
                           load='[{phase: sustained, users: 4, for: 2s}]'))
    simulator.stop()
    samples = [s for s in results.samples() if s['outcome'] == 'ok']
    in_time = [s for s in samples if s['first_output_ns'] - s['sent_ns'] <= limit_ns]
    slo = results.summary['all']['slo']
    # Whom the end of the run cut off after it had waited too long, missed its SLO too.
    assert slo['met'] == len(in_time)
    assert slo['operations'] >= len(samples) > len(in_time) > 5
    # Nobody sees a first token before the server has sent it.
    sent_in_time = [events for events in truth.read(log).values()
                    if (tokens := truth.output(events))
                    and tokens[0].mono_ns - events[0].mono_ns <= limit_ns]
    assert slo['met'] <= len(sent_in_time)


def test_a_retry_that_succeeds_is_good_only_if_the_whole_was_in_time(scenario, run):
    asked = []

    def answer(request):
        asked.append(request)
        return stream(*HELLO) if len(asked) % 2 == 0 else whole('503 Busy', '{}')

    server = ScriptedServer(answer)
    again = '{attempts: 2, base: 300ms, max: 300ms, retry_after: false}'
    flow = ', '.join(f'{{chat: {{model: m, question: mixed, max_tokens: 5}}, name: {name}, '
                     f'retry: {again}, slo: {{{slo}}}}}'
                     for name, slo in (('last', 'ttft: 30s'), ('whole', 'operation_duration: 1us')))
    results = run(scenario(target=server.url, users=f'{{asker: {{flow: [{flow}]}}}}',
                           load='[{phase: sustained, users: 1, for: 1h}]',
                           limits='{requests: 4}'))
    server.close()
    by_step = results.summary['by']['step']
    assert by_step['last']['slo']['met'] == by_step['last']['slo']['operations'] == 1
    assert by_step['whole']['slo']['met'] == 0
    assert by_step['whole']['slo']['metrics']['operation_duration']['missed'] == 1


def test_what_failed_is_no_good_however_fast_it_was(scenario, run):
    server = ScriptedServer(lambda request: whole('500 Oops', '{}'))
    results = run(scenario(target=server.url, slo='{e2e: 1h}', limits='{requests: 5}'), code=116)
    server.close()
    slo = results.summary['totals']['slo']
    assert slo['failed'] == slo['operations'] == results.summary['totals']['failed'] >= 5
    assert slo['met'] == 0 and slo['metrics'] == {}
    assert results.summary['workload']['slo_ignored'] == []


def test_check_says_which_slos_hold_where(two):
    said = throng('check', two(), check=0).stdout
    assert 'late (m); SLO: ttft 200ms, e2e 30s\n' in said
    assert 'list\n' in said and 'list; SLO' not in said
