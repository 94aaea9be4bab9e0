"""Money: PLT-5, an organization's budget, and LOAD-8 and FAULTS 53, the limit of a whole run."""
import jsonschema
import json
import pytest

from program import Results, Running, throng

TOKEN = 'adm-token-of-the-tests'
COST = 111
PRICES = '{m: {price: {prompt: 2.50, completion: 1000.00}}}'


@pytest.fixture(name='platform')
def platform_fixture():
    simulator = Running('simulate', '--admin-key-env', 'PLATFORM_KEY', '--tenant-keys', 'required',
                        '--ttft', '20ms', '--tokens', '12', '--gap', '2ms', '--tenants', '1ms',
                        '--price-prompt', '2.50', '--price-completion', '1000',
                        env={'PLATFORM_KEY': TOKEN})
    yield simulator.wait_for_line('listens on').split()[-1]
    simulator.kill()


def test_only_the_organization_whose_budget_is_spent_is_throttled(platform, scenario, tmp_path):
    path = scenario(
        target=f'{{url: "{platform}"}}', models=PRICES,
        platform=f'{{url: "{platform}", token: "${{ADMIN_TOKEN}}", users: 2, organizations: '
                 '{count: 3, name: "loadtest-org-{index}", budget: {loadtest-org-2: 0.15 USD}}}',
        users='{asker: {flow: [{chat: {model: m, max_tokens: 12}}, {think: 20ms}]}}',
        load='[{phase: sustained, users: 6, for: 3s}]',
        thresholds='{isolation: "rate>=100%"}')
    done = throng('run', path, '--headless', '--out', tmp_path / 'out', env={'ADMIN_TOKEN': TOKEN}, check=0)
    results = Results(next((tmp_path / 'out').iterdir()))
    summary = results.summary
    jsonschema.validate(summary, json.loads(throng('schema', 'summary', check=0).stdout))
    isolation = summary['isolation']
    parts = isolation['by_org_id']
    assert parts['loadtest-org-2']['throttled'] > 10
    assert parts['loadtest-org-2']['throttled_from_s'] < 3
    assert 0.1 < parts['loadtest-org-2']['cost_usd'] <= 0.17
    for other in ('loadtest-org-1', 'loadtest-org-3'):
        assert parts[other]['throttled'] == 0
        assert parts[other]['after']['failed'] == 0
        assert parts[other]['after']['requests'] > 20
    assert isolation['sentence'].startswith('only loadtest-org-2 (')
    assert isolation['sentence'].endswith('; the others: none')
    assert 'only loadtest-org-2' in ' '.join(done.stdout.split())
    assert 'only loadtest-org-2' in (results.folder / 'summary.md').read_text()
    assert any('over_budget' in one['flags'] for one in results.samples())
    users = (results.folder / 'users.csv').read_text()
    assert '"loadtest-org-3"' in users


FAST = ('--ttft', '5ms', '--gap', '1ms', '--tokens', '20')


def crowd(scenario, url, flow, cost=20):
    return scenario(target=url, models=PRICES, users=f'{{asker: {{flow: [{flow}]}}}}',
                    load='[{phase: sustained, users: 500, for: 1m}]', limits=f'{{cost: {cost} USD}}')


def test_fault_53_500_users_never_overspend_where_answers_are_bounded(scenario, run, simulate):
    simulator = simulate(*FAST)
    summary = run(crowd(scenario, simulator.url, '{chat: {model: m, max_tokens: 20}}'), code=COST).summary
    assert 15 < summary['all']['cost_usd'] <= 20
    [said] = [one['sentence'] for one in summary['verdicts'] if one['code'] == COST]
    assert said.startswith('limits.cost: ') and 'over the limit' not in said


@pytest.mark.parametrize('limit', [20, 2])  # all at once they cost 10 USD: also before any answer told how long they are
def test_fault_53_500_users_overshoot_by_little_where_answers_have_no_bound(scenario, run, simulate, limit):
    simulator = simulate(*FAST)
    summary = run(crowd(scenario, simulator.url, '{chat: {model: m}}', limit), code=COST).summary
    spent = summary['all']['cost_usd']
    assert 0 < spent < limit * 1.05
    [said] = [one['sentence'] for one in summary['verdicts'] if one['code'] == COST]
    assert ('over the limit' in said) == (spent > limit)
