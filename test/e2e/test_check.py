"""RUN-6, RUN-7: mistakes are told with their place, all at once, before any network is touched."""
import json
import re

import jsonschema
import pytest
import yaml

from program import ROOT, throng

GOLDEN = ROOT / 'test/golden/bad'
# What they share lies in folders called parts, and is no scenario by itself.
SCENARIOS = sorted(path for path in (ROOT / 'scenarios').rglob('*.yaml')
                   if path.parent.name != 'parts')
# Their messages depend on variables and overrides that the unit test gives them.
NEED_MORE = {'fault_05_secrets', 'outputs_credentials', 'overrides'}
CASES = sorted(case for case in GOLDEN.iterdir()
               if case.name not in NEED_MORE and 'environment' not in case.name and
               not (case / 'overrides').exists())


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.name)
@pytest.mark.parametrize('command', ['check', 'run'])
def test_a_bad_scenario_is_104_with_the_golden_messages(case, command):
    done = throng(command, 'scenario.yaml', cwd=case, check=104)
    assert done.stderr == (case / 'expected').read_text()
    assert done.stdout == ''


@pytest.mark.parametrize('path', SCENARIOS, ids=lambda path: path.name)
def test_a_shipped_scenario_checks_clean_and_is_drawn(path):
    told = throng('check', path, check=0).stdout
    assert 'The scenario is valid.' in told
    assert '█' in told


def test_the_scenario_schema_is_a_valid_schema_and_knows_the_top_keys():
    schema = json.loads(throng('schema', 'scenario', check=0).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {'scenario': 's', 'target': 'simulator', 'users': {'a': {'flow': ['think']}},
            'load': [{'phase': 'sustained', 'users': 1, 'for': '1s'}]}
    jsonschema.validate(good, schema)
    for bad in ({**good, 'wieght': 1}, {**good, 'load': 7}, {'scenario': 's'}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


@pytest.mark.parametrize('path', SCENARIOS, ids=lambda path: path.name)
def test_a_shipped_scenario_validates_against_the_schema(path):
    schema = json.loads(throng('schema', 'scenario', check=0).stdout)
    jsonschema.validate(yaml.safe_load(path.read_text()), schema)


@pytest.mark.parametrize('name, page', [('reference', 'scenario-reference.md'),
                                        ('templates', 'templates.md')])
def test_a_reference_page_is_the_one_that_the_program_prints(name, page):
    assert throng('schema', name, check=0).stdout == (ROOT / 'doc' / page).read_text()


def test_fault_05_a_missing_variable_is_104_at_its_place(scenario):
    path = scenario(target='{url: "http://h", api_key: "${E2E_NO_SUCH_KEY}"}')
    told = throng('check', path, check=104).stderr
    assert 'scenario.yaml:' in told and 'E2E_NO_SUCH_KEY' in told and '^' in told


def test_fault_04_a_byte_order_mark_and_carriage_returns_are_accepted_and_utf_16_is_not(scenario):
    path = scenario(target='simulator')
    text = path.read_text()
    path.write_bytes(b'\xef\xbb\xbf' + text.replace('\n', '\r\n').encode())
    throng('check', path, check=0)
    path.write_bytes(text.encode('utf-16'))
    throng('check', path, check=104)


def test_check_states_the_memory_of_the_histograms(scenario):
    def memory_mib(**parts):
        done = throng('check', scenario(target='simulator', **parts), check=0)
        return int(re.search(r'^Memory +at the very most (\d+) MiB', done.stdout, re.M)[1])

    assert 10 < memory_mib() < 50
    assert memory_mib(warm_up='100ms') > 1.8 * memory_mib()


PRICES = '{m: {price: {prompt: 1000, completion: 2000}}}'  # USD per million tokens


def estimate(told):
    """What check says that a scenario asks and costs."""
    requests = re.search(r'^Requests +about ([\d,]+), ', told, re.M)[1]
    cost = re.search(r'^Cost +about \$([\d.,]+), \$([\d.,]+) at most', told, re.M)
    return [float(number.replace(',', '')) for number in (requests, *cost.groups())]


def test_the_worst_case_is_a_token_for_each_byte_and_the_longest_answer(scenario):
    prompt = 'x' * 100
    path = scenario(target='simulator', models=PRICES,
                    load='[{phase: sustained, users: 1, for: 2s}]',
                    users='{a: {flow: [{chat: {model: m, max_tokens: 50, '
                          f'prompt: "{prompt}"}}}}, {{think: 10s}}]}}}}')
    told = throng('check', path, check=0).stdout
    # 16 tokens for the message and as many for the template; 1000 and 2000 USD a million.
    assert estimate(told) == [1, pytest.approx(25 * 0.001 + 50 * 0.002),
                              pytest.approx((100 + 32) * 0.001 + 50 * 0.002)]
    assert re.search(r'^  m +1 +25 +50 ', told, re.M)


@pytest.mark.alone
def test_the_estimate_is_what_a_run_against_such_a_server_comes_to(scenario, run, simulate):
    simulator = simulate('--ttft', '500ms', '--gap', '20ms', '--tokens', '10')
    path = scenario(target=simulator.url, models=PRICES,
                    load='[{phase: ramp-up, users: 20, over: 2s}, {phase: sustained, for: 3s}]',
                    users='{a: {flow: [{chat: {model: m, max_tokens: 10, question: mixed}}, '
                          '{think: 200ms}]}}')
    requests, _, worst = estimate(throng('check', path, check=0).stdout)
    real = run(path).summary['all']
    assert requests == pytest.approx(real['requests'], rel=0.1)
    assert real['cost_usd'] < worst


def test_of_many_people_some_stand_for_all(scenario):
    def of(users):
        path = scenario(target='simulator', models=PRICES,
                        load=f'[{{phase: ramp-up, users: {users}, over: 2m}}, '
                             '{phase: sustained, for: 8m}]',
                        users='{a: {flow: [{chat: {model: m, max_tokens: 100, '
                              'question: mixed}}, {think: 2s..6s}]}}')
        return throng('check', path, check=0).stdout

    few, many = of(200), of(2000)
    assert 'Reckoned with one in' not in few and 'Reckoned with one in' in many
    for some, all_of_them in zip(estimate(few), estimate(many)):
        assert all_of_them == pytest.approx(10 * some, rel=0.02)


def test_what_has_no_price_or_no_bound_is_said(scenario):
    told = throng('check', scenario(target='simulator'), check=0).stdout
    assert 'no model has a price' in told and 'no price' in told
    path = scenario(target='simulator', models=PRICES, limits='{cost: 0.01 USD}',
                    users='{a: {flow: [{chat: {model: m}}]}}')
    told = throng('check', path, check=0).stdout
    assert 'without a bound' in told and re.search(r'no bound$', told, re.M)
    assert re.search(r'the limit is \$0\.0100\s+and will\s+end the run early', told)


@pytest.mark.parametrize('path', SCENARIOS, ids=lambda path: path.name)
def test_check_fits_into_80_columns(path):
    for line in throng('check', path, check=0).stdout.splitlines():
        assert len(line) <= 80, line


def test_a_short_spike_and_the_moments_of_phases_are_in_the_chart(scenario):
    path = scenario(target='simulator', load='[{phase: sustained, users: 10, for: 10m}, '
                    '{phase: spike, users: 100, for: 1s}, {phase: sustained, for: 9m59s}]')
    rows = throng('check', path, check=0).stdout.splitlines()
    top = next(row for row in rows if row.startswith('      100 ┤'))
    axis = next(row for row in rows if '┼' in row)
    assert top.count('█') == 1
    assert axis[top.index('█') - 1:top.index('█') + 2].count('┬') >= 1
    assert re.fullmatch(r' +0s +10m +20m', rows[rows.index(axis) + 1])


FLOWS = '''
scenario: flows
target: simulator
models: {m: {}}
vars: {n: 0}
flows: {login: [{http: POST /login, check: [.ok], extract: {token: .token}}]}
setup: [{http: POST /before}]
teardown: {organization: [{http: DELETE /org}]}
users:
  shopper:
    think_time: 1s
    setup: [{use: login}]
    flow:
      - group: shop
        steps:
          - repeat: 3
            while: .vars.n < 2
            steps: [{chat: {}, retry: 3}, think, {set: {n: {jq: .vars.n + 1}}}]
      - pick: [{weight: 3, steps: [{http: GET /a}]}, {weight: 1, steps: [{http: GET /b}]}]
      - if: .last.failed
        steps: [{stop: user}]
        else: [{mcp: {tool: read_file}}]
load: [{phase: sustained, users: 1, for: 2s}]
'''


def test_flows_are_printed_as_trees(tmp_path):
    (tmp_path / 'flows.yaml').write_text(FLOWS)
    told = throng('check', tmp_path / 'flows.yaml', check=0).stdout
    users = told[told.index('\nUsers'):told.index('\nModels')]
    assert users.splitlines()[3:] == [
        '      before:',
        '        POST /login; 1 check; takes token',
        '      group shop',
        '        3 times at most, while .vars.n < 2',
        '          chat (m); up to 3 attempts',
        '          think',
        '          set n',
        '      75% of the time',
        '        GET /a',
        '      25% of the time',
        '        GET /b',
        '      if .last.failed',
        '        stop the user',
        '      else',
        '        read_file',
        '',
        'Beside the load',
        '      before it:',
        '        POST /before',
        '      behind it, for each organization (not run: there are none):',
        '        DELETE /org',
    ]


ENVIRONMENTS = '''
scenario: environments
target: http://first.example
env: staging
environments:
  staging: {target: http://staging.example}
  production: production.yaml
users: {person: {flow: [{http: GET /}]}}
load: [{phase: sustained, users: 1, for: 2s}]
'''


def test_an_environment_is_taken_by_option_variable_or_file(tmp_path):
    (tmp_path / 's.yaml').write_text(ENVIRONMENTS)
    (tmp_path / 'production.yaml').write_text('target: http://production.example\n')

    def target(*options, env=None):
        told = throng('check', tmp_path / 's.yaml', *options, env=env, check=0).stdout
        return re.search('^Target +(.*)$', told, re.M)[1]

    assert target() == 'http://staging.example'
    assert target('--env', 'production') == 'http://production.example'
    assert target(env={'THRONG_ENV': 'production'}) == 'http://production.example'
    assert target('--set', 'target=http://set.example') == 'http://set.example'
    told = throng('check', tmp_path / 's.yaml', '--env', 'producton', check=104).stderr
    assert "there is no environment 'producton'" in told
    assert "did you mean 'production'?" in told


def test_the_schema_takes_each_form_of_the_language(tmp_path):
    schema = json.loads(throng('schema', 'scenario', check=0).stdout)
    for text in (FLOWS, ENVIRONMENTS):
        jsonschema.validate(yaml.safe_load(text), schema)
    bad = yaml.safe_load(ENVIRONMENTS)
    bad['environments']['staging']['targt'] = 'x'
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, schema)


BOOL = 'tag:yaml.org,2002:bool'


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2, in which `on` is a text."""
    yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in resolvers if tag != BOOL]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


CoreLoader.add_implicit_resolver(BOOL, re.compile('^(true|false)$'), 'tf')


def scenario_around(example):
    """An example of the reference page, in the least that it needs around it."""
    part = yaml.load(example, CoreLoader)
    person = {'flow': [{'http': 'GET /'}]}
    whole = {'scenario': 's', 'target': 'simulator', 'users': {'person': person},
             'load': [{'phase': 'sustained', 'users': 1, 'for': '1s'}]}
    if isinstance(part, list):
        person['flow'] = part
    elif {'flow', 'think_time'} & set(part):
        person.update(part)
    else:
        whole.update(part)
    return whole


def test_the_schema_takes_each_example_of_the_reference():
    schema = json.loads(throng('schema', 'scenario', check=0).stdout)
    examples = re.findall(r'^```yaml\n(.*?)^```', throng('schema', 'reference', check=0).stdout,
                          re.M | re.S)
    assert len(examples) > 40
    for example in examples:
        jsonschema.validate(scenario_around(example), schema)
