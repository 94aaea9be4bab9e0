"""MSR-13: what is wrong with answers that end well, each counted as its own kind."""
import json

import pytest

from program import throng

LOAD = '[{phase: sustained, users: 6, for: 1h}]'
KINDS = {'truncated', 'missing_finish', 'missing_done', 'after_done', 'crossed', 'mixed_ids',
         'usage_total', 'usage_parts', 'usage_zero', 'invalid_text'}


@pytest.fixture
def run_against(scenario, run, simulate):
    """run_against('--crossed-rate', '1', …) → results of 60 requests."""

    def run_flawed(*words, code=0, **parts):
        simulator = simulate('--ttft', '5ms', '--gap', '1ms', '--tokens', '6', *words)
        return run(scenario(target=simulator.url, load=LOAD, limits='{requests: 60}', **parts),
                   '--no-preflight', code=code)

    return run_flawed


def integrity(results):
    """Kinds that were counted, and their counts."""
    told = dict(results.summary['integrity'])
    assert set(told) == KINDS | {'unsound_answers'}
    return {kind: count for kind, count in told.items() if count}


def test_sound_answers_have_nothing_against_them(run_against):
    assert integrity(run_against()) == {}


@pytest.mark.parametrize('words, kind, count', [
    (['--no-done-rate', '1'], 'missing_done', 60),
    (['--after-done-rate', '1'], 'after_done', 60),
    (['--crossed-rate', '1'], 'crossed', 59),   # nobody came before the first
    (['--mixed-rate', '1'], 'mixed_ids', 59),
], ids=['missing_done', 'after_done', 'crossed', 'mixed_ids'])
def test_a_flaw_of_answers_that_end_well_is_counted_under_its_kind(run_against, words, kind,
                                                                   count):
    results = run_against(*words)
    assert integrity(results) == {kind: count, 'unsound_answers': count}
    assert sum(kind in sample['flags'] for sample in results.samples()) == count
    assert results.summary['totals']['failed'] == 0


def test_fault_20_a_stream_without_a_finish_reason_is_told_from_one_that_was_cut(run_against):
    results = run_against('--no-finish-rate', '1', code=116)
    assert integrity(results) == {'missing_finish': 60, 'unsound_answers': 60}
    cut = run_against('--truncate-rate', '1', '--fault-after', '3', code=116)
    assert integrity(cut) == {'truncated': 60, 'unsound_answers': 60}
    for each in (results, cut):
        assert {sample['outcome'] for sample in each.samples()} == {'truncated'}


def test_a_usage_that_does_not_add_up_is_told_by_what_is_wrong(run_against):
    results = run_against('--wrong-usage-rate', '1')
    assert integrity(results) == {'usage_total': 20, 'usage_parts': 20, 'usage_zero': 20,
                                  'unsound_answers': 60}
    for sample in results.samples():
        if 'usage_parts' in sample['flags']:
            assert sample['cached_tokens'] > sample['prompt_tokens']


def test_plain_answers_are_looked_at_too(run_against):
    users = ('{a: {flow: [{chat: {model: m, question: mixed, stream: false}}, {think: 5ms}]}}')
    assert integrity(run_against('--no-finish-rate', '1', users=users)) == {
        'missing_finish': 60, 'unsound_answers': 60}
    assert integrity(run_against('--crossed-rate', '1', users=users)) == {
        'crossed': 59, 'unsound_answers': 59}


def test_a_crossed_answer_is_red_in_the_terminal_and_can_fail_a_run(simulate, scenario, tmp_path):
    simulator = simulate('--ttft', '5ms', '--gap', '1ms', '--tokens', '6', '--crossed-rate', '1')
    path = scenario(target=simulator.url, load=LOAD, limits='{requests: 60}',
                    thresholds='{unsound_answers: ["count<1"]}')
    done = throng('run', path, '--headless', '--no-preflight', '--out', tmp_path / 'out', check=99)
    flat = ' '.join(done.stdout.split())
    assert 'Integrity 59 of 60 answers: 59 crossed. The answer carries the X-Request-ID' in flat
    assert 'unsound_answers should satisfy count<1: 59.' in flat


def test_the_schema_describes_each_kind():
    schema = json.loads(throng('schema', 'summary', check=0).stdout)
    kinds = schema['$defs']['integrity']['properties']
    assert set(kinds) == KINDS | {'unsound_answers'}
    assert all(kind['description'] for kind in kinds.values())
