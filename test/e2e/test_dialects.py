"""PLT-7, SCN-4: what is asked of a model in the words of each API, against a simulator that was
written from the providers' documents alone."""
import base64
import json
import re

import pytest

import truth
from program import throng

RUN_ID = 'e2e-dialects'
CLAUDE = '{{default: "{url}", claude: {{url: "{url}", api: anthropic, api_key: sk-ant-e2e}}}}'
# Name of the step → the step, and which of OpenAI's or Anthropic's targets it goes to.
STEPS = {
    'chat': '{chat: {model: m, question: mixed}}',
    'completion': '{completion: {model: m, question: mixed, max_tokens: 40}}',
    'responses': '{responses: {model: m, question: mixed, system: "be brief"}}',
    'messages': '{chat: {model: m, question: mixed, system: "be brief"}, target: claude}',
    'embeddings': '{embeddings: {model: m, question: mixed, batch: 3}}',
    'plain completion': '{completion: {model: m, prompt: hi, stream: false}}',
    'plain responses': '{responses: {model: m, question: mixed, stream: false}}',
    'plain messages': '{chat: {model: m, stream: false, messages: [{role: system, content: x}, '
                      '{role: user, content: hi}]}, target: claude}',
}
# How far two readings of the clock may be apart that are one moment (as test_accuracy has it).
CLOCKS_NS = 1_000_000
STREAMS = ('chat', 'completion', 'responses', 'messages')
MODELS = '{m: {price: {prompt: 1.00, cached: 0.50, completion: 4.00}}}'


def flow(*names):
    steps = ', '.join(f'{STEPS[name][:-1]}, name: "{name}"}}' for name in names)
    return f'{{a: {{flow: [{steps}]}}}}'


@pytest.fixture
def meet(simulate, scenario, run, tmp_path):
    """meet(('chat', …), '--gap', …) → (samples by step, truth by request id) of ten rounds."""

    def run_against(names, *options, rounds=10, code=0):
        simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', 'uniform(5,12)',
                             '--embedding', '5ms', '--ground-truth', tmp_path / 'truth', *options)
        path = scenario(target='', targets=CLAUDE.format(url=simulator.url), models=MODELS,
                        users=flow(*names), load='[{phase: sustained, users: 2, for: 1h}]',
                        limits=f'{{requests: {rounds * len(names)}}}')
        samples = run(path, '--run-id', RUN_ID, code=code).samples()
        simulator.stop()
        by_step = {name: [s for s in samples if s['labels']['step'] == name] for name in names}
        assert all(by_step.values())
        return by_step, truth.read(tmp_path / 'truth')

    return run_against


def written(sent, sample):
    """When the server had the request, and the output that it wrote."""
    events = sent[f"{RUN_ID}-0-{sample['operation_id']}-{sample['attempt']}"]
    return events[0].mono_ns, truth.output(events)


def test_each_kind_of_step_is_answered_and_counted(meet):
    by_step, sent = meet(STEPS, '--reasoning-tokens', '3', '--cached', '25%')
    for name, samples in by_step.items():
        for sample in samples:
            assert sample['outcome'] == 'ok', (name, sample)
            assert sample['token_source'] == 'usage'
            assert ('streamed' in sample['flags']) == (name in STREAMS)
            assert 'chat' in sample['flags']
            assert sample['prompt_tokens'] > 0
            assert sample['cost_pusd'] == (
                (sample['prompt_tokens'] - sample['cached_tokens']) * 1_000_000 +
                sample['cached_tokens'] * 500_000 + sample['completion_tokens'] * 4_000_000)
    # Of Anthropic's usage nobody can tell; completions do not reason.
    assert {name for name, samples in by_step.items() if samples[0]['reasoning_tokens']} == {
        'chat', 'responses', 'plain responses'}
    for sample in by_step['embeddings']:
        assert sample['completion_tokens'] == 0 and 'first_output_ns' not in sample


def test_chunks_tokens_and_moments_are_those_that_the_server_wrote(meet):
    by_step, sent = meet(STREAMS, '--reasoning-tokens', '2', '--preamble', 'role')
    for name, samples in by_step.items():
        for sample in samples:
            received_ns, events = written(sent, sample)
            assert sample['chunks'] == len(events), name
            assert sample['completion_tokens'] == sum(event.tokens for event in events), name
            # Neither the role, nor message_start, nor an item that begins is the first output.
            assert sample['first_output_ns'] > events[0].mono_ns - received_ns - CLOCKS_NS, name
            reasoned = any(event.kind == 'reasoning' for event in events)
            assert reasoned == (name != 'completion')
            assert ('first_answer_ns' in sample) == reasoned, name


@pytest.mark.parametrize('option, outcome', [('--stream-error-rate', 'stream_error'),
                                             ('--malformed-rate', 'malformed_event'),
                                             ('--truncate-rate', 'truncated')])
def test_what_breaks_a_stream_is_told_alike_in_all_dialects(meet, option, outcome):
    by_step, _ = meet(STREAMS, option, '1', '--fault-after', '2', rounds=3, code=116)
    for name, samples in by_step.items():
        assert {sample['outcome'] for sample in samples} == {outcome}, name


def test_what_is_missing_at_the_end_is_what_the_dialect_has_there(meet):
    marked = {'chat', 'completion', 'messages'}
    by_step, _ = meet(STREAMS, '--no-done-rate', '1', rounds=3)
    for name, samples in by_step.items():
        assert {sample['outcome'] for sample in samples} == {'ok'}, name
        assert {'missing_done' in sample['flags'] for sample in samples} == {name in marked}, name


def test_a_stream_without_its_finish_is_truncated_in_all_dialects(meet):
    by_step, _ = meet(STREAMS, '--no-finish-rate', '1', rounds=3, code=116)
    for name, samples in by_step.items():
        assert {sample['outcome'] for sample in samples} == {'truncated'}, name
        assert all('missing_finish' in sample['flags'] for sample in samples), name


# Why an answer ends where nothing cuts it short, in the words of each API.
FINISHES = {'chat': 'stop', 'completion': 'stop', 'responses': 'completed', 'messages': 'end_turn'}


def test_a_step_can_look_at_the_words_the_finish_and_the_usage_of_a_stream(simulate, scenario, run):
    simulator = simulate('--ttft', '5ms', '--gap', '1ms', '--tokens', '9', '--reasoning-tokens', '2')
    steps = ', '.join(
        f"""{STEPS[name][:-1]}, name: {name}, extract: {{said: .text}}, check: {{words: '.text != ""',
        ends: '.finish == "{finish}"', counts: '.usage.completion_tokens >= 9',
        never: '.finish == null'}}}}"""
        for name, finish in FINISHES.items())
    results = run(scenario(target='', targets=CLAUDE.format(url=simulator.url), models=MODELS,
                           users='{a: {flow: [%s, {think: 1ms}]}}' % steps,
                           load='[{phase: sustained, users: 1, for: 1h}]',
                           limits='{requests: 8}'))
    told = {(check['step'], check['name']): (check['passes'], check['fails'])
            for check in results.summary['checks']}
    assert told == {(step, name): (0, 2) if name == 'never' else (2, 0) for step in FINISHES
                    for name in ('words', 'ends', 'counts', 'never')}


def test_a_refusal_says_what_the_server_said(simulate, scenario, tmp_path):
    simulator = simulate('--error-rate', '1', '--error-status', '529')
    path = scenario(target='', targets=CLAUDE.format(url=simulator.url), users=flow('messages'),
                    load='[{phase: sustained, users: 1, for: 1h}]', limits='{requests: 1}')
    done = throng('run', path, '--headless', '--no-preflight', '--out', tmp_path / 'out', check=116)
    assert 'status 529: {"type":"error","error":{"type":"overloaded_error"' in ' '.join(
        done.stdout.split())
    assert 'sk-ant-e2e' not in done.stdout + done.stderr


def test_a_dry_run_asks_in_the_words_of_each_api(scenario):
    path = scenario(target='', targets=CLAUDE.format(url='http://127.0.0.1:9'), models=MODELS,
                    users=flow(*STEPS), load='[{phase: sustained, users: 1, for: 1h}]',
                    limits=f'{{requests: {len(STEPS)}}}')
    lines = throng('run', path, '--dry-run', '--print-requests', check=0).stdout.splitlines()
    asked = dict(zip(STEPS, map(json.loads, lines)))
    paths = {name: request['url'].split(':9', 1)[1] for name, request in asked.items()}
    assert paths == {
        'chat': '/v1/chat/completions', 'completion': '/v1/completions',
        'responses': '/v1/responses', 'messages': '/v1/messages', 'embeddings': '/v1/embeddings',
        'plain completion': '/v1/completions', 'plain responses': '/v1/responses',
        'plain messages': '/v1/messages'}
    for name, request in asked.items():
        headers = {key.lower(): value for key, value in request['headers'].items()}
        claude = name.endswith('messages')
        assert headers.get('x-api-key') == ('***' if claude else None)
        assert headers.get('anthropic-version') == ('2023-06-01' if claude else None)
        assert 'authorization' not in headers
        assert headers['accept'] == ('text/event-stream' if name in STREAMS else 'application/json')
        assert 'sk-ant-e2e' not in json.dumps(request)
    plain = json.loads(asked['plain messages']['body'])
    assert plain == {'model': 'm', 'max_tokens': 1024, 'system': 'x',
                     'messages': [{'role': 'user', 'content': 'hi'}]}
    assert len(json.loads(asked['embeddings']['body'])['input']) == 3


@pytest.mark.parametrize('step, said', [
    ('chat: {model: m, prompt: hi, system: x, conversation: keep}', 'messages'),
    ('responses: {model: m, prompt: hi, system: x, conversation: keep}', 'input'),
    ('chat: {model: m, prompt: hi, system: x, conversation: keep}, target: claude', 'messages')])
def test_a_conversation_goes_on_in_each_dialect_that_has_one(scenario, step, said):
    path = scenario(target='', targets=CLAUDE.format(url='http://127.0.0.1:9'),
                    users=f'{{a: {{flow: [{{repeat: 2, steps: [{{{step}}}]}}]}}}}', models='{m: {}}',
                    load='[{phase: sustained, users: 1, for: 1h}]', limits='{requests: 2}')
    lines = throng('run', path, '--dry-run', '--print-requests', check=0).stdout.splitlines()
    first, second = (json.loads(json.loads(line)['body'])[said] for line in lines)
    assert second == [*first, {'role': 'assistant', 'content': '{{answer}}'},
                      {'role': 'user', 'content': 'hi'}]


PNG = b'\x89PNG\r\n\x1a\n' + bytes(range(256))


def test_an_image_is_sent_as_its_api_wants_it(scenario, tmp_path):
    (tmp_path / 'cat.png').write_bytes(PNG)
    messages = 'messages: [{role: user, content: ["What is {{ user.ordinal }}?", {image: cat.png}]}]'
    path = scenario(target='', targets=CLAUDE.format(url='http://127.0.0.1:9'), models='{m: {}}',
                    users=f'{{a: {{flow: [{{chat: {{model: m, {messages}}}}}, '
                          f'{{chat: {{model: m, {messages}}}, target: claude}}]}}}}',
                    load='[{phase: sustained, users: 1, for: 1h}]', limits='{requests: 2}')
    lines = throng('run', path, '--dry-run', '--print-requests', check=0).stdout.splitlines()
    openai, claude = (json.loads(json.loads(line)['body'])['messages'] for line in lines)
    data = base64.b64encode(PNG).decode()
    question = {'type': 'text', 'text': 'What is 0?'}
    assert openai == [{'role': 'user', 'content': [
        question, {'type': 'image_url', 'image_url': {'url': f'data:image/png;base64,{data}'}}]}]
    assert claude == [{'role': 'user', 'content': [
        question, {'type': 'image', 'source': {'type': 'base64', 'media_type': 'image/png',
                                               'data': data}}]}]


def test_what_it_will_cost_knows_each_dialects_limit_and_that_vectors_have_no_tokens(scenario):
    prompt = 'x' * 100
    steps = [f'{{embeddings: {{model: a, prompt: "{prompt}", batch: 2}}}}',
             f'{{responses: {{model: b, prompt: "{prompt}", max_tokens: 50}}}}',
             f'{{completion: {{model: c, prompt: "{prompt}", max_tokens: 60}}}}',
             f'{{chat: {{model: d, prompt: "{prompt}"}}, target: claude}}']
    path = scenario(target='', targets=CLAUDE.format(url='http://127.0.0.1:9'),
                    models='{%s}' % ', '.join(f'{name}: {{price: {{prompt: 1000, completion: 2000}}}}'
                                              for name in 'abcd'),
                    users=f'{{a: {{iterations: 1, flow: [{", ".join(steps)}, {{think: 1h}}]}}}}',
                    load='[{phase: sustained, users: 1, for: 1m}]')
    told = throng('check', path, check=0).stdout
    rows = {name: re.search(rf'^  {name} +1 +(\d+) +([\d,]+) ', told, re.M) for name in 'abcd'}
    counts = {name: (int(row[1]), int(row[2].replace(',', ''))) for name, row in rows.items()}
    # 100 bytes are 25 tokens; Anthropic is sent a limit where the scenario has none.
    assert counts == {'a': (50, 0), 'b': (25, 50), 'c': (25, 60), 'd': (25, 1024)}
