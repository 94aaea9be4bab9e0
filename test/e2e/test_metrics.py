"""SCN-7, and the figures of SCN-6 and SCN-8: the scenario's own metrics, checks, groups, iterations
and k6's names in every output, held against what the server did."""
import csv
import json
import xml.etree.ElementTree

import jsonschema
import pytest

from program import Results, throng, wait_until
from prometheus import get, promtool_says, samples_of
from scripted import ScriptedServer, whole
from test_prometheus import listening_at

ROUNDS = 12

METRICS = """
  login_duration: {trend: time, help: "How long a login takes"}
  results: {trend: number, unit: items}
  auth_errors: counter
  success_rate: rate
  left: {gauge: number, unit: seats}
"""
FLOW = """
  buyer:
    flow:
      - group: shop
        steps:
          - http: POST /login
            name: login
            check: {logged in: {status: 200}}
            record:
              login_duration: .duration_ms
              auth_errors: .failed
              success_rate: .failed | not
          - http: GET /list
            name: list
            check: {has items: '.items | length > 0', is json: {header: {Content-Type: application/json}}}
            record: {results: '.json.items | length', left: .json.left}
"""
HOLD = """
  login_duration: [p(95)<30s, count==12]
  results: [min<1, "max==11"]
  auth_errors: count<4
  "auth_errors{step:login}": count>2
  success_rate: rate>=75%
  left: [value==1, max==12]
  "checks{check:is json}": rate>=1
  "checks{check:logged in,step:login}": rate>0.7
  "group_duration{group:::shop}": p(50)<30s
  iteration_duration: max<30s
  http_req_waiting: avg<30s
  "http_req_connecting{step:list}": max<30s
  data_received: count>100
  vus_max: value==1
"""


class Shop:
    """Fails every fourth login; lists one item more each time, from none."""

    def __init__(self):
        self.logins = 0
        self.lists = 0
        self.server = ScriptedServer(self)

    def __call__(self, request):
        if request.path == '/login':
            self.logins += 1
            return whole('500 Oops' if self.logins % 4 == 0 else '200 OK', '{}')
        self.lists += 1
        return whole('200 OK', json.dumps({'items': [0] * (self.lists - 1),
                                           'left': ROUNDS + 1 - self.lists}))


@pytest.fixture
def shop():
    one = Shop()
    yield one
    one.server.close()


@pytest.fixture
def act(scenario, shop, tmp_path):
    """act(code, **parts) → Results of one buyer's twelve rounds, and what was shown."""

    def act_out(code=0, **parts):
        path = scenario(**{'target': shop.server.url, 'users': FLOW, 'metrics': METRICS,
                           'load': '[{phase: sustained, users: 1, for: 1h}]',
                           'limits': f'{{requests: {2 * ROUNDS}}}', **parts})
        done = throng('run', path, '--headless', '--no-preflight', '--out', tmp_path / 'out',
                      '--run-id', 'shop', check=code)
        results = Results(tmp_path / 'out/shop')
        results.shown = done.stdout + done.stderr
        return results

    return act_out


def test_thresholds_on_all_that_a_scenario_measures_can_hold(act):
    rows = act(thresholds=HOLD).summary['thresholds']
    assert len(rows) == HOLD.count('\n') - 1 + 3
    assert all(row['passed'] and row['samples'] > 0 for row in rows), rows


@pytest.mark.parametrize('line', [
    'auth_errors: count<3', 'success_rate: rate>76%', 'results: "max<11"', 'left: value>1',
    'login_duration: min>1h', '"checks{check:has items}": rate>=1', 'iterations: count<1',
    '"group_duration{group:::shop}": max<1us', '"results{step:login}": count>=0',
    'http_req_receiving: avg>1h', 'vus_max: value>1'])
def test_a_threshold_on_what_a_scenario_measures_is_99_where_it_does_not_hold(act, line):
    row, = act(99, thresholds=f'\n  {line}').summary['thresholds']
    assert not row['passed']


def test_a_metric_of_the_scenario_can_end_the_run(act):
    results = act(108, thresholds='{auth_errors: {threshold: count<2, abort_on_fail: true}}',
                  limits='{duration: 1m}')
    assert results.summary['run']['stop_reason'] == 'threshold'
    assert results.summary['metrics']['auth_errors']['count'] >= 2


def test_the_verdict_names_the_check_that_failed_most(act):
    results = act(99, thresholds='{checks: rate>99%}')
    verdict, = results.summary['verdicts']
    assert verdict['sentence'].endswith("'logged in' of login failed most: 3 times of 12.")


def test_the_summary_says_what_the_server_did(act, shop):
    summary = act().summary
    jsonschema.validate(summary, json.loads(throng('schema', 'summary').stdout))
    metrics = summary['metrics']
    failed = shop.logins // 4
    assert failed == 3
    assert metrics['auth_errors']['count'] == failed
    assert metrics['success_rate']['passes'] == ROUNDS - failed
    assert metrics['results']['unit'] == 'items'
    assert (metrics['results']['min'], metrics['results']['max']) == (0, ROUNDS - 1)
    assert metrics['results']['mean'] == sum(range(ROUNDS)) / ROUNDS
    assert (metrics['left']['value'], metrics['left']['max']) == (1, ROUNDS)
    assert metrics['login_duration']['count'] == ROUNDS
    assert metrics['login_duration']['mean'] == pytest.approx(
        summary['by']['step']['login']['metrics']['operation_duration']['mean'], abs=5)
    assert summary['checks'] == [
        {'step': 'login', 'name': 'logged in', 'passes': 9, 'fails': 3, 'rate': 0.75},
        {'step': 'list', 'name': 'has items', 'passes': 11, 'fails': 1, 'rate': 0.916667},
        {'step': 'list', 'name': 'is json', 'passes': 12, 'fails': 0, 'rate': 1.0}]
    assert metrics['checks']['passes'] == 32
    assert summary['by']['step']['list']['checks_failed'] == 1
    assert summary['by']['group']['::shop']['requests'] == 2 * ROUNDS
    # The limit may end the last round before it is one.
    assert metrics['iterations']['count'] in (ROUNDS - 1, ROUNDS)
    assert metrics['group_duration']['count'] in (ROUNDS - 1, ROUNDS)


def test_the_parts_of_a_request_add_up_as_in_k6(act):
    results = act()
    metrics = results.summary['metrics']
    parts = sum(metrics[f'http_req_{part}']['mean'] for part in ('sending', 'waiting', 'receiving'))
    assert metrics['http_req_duration']['mean'] == pytest.approx(parts, abs=0.003)
    assert metrics['http_req_connecting']['count'] == 2 * ROUNDS
    # One connection for all: only the first request waited for it.
    assert metrics['http_req_connecting']['p90'] == 0
    assert metrics['http_req_connecting']['max'] == metrics['connect']['max'] > 0
    assert metrics['http_req_tls_handshaking']['max'] == 0
    assert metrics['data_received']['count'] == sum(
        sample['bytes_received'] for sample in results.samples())
    assert metrics['vus_max'] == {'unit': 'users', 'value': 1, 'max': 1}


def test_people_see_checks_groups_and_metrics(act):
    results = act()
    for words in ('✗ 75.0% logged in — 9 of 12 (login)', '✓ 100% is json — 12 of 12 (list)',
                  '::shop p50 ', 'login_duration p50 ', 'auth_errors 3',
                  'success_rate 75.0% — 9 of 12', 'left 1 seats (from 1 to 12)'):
        assert words in results.shown, results.shown
    page = (results.folder / 'summary.md').read_text()
    assert '| login | logged in | 75.00% | 12 |' in page
    assert '| auth\\_errors | counter | 3 ' in page
    suite = xml.etree.ElementTree.parse(results.folder / 'junit.xml').getroot()[0]
    cases = {case.get('name'): case for case in suite.iter('testcase')}
    assert cases['list: is json'].find('skipped') is None
    assert cases['login: logged in'].find('skipped').get('message') == 'did not hold 3 times of 12'
    assert suite.get('failures') == '0'


def test_people_see_that_what_was_recorded_was_no_number(act):
    results = act(metrics='{odd: {trend: number}}', users='{a: {flow: [{http: GET /list, '
                  'record: {odd: ".json.items | tostring"}}]}}', limits='{requests: 2}')
    assert 'odd no value; out of range or no number: 2' in results.shown, results.shown


def test_the_timeline_and_the_log_of_histograms_have_them(act):
    folder = act().folder
    with open(folder / 'timeline.csv', newline='') as lines:
        rows = list(csv.DictReader(lines))
    assert sum(float(row['custom_auth_errors'] or 0) for row in rows) == 3
    assert {'custom_login_duration_p95_ms', 'custom_results_p95', 'custom_left',
            'custom_success_rate'} <= rows[0].keys()
    log = (folder / 'histograms.hlog').read_text()
    for tag in ('login_duration,', 'login_duration:run,', 'results{step=list},',
                'group_duration{group=::shop},', 'iteration_duration,'):
        assert f'Tag={tag}' in log


def test_prometheus_is_shown_them(processes, scenario, shop, tmp_path):
    path = scenario(target=shop.server.url, users=FLOW, metrics=METRICS,
                    load='[{phase: sustained, users: 1, for: 1h}]')
    process = processes('run', path, '--headless', '--no-preflight', '--listen', ':0', '--out',
                        tmp_path / 'out')
    url = listening_at(process)

    def figures():
        text = get(url + '/metrics')[1]
        return text, {(sample.name, sample.labels.get('value') or sample.labels.get('result')):
                      sample.value for sample in samples_of(text)
                      if sample.labels.get('check', 'logged in') == 'logged in'}

    text, seen = wait_until(lambda: (found := figures()) and
                            found[1].get(('throng_custom_auth_errors_total', None), 0) > 3 and found,
                            'some failed logins')
    process.signal()
    assert seen['throng_checks_total', 'failed'] > 3
    good, bad = (seen['throng_custom_success_rate_total', value] for value in ('true', 'false'))
    assert good > bad > 3
    assert seen['throng_custom_login_duration_seconds_count', None] > 12
    assert seen['throng_iterations_total', None] > 12
    assert ('throng_custom_left_seats', None) in seen
    assert ('throng_custom_results_items_sum', None) in seen
    assert '# HELP throng_custom_login_duration_seconds How long a login takes\n' in text
    assert promtool_says(text) == ''
