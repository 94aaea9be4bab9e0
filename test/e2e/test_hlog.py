"""histograms.hlog, read by a decoder that shares no code with ours."""
import collections
import math

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

THREE_DIGITS, TWO_DIGITS = 0.001, 0.01
OVER_TIME = ('ttft', 'icl', 'tpot', 'e2e')


def read(results):
    """The histograms by tag, in the order of the file."""
    reader = HistogramLogReader(str(results.folder / 'histograms.hlog'),
                                HdrHistogram(1, 3_600_000_000, 3))
    by_tag = collections.defaultdict(list)
    while (histogram := reader.get_next_interval_histogram()) is not None:
        by_tag[histogram.get_tag()].append(histogram)
    reader.close()
    return by_tag


def buckets(histograms):
    counts = collections.Counter()
    for histogram in histograms:
        for item in histogram.get_recorded_iterator():
            counts[histogram.get_highest_equivalent_value(item.value_iterated_to)] += \
                item.count_at_value_iterated_to
    return counts


def quantile_ms(histograms, q):
    """Nearest rank, over the buckets of all."""
    counts = buckets(histograms)
    rank = math.ceil(q * sum(counts.values()))
    for value_us in sorted(counts):
        rank -= counts[value_us]
        if rank <= 0:
            return value_us / 1000
    return None


def assert_tells(histograms, figures, precision):
    assert sum(h.get_total_count() for h in histograms) == figures['count']
    for name, q in (('p50', 0.5), ('p99', 0.99)):
        if figures[name] is not None:
            assert quantile_ms(histograms, q) == pytest.approx(figures[name], rel=precision,
                                                               abs=0.0011)


@pytest.fixture(scope='module')
def users():
    flow = '{flow: [{chat: {model: "a, b%", question: mixed, max_tokens: 10}}, {think: 20ms}]}'
    return f'{{asker: {flow}}}'


def test_each_line_tells_what_the_summary_tells(fast_simulator, scenario, run, users):
    results = run(scenario(target=fast_simulator.url, users=users, warm_up='1s',
                           load='[{phase: sustained, users: 12, for: 3500ms}]'))
    by_tag = read(results)
    summary = results.summary
    lines = (results.folder / 'histograms.hlog').read_text().splitlines()
    assert sum(line.startswith('Tag=') for line in lines) == sum(map(len, by_tag.values()))
    told = 0
    for metric, figures in summary['metrics'].items():
        if figures['unit'] == 'ms' and figures['count']:
            assert_tells(by_tag[metric], figures, THREE_DIGITS)
            told += 1
    assert told >= 8
    for metric in OVER_TIME:
        model = summary['by']['model']['a, b%']['metrics'][metric]
        assert_tells(by_tag[metric + '{model=a%2C%20b%25}'], model, TWO_DIGITS)
        phase = summary['by']['phase']['sustained']['metrics'][metric]
        assert_tells(by_tag[metric + '{phase=sustained}'], phase, TWO_DIGITS)


def test_the_intervals_together_are_the_whole_run(fast_simulator, scenario, run, users):
    results = run(scenario(target=fast_simulator.url, users=users, warm_up='1s',
                           load='[{phase: sustained, users: 12, for: 3500ms}]'))
    by_tag = read(results)
    for metric in OVER_TIME:
        whole, = by_tag[metric + ':run']
        intervals = by_tag[metric + ':interval']
        assert 3 <= len(intervals) <= 5
        assert sum(h.get_total_count() for h in intervals) == whole.get_total_count()
        assert whole.get_total_count() > by_tag[metric][0].get_total_count()
        for q in (0.5, 0.99):
            assert quantile_ms(intervals, q) == pytest.approx(quantile_ms([whole], q),
                                                              rel=TWO_DIGITS)
        for before, after in zip(intervals, intervals[1:]):
            assert before.get_end_time_stamp() == pytest.approx(after.get_start_time_stamp(),
                                                                abs=1.1)
            assert after.get_start_time_stamp() - before.get_start_time_stamp() < 1500
