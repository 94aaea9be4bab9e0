"""OBS-4, OBS-6: every query of every dashboard, asked of a real Prometheus behind a real load; and the alerts.

The dashboards are read as Grafana reads them. A query that finds nothing is as wrong as one that is refused.
What was asked and found is left in build-test/grafana-queries.md.
"""
import importlib.util
import itertools
import json
import math
import re
import subprocess
import time
import urllib.parse

import pytest
import yaml

from program import DEADLINE_S, ROOT, Results, Running, wait_until
from prometheus import Prometheus, Pushgateway, get, tables_of_families
from scripted import ScriptedServer
from test_prometheus import machine

GRAFANA = ROOT / 'grafana'
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(GRAFANA.glob('dashboards/*.json'))}
NAMES = {'overview', 'performance', 'cost', 'errors', 'llm', 'models', 'backend', 'client', 'trends', 'regions'}
ALERTS = [rule for path in sorted(GRAFANA.glob('alerts/*.yml'))
          for group in yaml.safe_load(path.read_text())['groups'] for rule in group['rules']]

CLUSTER = 'cluster-of-the-test'
BASELINE = {'schema': 'throng.summary/1', 'run': {'id': 'before', 'scenario': 'nightly-dashboards'}, 'metrics': {
    metric: {'unit': 'ms', 'count': 1000, 'p50': 20, 'p95': 40, 'p99': 60} for metric in ('ttft', 'tpot', 'e2e')}}

# Two models and organizations, prices, failures, retries, checks, SLOs, limits, a region, a server and its machine:
# whatever a panel asks for.
SCENARIO = '''
scenario: nightly-dashboards
seed: 7
target: simulator
simulator: {{ttft: 15ms, gap: 3ms, tokens: 12, error_rate: 4%, capacity: 6, cached: 25%, seed: 3}}
platform: {{url: simulator, organizations: 2, users: 4}}
models:
  fast: {{price: {{prompt: 1.00, completion: 2.00}}, theoretical_tps: 500}}
  slow: {{price: {{prompt: 3.00, completion: 9.00}}, theoretical_tps: 500}}
tags: {{region: eu}}
users:
  asker:
    flow:
      - chat: {{model: fast, question: mixed, max_tokens: 12}}
        name: ask fast
        check: {{is 200: {{status: 200}}}}
        retry: {{attempts: 2, on: [http_5xx]}}
      - chat: {{model: slow, synthetic: {{input: 400}}, max_tokens: 12}}
        name: ask slow
      - http: GET /v1/models
        name: list models
      - think: 50ms
load: [{{phase: ramp-up, users: 8, over: 2s}}, {{phase: sustained, for: 11s}}]
slo: {{ttft: 25ms, e2e: 10s}}
limits: {{cost: 10 USD, duration: 1h}}
backends: [{{name: engine, interval: 500ms}}, {{name: machine, url: "{machine}/metrics", interval: 500ms}}]
outputs: {{pushgateway: {{url: "{gateway}", interval: 1s}}}}
'''


class Asked:
    """A Prometheus that has seen a run, asked as Grafana would ask it when that run is on the screen."""

    def __init__(self, prometheus, start_s, end_s):
        self.prometheus = prometheus
        self.start_s = start_s
        self.end_s = end_s
        self.rows = []

    def get(self, path, **words):
        status, text = get(f'{self.prometheus.url}/api/v1/{path}?' + urllib.parse.urlencode(words))
        return json.loads(text)['data'] if status == 200 else f'{status}: {text}'

    def values_of(self, variable, chosen):
        """Of a variable: what a person can choose from."""
        query, label = re.fullmatch(r'label_values\((.*), (\w+)\)', variable['query']['query']).groups()
        values = self.get(f'label/{label}/values', **{'match[]': replaced(query, chosen)},
                          start=self.start_s, end=self.end_s)
        assert isinstance(values, list), values
        return values

    def ask(self, query, instant, late):
        """late: the run is over, and its result is there. Returns the found values, or why there are none."""
        end_s = time.time() + 5 if late else self.end_s  # the steps of a range need not end at its end
        if instant:
            data = self.get('query', query=query, time=end_s)
        else:
            data = self.get('query_range', query=query, start=self.start_s, end=end_s, step=1)
        if isinstance(data, str):
            return data
        found = [float(value) for series in data['result']
                 for _, value in ([series['value']] if instant else series['values'])]
        return [value for value in found if not math.isnan(value)]  # +Inf: so many had no answer


def choices(asked, dashboard, everything):
    """name → what stands for it in queries: `All` of everything, else the first value alone."""
    chosen = {}
    for variable in dashboard['templating']['list']:
        if variable['type'] != 'query':
            continue
        values = asked.values_of(variable, chosen)
        assert values, f'{dashboard["title"]}: the variable {variable["name"]} has nothing to choose from'
        quoted = [re.sub(r'([\\^$*+?.()|[\]{}])', r'\\\\\1', value) for value in values]
        if not everything:
            chosen[variable['name']] = quoted[0]
        else:
            chosen[variable['name']] = variable.get('allValue') or '(' + '|'.join(quoted) + ')'
    return chosen


def replaced(query, chosen):
    for name, value in {'__rate_interval': '4s', '__range': '20s', '__interval': '1s', **chosen}.items():
        query = query.replace(f'${name}', value)
    assert '$' not in query.replace('"$"', ''), query
    return query


def panels_of(dashboard):
    return [panel for panel in dashboard['panels'] if panel['type'] != 'row']


@pytest.fixture(scope='module')
def asked(tmp_path_factory):
    folder = tmp_path_factory.mktemp('grafana')
    gateway = Pushgateway(folder)
    prometheus = Prometheus(folder, gateway.url, labels={'cluster': CLUSTER})
    exporter = ScriptedServer(machine)
    try:
        (folder / 'scenario.yaml').write_text(SCENARIO.format(gateway=gateway.url, machine=exporter.url))
        (folder / 'baseline.json').write_text(json.dumps(BASELINE))
        started_s = time.time()
        process = Running('run', folder / 'scenario.yaml', '--headless', '--out', folder / 'out', '--run-id', 'seen',
                          '--baseline', folder / 'baseline.json')
        assert process.wait() == 0, process.text()
        run = Results(folder / 'out/seen').summary['run']
        wait_until(lambda: prometheus.query('throng_result_passed and on () throng_run_end_time_seconds'),
                   'the result')
        asked = Asked(prometheus, started_s, started_s + run['duration_s'])
        yield asked
        (ROOT / 'build-test').mkdir(exist_ok=True)
        (ROOT / 'build-test/grafana-queries.md').write_text(
            '| dashboard | panel | query | sample |\n|---|---|---|---|\n' + ''.join(
                '| ' + ' | '.join(str(cell).replace('|', '\\|').replace('\n', ' ') for cell in row) + ' |\n'
                for row in asked.rows))
    finally:
        exporter.close()
        prometheus.stop()
        gateway.stop()


@pytest.mark.alone
@pytest.mark.parametrize('name', sorted(NAMES))
def test_every_query_of_every_panel_finds_something(asked, name):
    dashboard = DASHBOARDS[name]
    everything = choices(asked, dashboard, everything=True)
    one_each = choices(asked, dashboard, everything=False)
    wrong = []
    for panel in panels_of(dashboard):
        for target in panel['targets']:
            found = asked.ask(replaced(target['expr'], everything), target.get('instant'), name == 'trends')
            asked.rows.append((name, panel['title'], target['expr'],
                               f'{max(found):.6g}' if found and isinstance(found, list) else found))
            if not found or isinstance(found, str):
                wrong.append(f'{name}: {panel["title"]}: {target["expr"]}: {found or "nothing"}')
            narrow = asked.ask(replaced(target['expr'], one_each), target.get('instant'), name == 'trends')
            if isinstance(narrow, str):
                wrong.append(f'{name}: {panel["title"]} of {one_each}: {narrow}')
    for annotation in dashboard['annotations']['list']:
        found = asked.ask(replaced(annotation['expr'], everything), False, True)
        if isinstance(found, str) or not found and annotation['name'] != 'Anomalies':
            wrong.append(f'{name}: annotation {annotation["name"]}: {found or "nothing"}')
    assert not wrong, '\n'.join(wrong)


# Numbers, tables, gauges, what workers say, and what servers say.
OF_A_RUN = [('overview', 'Cost'), ('overview', 'Users'), ('overview', 'Limit used up'), ('client', 'Memory'),
            ('overview', 'Trust (worst worker)'), ('cost', 'Organizations, the dearest first'),
            ('llm', 'Tokens per second of all'), ('backend', 'Saturation')]


@pytest.mark.alone
@pytest.mark.parametrize('name, title', OF_A_RUN)
def test_what_a_pushgateway_keeps_of_a_run_that_was_over_before_is_not_shown(asked, name, title):
    everything = choices(asked, DASHBOARDS[name], everything=True)
    [panel] = [panel for panel in panels_of(DASHBOARDS[name]) if panel['title'] == title]
    assert asked.prometheus.query('throng_cost_usd_total and on () throng_backend_saturation_ratio'), 'not kept'
    for target in panel['targets']:
        query = replaced(target['expr'].replace('$__range', '2s'), everything)
        wait_until(lambda query=query: asked.get('query', query=query)['result'] == [], query)


@pytest.mark.alone
def test_no_alert_is_refused_and_none_fires_on_a_run_that_is_well(asked):
    for rule in ALERTS:
        found = asked.ask(rule['expr'], True, False)
        assert isinstance(found, list), f'{rule["alert"]}: {found}'
        if rule['alert'] in ('ThrongLimitClose', 'ThrongWorkerLost', 'ThrongResultFailed'):
            assert not found, rule['alert']


# --- What can be said of the files alone. ---

def metrics_in(text):
    return set(re.findall(r'\bthrong_\w+', text))


def test_no_dashboard_or_alert_asks_for_a_metric_that_is_not_in_the_table():
    known = set().union(*tables_of_families())
    known |= {name + ending for name in known for ending in ('_bucket', '_sum', '_count')}
    for name, dashboard in DASHBOARDS.items():
        assert not metrics_in(json.dumps(dashboard)) - known, name
    for rule in ALERTS:
        assert not metrics_in(rule['expr']) - known, rule['alert']


def test_the_files_are_as_their_descriptions_say():
    spec = importlib.util.spec_from_file_location('make', GRAFANA / 'make.py')
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    texts = make.texts()
    assert texts.keys() == DASHBOARDS.keys() == NAMES
    for name, text in texts.items():
        assert (GRAFANA / f'dashboards/{name}.json').read_text() == text, 'run grafana/make.py'


def test_uids_are_unique_and_dashboards_lead_to_each_other():
    uids = {dashboard['uid'] for dashboard in DASHBOARDS.values()}
    assert len(uids) == len(NAMES) == len({dashboard['title'] for dashboard in DASHBOARDS.values()})
    for dashboard in DASHBOARDS.values():
        assert dashboard['links'][0]['tags'] == ['throng'] and 'throng' in dashboard['tags']


def overlap(one, other):
    a, b = one['gridPos'], other['gridPos']
    return (a['x'] < b['x'] + b['w'] and b['x'] < a['x'] + a['w'] and
            a['y'] < b['y'] + b['h'] and b['y'] < a['y'] + a['h'])


@pytest.mark.parametrize('name', sorted(NAMES))
def test_panels_have_places_of_their_own(name):
    panels = DASHBOARDS[name]['panels']
    for one, other in itertools.combinations(panels, 2):
        assert not overlap(one, other), f'{one["title"]} and {other["title"]}'
    assert all(panel['gridPos']['x'] + panel['gridPos']['w'] <= 24 for panel in panels)
    assert len({panel['id'] for panel in panels}) == len(panels)
    titles = [panel['title'] for panel in panels_of(DASHBOARDS[name])]
    assert len(set(titles)) == len(titles), titles
    assert 'generator' in panels[0]['title'] or name == 'trends'


@pytest.mark.parametrize('name', sorted(NAMES))
def test_quantiles_are_of_buckets_that_were_added_up_first(name):
    text = json.dumps(DASHBOARDS[name])
    assert len(re.findall(r'histogram_quantile\([\d.]+, sum by \(le\b', text)) == text.count('histogram_quantile(')
    assert '_quantile_seconds' not in text, 'quantiles of workers must not be added up'


def test_promtool_accepts_the_alerts_and_their_cases_hold():
    for words in (['check', 'rules', *sorted(GRAFANA.glob('alerts/*.yml'))],
                  ['test', 'rules', *sorted((ROOT / 'test/golden/alerts').glob('*.yml'))]):
        done = subprocess.run(['promtool', *map(str, words)], capture_output=True, text=True, timeout=DEADLINE_S)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_says_what_happened_and_what_to_do():
    cases = ''.join(path.read_text() for path in (ROOT / 'test/golden/alerts').glob('*.yml'))
    headings = re.findall(r'^### (.*)$', (ROOT / 'doc/grafana.md').read_text(), re.M)
    anchors = {'doc/grafana.md#' + heading.replace(' ', '-') for heading in headings}
    for rule in ALERTS:
        assert rule['annotations'].keys() == {'summary', 'description', 'runbook'}, rule['alert']
        assert rule['annotations']['runbook'] in anchors, rule['alert']
        assert rule['labels']['severity'] in ('info', 'warning', 'critical')
        assert f'alertname: {rule["alert"]}' in cases, rule['alert']


def test_provisioning_files_are_well_formed():
    sources = yaml.safe_load((GRAFANA / 'provisioning/datasources/throng.yaml').read_text())
    folders = yaml.safe_load((GRAFANA / 'provisioning/dashboards/throng.yaml').read_text())
    assert sources['datasources'][0]['type'] == 'prometheus'
    assert folders['providers'][0]['options']['path'].startswith('/')
