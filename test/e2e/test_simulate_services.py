"""SIM-1, SIM-2: what the simulator offers beside models, as a client without a library sees it, and
its faults as a scenario asks for them.
"""
import collections
import http.client
import json
import urllib.parse

import pytest

from program import throng

ACCOUNT = {'email': 'ann@example.test', 'password': 'long enough'}


class Caller:
    """One connection to a simulator; call() → (status, JSON or None)."""

    def __init__(self, simulator):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(simulator.url).netloc,
                                                     timeout=30)
        self.headers = {}

    def call(self, method, path, body=None):
        self.connection.request(method, path, headers=self.headers,
                                body=None if body is None else json.dumps(body))
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


@pytest.fixture
def caller(simulate):
    made = []

    def make(*words):
        made.append(Caller(simulate('--web', '1ms', '--rag-query', '1ms', '--rag-index', '1ms',
                                    *words)))
        return made[-1]

    yield make
    for one in made:
        one.connection.close()


def test_a_person_manages_agents_and_pipelines_of_her_own(caller):
    ann = caller()
    assert ann.call('POST', '/api/v1/auth/register', ACCOUNT)[0] == 201
    assert ann.call('POST', '/api/v1/auth/register', ACCOUNT)[0] == 409
    assert ann.call('GET', '/api/v1/agents')[0] == 401
    token = ann.call('POST', '/api/v1/auth/login', ACCOUNT)[1]['access_token']
    ann.headers = {'Authorization': f'Bearer {token}'}
    assert ann.call('GET', '/api/v1/auth/me')[1]['email'] == ACCOUNT['email']
    status, agent = ann.call('POST', '/api/v1/agents', {'name': 'first'})
    assert status == 201
    assert ann.call('GET', '/api/v1/agents?page=1&page_size=10')[1]['items'] == [agent]
    status, pipeline = ann.call('POST', '/api/v1/pipelines', {
        'name': 'p', 'nodes': [{'id': 'a'}, {'id': 'b'}], 'edges': [{'from': 'a', 'to': 'b'}]})
    assert status == 201
    assert ann.call('PUT', f'/api/v1/pipelines/{pipeline["id"]}', {'name': 'q'})[1]['name'] == 'q'
    assert ann.call('POST', '/api/v1/deployments', {'pipeline_id': pipeline['id']})[0] == 201
    assert ann.call('GET', '/api/v1/metrics?time_range=24h')[1]['pipelines'] == 1
    assert ann.call('DELETE', f'/api/v1/agents/{agent["id"]}')[0] == 204
    assert ann.call('GET', f'/api/v1/agents/{agent["id"]}')[0] == 404
    assert ann.call('POST', '/api/v1/auth/logout')[0] == 204
    assert ann.call('GET', '/api/v1/auth/me')[0] == 401


def test_a_rag_stack_answers_from_what_it_was_given(caller):
    asker = caller()
    assert asker.call('POST', '/index', {'collection': 'c', 'documents': ['A bee hums.']})[1] == {
        'collection': 'c', 'indexed': 1, 'total': 1}
    status, answer = asker.call('POST', '/query', {'collection': 'c', 'query': 'Why?',
                                                   'top_k': 1})
    assert status == 200
    assert answer['sources'][0]['text'] == 'A bee hums.'
    assert answer['answer']


def test_a_vector_store_times_out_as_often_as_asked(caller):
    asker = caller('--vector-timeout-rate', '50%', '--vector-timeout', '1ms')
    statuses = collections.Counter(
        asker.call('POST', '/query', {'collection': 'c', 'query': 'Why?'})[0] for _ in range(100))
    assert set(statuses) == {200, 504}
    assert 30 <= statuses[504] <= 70


def test_a_scenario_sets_faults_by_service_and_with_weights(scenario, run):
    results = run(scenario(
        target='simulator',
        simulator='{ttft: 1ms, gap: 1ms, tokens: 3, error_rate: [chat=50%, web=100%], '
                  'error_status: [503=3, 429=1], retry_after: 0, late_rate: "chat=10%", '
                  'late_by: 20ms, outage: ["rag=0s..1h", 1h..2h every 3h]}'))
    told = collections.Counter(sample['status'] for sample in results.samples())
    assert set(told) == {200, 429, 503}
    assert told[503] > told[429]


def test_a_mistake_in_a_rate_is_named_before_anything_runs(scenario, tmp_path):
    done = throng('run', scenario(target='simulator', simulator='{error_rate: [chats=50%]}'),
                  '--quiet', '--out', tmp_path / 'out')
    assert done.returncode != 0
    assert "chats=50%" in done.stderr
    assert 'web=5%' in done.stderr
