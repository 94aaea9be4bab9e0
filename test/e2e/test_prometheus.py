"""OBS-1, OBS-2, OBS-3: what Prometheus gets to see of a run, by the real programs."""
import json
import re
import signal
import socket
import statistics
import time

import pytest

from program import Results, throng, wait_until
from prometheus import (Prometheus, Pushgateway, families, free_port, get, promtool_says,
                        samples_of, tables_of_families)
from scripted import HANG, ScriptedServer, whole

# Everything that has a metric: prices, an output rate to compare with, failures.
SIMULATOR = '{ttft: 15ms, gap: 3ms, tokens: 10, error_rate: 5%, seed: 3}'
MODELS = '{m: {price: {prompt: 1.00, completion: 2.00}, theoretical_tps: 500}}'
CHECKED = '''{asker: {flow: [{chat: {model: m, prompt: ask, max_tokens: 10},
  check: {is 200: {status: 200}}, retry: {attempts: 2, on: [http_5xx]}}]}}'''
HOUR = '[{phase: sustained, users: 8, for: 1h}]'
SOON = 10  # seconds within which OBS-3 wants all metrics


@pytest.fixture(scope='module')
def gateway(tmp_path_factory):
    server = Pushgateway(tmp_path_factory.mktemp('pushgateway'))
    yield server
    server.stop()


@pytest.fixture
def scripted():
    """scripted(answer) → a server that answers so."""
    servers = []

    def start(answer):
        servers.append(ScriptedServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def pushing(url, **keys):
    members = {'url': f'"{url}"', 'interval': '1s', **keys}
    return '{pushgateway: {' + ', '.join(f'{key}: {value}' for key, value in members.items()) + '}}'


def everything(**parts):
    return {'target': 'simulator', 'simulator': SIMULATOR, 'models': MODELS, **parts}


def listening_at(process):
    return re.search(r'http://\S+', process.wait_for_line('/metrics'))[0]


def query_of(name, kind):
    return f'{name}_count' if kind in ('histogram', 'summary') else name


def total(samples, name, **labels):
    found = [sample.value for sample in samples if sample.name == name and
             labels.items() <= sample.labels.items()]
    assert found, f'{name} {labels}'
    return sum(found)


def pushes_of(listener, result):
    """How many ended so, by a run's own /metrics."""
    status, text = get(listener + '/metrics')
    return total(samples_of(text), 'throng_pushes_total', result=result) if status == 200 else 0


def machine(request, asked=iter(range(1, 1000000))):
    """What exporters beside a server tell; counters rise each time."""
    count = next(asked)
    return whole('200 OK', f'''vllm:num_preemptions_total {count}
DCGM_FI_DEV_GPU_UTIL 50
DCGM_FI_DEV_FB_USED 1
DCGM_FI_DEV_FB_FREE 1
DCGM_FI_DEV_POWER_USAGE 300
DCGM_FI_DEV_GPU_TEMP 60
DCGM_FI_DEV_CLOCK_THROTTLE_REASONS 0
node_cpu_seconds_total{{mode="idle"}} {count}
node_cpu_seconds_total{{mode="user"}} {count}
node_memory_MemTotal_bytes 2
node_memory_MemAvailable_bytes 1
''')


@pytest.mark.alone
def test_all_metrics_are_in_prometheus_within_ten_seconds(processes, scenario, gateway, scripted,
                                                          tmp_path):
    """OBS-3, with the usual interval of 5 s. With -s the queries and their values are printed."""
    prometheus = Prometheus(tmp_path, gateway.url)
    try:
        wait_until(lambda: prometheus.query('up == 1'), 'the first scrape')
        path = scenario(**everything(load=HOUR, outputs=pushing(gateway.url, interval='5s'),
                                     users=CHECKED, slo='{ttft: 500ms}', limits='{duration: 2h}',
                                     backends=f'[auto, {{url: "{scripted(machine).url}/m"}}]'))
        process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'seen')
        process.wait_for_line('1 phase')
        started = time.monotonic()
        missing = families()
        del missing['throng_run_end_time_seconds']  # it goes on
        seen = {}

        def all_seen():
            for name, kind in list(missing.items()):
                query = query_of(name, kind)
                query += '{test_run="seen"}'
                rows = prometheus.query(query)
                if rows:
                    seen[query] = (time.monotonic() - started, rows)
                    del missing[name]
            return not missing

        try:
            wait_until(all_seen, 'all metrics', SOON)
        finally:
            print(f'\n{"query":84} {"series":>6} {"first value":>14}  after')
            for query, (after_s, rows) in seen.items():
                print(f'{query:84} {len(rows):6} {rows[0][1]:>14}  {after_s:.1f} s')
            print('missing:', *missing)
        [(labels, _)] = prometheus.query('throng_active_users{test_run="seen"}')
        assert labels['job'] == 'throng' and labels['worker_pod']
        process.signal(signal.SIGINT)
        assert process.wait() == 105
    finally:
        prometheus.stop()


def test_the_last_push_has_the_counts_of_the_summary(run, scenario, gateway):
    path = scenario(**everything(load='[{phase: ramp-up, users: 6, over: 700ms}, '
                                      '{phase: sustained, for: 1500ms}]',
                                 warm_up='500ms', slo='{ttft: 30s, e2e: 1us}',
                                 outputs=pushing(gateway.url, interval='1h')))
    results = run(path, '--run-id', 'whole')
    samples = gateway.samples('whole')
    summary = results.summary
    whole_run = summary['all']
    for metric, name in [('e2e', 'throng_request_duration_seconds'),
                         ('ttft', 'throng_time_to_first_token_seconds'),
                         ('icl', 'throng_inter_chunk_latency_seconds'),
                         ('tpot', 'throng_time_per_output_token_seconds')]:
        count = whole_run['metrics'][metric]['count']
        assert count > 0
        assert total(samples, name + '_count') == count, name
        assert total(samples, name + '_bucket', le='+Inf') == count, name
        assert total(samples, name + '_sum') * 1000 / count == pytest.approx(
            whole_run['metrics'][metric]['mean'], abs=0.001), name
    assert total(samples, 'throng_output_tokens_per_second_count') == total(
        samples, 'throng_time_per_output_token_seconds_count')
    assert whole_run['failed'] > 0
    assert total(samples, 'throng_requests_total', outcome='failed') == whole_run['failed']
    assert total(samples, 'throng_errors_total') == whole_run['failed']
    assert total(samples, 'throng_user_errors_total') == whole_run['failed']
    assert total(samples, 'throng_requests_total') == whole_run['requests']
    assert total(samples, 'throng_user_questions_total') == whole_run['requests']
    assert total(samples, 'throng_tokens_total', type='completion') == sum(
        sample['completion_tokens'] for sample in results.samples())
    cost_usd = sum(sample['cost_pusd'] for sample in results.samples()) / 1e12
    assert total(samples, 'throng_cost_usd_total') == pytest.approx(cost_usd, rel=1e-9)
    assert total(samples, 'throng_user_cost_usd_total') == pytest.approx(cost_usd, rel=1e-9)
    slo = whole_run['slo']
    assert total(samples, 'throng_slo_operations_total') == slo['operations'] > 0
    assert total(samples, 'throng_slo_operations_total', result='met') == slo['met'] == 0
    for metric, counts in slo['metrics'].items():
        assert total(samples, 'throng_slo_missed_total', metric=metric) == counts['missed']
    assert total(samples, 'throng_active_users') == 0


def test_the_grouping_key_is_not_repeated_and_odd_values_survive_it(run, scenario, scripted,
                                                                    gateway):
    bodies = []
    server = scripted(lambda request: bodies.append(request) or whole('200 OK', ''))
    job = '"a/b job é"'
    path = scenario(**everything(outputs=pushing(server.url, job=job)))
    run(path, '--run-id', 'grouped', '--no-preflight', env={'POD_NAME': 'pod/7'})
    pushes = [request for request in bodies if request.method == 'PUT']
    assert len(pushes) >= 2
    assert {push.path for push in pushes} == {
        '/metrics/job@base64/YS9iIGpvYiDDqQ/test_run/grouped/worker_pod@base64/cG9kLzc',
        '/metrics/job@base64/YS9iIGpvYiDDqV9yZXN1bHQ/scenario/e2e'}
    assert pushes[0].headers['content-type'].startswith('text/plain; version=0.0.4')
    *_, last, result = pushes
    labels = {name for sample in samples_of(last.body.decode()) for name in sample.labels}
    assert not labels & {'job', 'test_run', 'worker_pod', 'instance'}
    assert 'scenario' not in {name for sample in samples_of(result.body.decode()) for name in sample.labels}

    run(scenario(**everything(outputs=pushing(gateway.url, job=job))), '--run-id', 'grouped',
        env={'POD_NAME': 'pod/7'})
    assert {(sample.labels['job'], sample.labels['worker_pod'])
            for sample in gateway.samples('grouped-2')} == {('a/b job é', 'pod/7')}


def test_the_last_result_stays_under_the_name_of_the_scenario(run, scenario, gateway):
    outputs = pushing(gateway.url, at_end='delete', scrape_interval='100ms')
    for thresholds, code in ((None, 0), ('{error_rate: ["rate<0"]}', 99)):
        summary = run(scenario(**everything(scenario='nightly', outputs=outputs,
                                            thresholds=thresholds)), code=code).summary
        _, text = get(gateway.url + '/metrics')
        samples = [sample for sample in samples_of(text) if sample.labels.get('scenario') == 'nightly']
        assert {sample.labels['job'] for sample in samples} == {'throng_result'}
        assert {sample.labels.get('test_run') for sample in samples} == {None, summary['run']['id']}
        assert total(samples, 'throng_result_passed') == (code == 0)
        assert total(samples, 'throng_result_exit_code') == code
        assert total(samples, 'throng_result_requests_per_second') == pytest.approx(
            summary['totals']['requests_per_second'], abs=0.01)
        assert total(samples, 'throng_result_error_ratio') == pytest.approx(
            summary['totals']['error_rate'], abs=1e-6)
        for metric in ('ttft', 'e2e'):
            assert 1000 * total(samples, 'throng_result_latency_seconds', metric=metric,
                                aggregate='p50') == pytest.approx(summary['metrics'][metric]['p50'], abs=0.001)
    assert tables_of_families()[1].keys() >= {sample.name for sample in samples} - {
        'push_time_seconds', 'push_failure_time_seconds'}


def test_metrics_can_have_opentelemetrys_names(run, scenario, gateway):
    summary = run(scenario(**everything(outputs=pushing(gateway.url)[:-1] + ', naming: otel}')),
                  '--run-id', 'named').summary
    samples = gateway.samples('named')
    model = {'gen_ai_operation_name': 'chat', 'gen_ai_provider_name': 'openai',
             'gen_ai_request_model': 'm', 'server_address': '127.0.0.1'}
    for metric, name in (('e2e', 'gen_ai_client_operation_duration_seconds'),
                         ('ttft', 'gen_ai_client_operation_time_to_first_chunk_seconds'),
                         ('icl', 'gen_ai_client_operation_time_per_output_chunk_seconds')):
        assert total(samples, name + '_count', **model) == summary['all']['metrics'][metric]['count']
    assert total(samples, 'gen_ai_client_token_usage_sum', gen_ai_token_type='output', **model) == \
        summary['all']['completion_tokens']
    assert not [sample for sample in samples if sample.name.startswith('throng_time_to_first_token_seconds')]


def test_the_group_is_deleted_two_scrapes_after_the_results_were_shown(processes, scenario, gateway,
                                                                       tmp_path):
    path = scenario(**everything(outputs=pushing(gateway.url, at_end='delete',
                                                 scrape_interval='1s')))
    process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'gone')
    process.wait_for_line('Results')
    assert gateway.samples('gone')
    assert process.wait() == 0
    assert not gateway.samples('gone')


def test_a_signal_deletes_the_group_at_once(processes, scenario, gateway, tmp_path):
    path = scenario(**everything(outputs=pushing(gateway.url, at_end='delete',
                                                 scrape_interval='10m')))
    process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'hurried')
    process.wait_for_line('Results')
    process.signal()
    assert process.wait() == 0
    assert not gateway.samples('hurried')


def test_two_signals_in_the_load_delete_the_group_without_a_wait(processes, scenario, gateway,
                                                                 tmp_path):
    path = scenario(**everything(load=HOUR, outputs=pushing(gateway.url, at_end='delete',
                                                            scrape_interval='10m')))
    process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'twice')
    wait_until(lambda: gateway.samples('twice'), 'the first push')
    process.signal()
    process.signal(signal.SIGTERM)
    assert process.wait() == 105
    assert not gateway.samples('twice')


# --- Gateways that do not do what they should (FAULTS 42). ---

def hangs(request):
    return [HANG]


def drips(request):
    return [b'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n', HANG]


def refuses(request):
    return whole('400 Bad Request', 'text format parsing error in line 3\n', 'text/plain')


def breaks(request):
    return whole('500 Internal Server Error', 'no space left', 'text/plain')


FAULTY = {'hangs': (hangs, 'no answer within 1s'), 'drips': (drips, 'no answer within 1s'),
          'refuses': (refuses, 'it answered 400: text format parsing error in line 3'),
          'breaks': (breaks, 'it answered 500: no space left'),
          'is_down': (None, 'Failed to connect')}


@pytest.mark.parametrize('fault', FAULTY)
def test_fault_42_a_run_passes_whatever_its_gateway_does(processes, scenario, scripted, tmp_path,
                                                         fault):
    answer, problem = FAULTY[fault]
    url = scripted(answer).url if answer else f'http://127.0.0.1:{free_port()}'
    path = scenario(**everything(outputs=pushing(url, timeout='1s'), load=HOUR))
    process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'passes',
                        '--no-preflight', '--listen', ':0')
    listener = listening_at(process)

    wait_until(lambda: pushes_of(listener, 'failed') >= 2, 'two failed pushes')
    process.signal()
    assert process.wait() == 105
    warnings = [line for line in process.output['stderr'] if url in line]
    assert len(warnings) == 1 and 'warn' in warnings[0], process.text()
    assert problem in warnings[0]
    assert [verdict['code'] for verdict in
            Results(tmp_path / 'passes').summary['verdicts']] == [105]


def test_fault_42_a_push_that_is_due_while_one_hangs_is_skipped(processes, scenario, scripted,
                                                                tmp_path):
    path = scenario(**everything(load=HOUR, outputs=pushing(scripted(hangs).url, timeout='30s')))
    process = processes('run', path, '--headless', '--out', tmp_path, '--no-preflight',
                        '--listen', ':0')
    listener = listening_at(process)
    wait_until(lambda: pushes_of(listener, 'skipped') >= 1, 'a skipped push')

    def asked_again():
        process.signal()
        return process.process.poll() is not None

    wait_until(asked_again, 'the end, though a push may take 30 s', 20)
    assert process.wait() == 105


def test_fault_42_a_push_that_hangs_at_the_end_is_cut_short_for_the_last_one(run, scenario,
                                                                             scripted):
    answers = iter([hangs])
    server = scripted(lambda request: next(answers, lambda _: whole('200 OK', ''))(request))
    path = scenario(**everything(outputs=pushing(server.url, timeout='1m')))
    run(path, '--no-preflight', '--strict-export')  # has a deadline of less
    first, last, _ = server.requests  # and the result, in a group of its own
    assert total(samples_of(last.body.decode()), 'throng_requests_total') > 0


@pytest.mark.alone
def test_fault_42_the_schedule_does_not_move_while_a_gateway_hangs(run, scenario, scripted):
    server = scripted(hangs)
    lag_ms = {True: [], False: []}
    for _ in range(3):
        for has_gateway in lag_ms:
            outputs = pushing(server.url, timeout='500ms') if has_gateway else None
            path = scenario(**everything(outputs=outputs,
                                         load='[{phase: sustained, users: 20, for: 1500ms}]'))
            summary = run(path, '--no-preflight').summary
            lag_ms[has_gateway].append(summary['metrics']['schedule_lag']['p99'])
    print('\nschedule_lag p99 in ms with and without:', lag_ms)
    assert statistics.median(lag_ms[True]) <= 3 * statistics.median(lag_ms[False]) + 20


def test_a_gateway_that_recovers_is_told_and_gets_everything(processes, scenario, scripted,
                                                             tmp_path):
    answers = iter([breaks, breaks])
    server = scripted(lambda request: next(answers, lambda _: whole('202 Accepted', ''))(request))
    path = scenario(**everything(load=HOUR, outputs=pushing(server.url)))
    process = processes('run', path, '--headless', '--out', tmp_path, '--no-preflight',
                        '--strict-export')
    wait_until(lambda: 'takes figures again' in process.text(), 'a word of the recovery')
    process.signal()
    assert process.wait() == 105
    assert process.text().count(server.url) == 2, process.text()


@pytest.mark.parametrize('answer, code', [(breaks, 115), (lambda _: whole('200 OK', ''), 0)])
def test_strict_export_is_about_the_last_push(run, scenario, scripted, answer, code):
    path = scenario(**everything(outputs=pushing(scripted(answer).url)))
    verdicts = run(path, '--no-preflight', '--strict-export', code=code).summary['verdicts']
    assert [verdict['code'] for verdict in verdicts] == ([code] if code else [])


def test_check_says_where_figures_are_pushed_without_the_password(scenario):
    path = scenario(**everything(outputs=pushing('http://me:pass-word-7@gateway.example:9091/p/')))
    page = throng('check', path, check=0).stdout
    assert 'Pushed    http://gateway.example:9091/p every 1s' in page and 'pass-word-7' not in page


def test_no_load_is_made_where_the_gateway_is_not_there(scenario, scripted, tmp_path):
    url = f'http://127.0.0.1:{free_port()}'
    path = scenario(**everything(outputs=pushing(url)))
    done = throng('run', path, '--out', tmp_path / 'none', check=113)
    assert url in done.stderr and 'is it up' in done.stderr
    assert not (tmp_path / 'none').exists()
    server = scripted(lambda request: whole('401 Unauthorized', ''))
    done = throng('run', scenario(**everything(outputs=pushing(server.url))), check=113)
    assert 'credentials' in done.stderr


def test_credentials_of_a_gateway_are_sent_and_never_seen(processes, scenario, scripted, tmp_path):
    """The gateway answers with all that it was sent, and that is quoted."""
    server = scripted(lambda request: whole(
        '403 Forbidden', request.headers['authorization'] + ' someone:pass-word-7 ' +
        request.headers['x-token'], 'text/plain'))
    url = server.url.replace('http://', 'http://someone:pass-word%2D7@')
    path = scenario(**everything(outputs=pushing(url, headers='{X-Token: token-of-ours}')))
    process = processes('run', path, '--headless', '--out', tmp_path / 'out', '--no-preflight',
                        '--log-level', 'debug', '--run-id', 'quiet')
    assert process.wait() == 0
    pushes = [request for request in server.requests if request.method == 'PUT']
    assert {push.headers['authorization'] for push in pushes} == {
        'Basic c29tZW9uZTpwYXNzLXdvcmQtNw=='}
    assert 'it answered 403' in process.text()
    files = [file.read_bytes().decode('latin-1') for file in (tmp_path / 'out').rglob('*')
             if file.is_file()]
    assert files
    for secret in ('pass-word-7', 'pass-word%2D7', 'c29tZW9uZTpwYXNzLXdvcmQtNw', 'token-of-ours'):
        for text in [process.text(), *files]:
            assert secret not in text


# --- OBS-2: --listen. ---

def test_a_run_that_listens_shows_metrics_health_and_readiness(processes, scenario, scripted,
                                                               tmp_path):
    pushed = []
    server = scripted(lambda request: pushed.append(request) or whole('200 OK', ''))
    path = scenario(**everything(load=HOUR, outputs=pushing(server.url)))
    process = processes('run', path, '--headless', '--out', tmp_path, '--run-id', 'shown',
                        '--listen', ':0', '--debug-memory')
    url = listening_at(process)
    assert url.startswith('http://127.0.0.1:')
    wait_until(lambda: get(url + '/readyz')[0] == 200, 'readiness')
    wait_until(lambda: 'throng_client_trust_grade ' in pushed[-1].body.decode(), 'a second push')
    status, text = get(url + '/metrics')
    assert status == 200
    samples = samples_of(text)
    assert {(sample.labels['test_run'], bool(sample.labels['worker_pod']))
            for sample in samples} == {('shown', True)}
    named = re.compile(r'^# (?:HELP|TYPE) \S+', re.M)
    assert named.findall(text) == named.findall(pushed[-1].body.decode())
    assert len(set(named.findall(text))) == len(named.findall(text)) == 2 * len(families())

    health = wait_until(lambda: next((health for health in [json.loads(get(url + '/healthz')[1])]
                                      if health['users']['active']), None), 'active users')
    assert health['run'] == 'shown' and health['state'] == 'loading'
    assert health['phase'] == 'sustained' and health['users']['wanted'] == 8
    assert re.fullmatch(r'\d+\.\d+\.\d+.*', health['version'])
    memory = json.loads(get(url + '/debug/memory')[1])
    assert memory['allocator'].keys() >= {'used_bytes', 'free_bytes', 'mapped_bytes'}
    assert memory['resident_bytes'] > 0 and memory['handles']['timer'] >= 1
    assert memory['buffers']['connections'] >= 1
    assert get(url + '/nothing')[0] == 404
    process.signal()
    assert process.wait() == 105


def test_memory_is_not_shown_unless_it_was_asked_for(processes, scenario, tmp_path):
    process = processes('run', scenario(target='simulator', load=HOUR), '--headless', '--out',
                        tmp_path, '--listen', ':0')
    assert get(listening_at(process) + '/debug/memory')[0] == 404


def test_promtool_has_nothing_against_odd_names(processes, scenario, tmp_path):
    flow = r'[{name: "a \"quoted\" step \\ with\nbreaks é {}", chat: {model: "m\"1\\"}}, {think: 20ms}]'
    path = scenario(target='simulator', load=HOUR, users=f'{{asker: {{flow: {flow}}}}}')
    process = processes('run', path, '--headless', '--out', tmp_path, '--listen', ':0')
    url = listening_at(process)
    text = wait_until(lambda: next((text for _, text in [get(url + '/metrics')]
                                    if 'throng_requests_total{' in text), None), 'requests')
    assert promtool_says(text) == ''
    assert r'step="a \"quoted\" step \\ with\nbreaks é {}"' in text
    assert r'model="m\"1\\"' in text


def test_a_port_that_is_taken_ends_the_run_before_it_begins(scenario, tmp_path):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        done = throng('run', scenario(target='simulator'), '--out', tmp_path / 'none', '--listen',
                      f'127.0.0.1:{port}', check=106)
    assert f'127.0.0.1:{port}' in done.stderr and 'another port' in done.stderr
    assert not (tmp_path / 'none').exists()
    done = throng('run', scenario(target='simulator'), '--listen', 'nowhere', check=106)
    assert "'nowhere' is no address" in done.stderr


# --- SIM-1: the simulator's own /metrics. ---

def test_the_simulator_tells_prometheus_what_vllm_would(simulate, run, scenario, tmp_path):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '8')
    ok = [sample for sample in run(scenario(target=simulator.url), '--no-preflight').samples()
          if sample['outcome'] == 'ok']
    text = get(simulator.url + '/metrics')[1]
    # The colon of vLLM's names is not to promtool's taste; it has nothing else to say.
    assert all("should not contain ':'" in line for line in promtool_says(text).splitlines())
    samples = samples_of(text)
    assert {sample.labels['model_name'] for sample in samples} == {'m'}
    assert total(samples, 'vllm:request_success_total', finished_reason='stop') == len(ok) > 0
    assert total(samples, 'vllm:time_to_first_token_seconds_count') >= len(ok)
    for name, member in [('vllm:prompt_tokens_total', 'prompt_tokens'),
                         ('vllm:generation_tokens_total', 'completion_tokens')]:
        assert total(samples, name) >= sum(sample[member] for sample in ok) > 0
    prometheus = Prometheus(tmp_path, simulator.url)
    try:
        wait_until(lambda: prometheus.query('{__name__="vllm:num_requests_running"}'), 'a scrape')
    finally:
        prometheus.stop()
