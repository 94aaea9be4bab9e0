"""LIB-1 to LIB-3: the shipped scenarios are the loads, mixes and limits that were promised."""
import re

import pytest
import yaml

from program import ROOT, Results, throng
from suites import SUITES, name_of


def environments_of(path):
    """Those of the file and of what it includes."""
    scenario = yaml.safe_load(path.read_text())
    included = scenario.get('include', [])
    names = set(scenario.get('environments', {}))
    for part in [included] if isinstance(included, str) else included:
        names |= environments_of(path.parent / part)
    return names


@pytest.mark.parametrize('path', SUITES, ids=name_of)
def test_a_shipped_scenario_checks_clean_in_each_of_its_environments(path):
    throng('check', path, check=0)
    environments = environments_of(path)
    expected = {'llm': set(), 'gateway': {'local', 'staging', 'production'},
                'web': {'local', 'development', 'staging', 'production'}}
    assert environments == expected[path.parent.name]
    for name in environments:
        throng('check', path, '--env', name, check=0)


# PRODUCT's LIB-1 to LIB-3: the load, phase by phase without cool-downs, and what must hold.
LOADS = {
    'llm/users-10': ('→10 =10', '5m', []),
    'llm/users-50': ('→50 =50', '10m', ['error_rate rate<5%']),
    'llm/hold-50': ('=50', '10m', []),
    'llm/workers-100': ('→100 =100', '20m', ['error_rate rate<5%']),
    'llm/ramp-5m': ('=10 →100@5m =100', '11m', []),
    'llm/ramp-10m': ('=10 →100@10m =100', '16m', []),
    'llm/spike-200': ('=10 ^200 =10', '7m', []),
    'llm/users-1000': ('→1000 =1000', '30m', ['error_rate rate<10%']),
    'llm/soak-4h': ('→100 =100', '4h', []),
    'llm/orgs-3': ('→30 =30', '10m', ['error_rate rate<5%']),
    'llm/orgs-budgets': ('→60 =60', '15m', [f'error_rate{{org_id:loadtest-org-{i}}} rate<5%' for i in (1, 3)]),
    'llm/endpoints': ('→30 =30', '10m', ['error_rate rate<1%']),
    'gateway/api': ('→10@10s =10@5m →50@8s =50@5m →100@5s =100@5m', None,
                    ['http_req_duration p(95)<2s', 'error_rate rate<1%',
                     'requests_per_second value>10']),
    'gateway/rag': ('→5@5s =5@5m →25@6.67s =25@5m →50@5s =50@5m', None,
                    ['http_req_duration{step:query} p(95)<3s', 'vector_store_timeouts rate<0.1%']),
    'gateway/mcp': ('→5@5s =5@5m →20@7.5s =20@5m', None,
                    [f'http_req_duration{{step:{tool}}} p(95)<5s' for tool in
                     ('read_file', 'write_file', 'git_status', 'git_log', 'web_scrape')] +
                    ['sandbox_violations count==0']),
    'gateway/baseline': ('=1', '2m', []),
    'web/smoke': ('=5', '30s', ['http_req_duration p(95)<500ms', 'http_req_failed rate<5%']),
    'web/auth': ('→10 =10 →50 =50', '4m',
                 ['http_req_duration p(95)<250ms', 'http_req_failed rate<2%']),
    'web/agents': ('→20 =20 →60 =60 →100 =100', '16m',
                   ['http_req_duration p(95)<400ms', 'http_req_failed rate<2%']),
    'web/pipelines': ('→20 =20 →60 =60 →100 =100', '16m',
                      ['http_req_duration p(95)<400ms', 'http_req_failed rate<2%']),
    'web/stress': ('→50 =50 →200 =200 →500 =500', '20m',
                   ['http_req_duration p(95)<1s', 'http_req_failed rate<10%']),
    'web/spike': ('→20 =20 ^1000 =20', '7m',
                  ['http_req_duration p(95)<2s', 'http_req_failed rate<15%']),
    'web/soak': ('→100 =100', '30m', ['http_req_duration p(95)<300ms']),
}


def phases_of(told):
    """"  ramp-up-2   8s  10 → 50 users" of `throng check`, as →50@8s; cool-downs are left out."""
    kinds = {'ramp-up': '→', 'sustained': '=', 'spike': '^'}
    for name, duration, users in re.findall(r'^  ([a-z-]+?)(?:-\d+)? +(\S+)  (\d.*) users', told,
                                            re.M):
        if name != 'cool-down':
            yield kinds[name] + users.split('→ ')[-1].split()[0], duration


@pytest.mark.parametrize('name', LOADS)
def test_a_shipped_scenario_is_the_load_that_was_promised(name):
    told = throng('check', ROOT / f'scenarios/{name}.yaml', check=0).stdout
    phases, total, thresholds = LOADS[name]
    wanted = [phase.split('@') for phase in phases.split()]
    found = list(phases_of(told))
    assert [phase for phase, _ in found] == [phase[0] for phase in wanted]
    assert all(duration == phase[1] for (_, duration), phase in zip(found, wanted) if phase[1:])
    assert not total or f' users at most, {total} in all' in told
    if name.startswith('llm/'):
        thresholds = [*thresholds, 'ttft p(50)<500ms', 'tps avg>40']
    said = {' '.join(line.split()) for line in told.splitlines()}
    assert not set(thresholds) - said


# What production promises of single endpoints: the 95th and 99th percentile.
ENDPOINTS = {'login': ('250ms', '500ms'), 'logout': ('150ms', '300ms'),
             'list agents': ('200ms', '400ms'), 'list pipelines': ('200ms', '400ms'),
             'create agent': ('400ms', '800ms'), 'create pipeline': ('400ms', '800ms')}


@pytest.mark.parametrize('name, steps', [
    ('smoke', 'login, logout, list agents, list pipelines'), ('auth', 'login, logout'),
    ('agents', 'list agents, create agent'), ('pipelines', 'list pipelines, create pipeline'),
    ('spike', 'login, logout, list agents, list pipelines, create agent'),
    ('stress', ', '.join(ENDPOINTS)), ('soak', ', '.join(ENDPOINTS))])
def test_the_web_suite_in_production_must_be_as_good_as_was_promised(name, steps):
    told = throng('check', ROOT / f'scenarios/web/{name}.yaml', '--env', 'production', check=0).stdout
    said = {' '.join(line.split()) for line in told.splitlines()}
    assert said >= {
        'http_req_duration p(95)<200ms', 'http_req_duration p(99)<500ms', 'http_req_failed rate<1%',
        'availability rate>99.9%', 'success_rate rate>99%'}
    for step in steps.split(', '):
        p95, p99 = ENDPOINTS[step]
        assert said >= {f'http_req_duration{{step:{step}}} p(95)<{p95}',
                        f'http_req_duration{{step:{step}}} p(99)<{p99}'}, step


@pytest.mark.parametrize('one', ['agent', 'pipeline'])
def test_of_what_people_do_with_agents_and_pipelines_each_has_its_share(one, tmp_path):
    throng('run', ROOT / f'scenarios/web/{one}s.yaml', '--out', tmp_path, '--users', '20', '--quiet',
           '--duration', '8s', '--set', 'users.worker.think_time=5ms', '--set', 'simulator.web=5ms',
           '--set', 'thresholds={}', check=0)
    steps = Results(next(tmp_path.iterdir())).summary['by']['step']
    asked = {name: of['requests'] for name, of in steps.items()}
    total = sum(asked.values())
    assert total > 1000
    for name, share in ((f'create {one}', 30), (f'list {one}s', 40), (f'update {one}', 20),
                        (f'delete {one}', 10)):
        # Four standard deviations of what is drawn.
        spread = 4 * (share * (100 - share) / total) ** 0.5
        assert 100 * asked[name] / total == pytest.approx(share, abs=spread), asked


def test_each_metric_of_the_web_suite_is_fed_by_one_of_its_scenarios():
    steps = throng('check', ROOT / 'scenarios/web/stress.yaml', check=0).stdout
    for step in ('login', 'logout', 'create agent', 'create pipeline', 'deploy'):
        assert re.search(rf'^ +{step}\b', steps, re.M), step


def test_the_suites_have_the_scenarios_that_they_promise():
    assert {name_of(path) for path in SUITES} >= {
        *(f'llm/{name}' for name in (
            'users-10 users-50 hold-50 workers-100 ramp-5m ramp-10m spike-200 users-1000 soak-4h '
            'embeddings multi-turn strategies think-times').split()),
        *(f'gateway/{name}' for name in 'api rag mcp baseline'.split()),
        *(f'web/{name}' for name in 'smoke auth agents pipelines stress spike soak'.split())}
