"""LOAD-5: `throng capacity` finds what the simulator is known to hold, and says how it knows.

What is right follows from the interactive response time law (Denning and Buzen, 1978): N people at a server of c
slots that each take S see R = N S / c - Z once all slots are taken, whatever the order they are served in.
"""
import csv
import io
import json
import math
import re

import jsonschema
import pytest

from program import Results, throng

WORKING = '{people: {flow: [{chat: {model: m, question: mixed, max_tokens: 20}}]}}'
# How well throng itself is served by the machine is no matter here: verdicts have room for that.
QUICK = ('--settle', '500ms', '--hold', '800ms', '--headless', '--require-trust', 'F')


@pytest.fixture
def search(scenario, tmp_path):
    """search(simulator, '--slo', …, code=0, people=…) → (Results, what was printed)."""

    def run(simulator, *options, code=0, **parts):
        path = scenario(**{'target': 'simulator', 'models': '{m: {}}', 'users': WORKING,
                           'simulator': f'{{{simulator}, preamble: none}}', **parts})
        out = tmp_path / 'found'
        before = set(out.iterdir()) if out.exists() else set()
        done = throng('capacity', path, '--out', out, *QUICK, *options, check=code, timeout=120)
        return Results((set(out.iterdir()) - before).pop()), done.stdout

    return run


def near(people):
    """Within a twentieth; and people are whole."""
    return pytest.approx(people, abs=0.05 * people + 0.5)


def check_documents(results):
    summary = results.summary
    jsonschema.validate(summary, json.loads(throng('schema', 'summary', check=0).stdout))
    rows = list(csv.DictReader(io.StringIO((results.folder / 'capacity.csv').read_text())))
    levels = summary['capacity']['levels']
    assert [row['phase'] for row in rows] == [level['phase'] for level in levels]
    assert all(float(row['load']) == level['load'] for row, level in zip(rows, levels))
    page = (results.folder / 'summary.md').read_text()
    assert '## Capacity' in page and levels[0]['phase'] in page
    # The phases of the run are those that were made, each as long as it was.
    phases = summary['by']['phase']
    for level in levels:
        phase = phases[level['phase']]
        assert phase['end_s'] - phase['start_s'] == pytest.approx(level['hold_s'], abs=0.01)
        assert phase['users_to'] == level['load']


# 8 slots of some 50 ms: 39 people wait 237 ms on average for their first token.
@pytest.mark.alone
def test_the_people_that_a_queue_serves_in_time_are_found(search):
    results, printed = search('ttft: 40ms, gap: 2ms, tokens: 6, capacity: 8', '--slo', 'ttft: avg<237ms',
                              '--from', '16', '--resolution', '2%', '--confirm', '1')
    capacity = results.summary['capacity']
    # The slots' own time, as the levels show it that keep them all busy.
    busy = [level['done_per_s'] for level in capacity['levels'] if level['load'] >= 16]
    service_s = 8 / (sum(busy) / len(busy))
    right = (0.237 - 0.040 + service_s) * 8 / service_s
    assert capacity['end'] == 'found'
    assert capacity['answer'] == near(right)
    assert capacity['low'] <= capacity['answer'] < capacity['high']
    assert capacity['saturation']['what'] == 'queue'
    assert capacity['slos'][0]['expression'] == 'avg<237ms' and capacity['slos'][1]['own']
    assert 'Capacity' in printed and 'It holds' in printed and '●' in printed and '×' in printed


# 8 are served and 8 may wait: the seventeenth is refused.
@pytest.mark.alone
def test_the_people_that_a_full_queue_does_not_refuse_are_found(search):
    results, printed = search('ttft: 40ms, gap: 2ms, tokens: 6, capacity: 8, queue: 8', '--slo',
                              'e2e: p(95)<10s', '--from', '4', '--resolution', '2%', '--confirm', '1')
    capacity = results.summary['capacity']
    assert capacity['end'] == 'found'
    assert capacity['answer'] == 16 and capacity['high'] == 17
    assert capacity['saturation']['what'] == 'errors'
    assert 'error_rate rate<1%' in printed
    assert results.summary['run']['exit_code'] == 0
    check_documents(results)


# People who read for 100 ms: the response time law with think time.
@pytest.mark.alone
def test_people_who_think_are_more(search):
    thinking = '{people: {think_time: 100ms, flow: [{chat: {model: m, question: mixed, max_tokens: 20}}, think]}}'
    results, _ = search('ttft: 40ms, gap: 2ms, tokens: 6, capacity: 4', '--slo', 'e2e: avg<150ms', '--from', '10',
                        '--resolution', '2%', '--confirm', '1', users=thinking)
    capacity = results.summary['capacity']
    busy = [level['done_per_s'] for level in capacity['levels'] if level['load'] >= 20]
    right = (0.150 + 0.100) * sum(busy) / len(busy)
    assert capacity['end'] == 'found'
    assert capacity['answer'] == near(right)


# 8 slots of 98 ms serve 81.6 arrivals a second; above that the queue grows for as long as they come.
@pytest.mark.alone
def test_the_arrivals_that_a_server_keeps_up_with_are_found(search):
    results, printed = search('ttft: 80ms, gap: 2ms, tokens: 10, capacity: 8', '--slo', 'ttft: med<110ms',
                              '--from', '60', '--resolution', '3%', '--confirm', '1',
                              arrivals='{distribution: constant, users: 400, max_wait: 5s}',
                              load='[{phase: sustained, rate: 5/s, for: 1s}]')
    capacity = results.summary['capacity']
    assert capacity['end'] == 'found' and capacity['by'] == 'rate'
    assert capacity['answer'] == pytest.approx(8 / 0.098, rel=0.05)
    assert capacity['slos'][0]['metric'] == 'ttft_from_due'
    assert capacity['saturation']['what'] == 'queue'
    assert 'arrivals/s' in printed
    for level in capacity['levels']:
        if level['held'] and level['stage'] != 'recovering':
            assert level['arrived_per_s'] == pytest.approx(level['load'], rel=0.1)


# 8 are served, and fewer than five may wait: with 13 people it is five.
@pytest.mark.alone
def test_what_servers_tell_of_themselves_is_judged_and_is_evidence(search):
    results, printed = search('ttft: 40ms, gap: 2ms, tokens: 6, capacity: 8', '--slo', 'backend_waiting: avg<5',
                              '--from', '8', '--confirm', '0', backends='[{interval: 100ms, capacity: 8}]')
    capacity = results.summary['capacity']
    assert capacity['end'] == 'found' and capacity['answer'] in (12, 13)
    for level in capacity['levels']:
        assert 0 < level['server_running'] <= 8
        assert 0 <= level['server_waiting'] <= 16
    assert capacity['saturation']['what'] == 'queue'
    assert re.search(r'at the servers \S+ \(\S+ before\) wait, \S+ of 8 run', capacity['saturation']['sentence'])
    assert 'a search for capacity, for 30m at most, from 8 users' in printed


# 600 may come at once and 10 a second after that, which is 4 people who ask for 400 ms: more hold until it is used up.
@pytest.mark.alone
def test_a_limit_per_minute_is_not_taken_for_the_burst_that_it_allows(search):
    results, printed = search('ttft: 380ms, gap: 4ms, tokens: 6, requests_per_minute: 600', '--slo', 'ttft: p(95)<1s',
                              '--from', '8', '--confirm', '0', '--max-duration', '25s', code=None)
    capacity = results.summary['capacity']
    broke = [level for level in capacity['levels'] if not level['held']]
    assert broke and all(level['rate_limited'] == level['failed'] for level in broke)
    assert capacity['saturation']['what'] == 'rate_limited'
    assert 'ttft' not in capacity['saturation']['sentence']
    assert 'error_rate rate<1% was' in printed


def test_a_first_level_that_breaks_is_a_crossed_threshold(search):
    results, printed = search('ttft: 40ms, gap: 2ms, tokens: 3', '--slo', 'ttft: p(95)<5ms', code=99)
    assert results.summary['capacity']['end'] == 'none_held'
    assert 'does not even hold 1 user' in printed
    assert results.summary['capacity']['answer'] is None


def test_a_top_that_held_is_an_answer_and_says_so(search):
    results, printed = search('ttft: 10ms, gap: 1ms, tokens: 3', '--to', '4', '--from', '2', '--confirm', '0',
                              thresholds='{ttft: ["p(95)<2s", "drift(p(95))<10%"]}')
    capacity = results.summary['capacity']
    assert capacity['end'] == 'top_held' and capacity['answer'] == 4
    assert 'Raise --to' in printed
    # The scenario's thresholds were the SLOs, but for what compares with other times; and they are none of
    # the run's: levels may break them.
    assert [slo['metric'] for slo in capacity['slos']] == ['ttft', 'error_rate']
    assert results.summary['thresholds'] == []


@pytest.mark.parametrize('options, said', [
    (('--slo', 'p(95)<1s'), 'is no SLO'),
    (('--slo', 'ttft: p(95)<1s', '--from', '0'), '--from'),
    (('--slo', 'ttft: p(95)<1s', '--from', '9', '--to', '4'), 'is below --from'),
    (('--slo', 'ttft: p(95)<1s', '--hold', 'long'), 'is no duration'),
    (('--slo', 'ttft: p(95)<1s', '--run-id', 'a b'), 'throng capacity: --run-id'),
    ((), 'what must hold?'),
])
def test_what_makes_no_search_is_refused_with_what_to_write(scenario, options, said):
    path = scenario(target='simulator', models='{m: {}}')
    assert said in throng('capacity', path, *options, check=2).stderr


def test_an_slo_is_checked_as_a_threshold_is(scenario):
    path = scenario(target='simulator', models='{m: {}}')
    done = throng('capacity', path, '--slo', 'tttf: p(95)<1s', check=104)
    assert '--slo:1:2: error: \'tttf\' is not a metric' in done.stderr and 'ttft' in done.stderr


def test_the_levels_of_a_search_cut_short_are_kept(scenario, tmp_path):
    path = scenario(target='simulator', models='{m: {}}', simulator='{ttft: 10ms, gap: 1ms, tokens: 3}')
    done = throng('capacity', path, '--slo', 'ttft: p(95)<2s', '--out', tmp_path / 'cut', '--max-duration', '3s',
                  '--settle', '200ms', '--hold', '400ms', '--headless', '--require-trust', 'F', check=116)
    capacity = Results(next((tmp_path / 'cut').iterdir())).summary['capacity']
    assert capacity['end'] == 'unconfirmed' and capacity['levels']
    assert 'Not confirmed' in done.stdout and not math.isnan(capacity['answer'])
