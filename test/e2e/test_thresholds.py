"""SCN-8: what a run must satisfy, or its exit code says so."""
import json
import re

import pytest

from program import Results, throng

TWO_CLASSES = """
  reader: {weight: 1, tags: {tier: gold}, flow: [
    {chat: {model: small, question: mixed, max_tokens: 20}, name: ask, tags: {kind: short}},
    {chat: {model: large, question: mixed, max_tokens: 40}, name: tell}]}
  writer: {weight: 1, flow: [
    {chat: {model: small, question: mixed, max_tokens: 20}, name: ask}]}"""
MODELS = '{small: {price: {prompt: 1, completion: 2}}, large: {}}'

HOLD = ['ttft: p(95)<30s', 'icl: "avg<5s"', 'tps: avg>0.1', 'e2e: {threshold: "med<30000"}',
        'error_rate: rate<5%', 'success_rate: rate>0.99', 'availability: rate>=99.9%',
        'http_req_failed: rate<0.01', 'http_reqs: [count>1, rate>0.1/s]',
        'http_req_duration: "p(90)<30s"', 'requests_per_second: value>0.1',
        'cost_usd: value<1 USD', 'question_uniqueness: rate>=100%',
        '"ttft{model:small,step:ask}": p(95)<30s', '"requests{class:reader, step:tell}": count>0',
        '"requests{tier:gold,kind:short,release:v7}": count>0',
        '"error_rate{prompt_size:0-255}": rate<1%']
BREAK = ['ttft: p(95)<1us', 'tps: "min>1000000"', 'error_rate: rate>50%', 'availability: rate<1%',
         'http_reqs: count>1000000', 'http_req_duration: avg<0.001', 'cost_usd: value>100 USD',
         'requests_per_second: value>100000/s', '"ttft{model:large,step:tell}": "max<1us"',
         '"ttft{model:large,step:ask}": p(95)<1h',  # nobody asks so: no data
         '"requests{tier:gold,release:v8}": count>=0']


@pytest.fixture
def judged(scenario, fast_simulator, tmp_path):
    """judged(thresholds, code) → the summary's thresholds."""

    def judge(lines, code):
        text = ''.join(f'\n  {line}' for line in lines)
        path = scenario(target=fast_simulator.url, users=TWO_CLASSES, models=MODELS,
                        thresholds=text)
        throng('run', path, '--quiet', '--out', tmp_path / 'out', '--tag', 'release=v7',
               '--run-id', 'judged', check=code)
        return Results(tmp_path / 'out/judged').summary['thresholds']

    return judge


def test_thresholds_on_everything_can_hold(judged):
    rows = judged(HOLD, 0)
    assert len(rows) == len(HOLD) + 1
    assert all(row['passed'] and row['samples'] > 0 for row in rows), rows


@pytest.mark.parametrize('line', BREAK)
def test_a_threshold_that_does_not_hold_is_99(judged, line):
    row, = judged([line], 99)
    assert not row['passed']


def test_a_selector_of_several_labels_has_just_the_requests_that_have_them_all(
        scenario, fast_simulator, run):
    path = scenario(target=fast_simulator.url, users=TWO_CLASSES, models=MODELS, thresholds="""
      "requests{class:reader,step:ask}": count>0
      "requests{model:small,step:ask}": count>0
      "requests{kind:short}": count>0""")
    results = run(path)
    samples = [sample for sample in results.samples() if 'in_window' in sample['flags']]

    def count(**labels):
        return sum(all(sample['labels'].get(key) == value for key, value in labels.items())
                   for sample in samples)

    told = [row['value'] for row in results.summary['thresholds']]
    # 'class' is a word of Python.
    assert told == [count(**{'class': 'reader', 'step': 'ask'}), count(model='small', step='ask'),
                    count(kind='short')]
    assert told[0] < told[1]


def test_too_few_samples_are_no_data(judged):
    row, = judged(['ttft: {threshold: "p(95)<1h", min_samples: 1000000}'], 99)
    assert row['value'] is None and row['samples'] < 1000000


def abort(scenario, url, tmp_path, threshold, *words):
    path = scenario(target=url, load='[{phase: sustained, users: 4, for: 20s}]',
                    thresholds=f'{{ttft: {threshold}}}')
    return throng('run', path, '--quiet', '--out', tmp_path / 'out', '--run-id', 'aborted', *words)


def test_abort_on_fail_ends_the_run_and_logs_value_and_limit(scenario, fast_simulator, tmp_path):
    done = abort(scenario, fast_simulator.url, tmp_path,
                 '{threshold: "p(50)<1ms", abort_on_fail: true}', '--log-format', 'json')
    assert done.returncode == 108
    line = json.loads(done.stderr.splitlines()[0])
    assert line['level'] == 'error' and line['run'] == 'aborted'
    assert re.match(r'ttft should satisfy p\(50\)<1ms: \d+(\.\d+)? ms\. The run stops\.',
                    line['message'])
    assert Results(tmp_path / 'out/aborted').summary['run']['duration_s'] < 10


def test_abort_on_fail_waits_for_its_delay_and_its_samples(scenario, fast_simulator, tmp_path):
    done = abort(scenario, fast_simulator.url, tmp_path,
                 '{threshold: "p(50)<1ms", abort_on_fail: true, delay_abort_eval: 2s}')
    assert done.returncode == 108
    assert Results(tmp_path / 'out/aborted').summary['run']['duration_s'] >= 2
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 4, for: 2500ms}]',
                    thresholds='{ttft: {threshold: "p(50)<1ms", abort_on_fail: true, '
                               'min_samples: 1000000}}')
    done = throng('run', path, '--quiet', '--out', tmp_path / 'out2')
    assert done.returncode == 99  # of too few samples nothing is known, at the end no more
