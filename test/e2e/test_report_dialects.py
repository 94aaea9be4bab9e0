"""`throng report --dialect`: the figures of other tools, reckoned here a second time from requests.jsonl and the chunks of
samples.bin, by formulas written from those tools' own sources and not from ours."""
import json
import math
import pathlib
import statistics
import struct

import pytest

from program import throng

MS, S = 1e6, 1e9

SCENARIO = '''
scenario: dialects
seed: 7
target: simulator
simulator: {ttft: "gaussian(120ms,30ms)", gap: 6ms, tokens: "uniform(4,16)", tokens_per_chunk: 1.5, preamble: role,
            error_rate: 8%, stream_error_rate: 8%, fault_after: "uniform(1,3)"}
users:
  asker: {flow: [{chat: {model: m, question: mixed}}]}
warm_up: 300ms
graceful_stop: 5s
load: [{phase: sustained, users: 6, for: 2s}]
'''


def linear(values, q):
    """numpy.percentile, as vLLM and AIPerf call it."""
    values, rank = sorted(values), q * (len(values) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(values) - 1)
    return values[low] + (rank - low) * (values[high] - values[low])


def reached(pairs, q):
    """GuideLLM's: the value at which the summed shares reach it; at a tie their last bit decides."""
    total, so_far = sum(weight for _, weight in pairs), 0
    for value, weight in sorted(pairs):
        so_far += weight / total
        if so_far >= q:
            return value
    return None


def gaps(path, bit):
    """By (operation, attempt), between chunks with this bit: records of kind 4 in samples.bin (doc/results.md)."""
    data = pathlib.Path(path).read_bytes()
    sample_bytes, = struct.unpack_from('<I', data, 12)
    at, came = 32, {}
    while at < len(data):
        kind = data[at]
        if kind == 1:
            count, = struct.unpack_from('<H', data, at + 5)
            at += 7
            for _ in range(2 * count):
                at += 2 + struct.unpack_from('<H', data, at)[0]
        elif kind == 2:
            at += sample_bytes
        elif kind == 4:
            operation, attempt, ns, what = struct.unpack_from('<QIQB', data, at + 1)
            if what & bit:
                came.setdefault((operation, attempt), []).append(ns)
            at += 22
        else:
            break
    return {key: [b - a for a, b in zip(times, times[1:])] for key, times in came.items()}


class Told:
    def __init__(self, folder):
        self.folder = folder
        lines = throng('samples', folder / 'samples.bin', check=0).stdout.splitlines()
        self.all = [json.loads(line) for line in lines]
        self.asked = [r for r in self.all if {'chat', 'in_window'} <= set(r['flags']) and
                      r['outcome'] != 'cancelled']
        self.whole = [r for r in self.asked if r['outcome'] == 'ok']
        # An error within a stream is none to vLLM and AIPerf, if a token came before it.
        self.lenient = self.whole + [r for r in self.asked if r['outcome'] == 'stream_error' and
                                     r['chunks'] > 0]

    def dialect(self, name):
        return json.loads(throng('report', self.folder, '--dialect', name, '--format', 'json',
                                 check=0).stdout)


@pytest.fixture(scope='module')
def told(tmp_path_factory):
    path = tmp_path_factory.mktemp('dialects')
    (path / 's.yaml').write_text(SCENARIO)
    throng('run', path / 's.yaml', '--quiet', '--record-chunks', '--out', path, '--run-id', 'r', check=0)
    return Told(path / 'r')


def test_vllm(told):
    document = told.dialect('vllm')
    ttft = [(r['first_output_ns'] - r['sent_ns']) / MS for r in told.lenient]
    by_request = gaps(told.folder / 'samples.bin', 1)
    itl = [gap / MS for r in told.lenient for gap in by_request[r['operation_id'], r['attempt']]]
    assert document['completed'] == len(told.lenient)
    assert document['failed'] == len(told.asked) - len(told.lenient) > 0
    assert len(told.lenient) > len(told.whole)
    assert document['mean_ttft_ms'] == pytest.approx(statistics.fmean(ttft), rel=1e-6)
    assert document['std_ttft_ms'] == pytest.approx(statistics.pstdev(ttft), rel=1e-6)
    assert document['p95_ttft_ms'] == pytest.approx(linear(ttft, .95), rel=1e-6)
    assert document['median_itl_ms'] == pytest.approx(linear(itl, .5), rel=1e-6)
    assert document['p99_itl_ms'] == pytest.approx(linear(itl, .99), rel=1e-6)
    duration_s = (max(r['end_ns'] for r in told.asked) - min(r['sent_ns'] for r in told.asked)) / S
    assert document['duration'] == pytest.approx(duration_s, rel=1e-6)
    assert document['request_throughput'] == pytest.approx(len(told.lenient) / duration_s, rel=1e-6)
    # Broken streams told no usage, and a tokenizer is not here: not known, and said so.
    assert document['output_throughput'] is None and document['request_goodput'] is None
    assert {'output_throughput', 'request_goodput'} <= set(document['throng']['lacks'])


def test_the_role_is_a_token_to_older_releases_of_vllm(told):
    now, before = told.dialect('vllm'), told.dialect('vllm-role')
    assert now['median_ttft_ms'] > 60 > before['median_ttft_ms']
    role = [(r['first_choice_ns'] - r['sent_ns']) / MS for r in told.lenient]
    assert before['median_ttft_ms'] == pytest.approx(linear(role, .5), rel=1e-6)
    assert before['median_tpot_ms'] > now['median_tpot_ms']


def test_aiperf(told):
    document = told.dialect('aiperf')
    itl = [(r['last_output_ns'] - r['first_output_ns']) / MS / (r['completion_tokens'] - 1)
           for r in told.whole if r['completion_tokens'] > 1]
    assert document['request_count'] == {'unit': 'requests', 'avg': len(told.lenient)}
    assert document['error_request_count']['avg'] == len(told.asked) - len(told.lenient)
    assert document['inter_token_latency']['unit'] == 'ms'
    assert document['inter_token_latency']['count'] == len(itl)
    assert document['inter_token_latency']['p90'] == pytest.approx(linear(itl, .9), rel=1e-6)
    assert document['inter_chunk_latency']['p50'] == pytest.approx(told.dialect('vllm')['median_itl_ms'])
    assert document['total_osl']['avg'] == sum(r['completion_tokens'] for r in told.whole)


def test_guidellm_weighs_by_tokens(told):
    metrics = told.dialect('guidellm')['metrics']
    tpot = [((r['last_output_ns'] - r['wire_ns']) / MS / r['completion_tokens'], r['completion_tokens'])
            for r in told.whole]
    assert metrics['request_totals'] == {'successful': len(told.whole),
                                         'errored': len(told.asked) - len(told.whole)}
    shown = metrics['time_per_output_token_ms']['successful']
    assert shown['median'] == pytest.approx(reached(tpot, .5), rel=1e-6)
    assert shown['percentiles']['p95'] == pytest.approx(reached(tpot, .95), rel=1e-6)
    assert shown['mean'] == pytest.approx(sum(v * w for v, w in tpot) / sum(w for _, w in tpot), rel=1e-6)


def test_inference_perf_and_k6(told):
    successes = told.dialect('inference-perf')['successes']
    whole = [(r['end_ns'] - r['sent_ns']) / S for r in told.asked
             if r['outcome'] in ('ok', 'stream_error', 'empty')]
    assert successes['count'] == len(whole)
    assert successes['latency']['request_latency']['p99.9'] == pytest.approx(linear(whole, .999), rel=1e-6)
    assert successes['latency']['inter_token_latency']['median'] is None

    metrics = told.dialect('k6')['metrics']
    sent = [r for r in told.all if r['outcome'] != 'cancelled']
    failed = [r for r in sent if r['status'] >= 400]
    assert metrics['http_reqs']['count'] == len(sent) > len(told.asked)
    assert metrics['http_req_failed']['value'] == pytest.approx(len(failed) / len(sent))
    assert metrics['http_req_duration']['p(95)'] == pytest.approx(
        linear([(r['end_ns'] - r['wire_ns']) / MS for r in sent], .95), rel=1e-6)


def test_people_read_both_figures_and_why_they_differ(told):
    page = throng('report', told.folder, '--dialect', 'vllm', check=0, env={'COLUMNS': '200'}).stdout
    assert f'r as vLLM bench serve 0.33.0 would tell it: {len(told.lenient)} requests succeeded' in page
    place = page.index('Time to First Token (ttft), ms; in throng: ttft')
    rows = page[place:].splitlines()[1:6]
    assert [row.split()[0] for row in rows[1:3]] == ['vllm', 'throng']
    assert 'reasoning or a tool call.' in rows[3] and 'Failed requests do not count' in rows[4]
    assert 'are left out: outside of the measured window' in page


def test_what_needs_chunks_is_not_told_without_them(told, tmp_path):
    (tmp_path / 's.yaml').write_text(SCENARIO.replace('for: 2s', 'for: 600ms'))
    throng('run', tmp_path / 's.yaml', '--quiet', '--out', tmp_path, '--run-id', 'r', check=0)
    bare = Told(tmp_path / 'r')
    document = bare.dialect('vllm')
    assert document['mean_itl_ms'] > 0
    assert document['p99_itl_ms'] is None and document['median_itl_ms'] is None
    assert '--record-chunks' in document['throng']['lacks']['itl']
    (tmp_path / 'r' / 'samples.bin').unlink()
    refused = throng('report', tmp_path / 'r', '--dialect', 'vllm', check=2)
    assert 'needs samples.bin' in refused.stderr


def test_mistakes_are_named(told):
    for words, hint in ((('--dialect', 'wrk'), 'vllm'),
                        (('--dialect', 'vllm', '--format', 'html'), 'leave --format out'),
                        (('--format', 'text'), 'markdown'),
                        ((told.folder, '--dialect', 'k6'), 'one run at a time')):
        refused = throng('report', told.folder, *words)
        assert refused.returncode == 2 and hint in refused.stderr, refused.stderr
