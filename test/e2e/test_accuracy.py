"""MSR: what was measured, held against what the simulator says it did.

Bounds are loose on purpose: a sanitized build on a busy machine must keep them, and a wrong
definition (a role chunk taken for the first token, a gap counted twice) must not. How exact throng
really is, test/bench measures.
"""
import statistics

import pytest

import truth
from conftest import Simulator
from program import Results, Running, throng

pytestmark = pytest.mark.alone

RUN_ID = 'e2e-accuracy'
NS_PER_MS = 1_000_000
SLACK_MS = 20
SCENARIO = """
scenario: accuracy
target: "{url}"
users:
  asker: {{think_time: 5ms..30ms, flow: [{{chat: {{model: m, question: mixed}}}}, think]}}
load: [{{phase: sustained, users: 10, for: 1500ms}}]
graceful_stop: 10s
"""


@pytest.fixture(scope='module', params=['kernel stamps', 'user space'])
def joined(request, tmp_path_factory):
    """(sample, what the simulator wrote) per request."""
    folder = tmp_path_factory.mktemp('accuracy')
    simulator = Simulator(Running(
        'simulate', '--listen', '127.0.0.1:0', '--ttft', 'uniform(30ms,150ms)', '--gap',
        'uniform(2ms,12ms)', '--tokens', 'uniform(5,40)', '--preamble', 'role',
        '--ground-truth', folder / 'truth'))
    path = folder / 'accuracy.yaml'
    path.write_text(SCENARIO.format(url=simulator.url))
    options = ['--no-kernel-stamps'] if request.param == 'user space' else []
    throng('run', path, '--quiet', '--out', folder, '--run-id', RUN_ID, *options, check=0)
    simulator.stop()
    sent = truth.read(folder / 'truth')
    samples = Results(folder / RUN_ID).samples()
    whole = [(s, sent[f"{RUN_ID}-0-{s['operation_id']}-{s['attempt']}"])
             for s in samples if s['outcome'] == 'ok']
    assert len(whole) > 30
    return whole


def errors_ms(pairs):
    return sorted((measured - true) / NS_PER_MS for measured, true in pairs)


def test_time_to_first_token_is_that_from_request_to_first_written_token(joined):
    """Two clocks that agree: a measured time holds the true one, and hardly more."""
    errors = errors_ms(
        (s['first_output_ns'] - s['sent_ns'],
         truth.output(events)[0].mono_ns - events[0].mono_ns) for s, events in joined)
    assert errors[0] > -1
    assert statistics.median(errors) < SLACK_MS
    assert errors[int(len(errors) * 0.95)] < 3 * SLACK_MS


def test_the_first_event_is_the_role_and_comes_before_the_first_token(joined):
    errors = errors_ms(
        (s['first_output_ns'] - s['first_event_ns'],
         truth.output(events)[0].mono_ns -
         next(e.mono_ns for e in events if e.kind == 'role')) for s, events in joined)
    assert abs(statistics.median(errors)) < SLACK_MS


def test_generation_is_as_long_as_the_server_took_to_write_it(joined):
    errors = errors_ms(
        (s['last_output_ns'] - s['first_output_ns'],
         truth.output(events)[-1].mono_ns - truth.output(events)[0].mono_ns)
        for s, events in joined)
    assert abs(statistics.median(errors)) < SLACK_MS
    assert abs(errors[int(len(errors) * 0.05)]) < 3 * SLACK_MS
    assert abs(errors[int(len(errors) * 0.95)]) < 3 * SLACK_MS


def test_every_chunk_and_token_was_counted_once(joined):
    for sample, events in joined:
        written = truth.output(events)
        assert sample['chunks'] == len(written)
        assert sample['completion_tokens'] == sum(event.tokens for event in written)
