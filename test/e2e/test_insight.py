"""OBS-7, RES-8: what was unlike the run's own past is told, and what held it back, with evidence."""
import json
import re
import threading
import time

import pytest

from program import Results, throng, wait_until
from prometheus import get, samples_of
from scripted import ScriptedServer, whole

OFTEN = 'interval: 100ms'


@pytest.fixture
def serve():
    servers = []

    def start(answer):
        servers.append(ScriptedServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def advice_of(results):
    return {advice['rule']: advice for advice in results.summary['advice']}


def speaks(results, rule, confidence):
    """Whether a rule on latencies does; on a machine that was too busy to trust any, that is what is said."""
    advice = advice_of(results)
    if rule not in advice and results.summary['client']['trust'] in 'DF':
        return advice['client_late']['confidence'] == 'sure'
    assert advice[rule]['confidence'] == confidence, advice
    return advice[rule]['evidence']


def bottlenecks(results):
    return [advice for advice in results.summary['advice'] if advice['topic'] == 'bottleneck']


def test_a_burst_of_errors_is_told_while_it_lasts_and_afterwards(simulate, scenario, serve, processes,
                                                                 tmp_path):
    """
    The platform is down from the 27th second of its life on for four; the load begins within the first. But
    for that the run is healthy: there is no other anomaly, and no bottleneck.
    """
    simulator = simulate('--ttft', '20ms', '--gap', '5ms', '--tokens', '6', '--outage', '27s..31s')
    gateway = serve(lambda request: whole('200 OK', ''))
    path = scenario(target=simulator.url, backends=f'[{{name: engine, {OFTEN}}}]',
                    outputs=f'{{pushgateway: "{gateway.url}"}}',
                    load='[{phase: ramp-up, users: 4, over: 2s}, {phase: sustained, for: 30s}]')
    process = processes('run', path, '--listen', '127.0.0.1:0', '--headless', '--no-preflight',
                        '--out', tmp_path / 'out', '--run-id', 'odd')
    url = process.wait_for_line('Serving').split()[-1]

    def active():
        status, text = get(f'{url}/metrics')
        figures = {(s.name, s.labels.get('kind')): float(s.value) for s in samples_of(text)}
        return figures if figures.get(('throng_anomaly_active', 'error_burst')) == 1 else None

    figures = wait_until(active, 'an anomaly that is shown')
    assert figures['throng_anomalies_total', 'error_burst'] == 1
    assert process.wait() == 0, process.text()
    told = ' '.join(process.text().split())
    assert 'anomaly (error_burst of error_rate) since' in told
    assert 'anomaly (error_burst of error_rate) is over after' in told
    assert re.search(r'00:30 sustained .*error_burst of error_rate', process.text()), process.text()
    pushes = [request.body.decode() for request in gateway.requests
              if b'throng_anomalies_total' in request.body]
    assert 'throng_anomalies_total{kind="error_burst"} 1\n' in pushes[-1]
    results = Results(tmp_path / 'out' / 'odd')
    assert bottlenecks(results) == []
    [burst] = [a for a in results.summary['anomalies'] if a['kind'] == 'error_burst']
    assert 20 < burst['start_s'] < burst['end_s'] <= 33
    assert burst['metric'] == 'error_rate' and burst['value'] > 0.5 and burst['expected'] == 0
    assert burst['sentence'] in (results.folder / 'summary.md').read_text()
    assert 'Anomalies' in told


def test_a_queue_is_told_by_the_server(simulate, scenario, tmp_path):
    simulator = simulate('--ttft', '60ms', '--gap', '4ms', '--tokens', '20', '--capacity', '3')
    path = scenario(target=simulator.url, backends=f'[{{name: engine, {OFTEN}}}]',
                    users='{asker: {flow: [{chat: {model: m, max_tokens: 20}}]}}',
                    load='[{phase: sustained, users: 9, for: 3s}]')
    done = throng('run', path, '--headless', '--out', tmp_path / 'out', check=0)
    results = Results(next((tmp_path / 'out').iterdir()))
    [advice] = bottlenecks(results)
    assert (advice['rule'], advice['confidence']) == ('queue', 'sure')
    assert any('requests wait' in sentence for sentence in advice['evidence'])
    told = ' '.join(done.stdout.split())
    assert "Found: the server's queue: requests wait before work on them begins." in told
    page = (results.folder / 'summary.md').read_text()
    assert '## Advice' in page
    assert all(sentence.split(':')[0] in page for sentence in advice['evidence'])


def test_a_full_kv_cache_is_told_by_the_server(simulate, scenario, run, serve):
    asked = []

    def tell(request):
        asked.append(request)
        figures = {'num_requests_running': 5, 'num_requests_waiting': 4, 'kv_cache_usage_perc': 0.98,
                   'num_preemptions_total': 3 * len(asked)}
        return whole('200 OK', ''.join(f'vllm:{name}{{model_name="m"}} {value}\n'
                                       for name, value in figures.items()),
                     'text/plain; version=0.0.4')

    simulator = simulate('--ttft', '60ms', '--gap', '4ms', '--tokens', '20')
    server = serve(tell)
    results = run(scenario(target=simulator.url,
                           backends=f'[{{name: engine, url: "{server.url}/metrics", {OFTEN}}}]',
                           load='[{phase: sustained, users: 9, for: 2s}]'))
    advice = advice_of(results)
    assert advice['kv_cache']['confidence'] == 'sure'
    assert any('98% full' in sentence for sentence in advice['kv_cache']['evidence'])
    assert 'queue' not in advice


def test_long_prompts_are_told(simulate, scenario, run):
    simulator = simulate('--ttft', '60ms', '--prefill', '100us', '--gap', '10ms', '--tokens', '4')
    ask = '{chat: {model: m, max_tokens: 4, synthetic: {input: %d}}}'
    results = run(scenario(target=simulator.url,
                           users=f'{{asker: {{flow: [{ask % 100}, {ask % 3000}]}}}}',
                           load='[{phase: sustained, users: 8, for: 1h}]', limits='{requests: 120}'))
    assert speaks(results, 'prompt_length', 'likely')


def test_a_rate_limit_is_told(simulate, scenario, run):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '4',
                         '--requests-per-minute', '60')
    results = run(scenario(target=simulator.url, load='[{phase: sustained, users: 4, for: 1h}]',
                           limits='{requests: 200}'))
    [advice, *_] = bottlenecks(results)
    assert (advice['rule'], advice['confidence']) == ('rate_limited', 'sure')
    assert any('429' in sentence for sentence in advice['evidence'])


def test_tools_that_are_called_one_after_the_other_are_told(scenario, run, serve):
    """Two users at first, then eight: a server that does one thing at a time is no faster for more."""
    one_at_a_time = threading.Lock()

    def answer(request):
        if 'id' not in request.json:
            return whole('202 Accepted', '')
        if request.json['method'] == 'tools/call':
            with one_at_a_time:
                time.sleep(0.03)  # its work
        result = {'protocolVersion': '2025-06-18', 'capabilities': {}, 'content': [],
                  'serverInfo': {'name': 's', 'version': '1'}}
        return whole('200 OK', json.dumps({'jsonrpc': '2.0', 'id': request.json['id'],
                                           'result': result}))

    server = serve(answer)
    results = run(scenario(target=server.url, users='{agent: {flow: [{mcp: {tool: read_file}}]}}',
                           load='[{phase: sustained, users: 2, for: 7s}, '
                                '{phase: sustained, users: 8, for: 7s}]'), '--no-preflight')
    assert speaks(results, 'serialised_tools', 'likely')


def test_a_vector_store_that_does_not_answer_is_told(simulate, scenario, run):
    simulator = simulate('--rag-query', '20ms', '--vector-timeout-rate', '20%',
                         '--vector-timeout', '50ms')
    ask = '{http: {request: POST /query, json: {collection: c, query: what}}}'
    results = run(scenario(target=simulator.url, users=f'{{asker: {{flow: [{ask}]}}}}',
                           load='[{phase: sustained, users: 4, for: 1h}]', limits='{requests: 100}'))
    [advice] = bottlenecks(results)
    assert (advice['rule'], advice['confidence']) == ('vector_store', 'sure')


def test_what_a_run_costs_is_projected(simulate, scenario, run):
    simulator = simulate('--ttft', '10ms', '--gap', '2ms', '--tokens', '20')
    users = ('{asker: {flow: [{chat: {model: dear, max_tokens: 20}}, '
             '{chat: {model: cheap, max_tokens: 20}}]}}')
    prices = '{prompt: 5, cached: 1, completion: %d}'
    results = run(scenario(target=simulator.url, users=users,
                           models=f'{{dear: {{price: {prices % 40}}}, '
                                  f'cheap: {{price: {prices % 4}}}}}',
                           load='[{phase: sustained, users: 4, for: 2s}]'))
    advice = advice_of(results)
    window = results.summary['window']
    hour = results.summary['totals']['cost_usd'] / (window['end_s'] - window['start_s']) * 3600
    assert f'${hour:.2f} an hour' in advice['cost_projection']['sentence']
    assert 'Had cheap answered what dear did' in advice['cost_model']['sentence']
    assert 'cost_answers' in advice
    assert bottlenecks(results) == []
