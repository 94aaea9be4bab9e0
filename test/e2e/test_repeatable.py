"""RUN-8: the same seed and scenario make the same requests, over any number of workers."""
import collections
import json

import pytest

from program import ROOT, throng

QUICKSTART = ROOT / 'scenarios/quickstart.yaml'
SHORT = ('--users', '14', '--duration', '12s')


def requests(*options):
    """User → its requests in order."""
    told = throng('run', QUICKSTART, '--dry-run', '--print-requests', *SHORT, *options, check=0)
    by_user = collections.defaultdict(list)
    for line in told.stdout.splitlines():
        request = json.loads(line)
        by_user[request['user']].append(request)
    return by_user


def fingerprint(*options):
    told = throng('check', QUICKSTART, *SHORT, *options, check=0).stdout
    return told.split('Fingerprint ')[1].split()[0]


def test_two_dry_runs_print_the_same_bytes():
    words = ('run', QUICKSTART, '--dry-run', '--print-requests', *SHORT)
    first, second = throng(*words, check=0), throng(*words, check=0)
    assert first.stdout == second.stdout
    assert first.stdout.count('\n') > 50


def test_no_configured_header_or_key_is_printed(tmp_path):
    path = tmp_path / 'secrets.yaml'
    path.write_text("""
scenario: secrets
target: {url: "http://127.0.0.1:9", api_key: sk-one, headers: {X-Api-Key: "${TEAM_KEY}"}}
users:
  a:
    headers: {Cookie: session-two}
    flow: [{http: "GET /v1/models?key=query-three", headers: {X-Step: step-four}}]
load: [{phase: sustained, users: 1, for: 100ms}]
limits: {requests: 1}
""")
    told = throng('run', path, '--dry-run', '--print-requests', env={'TEAM_KEY': 'team-zero'},
                  check=0)
    headers = json.loads(told.stdout.splitlines()[0])['headers']
    assert {headers[name] for name in ('X-Api-Key', 'Cookie', 'X-Step')} == {'***'}
    for secret in ('sk-one', 'team-zero', 'session-two', 'step-four'):
        assert secret not in told.stdout + told.stderr


def test_another_seed_asks_other_questions():
    ours, others = requests(), requests('--seed', '43')
    said = lambda runs: {r.get('body') for user in runs.values() for r in user if r.get('body')}
    assert not said(ours) & said(others)


@pytest.mark.parametrize('workers', [1, 2, 3, 7])
def test_the_union_over_workers_is_the_run_of_one(workers):
    whole, union = requests(), {}
    for index in range(workers):
        part = requests('--workers', workers, '--worker-index', index)
        assert all(user % workers == index for user in part)
        union.update(part)
    assert union == whole


@pytest.fixture
def of_data(tmp_path):
    """A scenario whose requests come from files, lists and lengths."""
    (tmp_path / 'people.csv').write_text('id\n' + ''.join(f'{i}\n' for i in range(37)))
    (tmp_path / 'talks.json').write_text(json.dumps([
        {'conversations': [{'from': who, 'value': f'{i}{who}{turn}'}
                           for turn in range(1 + i % 3) for who in ('human', 'gpt')]}
        for i in range(31)]))
    path = tmp_path / 'scenario.yaml'
    path.write_text("""
scenario: of data
target: http://127.0.0.1:9
data: {people: {file: people.csv, order: random}}
datasets: {talks: {file: talks.json, order: random}}
questions:
  own:
    templates: ["Where is {{ lists.thing }}?", "Is {{ lists.thing }} {{ random.int(1, 99) }}?"]
    lists: {thing: [mine, yours, theirs]}
users:
  asker:
    weight: 2
    flow:
      - http: {request: POST /x, raw: "{{ data.people.id }}"}
      - repeat: 2
        steps: [{chat: {model: m, dataset: talks, conversation: keep}}, think: 1s..3s]
      - chat: {model: m, question: own, prefix: {tokens: 9, hit_ratio: 0.5, pool: 3}}
  measurer:
    weight: 1
    flow:
      - completion: {model: m, synthetic: {input: {mean: 30, deviation: 9}, output: 5..50}}
      - embeddings: {model: m, dataset: talks, batch: 2}
      - think: 2s
load: [{phase: ramp-up, users: 14, over: 5s}, {phase: sustained, for: 10s}]
""")
    return path


@pytest.mark.parametrize('workers', [1, 2, 3, 7])
def test_what_comes_from_files_and_lengths_is_the_same_over_any_number_of_workers(of_data, workers):
    words = ('run', of_data, '--dry-run', '--print-requests')
    whole = throng(*words, check=0).stdout.splitlines()
    union = [line for index in range(workers)
             for line in throng(*words, '--workers', workers, '--worker-index', index,
                                check=0).stdout.splitlines()]
    assert len(whole) > 100
    assert sorted(union) == sorted(whole)
    kinds = collections.Counter(json.loads(line)['url'].rsplit('/', 1)[1] for line in whole)
    assert set(kinds) == {'x', 'completions', 'embeddings'}


def test_the_fingerprint_is_that_of_the_workload_alone():
    ours = fingerprint()
    assert fingerprint() == ours
    assert fingerprint('--workers', '3', '--worker-index', '2') == ours
    assert fingerprint('--base-url', 'http://elsewhere:1') == ours
    assert fingerprint('--seed', '43') != ours
    assert fingerprint('--set', 'users.engineer.weight=3') != ours


def test_a_real_run_has_the_fingerprint_of_its_check(tmp_path):
    throng('run', QUICKSTART, '--users', '3', '--duration', '500ms', '--quiet', '--out', tmp_path,
           '--run-id', 'real', check=0)
    told = throng('check', QUICKSTART, '--users', '3', '--duration', '500ms', check=0).stdout
    assert json.loads((tmp_path / 'real/summary.json').read_text())['run']['fingerprint'] in told
