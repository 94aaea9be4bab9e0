"""A dashboard: rows of panels, with the variables, annotations and links that all have in common."""
from panel import DATASOURCE

SCHEMA_VERSION = 39  # of Grafana 11; later ones bring it up to date as they read it
COLUMNS = 24

# What a query of a run selects. $model and $org stand beside it where there are such labels.
RUN = 'cluster=~"$cluster",test_run=~"$test_run",worker_pod=~"$worker"'
ANSWERS = RUN + ',model=~"$model"'
COUNTS = ANSWERS + ',org_id=~"$org"'

INFO = 'throng_run_info{cluster=~"$cluster",scenario=~"$scenario"}'


# qryType 1 is label_values().
def variable(name, label, query, everything='.*', multi=True):
    """everything: what `All` stands for; None: all values that there are."""
    return {'type': 'query', 'name': name, 'label': label, 'datasource': DATASOURCE,
            'definition': query,
            'query': {'qryType': 1, 'query': query, 'refId': 'PrometheusVariableQueryEditor-VariableQuery'},
            'refresh': 2, 'sort': 2 if name == 'test_run' else 1, 'regex': '', 'hide': 0,
            'multi': multi, 'includeAll': True, **({'allValue': everything} if everything else {}),
            'current': {'text': ['All'], 'value': ['$__all']}, 'options': []}


SOURCE = {'type': 'datasource', 'name': 'datasource', 'label': 'Data source', 'query': 'prometheus',
          'refresh': 1, 'regex': '', 'hide': 0, 'multi': False, 'includeAll': False, 'options': [],
          'current': {}}
CLUSTER = variable('cluster', 'Cluster', 'label_values(throng_run_info, cluster)')
SCENARIO = variable('scenario', 'Scenario',
                    'label_values(throng_run_info{cluster=~"$cluster"}, scenario)')
TEST_RUN = variable('test_run', 'Run', f'label_values({INFO}, test_run)', None)
WORKER = variable('worker', 'Worker', 'label_values(throng_run_info{test_run=~"$test_run"}, worker_pod)')
MODEL = variable('model', 'Model', 'label_values(throng_requests_total{test_run=~"$test_run"}, model)')
ORG = variable('org', 'Organization',
               'label_values(throng_requests_total{test_run=~"$test_run"}, org_id)')
BACKEND = variable('backend', 'Backend',
                   'label_values(throng_backend_up{test_run=~"$test_run"}, backend)')
REGION = variable('region', 'Region',
                  'label_values(throng_requests_total{test_run=~"$test_run"}, region)')
RESULTS = variable('scenario', 'Scenario',
                   'label_values(throng_result_passed{cluster=~"$cluster"}, scenario)')
OF_RUNS = [SOURCE, CLUSTER, SCENARIO, TEST_RUN, MODEL, ORG, WORKER]


def annotation(name, expression, title, colour, value_is_time=False):
    return {'name': name, 'datasource': DATASOURCE, 'enable': True, 'hide': False,
            'iconColor': colour, 'expr': expression, 'titleFormat': title, 'step': '5s',
            'useValueForTime': value_is_time}


ANNOTATIONS = [
    annotation('Runs begin', f'max by (test_run) (throng_run_start_time_seconds{{{RUN}}}) * 1000',
               '{{test_run}} begins', 'green', value_is_time=True),
    annotation('Runs end', f'max by (test_run) (throng_run_end_time_seconds{{{RUN}}}) * 1000',
               '{{test_run}} ends', 'purple', value_is_time=True),
    annotation('Phases', f'max by (phase) (throng_phase{{{RUN}}}) > 0', '{{phase}}', 'blue'),
    annotation('Anomalies', f'max by (kind) (throng_anomaly_active{{{RUN}}}) > 0', 'Anomaly: {{kind}}', 'red'),
]

LINKS = [{'type': 'dashboards', 'title': 'throng', 'tags': ['throng'], 'asDropdown': True,
          'includeVars': True, 'keepTime': True, 'targetBlank': False, 'icon': 'external link'}]


def row(title, *panels):
    return title, panels


def place(rows):
    """All panels with their places: from left to right, and a new line where one is full."""
    placed, top = [], 0
    for title, panels in rows:
        placed.append({'type': 'row', 'title': title, 'collapsed': False, 'panels': [],
                       'gridPos': {'x': 0, 'y': top, 'w': COLUMNS, 'h': 1}})
        top, left, tallest = top + 1, 0, 0
        for panel in panels:
            size = panel['gridPos']
            if left + size['w'] > COLUMNS:
                top, left, tallest = top + tallest, 0, 0
            placed.append({**panel, 'gridPos': {'x': left, 'y': top, **size}})
            left, tallest = left + size['w'], max(tallest, size['h'])
        top += tallest
    for number, panel in enumerate(placed, 1):
        panel['id'] = number
    return placed


def dashboard(name, title, description, rows, variables=tuple(OF_RUNS), annotations=tuple(ANNOTATIONS),
              period='now-1h'):
    return {'uid': f'throng-{name}', 'title': f'throng / {title}', 'description': description,
            'tags': ['throng'], 'schemaVersion': SCHEMA_VERSION, 'version': 1, 'id': None,
            'editable': True, 'graphTooltip': 1, 'refresh': '10s', 'timezone': 'browser',
            'fiscalYearStartMonth': 0, 'liveNow': False, 'weekStart': '',
            'time': {'from': period, 'to': 'now'}, 'timepicker': {},
            'annotations': {'list': list(annotations)}, 'links': LINKS,
            'templating': {'list': list(variables)}, 'panels': place(rows)}
