"""RES-3, FAULTS 47 and 50: throng merge: the results of several workers become one, and all of it adds up."""
import csv
import json
import math
import shutil

import pytest

from program import Results, Running, throng, wait_until

THRESHOLDS, COMMAND_LINE, FLEET = 99, 2, 114
SCENARIO = '''
scenario: merged
target: {url}
seed: {seed}
models: {{large: {{price: {{prompt: 2.50, completion: 10.00}}}}, small: {{price: {{prompt: 0.15, completion: 0.60}}}}}}
metrics: {{words: {{counter: true}}, spread: {{trend: time}}}}
users:
  asker:
    weight: 2
    flow:
      - chat: {{model: large, question: mixed}}
        check: {{answered: '.choices | length > 0'}}
        slo: {{e2e: 10s}}
        record: {{words: '3', spread: .duration_ms}}
      - {{think: 20ms}}
  talker: {{flow: [{{chat: {{model: small, question: mixed}}}}, {{think: 30ms}}]}}
load: [{{phase: ramp-up, users: 9, over: 1s}}, {{phase: sustained, for: {seconds}}}]
warm_up: 500ms
thresholds: {{e2e: ["p(50)<10s"], "ttft{{model:large}}": ["p(50)<1ms"], error_rate: ["rate<50%"]}}
'''
# Ratios, levels and what each worker says of itself; all other numbers of totals are sums.
NO_SUMS = {'error_rate', 'requests_per_second', 'output_tokens_per_second', 'goodput', 'cost_usd', 'share'}


@pytest.fixture(scope='module')
def service():
    process = Running('simulate', '--listen', '127.0.0.1:0', '--ttft', '20ms', '--gap', '2ms', '--tokens', '8',
                      '--error-rate', '10%')
    yield 'http://' + process.next_line().split('http://')[1].split()[0]
    process.kill()


def start_workers(path, service, of, seconds='2s', seed=7):
    """All workers of a run at once, each with a folder w0, w1, … in path."""
    scenario = path / 'scenario.yaml'
    scenario.write_text(SCENARIO.format(url=service, seconds=seconds, seed=seed))
    return [Running('run', scenario, '--quiet', '--record-chunks', '--out', path, '--run-id', f'w{index}',
                    '--workers', of, '--worker-index', index) for index in range(of)]


@pytest.fixture(scope='module')
def workers(tmp_path_factory, service):
    """The results of three workers of one run."""
    path = tmp_path_factory.mktemp('workers')
    for one in start_workers(path, service, 3):
        assert one.wait() in (0, THRESHOLDS), one.text()
    return [Results(path / f'w{index}') for index in range(3)]


@pytest.fixture(scope='module')
def merged(workers, tmp_path_factory):
    path = tmp_path_factory.mktemp('merged')
    throng('merge', *(one.folder for one in workers), '--out', path, '--run-id', 'whole', check=THRESHOLDS)
    return Results(path / 'whole')


def samples_of(folder):
    return [json.loads(line) for line in throng('samples', folder / 'samples.bin', check=0).stdout.splitlines()]


def moments_of(sample):
    return tuple(value for name, value in sorted(sample.items()) if name.endswith('_ns'))


def sums(parts, whole, path=''):
    """Asserts that each count of an object is the sum of those of the parts, however deep it lies."""
    for name, value in whole.items():
        if name in NO_SUMS:
            continue
        mine = [part.get(name) for part in parts if part.get(name) is not None]
        if isinstance(value, dict):
            sums(mine, value, f'{path}/{name}')
        elif isinstance(value, int) and not isinstance(value, bool):
            assert value == sum(mine), f'{path}/{name}'


def test_every_count_is_the_sum_of_the_workers(workers, merged):
    summaries = [one.summary for one in workers]
    whole = merged.summary
    assert whole['totals']['requests'] > 100 and whole['totals']['failed'] > 0
    sums([one['totals'] for one in summaries], whole['totals'])
    for key in ('model', 'class', 'step'):
        for value, figures in whole['by'][key].items():
            parts = [one['by'][key][value] for one in summaries if value in one['by'].get(key, {})]
            sums(parts, {name: found for name, found in figures.items() if name != 'metrics'})
            for metric in ('ttft', 'e2e', 'icl', 'operation_duration'):
                for count in ('count', 'censored'):
                    assert figures['metrics'][metric][count] == sum(part['metrics'][metric][count] for part in parts)
    assert whole['cost']['total_pusd'] == sum(one['cost']['total_pusd'] for one in summaries)
    for name in ('words', 'checks', 'iterations'):
        count = {'checks': 'passes'}.get(name, 'count')
        assert whole['metrics'][name][count] == sum(
            one['metrics'].get(name, {}).get(count, 0) for one in summaries)
    assert whole['totals']['users_peak'] == 9
    assert {(kind['kind'], kind['count']) for kind in whole['errors']} == {
        (kind['kind'], sum(same['count'] for one in summaries for same in one['errors'] if same['kind'] == kind['kind']))
        for kind in whole['errors']}


def test_percentiles_are_those_of_all_requests_together(workers, merged):
    together = [sample for one in workers for sample in samples_of(one.folder) if 'in_window' in sample['flags']]
    seen = sorted((sample['last_output_ns'] - sample['sent_ns']) / 1e6 for sample in together
                  if sample['outcome'] == 'ok')
    told = merged.summary['metrics']['e2e']
    assert (told['count'], told['count'] + told['censored']) == (len(seen), len(together))
    rank = math.ceil(0.5 * len(together))
    assert told['p50'] == pytest.approx(seen[rank - 1], rel=0.002)
    assert told['p95'] is None and told['above']['p95'] > 0  # one of ten failed: its rank lies among them
    assert told['mean'] == pytest.approx(sum(seen) / len(seen), rel=1e-4)


def test_histograms_hold_what_those_of_the_workers_hold(workers, merged):
    def buckets(results):
        found = {}
        for line in (results.folder / 'histograms.hlog').read_text().splitlines():
            if line.startswith('Tag=e2e,') or line.startswith('Tag=icl{model=large},'):
                found[line.split(',')[0]] = counts_of(line.split(',')[4])
        return found

    whole = buckets(merged)
    parts = [buckets(one) for one in workers]
    assert len(whole) == 2
    for tag, counts in whole.items():
        expected = {}
        for part in parts:
            for value, count in part.get(tag, {}).items():
                expected[value] = expected.get(value, 0) + count
        assert counts == expected


def counts_of(encoded):
    """Value → count of a histogram, by the decoder of HdrHistogram for Python."""
    from hdrh.histogram import HdrHistogram
    histogram = HdrHistogram.decode(encoded)
    return {item.value_iterated_to: item.count_added_in_this_iter_step for item in histogram.get_recorded_iterator()}


def test_the_timeline_adds_up_and_lies_where_the_workers_lay(workers, merged):
    def column(results, name):
        return [point[name] for point in results.summary['timeline']['points']]

    for name in ('requests', 'failed', 'completion_tokens', 'cost_pusd'):
        assert sum(column(merged, name)) == sum(sum(column(one, name)) for one in workers)
    longest = max(len(column(one, 'requests')) for one in workers)
    assert len(column(merged, 'requests')) == longest
    assert column(merged, 'requests')[1] == sum(column(one, 'requests')[1] for one in workers)
    assert column(merged, 'users_active')[1] == 9
    assert column(merged, 'ttft_p50')[1] == pytest.approx(
        sum(column(one, 'ttft_p50')[1] for one in workers) / 3, rel=0.5)


def test_samples_and_users_of_all_are_there_once(workers, merged):
    samples = samples_of(merged.folder)
    parts = [sample for one in workers for sample in samples_of(one.folder)]
    assert len(samples) == len(parts)
    assert sorted(moments_of(sample) for sample in samples) == sorted(moments_of(sample) for sample in parts)
    operations = {(sample['operation_id'], sample['attempt']) for sample in samples}
    assert len(operations) == len(samples)
    assert {sample['labels']['model'] for sample in samples} == {'large', 'small'}
    rows = list(csv.DictReader((merged.folder / 'users.csv').open()))
    assert [row['user_id'] for row in rows] == [f'user-{ordinal}' for ordinal in range(9)]
    assert sum(int(row['requests']) for row in rows) == len(samples)


def test_chunks_of_all_are_there(workers, merged):
    def itl(results):
        told = json.loads(throng('report', results.folder, '--dialect', 'vllm', '--format', 'json', check=0).stdout)
        return told['completed'], told['mean_itl_ms']

    parts = [itl(one) for one in workers]
    count, mean = itl(merged)
    assert count == sum(part[0] for part in parts)
    assert min(part[1] for part in parts) <= mean <= max(part[1] for part in parts)


def test_users_of_a_platform_keep_their_names(service, tmp_path):
    scenario = tmp_path / 'scenario.yaml'
    scenario.write_text(f'''
scenario: named
target: {service}
platform: {{url: "{service}", organizations: {{count: 3}}, users: 2}}
models: {{m: {{}}}}
users: {{a: {{flow: [{{chat: {{model: m, prompt: Hello, max_tokens: 2}}}}, {{think: 20ms}}]}}}}
load: [{{phase: sustained, users: 5, for: 600ms}}]
''')
    parts = [Running('run', scenario, '--quiet', '--out', tmp_path, '--run-id', f'n{index}', '--workers', 2,
                     '--worker-index', index) for index in range(2)]
    for one in parts:
        one.wait()
    throng('merge', tmp_path / 'n0', tmp_path / 'n1', '--out', tmp_path, '--run-id', 'named')
    rows = sorted(row for index in range(2) for row in csv.reader((tmp_path / f'n{index}/users.csv').open()))
    heading, *users = csv.reader((tmp_path / 'named/users.csv').open())
    assert len(users) == 5 and {user[1] for user in users} <= {f'loadtest-org-{index}' for index in (1, 2, 3)}
    assert sorted([heading, heading, *users]) == rows


def test_thresholds_are_judged_anew_and_workers_are_named(merged):
    passed = {(one['metric'], one['selector']): one['passed'] for one in merged.summary['thresholds']}
    assert passed == {('e2e', ''): True, ('ttft', 'model:large'): False, ('error_rate', ''): True}
    assert [(one['index'], one['of']) for one in merged.summary['workers']] == [(0, 3), (1, 3), (2, 3)]
    assert not any('book' in verdict['sentence'] for verdict in merged.summary['verdicts'])


def test_one_worker_alone_has_the_same_workload(workers, merged, service, tmp_path):
    for one in start_workers(tmp_path, service, 1):
        assert one.wait() in (0, THRESHOLDS), one.text()
    alone = Results(tmp_path / 'w0')
    assert alone.summary['run']['fingerprint'] == merged.summary['run']['fingerprint']
    assert not (alone.folder / 'worker.bin').exists()
    assert throng('merge', alone.folder, check=COMMAND_LINE).stderr.count('--workers N') == 1
    # It is a result like any other.
    done = json.loads(throng('compare', alone.folder, merged.folder, '--format', 'json', check=0).stdout)
    assert done['is_same_workload'] and any('workers' in note for note in done['notes'])
    throng('report', merged.folder, '--out', tmp_path / 'r.html', check=0)


def test_what_does_not_belong_together_is_refused(workers, service, tmp_path):
    for one in start_workers(tmp_path, service, 3, seconds='100ms', seed=8):
        assert one.wait() in (0, THRESHOLDS, 116), one.text()
    other = tmp_path / 'w1'
    assert 'fingerprints differ' in throng('merge', workers[0].folder, other, '--out', tmp_path, check=COMMAND_LINE).stderr
    twice = tmp_path / 'again'
    shutil.copytree(workers[1].folder, twice)
    assert 'as is w1' in throng('merge', workers[1].folder, twice, '--out', tmp_path, check=COMMAND_LINE).stderr
    (twice / 'worker.bin').write_bytes((twice / 'worker.bin').read_bytes()[:-200])
    assert 'damaged' in throng('merge', workers[0].folder, twice, '--out', tmp_path, check=COMMAND_LINE).stderr
    assert not list(tmp_path.glob('*-merged'))


def test_fault_47_a_missing_worker_is_told_and_the_others_are_exact(workers, tmp_path):
    throng('merge', workers[2].folder, workers[0].folder, '--out', tmp_path, check=FLEET)
    whole = Results(tmp_path / 'w0-merged').summary
    assert 'PARTIAL 2/3: the results of worker 1 are missing' in whole['verdicts'][0]['sentence']
    assert whole['totals']['requests'] == sum(one.summary['totals']['requests'] for one in (workers[0], workers[2]))


def test_fault_47_what_a_killed_worker_had_measured_counts(service, tmp_path):
    first, killed = start_workers(tmp_path, service, 2, seconds='6s')
    wait_until(lambda: (tmp_path / 'w1' / 'worker.bin').exists(), 'a checkpoint')
    first_seen = (tmp_path / 'w1' / 'worker.bin').stat().st_mtime_ns
    wait_until(lambda: (tmp_path / 'w1' / 'worker.bin').stat().st_mtime_ns != first_seen, 'another one')
    killed.kill()
    first.wait()
    throng('recover', tmp_path / 'w1', check=105)
    throng('merge', tmp_path / 'w0', tmp_path / 'w1', '--out', tmp_path, '--run-id', 'whole', check=FLEET)
    whole = Results(tmp_path / 'whole').summary
    parts = [Results(tmp_path / name).summary for name in ('w0', 'w1')]
    assert any('Worker 1 was killed' in verdict['sentence'] for verdict in whole['verdicts'])
    assert not any('bookkeeping' in verdict['sentence'] for verdict in whole['verdicts'])
    assert whole['totals']['failed'] == sum(one['totals']['failed'] for one in parts)
    assert whole['metrics']['e2e']['count'] == sum(one['metrics']['e2e']['count'] for one in parts)
