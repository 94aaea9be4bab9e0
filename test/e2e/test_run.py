"""RUN-1: one short run against a simulator, looked at from all sides."""
import collections
import json
import re
import stat

import jsonschema
import pytest

import truth
from conftest import Simulator
from program import Results, Running, throng

KEY = 'sk-e2e-secret-key-AbC123'
RUN_ID = 'e2e-run-1'

SCENARIO = """
scenario: sides
description: looked at from all sides
seed: 11
target: {{url: "{url}", api_key: "${{SIDES_KEY}}"}}
models: {{m: {{price: {{prompt: 1.00, completion: 2.00}}}}}}
users:
  talker:
    weight: 2
    think_time: 20ms..40ms
    flow:
      - repeat: 3
        steps:
          - chat: {{model: m, question: mixed, conversation: keep, max_tokens: 10}}
          - think
  looker:
    weight: 1
    think_time: 100ms
    flow:
      - http: GET /v1/models
        name: list_models
      - think
load:
  - {{phase: ramp-up, users: 6, over: 300ms}}
  - {{phase: sustained, for: 900ms}}
  - {{phase: cool-down, users: 0, over: 200ms}}
thresholds:
  ttft: ["p(50)<10s"]
  error_rate: ["rate<50%"]
tags: {{team: blue}}
"""


class Sides:
    def __init__(self, folder):
        log = folder / 'truth'
        simulator = Simulator(Running(
            'simulate', '--listen', '127.0.0.1:0', '--ttft', '40ms', '--gap', '6ms', '--tokens',
            '10', '--api-key-env', 'SIDES_KEY', '--ground-truth', log, env={'SIDES_KEY': KEY}))
        path = folder / 'sides.yaml'
        path.write_text(SCENARIO.format(url=simulator.url))
        self.done = throng('run', path, '--out', folder / 'results', '--run-id', RUN_ID, '--tag',
                           'commit=abc', '--headless', '--log-level', 'debug', '--log-format',
                           'json', env={'SIDES_KEY': KEY})
        simulator.stop()
        assert self.done.returncode == 0, self.done.stdout + self.done.stderr
        self.results = Results(folder / 'results' / RUN_ID)
        self.summary = self.results.summary
        self.samples = self.results.samples()
        self.chats = [s for s in self.samples if s['labels']['step'] == 'chat']
        self.truth = truth.read(log)

    def sent_by_simulator(self, sample):
        return self.truth[f"{RUN_ID}-0-{sample['operation_id']}-{sample['attempt']}"]


@pytest.fixture(scope='module')
def sides(tmp_path_factory):
    return Sides(tmp_path_factory.mktemp('sides'))


def test_the_summary_is_valid_by_the_schema_that_the_program_prints(sides):
    schema = json.loads(throng('schema', 'summary', check=0).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(sides.summary, schema, jsonschema.Draft202012Validator)


def test_the_summary_names_the_run_and_its_tags(sides):
    run = sides.summary['run']
    assert (run['id'], run['scenario'], run['seed']) == (RUN_ID, 'sides', 11)
    assert run['tags'] == {'team': 'blue', 'commit': 'abc'}
    assert run['exit_code'] == 0
    assert re.fullmatch('[0-9a-f]{64}', run['fingerprint'])
    assert run['version'] in throng('version', check=0).stdout


def test_the_measured_window_leaves_out_the_cool_down(sides):
    window = sides.summary['window']
    assert 0 <= window['start_s'] < 0.1
    assert window['end_s'] == pytest.approx(1.2, abs=0.1)
    assert sides.summary['totals']['requests'] <= sides.summary['all']['requests']


def test_the_server_saw_the_requests_that_the_samples_tell_of_and_no_others(sides):
    ids = {f"{RUN_ID}-0-{s['operation_id']}-{s['attempt']}" for s in sides.samples}
    assert len(ids) == len(sides.samples)
    assert ids == {i for i in sides.truth if not i.startswith(f'{RUN_ID}-preflight')}


def test_counters_and_samples_agree(sides):
    window = [s for s in sides.samples if 'in_window' in s['flags']]
    for totals, samples in ((sides.summary['all'], sides.samples),
                            (sides.summary['totals'], window)):
        assert totals['requests'] == len(samples)
        assert totals['failed'] == 0
        assert totals['completion_tokens'] == sum(s['completion_tokens'] for s in samples)
        assert totals['prompt_tokens'] == sum(s['prompt_tokens'] for s in samples)
        assert totals['cost_pusd'] == sum(s['cost_pusd'] for s in samples)


def test_each_stream_has_the_chunks_and_tokens_that_the_server_wrote(sides):
    assert len(sides.chats) > 20
    for sample in sides.chats:
        written = truth.output(sides.sent_by_simulator(sample))
        assert sample['outcome'] == 'ok'
        assert sample['token_source'] == 'usage'
        assert sample['chunks'] == len(written) == 10
        assert sample['completion_tokens'] == sum(event.tokens for event in written)


def test_cost_is_tokens_times_price(sides):
    for sample in sides.chats:
        assert sample['cost_pusd'] == (sample['prompt_tokens'] * 1_000_000 +
                                       sample['completion_tokens'] * 2_000_000)


def test_a_conversation_grows_turn_by_turn_and_begins_anew(sides):
    turns = collections.defaultdict(list)
    for sample in sides.chats:
        turns[sample['turn']].append(sample['prompt_tokens'])
    assert set(turns) == {1, 2, 3}
    assert max(turns[1]) < min(turns[2]) and max(turns[2]) < min(turns[3])


def test_classes_share_the_users_by_weight(sides):
    users = {name: {s['user'] for s in sides.samples if s['labels']['class'] == name}
             for name in ('talker', 'looker')}
    assert (len(users['talker']), len(users['looker'])) == (4, 2)


def test_figures_are_broken_down_by_class_step_model_and_phase(sides):
    by = sides.summary['by']
    assert set(by['class']) == {'talker', 'looker'}
    assert set(by['step']) == {'chat', 'list_models'}
    assert 'm' in by['model']
    assert set(by['phase']) == {'ramp-up', 'sustained', 'cool-down'}
    assert sum(c['requests'] for c in by['class'].values()) == sides.summary['totals']['requests']
    assert sum(p['requests'] for p in by['phase'].values()) == sides.summary['all']['requests']


def test_thresholds_are_told_with_value_and_verdict(sides):
    told = {t['metric']: t for t in sides.summary['thresholds']}
    assert set(told) == {'ttft', 'error_rate'}
    assert all(t['passed'] for t in told.values())
    assert 40 <= told['ttft']['value'] < 10_000
    assert told['error_rate']['value'] == 0


def test_achieved_pauses_are_the_drawn_ones(sides):
    pauses = sides.summary['client']['pauses']
    assert pauses['count'] > 20
    assert 1 <= pauses['achieved_share'] < 1.5


def test_connections_are_kept_and_used_again(sides):
    client = sides.summary['client']
    assert client['connections_opened'] <= 6
    reused = [s for s in sides.samples if 'reused' in s['flags']]
    assert len(sides.samples) - len(reused) == client['connections_opened']


def test_moments_are_in_their_order(sides):
    for s in sides.chats:
        moments = [s[key] for key in ('due_ns', 'sent_ns', 'wire_ns', 'first_byte_ns',
                                      'first_event_ns', 'first_output_ns', 'last_output_ns',
                                      'end_ns')]
        assert moments == sorted(moments)


def test_the_terminal_shows_a_verdict_first_and_where_the_results_are(sides):
    told = sides.done.stdout
    assert 'PASSED' in told
    assert told.index('PASSED') < told.index('Latency')
    assert str(sides.results.folder) in told
    assert '\x1b' not in told, 'no colour and no cursor movement without a terminal'


def test_the_log_is_json_with_level_message_and_run(sides):
    lines = [line for line in sides.done.stderr.splitlines() if line.startswith('{')]
    for line in map(json.loads, lines):
        assert line['level'] in ('debug', 'info', 'warn', 'error')
        assert line['run'] == RUN_ID
    assert len(lines) == len(sides.done.stderr.splitlines())


def test_the_key_stands_nowhere(sides):
    files = [f for f in sides.results.folder.rglob('*') if f.is_file()]
    assert len(files) >= 2
    for text in [sides.done.stdout, sides.done.stderr, *(f.read_bytes() for f in files)]:
        assert (KEY if isinstance(text, str) else KEY.encode()) not in text


def test_results_are_readable_by_their_owner_alone(sides):
    for path in [sides.results.folder, *sides.results.folder.iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
