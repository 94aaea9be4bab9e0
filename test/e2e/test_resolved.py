"""RES-1: scenario.yaml in the results folder makes the same workload again, and holds no key."""
import json

import pytest
import yaml

from program import Results, throng

KEY = 'sk-very-secret-7391'
HEADER = 'hd-very-secret-5550'
BODY = 'bd-very-secret-2204'

BASE = '''
models: {m: {price: {prompt: 1.00, completion: 2.00}}}
'''
SCENARIO = '''
include: base.yaml
scenario: "resolved: # $$5"
description: ${WHO:-nobody} asks
target:
  url: ${BASE}
  api_key: ${GATEWAY_ACCESS}
  headers: {X-Gateway: %(header)s, Accept: text/event-stream}
users:
  one:
    weight: 3
    think_time: &think {base: 20ms, variance: 5ms, distribution: gaussian}
    flow:
      - repeat: 2
        steps:
          - chat: {model: m, question: mixed, conversation: keep, max_tokens: "${MAX}"}
          - think
  two:
    weight: 1
    think_time: {<<: *think, base: 50ms}
    flow:
      - http: {request: POST /x, json: {a: 1, b: "1", c: "${BODY_PART}"}}
        expect: {status: [404]}
      - pick:
          - {weight: 2, steps: [{chat: {model: m, prompt: "two\\nlines: 'q' \\"w\\""}}]}
          - {weight: 1, steps: [think]}
load:
  - {phase: ramp-up, users: 3, at: 5/s}
  - {phase: sustained, for: 700ms}
  - {phase: spike, users: 6, for: 233ms}
  - {phase: cool-down, over: 100ms, shape: step, steps: 2}
thresholds: {ttft: ["p(95)<10s"]}
''' % {'header': HEADER}


def variables(simulator):
    return {'BASE': simulator.url, 'GATEWAY_ACCESS': KEY, 'BODY_PART': BODY, 'MAX': '7',
            'WHO': 'me'}


@pytest.fixture
def run_it(tmp_path, fast_simulator):
    """run_it('--users', '9', …) → Results."""

    def run_scenario(*options, path=None, name='first', env=None):
        (tmp_path / 'base.yaml').write_text(BASE)
        (tmp_path / 's.yaml').write_text(SCENARIO)
        throng('run', path or tmp_path / 's.yaml', '--quiet', '--out', tmp_path / 'out', '--run-id',
               name, *options, env=env or variables(fast_simulator), check=0)
        return Results(tmp_path / 'out' / name)

    return run_scenario


@pytest.mark.parametrize('options', [
    (),
    ('--set', 'users.two.weight=5', '--set', 'load.1.for=900ms'),
    ('--users', '9'),
    ('--duration', '1500ms', '--seed', '18446744073709551615'),
    ('--users', '4', '--duration', '1s', '--seed', '5', '--tag', 'k=v: 1', '--insecure'),
], ids=lambda options: ' '.join(options) or 'as written')
def test_it_makes_the_same_workload_again(run_it, options, fast_simulator):
    first = run_it(*options)
    resolved = first.folder / 'scenario.yaml'
    document = yaml.safe_load(resolved.read_text())
    assert 'include' not in document
    assert document['description'] == 'me asks'
    assert document['models']['m']['price'] == {'prompt': 1.0, 'completion': 2.0}
    left = {name: value for name, value in variables(fast_simulator).items()
            if name in ('GATEWAY_ACCESS', 'BODY_PART')}
    again = run_it(path=resolved, name='again', env=left)
    for member in ('fingerprint', 'seed', 'scenario', 'tags'):
        assert again.summary['run'][member] == first.summary['run'][member], member
    assert again.summary['targets'] == first.summary['targets']


def test_a_class_that_goes_elsewhere_does_so_again(run_it, fast_simulator, simulate):
    other = simulate('--ttft', '5ms', '--gap', '1ms', '--tokens', '3')
    first = run_it('--base-url', f'two={other.url}', '--base-url', fast_simulator.url)
    again = run_it(path=first.folder / 'scenario.yaml', name='again',
                   env={'GATEWAY_ACCESS': KEY, 'BODY_PART': BODY})
    assert again.summary['targets'] == first.summary['targets']
    assert again.summary['run']['fingerprint'] == first.summary['run']['fingerprint']
    assert set(again.summary['by']['target']) == {'default', 'two'}


def test_fault_54_no_file_of_a_run_holds_a_key(run_it, fast_simulator):
    folder = run_it('--requests-jsonl').folder
    text = (folder / 'scenario.yaml').read_text()
    assert 'api_key: ${GATEWAY_ACCESS}\n' in text
    assert 'X-Gateway: "***"  # left out: it is a secret\n' in text
    assert 'Accept: text/event-stream\n' in text
    for file in folder.iterdir():
        for secret in (KEY, HEADER, BODY):
            assert secret.encode() not in file.read_bytes(), f'{file}: {secret}'


def test_values_say_where_they_came_from(run_it):
    text = (run_it('--set', 'users.two.weight=5', '--users', '4').folder / 'scenario.yaml').read_text()
    assert 'weight: 5  # --set users.two.weight\n' in text
    assert 'load:  # --users\n' in text
    assert 'base.yaml\n' in next(line for line in text.splitlines(True) if 'models' in line)


def test_it_is_there_as_soon_as_the_run_is(processes, tmp_path, fast_simulator, scenario):
    path = scenario(target=fast_simulator.url, load='[{phase: sustained, users: 1, for: 1h}]')
    process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'r')
    process.wait_for_line('1 phase')
    assert 'phase: sustained' in (tmp_path / 'r' / 'scenario.yaml').read_text()
    process.signal()
    assert process.wait() == 105
    assert json.loads((tmp_path / 'r' / 'summary.json').read_text())


def test_what_is_laid_over_is_in_it_and_files_are_found_from_there(tmp_path, fast_simulator):
    (tmp_path / 'people.csv').write_text('id\n1\n2\n')
    (tmp_path / 's.yaml').write_text(f'''
scenario: laid over
target: http://nowhere.example
environments: {{here: {{target: "{fast_simulator.url}"}}}}
data: {{people: people.csv}}
vars: {{password: {{secret: {BODY}}}}}
users: {{person: {{auth: "{{{{ vars.password }}}}", flow: [{{http: "GET /v1/models?id={{{{ data.people.id }}}}"}}]}}}}
load: [{{phase: sustained, users: 1, for: 300ms}}]
''')
    throng('run', tmp_path / 's.yaml', '--env', 'here', '--quiet', '--no-preflight',
           '--out', tmp_path / 'out', '--run-id', 'r', check=0)
    text = (tmp_path / 'out/r/scenario.yaml').read_text()
    document = yaml.safe_load(text)
    assert document['target'] == fast_simulator.url
    assert 'environments' not in document
    assert document['data']['people'] == str(tmp_path / 'people.csv')
    assert document['users']['person']['auth'] == '{{ vars.password }}'
    assert BODY not in text
