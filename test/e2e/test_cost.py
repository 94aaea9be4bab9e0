"""MSR-8: what a run's money bought, made again here from its requests."""
import collections
from decimal import ROUND_HALF_UP, Decimal

import pytest

MODELS = ('{big: {price: {prompt: 2.50, cached: 1.25, completion: 10.00, reasoning: 12.00}}, '
          'small: {price: {prompt: 0.15, completion: 0.60}}}')
USERS = ('{rich: {weight: 1, tags: {org_id: acme}, flow: [{chat: {model: big, question: mixed}}, '
         '{think: 10ms}]}, poor: {weight: 1, tags: {org_id: zeta}, flow: [{chat: {model: small, '
         'question: mixed, stream: false}}, {think: 10ms}]}}')
# Pico-dollars a token: prompt, cached, completion, reasoning.
PRICES = {'big': (2_500_000, 1_250_000, 10_000_000, 12_000_000),
          'small': (150_000, 150_000, 600_000, 600_000)}


def price_of(sample):
    prompt, cached, completion, reasoning = PRICES[sample['labels']['model']]
    return ((sample['prompt_tokens'] - sample['cached_tokens']) * prompt +
            sample['cached_tokens'] * cached +
            (sample['completion_tokens'] - sample['reasoning_tokens']) * completion +
            sample['reasoning_tokens'] * reasoning)


def share(cost, wanted, had):
    return int((Decimal(cost) * wanted / had).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.fixture
def results(scenario, run, simulate):
    url = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '12', '--reasoning-tokens', '4',
                   '--cached', '25%', '--reset-rate', '10%', '--fault-after', '3').url
    return run(scenario(target=url, models=MODELS, users=USERS, warm_up='100ms',
                        load='[{phase: sustained, users: 6, for: 1h}]', limits='{requests: 120}'))


def test_money_is_exact_and_divided_by_what_it_bought(results):
    cost, samples = results.summary['cost'], results.samples()
    for sample in samples:
        assert sample['cost_pusd'] == price_of(sample)
    total = sum(map(price_of, samples))
    output = sum(s['completion_tokens'] for s in samples)
    assert cost['total_pusd'] == total > 0
    assert cost['total_usd'] == pytest.approx(total / 1e12, rel=1e-12)
    assert cost['per_million_output_tokens_pusd'] == share(total, 10**6, output)
    assert cost['per_million_tokens_pusd'] == share(
        total, 10**6, output + sum(s['prompt_tokens'] for s in samples))
    good = sum(s['outcome'] == 'ok' for s in samples)
    assert 0 < good < len(samples)
    assert cost['per_ok_request_pusd'] == share(total, 1, good)
    assert cost['output_tokens_per_usd'] == pytest.approx(output / (total / 1e12), rel=1e-6)


def test_a_second_of_generation_is_one_of_those_whose_time_is_known(results):
    timed = [s for s in results.samples()
             if s['chunks'] > 1 and 'generation_unknown' not in s['flags']
             and s['last_output_ns'] > s['first_output_ns']]
    took_ns = sum(s['last_output_ns'] - s['first_output_ns'] for s in timed)
    assert {s['labels']['model'] for s in timed} == {'big'}
    assert results.summary['cost']['per_generation_second_pusd'] == share(
        sum(map(price_of, timed)), 10**9, took_ns)
    assert results.summary['cost']['by_model']['small']['per_generation_second_pusd'] is None


def test_models_organizations_and_users_pay_what_their_requests_cost(results):
    cost, by_user = results.summary['cost'], collections.Counter()
    for key, told in (('model', 'by_model'), ('org_id', 'by_org_id')):
        parts = collections.Counter()
        for sample in results.samples():
            parts[sample['labels'][key]] += price_of(sample)
        assert {name: part['total_pusd'] for name, part in cost[told].items()} == parts
    for sample in results.samples():
        by_user[sample['user']] += price_of(sample)
    users = cost['users']
    assert users['count'] == len(by_user) == 6
    assert users['mean_pusd'] == share(sum(by_user.values()), 1, 6)
    assert [(u['user'], u['cost_pusd']) for u in users['dearest']] == sorted(
        by_user.items(), key=lambda item: (-item[1], item[0]))


def test_without_prices_money_is_null(scenario, run, fast_simulator):
    assert run(scenario(target=fast_simulator.url)).summary['cost'] is None
