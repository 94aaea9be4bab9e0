"""SIM-6: a simulator that learned from a run answers as what that run measured did."""
import bisect
import collections
import math
import shutil

import pytest

from program import throng

# Two platforms that share no figure: of one hump each, and of two with a gap between them.
TWO_HUMPS = 'quantiles({})'.format(','.join(f'{low + i}ms' for low in (20, 70) for i in range(10)))
EVEN = ('--ttft', 'lognormal(35ms,0.4)', '--gap', 'gaussian(3ms,1ms)', '--tokens', 'lognormal(14,0.4)',
        '--error-rate', '8%', '--error-status', '503=3,429=1')
UNEVEN = ('--ttft', TWO_HUMPS, '--gap', 'quantiles(1ms,1ms,1ms,9ms,9ms,9ms)', '--tokens', 'uniform(20,30)',
          '--tokens-per-chunk', '1.5', '--reasoning-tokens', '3', '--reset-rate', '8%')
REQUESTS = 700

# So rarely (in both directions together) do two draws from one distribution differ by more than that.
ALPHA = 1e-5


def distance(ones, others):
    """Kolmogorov and Smirnov's: the greatest difference of two cumulative distributions."""
    ones, others = sorted(ones), sorted(others)

    def below(values, value):
        return bisect.bisect_right(values, value) / len(values)

    return max(abs(below(ones, value) - below(others, value)) for value in ones + others)


def bound(ones, others):
    """Smirnov's asymptotic bound on it for two samples of one distribution."""
    return math.sqrt(-math.log(ALPHA / 2) / 2 * (1 / len(ones) + 1 / len(others)))


def figures(samples):
    """Times in ms and counts of the answers that came whole."""
    whole = [s for s in samples if s['outcome'] == 'ok']
    return {
        'ttft': [(s['first_output_ns'] - s['wire_ns']) / 1e6 for s in whole],
        'gap': [(s['last_output_ns'] - s['first_output_ns']) / (s['chunks'] - 1) / 1e6
                for s in whole if s['chunks'] > 1],
        'tokens': [s['completion_tokens'] for s in whole],
        'reasoning': [s['reasoning_tokens'] for s in whole],
        'chunks': [s['chunks'] for s in whole],
    }


@pytest.fixture
def measure(scenario, run):
    """measure(url of m1, url of m2) → the results folder, and the samples by model."""

    def at(first, second):
        results = run(scenario(
            target='', targets=f'{{one: "{first}", two: "{second}"}}',
            models='{m1: {target: one}, m2: {target: two}}',
            users='{asker: {flow: [{pick: [{weight: 1, steps: [{chat: {model: m1, question: mixed}}]}, '
                  '{weight: 1, steps: [{chat: {model: m2, question: mixed}}]}]}]}}',
            load='[{phase: sustained, users: 24, for: 1h}]', limits=f'{{requests: {REQUESTS}}}'))
        by_model = collections.defaultdict(list)
        for sample in results.samples():
            by_model[sample['labels']['model']].append(sample)
        return results, by_model

    return at


def outcomes(samples):
    """Share of each (outcome, status) but the successes."""
    counts = collections.Counter((s['outcome'], s.get('status')) for s in samples)
    return {kind: count / len(samples) for kind, count in counts.items() if kind[0] != 'ok'}


def assert_alike(ones, others):
    one, other = figures(ones), figures(others)
    for name in one:
        far = distance(one[name], other[name])
        assert far < bound(one[name], other[name]), (name, far)
    for kind, share in outcomes(ones).items():
        again = outcomes(others).get(kind, 0)
        spread = math.sqrt(share * (1 - share) * (1 / len(ones) + 1 / len(others)))
        assert abs(share - again) < 4.5 * spread, (kind, share, again)


def test_what_was_learned_is_what_was_measured(simulate, measure):
    results, before = measure(simulate(*EVEN).url, simulate(*UNEVEN).url)
    learned = simulate('--like', results.folder, '--seed', '2')
    told = learned.process.next_line()
    assert f'like {results.folder}: ' in told and 'those of single chunks' in told, told
    _, after = measure(learned.url, learned.url)
    for model in ('m1', 'm2'):
        assert_alike(before[model], after[model])
    # None of this would hold of another platform.
    one, other = figures(before['m1']), figures(after['m2'])
    for name in one:
        assert distance(one[name], other[name]) > 2 * bound(one[name], other[name]), name
    assert ('reset', 200) not in outcomes(after['m1'])
    assert ('http_5xx', 503) not in outcomes(after['m2'])


def test_percentiles_alone_will_do(simulate, measure, tmp_path):
    results, before = measure(*2 * [simulate(*EVEN).url])
    shutil.copy(results.folder / 'summary.json', tmp_path / 'alone.json')
    learned = simulate('--like', tmp_path / 'alone.json', '--error-rate', '0')
    assert 'percentiles and averages alone' in learned.process.next_line()
    again, after = measure(*2 * [learned.url])
    assert again.summary['totals']['failed'] == 0  # what is given beside it goes before it
    ones, others = ([figures(samples)[name] for samples in (before['m1'], after['m1'])]
                    for name in ('ttft', 'tokens'))
    assert distance(*ones) < 0.15 + bound(*ones)  # lines between percentiles are no shape
    assert abs(sum(others[0]) / len(others[0]) - sum(others[1]) / len(others[1])) < 2


def test_a_scenario_says_what_its_simulator_is_like(scenario, run):
    slow = run(scenario(target='simulator', simulator='{ttft: 150ms, gap: 1ms, tokens: 5}',
                        load='[{phase: sustained, users: 4, for: 1h}]', limits='{requests: 12}'))
    again = run(scenario(name='again.yaml', target='simulator',
                         simulator=f'{{like: results/{slow.folder.name}, tokens: 7}}',
                         load='[{phase: sustained, users: 4, for: 1h}]', limits='{requests: 12}'))
    assert again.summary['metrics']['ttft']['min'] > 140
    assert {s['completion_tokens'] for s in again.samples()} == {7}
    # Resolved, it names the results from wherever it is read.
    assert f'like: "{slow.folder}"' in (again.folder / 'scenario.yaml').read_text()


@pytest.mark.parametrize('results, why', [('nowhere', 'neither samples.bin nor summary.json'),
                                          ('some.json', 'these are no results')])
def test_what_cannot_be_learned_from_is_refused(tmp_path, results, why):
    (tmp_path / 'some.json').write_text('{}')
    done = throng('simulate', '--like', tmp_path / results, check=2)
    assert why in done.stderr and results in done.stderr
