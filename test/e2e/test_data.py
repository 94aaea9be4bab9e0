"""SCN-5, USR-3, USR-4: rows of files, conversations, prompts to a length, as a server sees them."""
import collections
import json
import os

import pytest

import scripted
from program import throng
from scripted import HELLO, ScriptedServer

ANSWER = 'Hello'  # what HELLO says


@pytest.fixture
def server():
    def answer(request):
        if request.path.endswith('/chat/completions'):
            return scripted.stream(*HELLO)
        return scripted.whole('200 OK', '{}')

    one = ScriptedServer(answer)
    yield one
    one.close()


@pytest.fixture
def write(tmp_path):
    """write('people.csv', 'text') puts a file beside the scenario."""
    def write_file(name, text):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(data)
        return name
    return write_file


def conversation(*turns):
    """One of ShareGPT: what a person says, each answered by what no server is to see again."""
    return {'id': 'x', 'conversations': [
        message for text in turns
        for message in ({'from': 'human', 'value': text}, {'from': 'gpt', 'value': 'recorded'})]}


def dry(path, *options):
    """User → the bodies that they would send, in order."""
    told = throng('run', path, '--dry-run', '--print-requests', *options, check=0)
    by_user = collections.defaultdict(list)
    for line in told.stdout.splitlines():
        request = json.loads(line)
        by_user[request['user']].append(request)
    return by_user


def said(request):
    return [message['content'] for message in json.loads(request['body'])['messages']]


# FAULTS row 6.

BAD_FILES = {
    'an empty file': ('rows.csv', '', None, 'an empty file'),
    'no rows': ('rows.csv', 'email\n', None, 'no rows'),
    'a short row': ('rows.csv', 'email,x\na@x,1\nb@x\n', 3, 'fewer fields'),
    'an open quote': ('rows.csv', 'email\n"a@x\n', 2, 'never closed'),
    'csv that is no UTF-8': ('rows.csv', b'email\na@x\n\xff\n', 3, 'not UTF-8'),
    'invalid JSON': ('rows.jsonl', '{"email": "a@x"}\n{"email": \n', 2, 'well-formed'),
    'no object': ('rows.jsonl', '["a@x"]\n', 1, 'no JSON object'),
    'a missing key': ('rows.jsonl', '{"e-mail": "a@x"}\n', 1, "no key 'email'"),
    'JSON that is no UTF-8': ('rows.jsonl', b'{"email": "\xff"}\n', 1, 'not UTF-8'),
}


@pytest.mark.parametrize('name, text, line, problem', BAD_FILES.values(), ids=BAD_FILES.keys())
@pytest.mark.parametrize('command', [['run'], ['check'], ['run', '--dry-run']],
                         ids=['run', 'check', 'dry run'])
def test_fault_06_a_bad_row_is_104_at_its_line(scenario, write, command, name, text, line, problem):
    path = scenario(target='simulator', data=f'{{people: {write(name, text)}}}',
                    users='{a: {flow: [{http: "GET /{{ data.people.email }}"}]}}')
    stderr = throng(*command, path, check=104).stderr
    place = f'{name}:{line}: ' if line else f'{name}: '
    assert f'{place}error: ' in stderr and problem in stderr
    assert '@x' not in stderr


def test_fault_06_bad_rows_may_be_left_out_and_are_counted(scenario, run, server, write):
    write('people.csv', 'email,x\na,1\nb\nc,3\n"d\n')
    path = scenario(target=server.url, limits='{requests: 4}',
                    data='{people: {file: people.csv, on_bad_row: skip}}',
                    users='{a: {flow: [{http: "GET /{{ data.people.email }}"}, {think: 1ms}]}}',
                    load='[{phase: sustained, users: 1, for: 1h}]')
    told = throng('check', path, check=0).stdout
    assert '2 rows, one after the other; 2 bad rows left out' in told
    results = run(path, '--no-preflight')
    assert [request.path for request in server.requests] == ['/a', '/c', '/a', '/c']
    assert results.summary['workload']['rows_skipped'] == 2
    warned = throng('run', path, '--dry-run', check=0).stderr
    assert "2 bad rows of 'people' were left out" in warned


def test_fault_06_bad_datasets_are_told_with_their_lines(scenario, write):
    write('talks.json', '[\n' + json.dumps(conversation('a')) + ',\n{"talks": []}\n]')
    write('prompts.jsonl', '{"prompt": "a"}\n{"prompt": 7}\n')
    path = scenario(target='simulator', datasets='{talks: talks.json, prompts: prompts.jsonl}',
                    users='{a: {flow: [{chat: {model: m, dataset: talks}}]}}')
    stderr = throng('check', path, check=104).stderr
    assert "talks.json:3: error: no 'conversations'" in stderr
    assert "prompts.jsonl:2: error: a 'prompt' that is no text" in stderr


def test_a_file_is_looked_for_beside_the_scenario_from_anywhere(scenario, write, tmp_path):
    write('people.csv', 'email\na@x\n')
    path = scenario(target='http://127.0.0.1:9', data='{people: people.csv}', limits='{requests: 1}',
                    users='{a: {flow: [{http: {request: POST /x, raw: "{{ data.people.email }}"}}]}}')
    told = throng('run', os.path.relpath(path, '/'), '--dry-run', '--print-requests', cwd='/', check=0)
    assert json.loads(told.stdout.splitlines()[0])['body'] == 'a@x'
    (tmp_path / 'people.csv').unlink()
    stderr = throng('check', path, check=104).stderr
    assert 'scenario.yaml:' in stderr and 'people.csv' in stderr and 'No such file' in stderr


# Rows are shared out.

def people(scenario, write, order, rows=23, flow_end=''):
    write('people.csv', 'id\n' + ''.join(f'{i}\n' for i in range(rows)))
    return scenario(
        target='http://127.0.0.1:9', data=f'{{people: {{file: people.csv, order: {order}}}}}',
        users=f'''{{a: {{flow: [{{http: {{request: POST /x, raw: "{{{{ data.people.id }}}}"}}}},
                                {{think: 100ms}}{flow_end}]}}}}''',
        load='[{phase: sustained, users: 5, for: 3s}]')


def taken(path, workers):
    rows = collections.defaultdict(list)
    for index in range(workers):
        for user, requests in dry(path, '--workers', workers, '--worker-index', index).items():
            rows[user] += [request['body'] for request in requests]
    return rows


@pytest.mark.parametrize('order', ['sequential', 'random', 'unique'])
def test_rows_are_the_same_over_any_number_of_workers(scenario, write, order):
    path = people(scenario, write, order)
    whole = taken(path, 1)
    assert sum(map(len, whole.values())) > 10
    for workers in (2, 3, 7):
        assert taken(path, workers) == whole


def test_unique_rows_are_given_once_and_who_has_none_ends(scenario, write):
    path = people(scenario, write, 'unique')
    rows = sorted(int(row) for user in taken(path, 3).values() for row in user)
    assert rows == list(range(23))


# Datasets.

def test_a_recorded_conversation_is_asked_turn_by_turn_with_the_answers_of_the_server(
        scenario, run, server, write):
    write('talks.json', json.dumps([conversation('a1', 'a2', 'a3'), conversation('b1', 'b2')]))
    path = scenario(
        target=server.url, datasets='{talks: talks.json}', limits='{requests: 6}',
        users='''{a: {flow: [{repeat: 6, steps: [
            {chat: {model: m, dataset: talks, conversation: keep}}]}]}}''',
        load='[{phase: sustained, users: 1, for: 1h}]')
    run(path, '--no-preflight')
    asked = [[message['content'] for message in request.json['messages']]
             for request in server.requests]
    assert asked == [['a1'], ['a1', ANSWER, 'a2'], ['a1', ANSWER, 'a2', ANSWER, 'a3'],
                     ['b1'], ['b1', ANSWER, 'b2'], ['a1']]
    roles = [message['role'] for message in server.requests[2].json['messages']]
    assert roles == ['user', 'assistant'] * 2 + ['user']


def test_alone_conversations_give_their_first_turn_and_lines_all_their_messages(scenario, write):
    messages = [{'role': 'system', 'content': 's'}, {'role': 'user', 'content': 'u'},
                {'role': 'assistant', 'content': 'a'}, {'role': 'user', 'content': 'v'}]
    write('talks.json', json.dumps([conversation('a1', 'a2')]))
    write('lines.jsonl', json.dumps({'messages': messages, 'output_tokens': 17}) + '\n')
    path = scenario(
        target='http://127.0.0.1:9', datasets='{talks: talks.json, lines: lines.jsonl}',
        limits='{requests: 2}',
        users='''{a: {flow: [{chat: {model: m, dataset: talks}},
                             {chat: {model: m, dataset: lines, max_tokens: 5}}]}}''',
        load='[{phase: sustained, users: 1, for: 1h}]')
    talk, lines = (json.loads(request['body']) for request in dry(path)[0])
    assert talk['messages'] == [{'role': 'user', 'content': 'a1'}]
    assert lines['messages'] == messages
    assert lines['max_tokens'] == 17


def test_completions_and_embeddings_take_prompts_of_a_dataset(scenario, write):
    write('lines.jsonl', ''.join(f'{{"prompt": "p{i}"}}\n' for i in range(4)))
    path = scenario(
        target='http://127.0.0.1:9', datasets='{lines: lines.jsonl}', limits='{requests: 2}',
        users='''{a: {flow: [{completion: {model: m, dataset: lines}},
                             {embeddings: {model: m, dataset: lines, batch: 3}}]}}''',
        load='[{phase: sustained, users: 1, for: 1h}]')
    completion, embeddings = (json.loads(request['body']) for request in dry(path)[0])
    assert completion['prompt'] == 'p0'
    assert embeddings['input'] == ['p1', 'p2', 'p3']


def test_unique_prompts_are_asked_once_and_users_without_one_end(scenario, run, server, write):
    write('lines.jsonl', ''.join(f'{{"prompt": "p{i}"}}\n' for i in range(5)))
    path = scenario(
        target=server.url, datasets='{lines: {file: lines.jsonl, order: unique}}',
        users='{a: {flow: [{chat: {model: m, dataset: lines}}]}}',
        load='[{phase: sustained, users: 2, for: 1s}]')
    results = run(path, '--no-preflight')
    asked = sorted(request.json['messages'][0]['content'] for request in server.requests)
    assert asked == [f'p{i}' for i in range(5)]
    assert results.summary['all']['failed'] == 0
    assert results.summary['workload']['users_out_of_rows'] == 2


def test_that_users_ran_out_of_rows_is_said_while_they_go_and_at_the_end(scenario, write, tmp_path):
    write('rows.csv', 'id\n1\n2\n3\n')
    path = scenario(target='simulator', data='{rows: {file: rows.csv, order: unique}}',
                    users='{a: {flow: [{http: "GET /health?{{ data.rows.id }}"}]}}',
                    load='[{phase: sustained, users: 1, for: 1s}]')
    done = throng('run', path, '--headless', '--out', tmp_path / 'out', check=0)
    assert done.stderr.count('no row is left') == 1
    assert '1 user ended early: no row was left' in done.stdout


def test_the_fingerprint_knows_what_datasets_say(scenario, write):
    rows = [conversation(f'a{i}') for i in range(2000)]
    path = scenario(target='http://127.0.0.1:9', datasets='{talks: talks.json}',
                    users='{a: {flow: [{chat: {model: m, dataset: talks}}]}}')

    def fingerprint():
        write('talks.json', json.dumps(rows))
        return throng('check', path, check=0).stdout.split('Fingerprint ')[1].split()[0]

    first = fingerprint()
    assert fingerprint() == first
    rows[1999] = conversation('another')  # which no user would come to in so short a load
    assert fingerprint() != first


# Questions, lengths and prefixes.

def test_questions_of_the_scenario_are_worded_from_its_lists_and_open_uniquely(scenario, write):
    write('support.yaml', 'templates: ["How do I {{ lists.verb }} my {{ lists.thing }}?"]\n'
                          'lists: {verb: [reset, find], thing: [password, invoice]}\n')
    path = scenario(
        target='http://127.0.0.1:9', questions='{support: {file: support.yaml}}',
        users='{a: {flow: [{chat: {model: m, question: support}}]}}',
        load='[{phase: sustained, users: 5, for: 10s}]')
    asked = [said(request)[0] for user in dry(path).values() for request in user]
    assert len(asked) > 100
    assert {text.rsplit(': ', 1)[1] for text in asked} == {
        f'How do I {verb} my {thing}?' for verb in ('reset', 'find')
        for thing in ('password', 'invoice')}
    assert len({' '.join(text.split()[:8]) for text in asked}) == len(asked)


def test_synthetic_prompts_have_their_lengths_and_ask_for_those_of_their_answers(scenario):
    path = scenario(
        target='http://127.0.0.1:9', limits='{requests: 50}',
        users='''{a: {flow: [{chat: {model: m, synthetic: {
            input: 20..40, output: {mean: 100, deviation: 20, min: 50, max: 150},
            exact_output: true}}}]}}''',
        load='[{phase: sustained, users: 4, for: 1h}]')
    bodies = [json.loads(request['body']) for user in dry(path).values() for request in user]
    lengths = [len(body['messages'][0]['content'].split()) for body in bodies]
    assert min(lengths) >= 20 and max(lengths) <= 40 and len(set(lengths)) > 10
    for body in bodies:
        assert 50 <= body['max_tokens'] <= 150
        assert body['min_tokens'] == body['max_tokens'] and body['ignore_eos'] is True
    assert len({body['max_tokens'] for body in bodies}) > 10


def test_how_near_the_lengths_came_is_in_the_summary(scenario, run, fast_simulator):
    path = scenario(
        target=fast_simulator.url, limits='{requests: 10}',
        users='{a: {flow: [{chat: {model: m, synthetic: {input: 50, output: 8}}}]}}')
    results = run(path)
    whole = [sample for sample in results.samples() if sample['outcome'] == 'ok']
    workload = results.summary['workload']
    prompts, answers = workload['prompt_length'], workload['answer_length']
    assert prompts['requests'] == answers['requests'] == len(whole)
    assert prompts['asked_tokens'] == 50 * len(whole)
    assert prompts['told_tokens'] == sum(sample['prompt_tokens'] for sample in whole)
    off = [abs(sample['prompt_tokens'] - 50) / 50 for sample in whole]
    assert prompts['mean_error'] == pytest.approx(sum(off) / len(off), abs=1e-6)
    assert answers['asked_tokens'] == answers['told_tokens'] == 8 * len(whole)
    assert answers['mean_error'] == 0


def test_prefixes_are_shared_by_the_ratio_and_come_before_what_is_unique(scenario):
    path = scenario(
        target='http://127.0.0.1:9',
        users='''{a: {flow: [{chat: {model: m, question: mixed,
                                     prefix: {tokens: 30, hit_ratio: 0.75, pool: 2}}}]}}''',
        load='[{phase: sustained, users: 20, for: 20s}]')
    asked = [said(request)[0].split('\n\n', 1) for user in dry(path).values() for request in user]
    assert all(len(prefix.split()) == 30 for prefix, _ in asked)
    counts = collections.Counter(prefix for prefix, _ in asked)
    shared = [count for count in counts.values() if count > 1]
    assert len(shared) == 2
    expected = 0.75 * len(asked)
    assert abs(sum(shared) - expected) < 5 * (expected * 0.25) ** 0.5
    assert len({question for _, question in asked}) == len(asked)


def test_a_run_asks_what_its_dry_run_said(scenario, run, server, write):
    write('talks.json', json.dumps([conversation(f'a{i}', f'b{i}') for i in range(7)]))
    path = scenario(
        target=server.url, datasets='{talks: {file: talks.json, order: random}}',
        users='''{a: {iterations: 1, flow: [
            {repeat: 3, steps: [{chat: {model: m, dataset: talks, conversation: keep}}]},
            {chat: {model: m, synthetic: {input: 9}, prefix: {tokens: 5, hit_ratio: 0.5}}}]}}''',
        unique_over='seed', limits='{requests: 8}',
        load='[{phase: sustained, users: 1, for: 1h}]')
    promised = [json.loads(request['body'])['messages'] for request in dry(path)[0]]
    run(path, '--no-preflight')
    sent = [request.json['messages'] for request in server.requests]
    assert json.loads(json.dumps(promised).replace('{{answer}}', ANSWER)) == sent
