"""RES-4: the load of one run is dealt to arms, which ask the same at the same time; and they are compared."""
import collections
import json
import re

import jsonschema
import pytest

from program import Running, throng

HEAD = """
scenario: ab
seed: 7
targets:
  default: {url: "http://127.0.0.1:9"}
  next: {url: "http://127.0.0.1:10"}
"""
ARMS = """
ab:
  by: %s
  arms:
    current: {weight: %d}
    candidate: {weight: %d, target: next, models: {gpt-4o: gpt-4o-next}, extra_body: {top_k: 5}}
"""
ASKERS = """
users:
  asker: {weight: 3, think_time: 100ms..2s, flow: [{chat: {model: gpt-4o, extra_body: {top_k: 1, min_p: 0.5}}}]}
  talker:
    think_time: 1s
    flow:
      - repeat: 2
        steps: [{chat: {model: gpt-4o, conversation: keep}}]
"""
CLOSED = 'load: [{phase: sustained, users: 8, for: 40s}]\n'
OPEN = 'load: [{phase: sustained, rate: 4/s, for: 30s}]\narrivals: {distribution: constant}\n'


@pytest.fixture
def asked(tmp_path):
    """Gives the requests of a dry run, in order."""
    def run(text, *options):
        path = tmp_path / 'ab.yaml'
        path.write_text(text)
        told = throng('run', path, '--dry-run', '--print-requests', *options, check=0).stdout
        return [json.loads(line) for line in told.splitlines()]
    return run


def words(request):
    """What is asked, without the name of who asks: each arm has names of its own."""
    said = json.loads(request['body'])['messages'][-1]['content']
    return said.split(': ', 1)[1]


def asked_by(requests, who):
    """Who → arm → what they ask, in order."""
    asked = collections.defaultdict(lambda: collections.defaultdict(list))
    for request in requests:
        asked[request[who]][request['arm']].append(words(request))
    return asked


def test_each_arm_asks_its_own_model_of_its_own_target(asked):
    arms = collections.Counter()
    for request in asked(HEAD + ASKERS + ARMS % ('iteration', 1, 1) + CLOSED):
        is_new = request['arm'] == 'candidate'
        body = json.loads(request['body'])
        arms[request['arm']] += 1
        assert request['url'].startswith('http://127.0.0.1:10/' if is_new else 'http://127.0.0.1:9/')
        assert body['model'] == ('gpt-4o-next' if is_new else 'gpt-4o')
        assert body.get('top_k') == (5 if is_new else body.get('min_p') and 1)
    assert abs(arms['candidate'] - arms['current']) <= 16


def test_a_user_asks_both_arms_the_same_question_after_question(asked):
    of_users = asked_by(asked(HEAD + ASKERS + ARMS % ('iteration', 1, 1) + CLOSED), 'user')
    firsts = collections.Counter()
    assert len(of_users) == 8
    for arms in of_users.values():
        both = min(len(arms['current']), len(arms['candidate']))
        assert both >= 10
        assert arms['current'][:both] == arms['candidate'][:both]
        assert len(set(arms['current'])) == len(arms['current'])


def test_the_order_within_a_pair_is_drawn(asked):
    order = collections.defaultdict(list)
    for request in asked(HEAD + ASKERS + ARMS % ('iteration', 1, 1) + CLOSED):
        order[request['user']].append(request['arm'])
    assert {arms[0] for arms in order.values()} == {'current', 'candidate'}


def test_names_differ_so_that_no_cache_serves_both(asked):
    requests = asked(HEAD + ASKERS + ARMS % ('iteration', 1, 1) + CLOSED)
    said = {(request['arm'], json.loads(request['body'])['messages'][-1]['content'])
            for request in requests}
    assert not ({text for arm, text in said if arm == 'current'} &
                {text for arm, text in said if arm == 'candidate'})


def test_shares_are_as_the_weights_say(asked):
    requests = asked(HEAD + ASKERS + ARMS % ('iteration', 90, 10) + CLOSED)
    of_users = asked_by(requests, 'user')
    arms = collections.Counter(request['arm'] for request in requests)
    assert 7 <= arms['current'] / arms['candidate'] <= 11
    for said in of_users.values():
        assert set(said['candidate'][:-2]) <= set(said['current'])


def test_arrivals_are_dealt_in_pairs(asked):
    requests = asked(HEAD + ASKERS + ARMS % ('iteration', 1, 1) + OPEN)
    arms = collections.defaultdict(list)
    for request in sorted(requests, key=lambda request: request['arrival']):
        arms[request['arm']].append(words(request))
    assert len(requests) > 100
    # The last pair may be cut off by the end of the load.
    unpaired = set(arms['current']) ^ set(arms['candidate'])
    assert len(unpaired) <= 2


def test_people_are_dealt_in_pairs(asked):
    of_users = asked_by(asked(HEAD + ASKERS + ARMS % ('user', 1, 1) + CLOSED), 'user')
    by_arm = {'current': [], 'candidate': []}
    for arms in of_users.values():
        (arm, said), = arms.items()
        by_arm[arm].append(said)
    assert len(by_arm['current']) == len(by_arm['candidate']) == 4
    shortest = min(map(len, by_arm['current'] + by_arm['candidate']))
    assert shortest > 10
    assert (sorted(said[:shortest] for said in by_arm['current']) ==
            sorted(said[:shortest] for said in by_arm['candidate']))


@pytest.mark.parametrize('by, load', [('iteration', CLOSED), ('user', CLOSED), ('iteration', OPEN)])
def test_workers_share_it_out_and_change_nothing(asked, by, load):
    text = HEAD + ASKERS + ARMS % (by, 2, 1) + load
    key = lambda request: (request.get('user'), request.get('arrival'), request['at_ns'])
    whole = sorted(asked(text), key=key)
    for workers in (2, 3, 7):
        parts = [request for index in range(workers)
                 for request in asked(text, '--workers', workers, '--worker-index', index)]
        assert sorted(parts, key=key) == whole


def test_rows_and_variables_begin_anew_for_each_arm(asked, tmp_path):
    (tmp_path / 'people.csv').write_text('name\n' + ''.join(f'p{i}\n' for i in range(40)))
    flow = """
data: {people: {file: people.csv, order: unique}}
vars: {seen: none}
users:
  asker:
    think_time: 1s
    setup: [{set: {token: of-setup}}]
    flow:
      - chat: {model: gpt-4o, prompt: "x: {{ data.people.name }} {{ vars.token }} {{ vars.seen }} {{ uuid }}"}
      - set: {seen: "{{ data.people.name }}", token: of-an-arm}
"""
    for arms in asked_by(asked(HEAD + flow + ARMS % ('iteration', 1, 1) +
                               'load: [{phase: sustained, users: 2, for: 20s}]\n'), 'user').values():
        both = min(len(arms['current']), len(arms['candidate']))
        assert both > 5
        assert arms['current'][:both] == arms['candidate'][:both]
        assert len({said.split()[0] for said in arms['current']}) == len(arms['current'])
        assert all(said.split()[1:3] == ['of-setup', 'none'] for said in arms['current'])


def test_the_fingerprint_is_of_the_split_too(tmp_path):
    def fingerprint(*weights):
        path = tmp_path / 'ab.yaml'
        path.write_text(HEAD + ASKERS + ARMS % ('iteration', *weights) + CLOSED)
        return throng('check', path, check=0).stdout.split('Fingerprint ')[1].split()[0]
    assert fingerprint(1, 1) == fingerprint(50, 50) != fingerprint(2, 1)


@pytest.fixture(scope='module')
def compared(tmp_path_factory):
    """One run of two simulators, of which one is much slower, in a folder with its results."""
    folder = tmp_path_factory.mktemp('ab')
    servers = [Running('simulate', '--listen', '127.0.0.1:0', '--ttft', ttft, '--gap', '1ms', '--tokens', '5')
               for ttft in ('40ms', '60ms')]
    now, then = (re.search(r'http://\S+', server.next_line())[0] for server in servers)
    (folder / 'ab.yaml').write_text(f"""
scenario: two-servers
targets: {{default: {{url: "{now}"}}, next: {{url: "{then}"}}}}
models: {{m: {{}}}}
users: {{asker: {{flow: [{{chat: {{model: m, question: mixed}}}}, {{think: 10ms..30ms}}]}}}}
ab: {{arms: {{current: {{}}, candidate: {{target: next, headers: {{X-Secret: hidden-key}}}}}}}}
thresholds: {{"ttft{{arm:candidate}}": ["p(50)<30ms"], "ttft{{arm:current}}": ["p(50)<5s"]}}
load: [{{phase: sustained, users: 8, for: 12s}}]
""")
    told = throng('run', 'ab.yaml', cwd=folder, check=99)
    for server in servers:
        server.kill()
    results, = (folder / 'results').iterdir()
    return told, results


def test_a_slower_server_is_found(compared):
    told, results = compared
    summary = json.loads((results / 'summary.json').read_text())
    ab = summary['ab']
    found = {(row['metric'], row['aggregate']): row for row in ab['differences']}
    ttft = found['ttft', 'p50']
    assert ttft['verdict'] == 'regression' and ttft['p_adjusted'] < 0.05
    assert 0.2 < ttft['change'] < 0.8
    assert found['completion_tokens', 'mean']['verdict'] not in ('regression', 'improvement')
    assert [arm['name'] for arm in ab['arms']] == ['current', 'candidate']
    assert set(summary['by']['arm']) == {'current', 'candidate'}
    assert 'slower than current at ttft p50' in ab['sentences'][0]
    assert 'slower than current at ttft p50' in ' '.join(told.stdout.split())
    assert 'hidden-key' not in told.stdout + (results / 'summary.json').read_text()


def test_thresholds_select_arms(compared):
    _, results = compared
    thresholds = json.loads((results / 'summary.json').read_text())['thresholds']
    assert {t['selector']: t['passed'] for t in thresholds} == {
        'arm:candidate': False, 'arm:current': True}


def test_reports_and_raw_samples_tell_the_arm(compared):
    _, results = compared
    report = throng('report', results, '--format', 'markdown', check=0).stdout
    assert '## A/B' in report and '## By arm' in report
    lines = throng('samples', results / 'samples.bin', check=0).stdout.splitlines()
    arms = collections.Counter(json.loads(line)['labels']['arm'] for line in lines[:200])
    assert set(arms) == {'current', 'candidate'}


def test_summaries_with_arms_are_as_the_schema_says(compared):
    _, results = compared
    schema = json.loads(throng('schema', 'summary', check=0).stdout)
    jsonschema.validate(json.loads((results / 'summary.json').read_text()), schema)
