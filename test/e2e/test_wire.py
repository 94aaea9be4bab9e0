"""FAULTS: what a server may write, byte by byte, and what throng makes of it."""
import gzip
import json
import re

import pytest

import scripted
from scripted import CLOSE, DONE, HANG, HEAD, HELLO, RESET, USAGE, ScriptedServer, chunk, event

KEY = 'sk-e2e-wire-key-987'
LOAD = '[{phase: sustained, users: 2, for: 1h}]'


@pytest.fixture
def ask(scenario, run):
    """ask(pieces or function) → (its server, results): six requests, whose answers are these."""
    servers = []

    def ask_server(answer, requests=6, target='', users=None, code=0, options=()):
        server = ScriptedServer(answer if callable(answer) else lambda request: answer)
        servers.append(server)
        parts = {'users': users} if users else {}
        path = scenario(target=f'{{url: "{server.url}", api_key: "${{KEY}}"{target}}}', load=LOAD,
                        limits=f'{{requests: {requests}, error_rate: {{above: 100%}}}}', **parts)
        return server, run(path, '--no-preflight', *options, code=code, env={'KEY': KEY})

    yield ask_server
    for server in servers:
        server.close()


def the_outcome(results):
    [outcome] = {sample['outcome'] for sample in results.samples()}
    return outcome


def a_sample(results):
    return results.samples()[0]


def assert_hello(results):
    assert the_outcome(results) == 'ok'
    for sample in results.samples():
        assert (sample['chunks'], sample['completion_tokens']) == (2, 2)
        assert sample['token_source'] == 'usage'


BODY = b''.join(HELLO)


def test_fault_07_the_same_result_from_every_split_of_a_stream(ask):
    """Each answer is cut at another byte, into two writes and two chunks."""
    cuts = iter(range(1, len(BODY)))

    def answer(request):
        cut = next(cuts, 1)
        return [HEAD, chunk(BODY[:cut]), chunk(BODY[cut:]), b'0\r\n\r\n']

    _, results = ask(answer, requests=len(BODY) - 1,
                     users='{asker: {flow: [{chat: {model: m, question: mixed}}]}}')
    assert len(results.samples()) == len(BODY) - 1
    assert_hello(results)


def test_fault_07_a_stream_byte_by_byte(ask):
    _, results = ask([HEAD, *(chunk(BODY[i:i + 1]) for i in range(len(BODY))), b'0\r\n\r\n'])
    assert_hello(results)


@pytest.mark.parametrize('end', [b'\n', b'\r\n', b'\r'], ids=['LF', 'CRLF', 'CR'])
def test_fault_08_every_line_ending_is_one(ask, end):
    _, results = ask(scripted.stream(*(e.replace(b'\n', end) for e in HELLO)))
    assert_hello(results)


def test_fault_09_comments_pings_and_other_fields_are_no_tokens(ask):
    noise = b': ping\n\nevent: message\nid: 7\nretry: 10\n'
    _, results = ask(scripted.stream(b'\xef\xbb\xbf' + HELLO[0], *(noise + e for e in HELLO[1:])))
    assert_hello(results)


def test_fault_10_data_without_a_blank_and_over_several_lines(ask):
    lines = json.dumps(json.loads(HELLO[1][6:]), indent=1).encode().replace(b'\n', b'\ndata: ')
    _, results = ask(scripted.stream(HELLO[0].replace(b'data: ', b'data:'),
                                     b'data: ' + lines + b'\n\n', *HELLO[2:]))
    assert_hello(results)


def test_fault_13_a_stream_without_done_but_with_a_finish_reason_is_whole(ask):
    _, results = ask(scripted.stream(*HELLO[:-1]))
    assert_hello(results)
    assert 'missing_done' in a_sample(results)['flags']


def test_fault_14_bytes_after_done_are_ignored_and_noted(ask):
    _, results = ask(scripted.stream(*HELLO, event({'content': 'too late'})))
    assert_hello(results)
    assert 'after_done' in a_sample(results)['flags']


def test_fault_15_text_that_is_no_utf_8_leaves_the_results_readable(ask):
    odd = b'data: {"choices":[{"index":0,"delta":{"content":"\xff\xfe \\ud800 \\u0000"}}]}\n\n'
    _, results = ask(scripted.stream(HELLO[0], odd, *HELLO[2:]), code=None)
    (results.folder / 'summary.json').read_text(encoding='utf-8')
    assert len(results.samples()) == 6


def test_fault_16_an_event_without_end_is_cut_off_at_the_cap(ask):
    _, results = ask([HEAD, *[chunk(b'data: ' + b'x' * (1 << 20))] * 9, HANG], requests=2,
                     code=116)
    assert the_outcome(results) == 'event_too_large'


@pytest.mark.parametrize('delta', [
    {'content': 'a'}, {'reasoning_content': 'a'}, {'reasoning': 'a'},
    {'tool_calls': [{'index': 0, 'id': 'c', 'type': 'function',
                     'function': {'name': 'f', 'arguments': '{'}}]},
], ids=lambda delta: next(iter(delta)))
def test_fault_17_the_first_token_is_content_reasoning_or_a_tool_call(ask, delta):
    _, results = ask(scripted.stream(event({'role': 'assistant'}), event({'content': ''}),
                                     event(delta), event({'content': 'b'}), event(finish='stop'),
                                     USAGE, DONE))
    assert the_outcome(results) == 'ok'
    assert a_sample(results)['chunks'] == 2


@pytest.mark.parametrize('usage, source', [
    (b'', 'estimated'),
    (event(choices=[], usage=None), 'estimated'),
    (USAGE, 'usage'),
], ids=['missing', 'null', 'last'])
def test_fault_18_tokens_say_where_they_come_from(ask, usage, source):
    _, results = ask(scripted.stream(*HELLO[:4], usage, DONE) if usage else
                     scripted.stream(*HELLO[:4], DONE))
    assert the_outcome(results) == 'ok'
    assert a_sample(results)['token_source'] == source
    assert a_sample(results)['completion_tokens'] >= 1
    if source == 'estimated':
        assert results.summary['totals']['estimated_tokens'] > 0


def test_fault_18_usage_with_every_event_is_not_added_up(ask):
    usage = [{'prompt_tokens': 5, 'completion_tokens': n, 'total_tokens': 5 + n} for n in (1, 2)]
    _, results = ask(scripted.stream(HELLO[0], event({'content': 'Hel'}, usage=usage[0]),
                                     event({'content': 'lo'}, usage=usage[1]),
                                     event(finish='stop', usage=usage[1]), DONE))
    assert_hello(results)


def test_fault_19_an_error_event_is_no_success_though_the_status_was_200(ask):
    _, results = ask(scripted.stream(*HELLO[:3], b'data: {"error": {"message": "overloaded"}}\n\n',
                                     DONE), code=116)
    assert the_outcome(results) == 'stream_error'


@pytest.mark.parametrize('pieces, kind', [
    (scripted.stream(*HELLO[:3]), 'truncated'),
    (scripted.stream(*HELLO[:3], CLOSE), 'truncated'),
    (scripted.stream(*HELLO[:3], RESET), 'reset'),
    ([RESET], 'reset'),
], ids=['no finish reason', 'closed', 'reset', 'reset before the answer'])
def test_faults_20_and_21_a_broken_stream_is_no_success(ask, pieces, kind):
    _, results = ask(pieces, code=116)
    assert the_outcome(results) == kind


@pytest.mark.parametrize('options', [(), ('--no-kernel-stamps',)], ids=['', 'without stamps'])
def test_fault_21_a_reset_is_not_remembered_of_the_next_stream(ask, options):
    """libcurl keeps the errno of a failure in its handle; the next failure is another."""
    ends = iter([RESET, CLOSE] * 50)
    _, results = ask(lambda request: scripted.stream(*HELLO[:3], next(ends)), requests=20,
                     users='{a: {flow: [{chat: {model: m, question: mixed}}, {think: 5ms}]}}',
                     code=116, options=(*options, '--users', '1'))
    told = [sample['outcome'] for sample in results.samples()]
    assert told == ['reset', 'truncated'] * 10


@pytest.mark.parametrize('pieces, kinds', [
    ([HEAD, chunk(HELLO[0]), b'zz\r\nhello\r\n'], {'protocol', 'encoding'}),
    ([b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{}', CLOSE],
     {'truncated'}),
    ([b'SSH-2.0-OpenSSH_9.2\r\n', CLOSE], {'protocol'}),
], ids=['bad chunk size', 'too short for its length', 'not HTTP'])
def test_fault_22_lengths_that_lie_are_named(ask, pieces, kinds):
    _, results = ask(pieces, code=116)
    assert the_outcome(results) in kinds


def test_fault_23_a_page_instead_of_an_answer(ask):
    _, results = ask(scripted.whole('200 OK', '<html><b>Welcome</b></html>', 'text/html'), code=116)
    assert the_outcome(results) == 'bad_content_type'


def test_fault_23_a_plain_answer_where_a_stream_was_asked_for_is_never_taken_for_one(ask):
    body = {'id': 'x', 'object': 'chat.completion', 'model': 'm', 'choices': [
        {'index': 0, 'message': {'role': 'assistant', 'content': 'Hello'},
         'finish_reason': 'stop'}], 'usage': {'prompt_tokens': 5, 'completion_tokens': 2}}
    _, results = ask(scripted.whole('200 OK', json.dumps(body)), code=None)
    sample = a_sample(results)
    assert sample['outcome'] in ('bad_content_type', 'ok')
    assert sample['chunks'] == 0 and 'streamed' not in sample['flags'] or \
        sample['outcome'] == 'bad_content_type'


@pytest.mark.parametrize('pieces', [
    [b'HTTP/1.1 204 No Content\r\n\r\n'],
    scripted.whole('200 OK', b''),
    scripted.stream(),
    scripted.stream(DONE),
], ids=['204', 'empty 200', 'empty stream', 'only [DONE]'])
def test_fault_24_nothing_is_no_answer(ask, pieces):
    _, results = ask(pieces, code=116)
    assert the_outcome(results) in ('empty', 'truncated', 'bad_content_type')


def test_fault_24_interim_answers_are_passed_over(ask):
    _, results = ask([b'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n', *scripted.stream(*HELLO)])
    assert_hello(results)


def test_fault_25_a_redirect_is_not_followed_and_the_key_stays_here(ask):
    elsewhere = ScriptedServer(lambda request: scripted.stream(*HELLO))
    try:
        _, results = ask(scripted.whole('302 Found', b'', more=f'Location: {elsewhere.url}/v1\r\n'),
                         code=116)
        assert the_outcome(results) == 'redirect'
        assert results.summary['errors'][0]['example'] == 'status 302'
        assert elsewhere.requests == []
    finally:
        elsewhere.close()


def test_fault_31_a_compressed_stream_that_nobody_asked_for_is_named(ask):
    packed = gzip.compress(BODY)
    head = HEAD.replace(b'\r\n\r\n', b'\r\nContent-Encoding: gzip\r\n\r\n')
    server, results = ask([head, chunk(packed), b'0\r\n\r\n'], code=116)
    assert the_outcome(results) == 'encoding'
    assert 'gzip' not in server.requests[0].headers.get('accept-encoding', '')


def test_fault_32_a_flood_of_headers_is_cut_off(ask):
    flood = b''.join(b'X-%d: %s\r\n' % (i, b'y' * 1000) for i in range(2000))
    _, results = ask([b'HTTP/1.1 200 OK\r\n' + flood + b'\r\n'], requests=2, code=116)
    assert the_outcome(results) in ('protocol', 'event_too_large')


def test_fault_34_a_connection_that_closes_as_it_is_used_again_costs_one_resend(ask):
    """The server closes a kept connection instead of answering its second request."""
    answered, refused = set(), set()

    def answer(request):
        if request.connection in answered and request.headers['x-request-id'] not in refused:
            refused.add(request.headers['x-request-id'])
            return [CLOSE]
        answered.add(request.connection)
        return scripted.stream(*HELLO)

    _, results = ask(answer, requests=8)
    assert refused
    assert_hello(results)
    told = [s for s in results.samples() if 'resent' in s['flags']]
    assert results.summary['all']['resent'] == len(told) == len(refused)


def test_fault_54_a_key_in_an_error_page_is_nowhere_in_the_results(ask):
    body = json.dumps({'error': {'message': f'Incorrect API key provided: {KEY}'}})
    _, results = ask(scripted.whole('401 Unauthorized', body), requests=500, code=108)
    for path in results.folder.iterdir():
        assert KEY.encode() not in path.read_bytes(), path


def test_a_request_is_what_the_providers_documents_say(ask):
    users = ('{a: {headers: {X-Team: blue}, flow: [{chat: {model: gpt-4o, system: Be brief., '
             'question: mixed, max_tokens: 50, temperature: 0.5, extra_body: {seed: 7, '
             'nested: {a: [1]}}}}]}}')
    server, _ = ask(scripted.stream(*HELLO), users=users)
    request = server.requests[0]
    assert (request.method, request.path) == ('POST', '/v1/chat/completions')
    assert request.headers['authorization'] == f'Bearer {KEY}'
    assert request.headers['content-type'] == 'application/json'
    assert request.headers['x-team'] == 'blue'
    assert 'expect' not in request.headers
    assert re.fullmatch('00-[0-9a-f]{32}-[0-9a-f]{16}-01', request.headers['traceparent'])
    body = request.json
    question = body['messages'].pop()
    assert body == {'model': 'gpt-4o', 'stream': True, 'stream_options': {'include_usage': True},
                    'messages': [{'role': 'system', 'content': 'Be brief.'}],
                    'max_tokens': 50, 'temperature': 0.5, 'seed': 7, 'nested': {'a': [1]}}
    assert question['role'] == 'user' and len(question['content']) > 20
    ids = [r.headers['x-request-id'] for r in server.requests]
    traces = [r.headers['traceparent'] for r in server.requests]
    assert len(set(ids)) == len(set(traces)) == len(ids)


def test_usr_5_a_conversation_sends_back_what_was_said(ask):
    """Ten turns: each request holds all questions and answers before it, in order."""
    said = iter(f'answer {n}' for n in range(100))

    def answer(request):
        text = next(said)
        return scripted.stream(event({'role': 'assistant'}), event({'content': text[:3]}),
                               event({'content': text[3:]}), event(finish='stop'), USAGE, DONE)

    users = ('{a: {flow: [{repeat: 10, steps: [{chat: {model: m, question: mixed, '
             'conversation: keep}}]}]}}')
    server, results = ask(answer, requests=20, users=users)
    conversations = {}
    for request in server.requests:
        messages = request.json['messages']
        first = messages[0]['content']
        before = conversations.get(first, [])
        assert [m['content'] for m in messages[0::2][:len(before)]] == before
        assert [m['role'] for m in messages] == ['user', 'assistant'] * len(before) + ['user']
        assert all(re.fullmatch(r'answer \d+', m['content']) for m in messages[1::2])
        conversations[first] = before + [messages[-1]['content']]
    assert max(map(len, conversations.values())) == 10
    assert {s['turn'] for s in results.samples()} == set(range(1, 11))


def test_usr_5_a_window_bounds_what_is_sent_back(ask):
    users = ('{a: {flow: [{repeat: 6, steps: [{chat: {model: m, question: mixed, '
             'conversation: keep, window: 2}}]}]}}')
    server, _ = ask(scripted.stream(*HELLO), requests=12, users=users)
    assert max(len(r.json['messages']) for r in server.requests) == 5


def test_usr_5_a_failed_turn_is_removed_from_the_conversation(ask):
    calls = iter(range(1000))

    def answer(request):
        return (scripted.whole('500 Internal Server Error', '{}') if next(calls) % 2
                else scripted.stream(*HELLO))

    users = ('{a: {flow: [{repeat: 8, steps: [{chat: {model: m, question: mixed, '
             'conversation: keep}}]}]}}')
    server, _ = ask(answer, requests=16, users=users, code=None)
    for request in server.requests:
        roles = [m['role'] for m in request.json['messages']]
        assert roles == ['user', 'assistant'] * (len(roles) // 2) + ['user']
