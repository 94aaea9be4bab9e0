"""SIM-1, SIM-2: tenants of the simulator, as their operator and their users see them."""
import http.client
import json
import urllib.parse

import openai
import pytest

ADMIN = 'admin-of-the-tests'


class Operator:
    """One who administers the platform."""

    def __init__(self, simulator):
        self.url = simulator.url
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(simulator.url).netloc,
                                                     timeout=30)

    def call(self, method, path, body=None, status=200, token=ADMIN):
        self.connection.request(method, f'/v1/orgs{path}', headers={'Authorization': f'Bearer {token}'},
                                body=None if body is None else json.dumps(body))
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == status, (answer.status, text)
        return json.loads(text) if text else None

    def add_user(self, slug):
        """A new user's key, and where it is."""
        user = self.call('POST', f'/{slug}/invites', {'email': f'one@{slug}.invalid'}, 201)
        key = self.call('POST', f'/{slug}/users/{user["id"]}/keys', {'name': 'test'}, 201)
        return key['key'], f'/{slug}/users/{user["id"]}/keys/{key["id"]}'

    def client(self, key):
        return openai.OpenAI(base_url=self.url + '/v1', api_key=key, max_retries=2)


@pytest.fixture
def operate(simulate):
    made = []

    def make(*words):
        made.append(Operator(simulate('--admin-key-env', 'ADMIN_KEY', '--tenant-keys', 'required',
                                      '--tenants', '1ms', '--ttft', '1ms', '--gap', '1ms', '--tokens', '4',
                                      '--price-prompt', '0', *words, env={'ADMIN_KEY': ADMIN})))
        return made[-1]

    yield make
    for one in made:
        one.connection.close()


def ask(client):
    return client.chat.completions.create(model='m', messages=[{'role': 'user', 'content': 'Hello?'}])


def test_a_budget_stops_one_organization_and_its_official_client_does_not_try_again(operate):
    operator = operate('--price-completion', '100000')
    operator.call('GET', '', status=401, token='another')
    operator.call('POST', '', {'name': 'poor', 'budget_usd': 0.5}, 201)
    operator.call('POST', '', {'name': 'rich'}, 201)
    poor, _ = operator.add_user('poor')
    rich, _ = operator.add_user('rich')
    with operator.client(poor) as client:
        ask(client)
        ask(client)
        with pytest.raises(openai.RateLimitError) as caught:
            ask(client)
    assert caught.value.code == 'budget_exceeded'
    assert 'Budget of poor exceeded' in str(caught.value)
    with operator.client(rich) as client:
        ask(client)
    assert operator.call('GET', '/poor')['usage']['refused_for_budget'] == 1  # no retry was sent
    assert operator.call('GET', '/poor')['spent_usd'] == pytest.approx(0.8)
    assert operator.call('GET', '/rich')['usage']['refused_for_budget'] == 0


def test_a_key_that_was_removed_opens_nothing(operate):
    operator = operate()
    operator.call('POST', '', {'name': 'a'}, 201)
    key, path = operator.add_user('a')
    with operator.client(key) as client:
        ask(client)
        operator.call('DELETE', path, status=204)
        with pytest.raises(openai.AuthenticationError):
            ask(client)


def test_what_a_run_says_it_cost_is_what_its_organization_was_charged(operate, scenario, run):
    operator = operate('--price-prompt', '2.50', '--price-completion', '10', '--reasoning-tokens', '2')
    operator.call('POST', '', {'name': 'a'}, 201)
    key, _ = operator.add_user('a')
    results = run(scenario(
        target=f'{{url: "{operator.url}", api_key: "${{TENANT_KEY}}"}}',
        models='{m: {price: {prompt: 2.50, completion: 10.00}}}',
        load='[{phase: sustained, users: 4, for: 1h}]', limits='{requests: 40}'),
        '--no-preflight', env={'TENANT_KEY': key})
    organization = operator.call('GET', '/a')
    totals = results.summary['all']
    assert organization['usage']['completion_tokens'] == totals['completion_tokens'] > 0
    assert organization['spent_usd'] == pytest.approx(totals['cost_usd'], abs=1e-9)
