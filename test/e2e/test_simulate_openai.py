"""SIM-1: the official OpenAI client gets along with the simulator."""
import time

import openai
import pytest

KEY = 'sk-e2e-simulator-0123456789'
QUESTION = [{'role': 'user', 'content': 'Which river is the longest?'}]


@pytest.fixture
def client_of():
    clients = []

    def make(simulator, **options):
        clients.append(openai.OpenAI(base_url=simulator.url + '/v1',
                                     **{'api_key': KEY, 'max_retries': 0, **options}))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_a_plain_answer_has_choice_finish_reason_and_usage(fast_simulator, client_of):
    answer = client_of(fast_simulator).chat.completions.create(model='m', messages=QUESTION)
    assert answer.object == 'chat.completion'
    assert answer.model == 'm'
    assert answer.choices[0].finish_reason == 'stop'
    assert answer.choices[0].message.role == 'assistant'
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens == 12
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 12


def test_a_stream_carries_one_token_a_chunk_and_ends_with_a_finish_reason(
        fast_simulator, client_of):
    chunks = list(client_of(fast_simulator).chat.completions.create(
        model='m', messages=QUESTION, stream=True))
    assert chunks[0].choices[0].delta.role == 'assistant'
    assert len([c for c in chunks if c.choices[0].delta.content]) == 12
    assert [c.choices[0].finish_reason for c in chunks if c.choices[0].finish_reason] == ['stop']
    assert all(c.usage is None for c in chunks)
    assert len({c.id for c in chunks}) == 1


def test_a_stream_ends_with_usage_when_it_is_asked_for(fast_simulator, client_of):
    chunks = list(client_of(fast_simulator).chat.completions.create(
        model='m', messages=QUESTION, stream=True, stream_options={'include_usage': True}))
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 12
    assert all(c.usage is None for c in chunks[:-1])


def test_the_streamed_words_are_those_of_the_plain_answer(fast_simulator, client_of):
    chat = client_of(fast_simulator).chat.completions
    plain = chat.create(model='m', messages=QUESTION).choices[0].message.content
    streamed = ''.join(c.choices[0].delta.content or '' for c in chat.create(
        model='m', messages=QUESTION, stream=True))
    assert streamed == plain


def test_max_tokens_cuts_an_answer_and_says_length(fast_simulator, client_of):
    answer = client_of(fast_simulator).chat.completions.create(
        model='m', messages=QUESTION, max_tokens=5)
    assert answer.usage.completion_tokens == 5
    assert answer.choices[0].finish_reason == 'length'


def test_models_are_listed_and_shown_and_a_stranger_is_a_404(simulate, client_of):
    client = client_of(simulate('--models', 'small,large'))
    assert [model.id for model in client.models.list()] == ['small', 'large']
    assert client.models.retrieve('large').id == 'large'
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model='huge', messages=QUESTION)
    assert caught.value.code == 'model_not_found'


def test_a_wrong_key_is_refused_and_the_right_one_is_not(simulate, client_of):
    simulator = simulate('--api-key-env', 'SIMULATED_KEY', env={'SIMULATED_KEY': KEY})
    assert list(client_of(simulator).models.list())
    with pytest.raises(openai.AuthenticationError) as caught:
        client_of(simulator, api_key='sk-wrong').models.list()
    assert caught.value.code == 'invalid_api_key'


def test_a_request_without_messages_is_a_bad_request_that_names_the_key(
        fast_simulator, client_of):
    with pytest.raises(openai.BadRequestError) as caught:
        client_of(fast_simulator).post('/chat/completions', cast_to=object,
                                       body={'model': 'm'})
    assert 'messages' in str(caught.value)


@pytest.mark.parametrize('status, error', [
    (429, openai.RateLimitError), (500, openai.InternalServerError),
    (503, openai.InternalServerError)])
def test_error_statuses_are_the_errors_that_the_client_knows(simulate, client_of, status, error):
    client = client_of(simulate('--error-rate', '1', '--error-status', status))
    with pytest.raises(error) as caught:
        client.chat.completions.create(model='m', messages=QUESTION)
    assert caught.value.status_code == status


def test_the_client_tries_again_after_a_429_and_waits_as_told(simulate, client_of):
    client = client_of(simulate('--error-rate', '1', '--error-status', '429',
                                '--retry-after', '1s'), max_retries=1)
    began = time.monotonic()
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model='m', messages=QUESTION)
    assert time.monotonic() - began >= 1


def test_reasoning_comes_before_the_answer_and_is_counted(simulate, client_of):
    client = client_of(simulate('--ttft', '1ms', '--gap', '1ms', '--tokens', '3',
                                '--reasoning-tokens', '4'))
    answer = client.chat.completions.create(model='m', messages=QUESTION)
    assert answer.usage.completion_tokens == 7
    assert answer.usage.completion_tokens_details.reasoning_tokens == 4


def test_an_error_event_within_a_stream_raises_in_the_client(simulate, client_of):
    client = client_of(simulate('--ttft', '1ms', '--gap', '1ms', '--stream-error-rate', '1',
                                '--fault-after', '2'))
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model='m', messages=QUESTION, stream=True))


@pytest.mark.parametrize('fault', ['reset', 'truncate'])
def test_a_broken_stream_is_no_whole_answer(simulate, client_of, fault):
    client = client_of(simulate('--ttft', '1ms', '--gap', '1ms', f'--{fault}-rate', '1',
                                '--fault-after', '2', '--tokens', '20'))
    with pytest.raises(Exception):
        list(client.chat.completions.create(model='m', messages=QUESTION, stream=True))


def test_a_queue_makes_the_second_wait_for_the_first(simulate, client_of):
    chat = client_of(simulate('--capacity', '1', '--ttft', '300ms', '--gap', '1ms',
                              '--tokens', '2')).chat.completions
    began = time.monotonic()
    first = chat.create(model='m', messages=QUESTION, stream=True)
    second = chat.create(model='m', messages=QUESTION, stream=True)
    list(first)
    list(second)
    assert time.monotonic() - began >= 0.6


def test_a_completion_is_the_same_streamed_and_plain(fast_simulator, client_of):
    completions = client_of(fast_simulator).completions
    plain = completions.create(model='m', prompt='Once upon a time')
    assert plain.object == 'text_completion'
    assert plain.usage.completion_tokens == 12
    streamed = ''.join(chunk.choices[0].text for chunk in completions.create(
        model='m', prompt='Once upon a time', stream=True))
    assert streamed == plain.choices[0].text


def test_an_echoed_prompt_stands_before_its_completion(fast_simulator, client_of):
    completion = client_of(fast_simulator).completions.create(
        model='m', prompt='Say "hello"', echo=True, max_tokens=3)
    assert completion.choices[0].text.startswith('Say "hello" ')
    assert completion.choices[0].finish_reason == 'length'


def test_a_response_is_put_together_from_its_events(simulate, client_of):
    responses = client_of(simulate('--ttft', '1ms', '--gap', '1ms', '--tokens', '7',
                                   '--reasoning-tokens', '4')).responses
    plain = responses.create(model='m', input='Which river?', instructions='Be brief')
    assert plain.instructions == 'Be brief'
    assert plain.usage.output_tokens_details.reasoning_tokens == 4
    with responses.stream(model='m', input='Which river?', instructions='Be brief') as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert [event.sequence_number for event in events
            if hasattr(event, 'sequence_number')] == sorted(
                event.sequence_number for event in events if hasattr(event, 'sequence_number'))
    assert len([e for e in events if e.type == 'response.output_text.delta']) == 7
    assert len([e for e in events if e.type == 'response.reasoning_text.delta']) == 4
    assert final.output_text == plain.output_text != ''


def test_a_response_cut_by_max_output_tokens_is_incomplete(fast_simulator, client_of):
    response = client_of(fast_simulator).responses.create(
        model='m', input='Which river?', max_output_tokens=5)
    assert response.status == 'incomplete'
    assert response.incomplete_details.reason == 'max_output_tokens'


def test_embeddings_in_base64_are_the_floats(fast_simulator, client_of):
    embeddings = client_of(fast_simulator).embeddings
    # Without encoding_format the client asks for base64 and decodes it.
    decoded = embeddings.create(model='text-embedding-3-small', input=['a bee', 'a bear'])
    floats = embeddings.create(model='text-embedding-3-small', input=['a bee', 'a bear'],
                               encoding_format='float')
    assert [len(one.embedding) for one in floats.data] == [1536, 1536]
    for one, other in zip(decoded.data, floats.data):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-7)
    assert floats.data[0].embedding != floats.data[1].embedding


def test_a_rate_limit_is_told_before_and_when_it_is_reached(simulate, client_of):
    chat = client_of(simulate('--ttft', '1ms', '--requests-per-minute', '1')).chat.completions
    first = chat.with_raw_response.create(model='m', messages=QUESTION, max_tokens=2)
    assert first.headers['x-ratelimit-remaining-requests'] == '0'
    with pytest.raises(openai.RateLimitError) as caught:
        chat.create(model='m', messages=QUESTION, max_tokens=2)
    assert caught.value.code == 'rate_limit_exceeded'
    assert 50 <= int(caught.value.response.headers['retry-after']) <= 60
