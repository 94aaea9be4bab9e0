"""LOAD-4: traces of each format are sent again, as they were recorded, when they were recorded."""
import collections
import json
import statistics

import pytest

import scripted
import truth
from program import Results, throng
from scripted import HELLO, ScriptedServer

# A fault of the schedule is one of hundreds of milliseconds; a busy machine is late by tens.
SLACK_MS = 150

MOONCAKE = [{'timestamp': at, 'input_length': length, 'output_length': 3 + i, 'hash_ids': blocks}
            for i, (at, length, blocks) in enumerate(
                [(0, 600, [1, 2]), (250, 40, [3]), (700, 600, [1, 4])])]
LINES = ''.join(json.dumps(entry) + '\n' for entry in MOONCAKE)
CHAT = json.dumps({'model': 'm', 'stream': True, 'max_tokens': 9,
                   'messages': [{'role': 'user', 'content': 'gr\u00fc\u00df dich'}]}, ensure_ascii=False)
RECORDED = [
    {'schema': 'throng.trace/1', 'recorded_at': '2026-11-28T10:00:00Z', 'upstream': 'https://x'},
    {'timestamp': 0, 'session_id': 's1', 'input_length': 11, 'output_length': 2,
     'request': {'method': 'POST', 'path': '/v1/chat/completions?beta=1', 'body': CHAT,
                 'headers': [['content-type', 'application/json; charset=utf-8'],
                             ['X-Team', 'green'], ['X-Key', '***']]}},
    {'timestamp': 120.5, 'session_id': 's2',
     'request': {'method': 'PUT', 'path': '/v1/files/a%20b', 'headers': [],
                 'body_base64': 'AAH/Cg=='}},
]
HAR = {'log': {'version': '1.2', 'creator': {'name': 'by hand', 'version': '1'}, 'entries': [
    {'startedDateTime': '2024-05-10T10:00:00.300+02:00',
     'request': {'method': 'POST', 'url': 'https://app.example.com/v1/chat/completions',
                 'headers': [{'name': ':path', 'value': '/v1'},
                             {'name': 'content-type', 'value': 'application/json'},
                             {'name': 'authorization', 'value': 'Bearer sk-of-somebody'},
                             {'name': 'cookie', 'value': 'session=of-somebody'}],
                 'postData': {'mimeType': 'application/json', 'text': CHAT}}},
    {'startedDateTime': '2024-05-10T08:00:00.000Z',
     'request': {'method': 'GET', 'url': 'https://app.example.com/app?x=1#top', 'headers': []}},
    {'startedDateTime': '2024-05-10T08:00:00.100Z',
     'request': {'method': 'GET', 'url': 'https://cdn.example.net/lib.js', 'headers': []}},
]}}


@pytest.fixture
def server():
    def answer(request):
        if '/chat/completions' in request.path:
            return scripted.stream(*HELLO)
        return scripted.whole('200 OK', '{}')

    one = ScriptedServer(answer)
    yield one
    one.close()


@pytest.fixture
def replay(tmp_path):
    """replay('trace.jsonl', 'its text', …) → path of a scenario that replays it."""

    def write(name, text, target='http://127.0.0.1:9', step='{model: m}', more='', rest=''):
        (tmp_path / name).write_text(text)
        path = tmp_path / 'replay.yaml'
        path.write_text(f"""
scenario: replay
seed: 7
target: {target}
users: {{people: {{flow: [{{replay: {step}}}]}}}}
load: [{{phase: replay, trace: {name}{more}}}]
graceful_stop: 10s
{rest}
""")
        return path

    return write


def dry(path, *options):
    told = throng('run', path, '--dry-run', '--print-requests', *options, check=0)
    return [json.loads(line) for line in told.stdout.splitlines()]


def moments_ms(requests):
    return [request['at_ns'] / 1e6 for request in requests]


def words(request):
    return len(json.loads(request['body'])['messages'][0]['content'].split())


# Lengths.

def test_mooncake_is_sent_at_its_times_with_its_lengths(replay):
    requests = dry(replay('conversation.jsonl', LINES))
    assert moments_ms(requests) == [0, 250, 700]
    assert [words(request) for request in requests] == [600, 40, 600]
    assert [json.loads(r['body'])['max_tokens'] for r in requests] == [3, 4, 5]
    first, _, third = (json.loads(r['body'])['messages'][0]['content'].split() for r in requests)
    shared = next(i for i, (a, b) in enumerate(zip(first, third)) if a != b)
    assert 512 <= shared < 520  # one block of 512 tokens, and what happens to be the same


@pytest.mark.parametrize('name, text, lengths, moments', [
    ('azure.csv', 'TIMESTAMP,ContextTokens,GeneratedTokens\n'
     '2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:46.9951690,396,109\n',
     [(374, 44), (396, 109)], [0, 314.579]),
    ('burst.csv', 'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n'
     '5,ChatGPT,472,18,490,Conversation log\n6,ChatGPT,9,0,9,API log\n7,GPT-4,41,2,43,API log\n',
     [(472, 18), (41, 2)], [0, 2000]),
])
def test_tables_are_sent_at_their_times_with_their_lengths(replay, name, text, lengths, moments):
    requests = dry(replay(name, text))
    assert [(words(r), json.loads(r['body'])['max_tokens']) for r in requests] == lengths
    assert moments_ms(requests) == pytest.approx(moments)


def test_the_step_says_how_the_lengths_are_asked_for(replay):
    bodies = [json.loads(r['body']) for r in dry(replay(
        'a.jsonl', LINES, step='{model: big, exact_output: true, stream: false, temperature: 0.5}'))]
    assert {(b['model'], b.get('stream', False), b['temperature']) for b in bodies} == {
        ('big', False, 0.5)}
    assert [b['min_tokens'] for b in bodies] == [3, 4, 5]
    bodies = [json.loads(r['body']) for r in dry(replay(
        'a.jsonl', LINES, step='{model: big, max_tokens: 77}'))]
    assert {b['max_tokens'] for b in bodies} == {77}


def test_a_part_of_a_trace_is_sent_faster(replay):
    path = replay('a.jsonl', LINES, more=', from: 200ms, time_scale: 0.5, limit: 1')
    assert moments_ms(dry(path)) == [25]
    told = throng('check', path, check=0).stdout
    assert '1 entry in 26ms' in told
    assert "2 left out: outside of 'from', 'for' and 'limit'" in told


def test_the_same_seed_sends_the_same_bytes_over_any_number_of_workers(replay):
    path = replay('a.jsonl', LINES, rest='unique_over: seed')
    whole = dry(path)
    assert dry(path) == whole
    for workers in (2, 3, 7):
        union = [r for index in range(workers)
                 for r in dry(path, '--workers', workers, '--worker-index', index)]
        key = lambda request: request['at_ns']
        without = lambda requests: [{**r, 'user': None} for r in sorted(requests, key=key)]
        assert without(union) == without(whole)


# Requests.

def load_of(server):
    """What was asked of it but for the look that is taken at it before."""
    return [r for r in server.requests if not r.headers['x-request-id'].endswith('-preflight')]


def check_sent(server, target_key=None):
    """What the server was asked is what RECORDED holds."""
    chat, file = load_of(server)
    assert (chat.method, chat.path) == ('POST', '/v1/chat/completions?beta=1')
    assert chat.body.decode() == CHAT
    assert chat.headers['content-type'] == 'application/json; charset=utf-8'
    assert chat.headers['x-team'] == 'green'
    assert 'x-key' not in chat.headers
    assert chat.headers.get('authorization') == target_key
    assert 'content-type' not in file.headers
    assert (file.method, file.path, file.body) == ('PUT', '/v1/files/a%20b', b'\x00\x01\xff\n')


def test_recorded_requests_are_sent_as_they_were(server, replay, run):
    text = ''.join(json.dumps(line) + '\n' for line in RECORDED)
    results = run(replay('trace.jsonl', text, step='{}',
                         target=f'{{url: "{server.url}", api_key: sk-ours}}'))
    check_sent(server, 'Bearer sk-ours')
    replayed = results.summary['replay']
    assert (replayed['format'], replayed['entries'], replayed['requests'], replayed['sent'],
            replayed['unsent'], replayed['dropped']) == ('throng', 2, 2, 2, 0, 0)
    chat, file = sorted(results.samples(), key=lambda s: s['sent_ns'])
    assert chat['outcome'] == 'ok' and chat['first_output_ns'] > 0
    assert {'streamed', 'chat', 'open_loop', 'replayed'} <= set(chat['flags'])
    assert chat['labels']['model'] == 'm' and 'model' not in file['labels']
    assert file['outcome'] == 'ok' and 'streamed' not in file['flags']


def test_the_preflight_asks_nothing_that_the_trace_does_not(server, replay, tmp_path):
    for name, text in ('session.har', json.dumps(HAR)), ('lengths.jsonl', LINES):
        throng('run', replay(name, text, target=server.url), '--preflight-only', check=0)
    [canary] = [request for request in server.requests if request.method != 'GET']
    assert canary.json['max_tokens'] == 16


def test_an_archive_is_sent_without_what_belonged_to_somebody(server, replay, run):
    results = run(replay('session.har', json.dumps(HAR), step='{}', target=server.url))
    page, chat = load_of(server)
    assert (page.method, page.path) == ('GET', '/app?x=1')
    assert (chat.method, chat.path, chat.body.decode()) == ('POST', '/v1/chat/completions', CHAT)
    for request in page, chat:
        assert not {'authorization', 'cookie', ':path'} & set(request.headers)
        assert request.headers['host'] == server.url.removeprefix('http://')
    assert results.summary['replay']['elsewhere'] == 1
    assert 'of-somebody' not in results.folder.joinpath('scenario.yaml').read_text()


# Times, in real time.

@pytest.mark.alone
@pytest.mark.parametrize('scale', [1, 0.5])
def test_the_server_receives_them_when_they_were_recorded(simulate, replay, run, tmp_path, scale):
    log = tmp_path / 'truth'
    simulator = simulate('--ttft', '1ms', '--gap', '1ms', '--ground-truth', log)
    entries = [{'timestamp': at, 'input_length': 5, 'output_length': 1}
               for at in (0, 100, 100, 400, 1000, 1010)]
    path = replay('a.jsonl', ''.join(json.dumps(e) + '\n' for e in entries),
                  target=simulator.url, more=f', time_scale: {scale}')
    results = run(path)
    simulator.stop()
    told = truth.read(log)
    run_id = results.summary['run']['id']
    received = sorted(told[f"{run_id}-0-{s['operation_id']}-{s['attempt']}"][0].mono_ns / 1e6
                      for s in results.samples())
    late = [got - received[0] - entry['timestamp'] * scale
            for got, entry in zip(received, entries, strict=True)]
    assert abs(statistics.median(late)) < SLACK_MS
    assert min(late) > -SLACK_MS and max(late) < 3 * SLACK_MS
    replayed = results.summary['replay']
    assert replayed['sent'] == 6 and replayed['lateness']['count'] == 6
    assert results.summary['metrics']['replay_lateness']['count'] == 6


@pytest.mark.parametrize('flow, late_ms', [
    ('{replay: {model: m}}, {replay: {model: m}}', 0),
    ('{chat: {model: m, prompt: hi}}, {chat: {model: m, prompt: ho}}', 0),
    ('{think: 200ms}, {replay: {model: m}}, {replay: {model: m}}', 200),
])
def test_an_entry_is_sent_once_and_steps_before_it_make_it_late(server, replay, run, flow, late_ms):
    results = run(replay('a.jsonl', LINES, target=server.url), '--set', f'users.people.flow=[{flow}]')
    replayed = results.summary['replay']
    # The last one's moment is the load's last, so that nobody waits for those who think.
    unsent = 1 if late_ms else 0
    assert (replayed['sent'], replayed['unsent']) == (len(MOONCAKE) - unsent, unsent)
    assert replayed['degraded'] is (unsent > 0)
    assert late_ms <= replayed['lateness']['min'] < late_ms + 3 * SLACK_MS
    told = json.dumps(results.summary['verdicts'])
    assert ('1 entry was not sent before its end' in told) is (unsent > 0)


@pytest.mark.parametrize('last_ms, sentence', [
    (20, 'arrivals were dropped'),  # the load ends while two of them still wait
    (1500, 'The replay is degraded: more than 1 in 100 entries left over 500 ms'),
])
def test_a_replay_that_nobody_is_free_for_is_called_degraded(simulate, replay, run, last_ms,
                                                             sentence):
    slow = simulate('--ttft', '600ms', '--tokens', '1')
    entries = [{'timestamp': at, 'input_length': 5, 'output_length': 1}
               for at in (0, 10, last_ms)]
    results = run(replay('a.jsonl', ''.join(json.dumps(e) + '\n' for e in entries),
                         target=slow.url, rest='arrivals: {users: 1, max_wait: 20s}'))
    assert results.summary['replay']['degraded'] is True
    assert any(sentence in verdict['sentence'] for verdict in results.summary['verdicts'])


# throng's own results.

def test_a_run_is_replayed_at_its_own_times(fast_simulator, scenario, run, replay, tmp_path):
    simulator = fast_simulator
    first = run(scenario(target=simulator.url,
                         users='{asker: {flow: [{chat: {model: m, max_tokens: 4}}, '
                               '{think: 50ms..200ms}]}}'))
    samples = sorted(s['sent_ns'] for s in first.samples() if s['prompt_tokens'])
    trace = tmp_path / 'own.jsonl'
    throng('samples', first.folder / 'samples.bin', '--trace', '--out', trace, check=0)
    head, *lines = map(json.loads, trace.read_text().splitlines())
    assert head['schema'] == 'throng.trace/1'
    assert [line['timestamp'] for line in lines] == pytest.approx(
        [(sent - samples[0]) / 1e6 for sent in samples], abs=0.01)
    requests = dry(replay('again.jsonl', trace.read_text()))
    assert moments_ms(requests) == pytest.approx([line['timestamp'] for line in lines])
    assert [words(r) for r in requests] == [line['input_length'] for line in lines]
    assert collections.Counter(line['response']['status'] for line in lines) == {200: len(lines)}


# Mistakes.

@pytest.mark.parametrize('change, sentence', [
    (dict(text='nonsense\n{}\n'), "a.jsonl: error: not a trace of a format that is known"),
    (dict(text=LINES + '{"timestamp": 9}\n'), "a.jsonl:4: error: no 'input_length'"),
    (dict(more=', from: 1h'), "no entries between 'from' and 'for'"),
    (dict(more=', users: 4'), "'users' has no meaning in a phase 'replay'"),
    (dict(more='}, {phase: sustained, users: 1, for: 1s'), "a load of a 'replay' and another"),
    (dict(step='{}'), "names no model to ask"),
    (dict(rest='warm_up: 10s'), 'leave nothing to be measured of the 701ms'),
    (dict(more=', origin: example.com'), "'example.com' is not an origin"),
    (dict(rest='setup: {user: [{replay: {model: m}}]}'), 'have no place in a trace'),
])
def test_a_mistake_is_told_with_its_place(replay, change, sentence):
    path = replay('a.jsonl', **{'text': LINES, **change})
    told = throng('check', path, check=104)
    assert sentence in told.stderr, told.stderr


def test_bad_entries_are_left_out_where_that_is_asked_for(replay):
    path = replay('a.jsonl', LINES + '{"timestamp": 9}\n', more=', on_bad_row: skip')
    assert len(dry(path)) == 3
    assert '1 left out: rows that could not be read' in throng('check', path, check=0).stdout


def test_a_step_without_a_trace_is_a_mistake(scenario):
    path = scenario(target='http://127.0.0.1:9', users='{a: {flow: [{replay: {model: m}}]}}')
    assert "a step 'replay' in a load that replays no trace" in throng('check', path,
                                                                       check=104).stderr


def test_a_replay_lasts_as_long_as_its_trace(replay):
    told = throng('check', replay('a.jsonl', LINES), '--duration', '5m', check=104)
    assert 'a replay lasts as long as its trace' in told.stderr
