"""Panels: what a dashboard asks and how it is drawn, without a place yet."""

DATASOURCE = {'type': 'prometheus', 'uid': '${datasource}'}

GREEN, YELLOW, ORANGE, RED = 'green', 'yellow', 'orange', 'red'


def targets(queries, **common):
    """queries: expressions, or pairs of an expression and a legend."""
    pairs = [(query, '') if isinstance(query, str) else query for query in queries]
    return [{'refId': chr(ord('A') + number), 'datasource': DATASOURCE, 'editorMode': 'code',
             'expr': expression, 'legendFormat': legend or '__auto', **common}
            for number, (expression, legend) in enumerate(pairs)]


def steps(*pairs):
    """A colour from each value on; the first from the beginning."""
    return {'mode': 'absolute', 'steps': [{'color': colour, 'value': value}
                                          for value, colour in pairs]}


PLAIN = steps((None, GREEN))


def field_config(unit, custom=None, thresholds=PLAIN, mappings=(), overrides=(), **defaults):
    return {'defaults': {'unit': unit, 'color': {'mode': 'palette-classic'},
                         'thresholds': thresholds, 'mappings': list(mappings),
                         'custom': custom or {}, **defaults},
            'overrides': list(overrides)}


def panel(kind, title, width, height, queries, fields, options, description='', **more):
    return {'type': kind, 'title': title, 'description': description, 'datasource': DATASOURCE,
            'gridPos': {'w': width, 'h': height}, 'targets': queries, 'fieldConfig': fields,
            'options': options, **more}


def graph(title, *queries, unit='short', width=12, height=8, stack=False, least=0,
          most=None, description=''):
    """Values over time."""
    custom = {'drawStyle': 'line', 'lineInterpolation': 'linear', 'lineWidth': 1,
              'fillOpacity': 30 if stack else 8, 'showPoints': 'never', 'spanNulls': False,
              'stacking': {'mode': 'normal' if stack else 'none', 'group': 'A'}}
    bounds = {name: value for name, value in (('min', least), ('max', most)) if value is not None}
    return panel('timeseries', title, width, height, targets(queries, range=True),
                 field_config(unit, custom, **bounds),
                 {'legend': {'displayMode': 'list', 'placement': 'bottom', 'showLegend': True,
                             'calcs': []},
                  'tooltip': {'mode': 'multi', 'sort': 'desc'}}, description)


def stat(title, query, unit='short', width=4, height=4, thresholds=PLAIN, mappings=(),
         by_name=False, decimals=None, description=''):
    """One number of now, or by_name: the name of the series that there is."""
    fields = field_config(unit, thresholds=thresholds, mappings=mappings,
                          **({} if decimals is None else {'decimals': decimals}))
    fields['defaults']['color'] = {'mode': 'thresholds'}
    return panel('stat', title, width, height, targets([query], instant=True), fields,
                 {'reduceOptions': {'calcs': ['lastNotNull'], 'fields': '', 'values': False},
                  'textMode': 'name' if by_name else 'value', 'colorMode': 'value',
                  'graphMode': 'none', 'justifyMode': 'auto', 'orientation': 'auto'}, description)


def heatmap(title, query, unit='s', width=12, height=8, description=''):
    """Buckets over time: a query that is summed by le."""
    return panel('heatmap', title, width, height,
                 targets([(query, '{{le}}')], range=True, format='heatmap'),
                 field_config(unit),
                 {'calculate': False, 'cellGap': 1, 'color': {'mode': 'scheme', 'scheme': 'Oranges',
                                                              'steps': 64, 'exponent': 0.5},
                  'yAxis': {'unit': unit, 'axisPlacement': 'left'}, 'rowsFrame': {'layout': 'auto'},
                  'tooltip': {'mode': 'single', 'yHistogram': True},
                  'legend': {'show': True}, 'showValue': 'never',
                  'filterValues': {'le': 1e-9}}, description)


def distribution(title, query, width=12, height=8, description=''):
    """How many values lie in each bucket: a query that is summed by le, over the time shown. Grafana takes
    one bucket off the next, and sorts them by the legend, which has to be the number alone."""
    return panel('bargauge', title, width, height,
                 targets([(query, '{{le}}')], instant=True, format='heatmap'),
                 field_config('short'),
                 {'orientation': 'vertical', 'displayMode': 'basic', 'showUnfilled': False,
                  'reduceOptions': {'calcs': ['lastNotNull'], 'fields': '', 'values': False}},
                 description)


def states(title, query, legend, width=24, height=5, description=''):
    """Which of several states holds, over time."""
    on = {'type': 'value', 'options': {'1': {'text': 'now', 'color': 'blue', 'index': 0},
                                       '0': {'text': ' ', 'color': 'transparent', 'index': 1}}}
    return panel('state-timeline', title, width, height, targets([(query, legend)], range=True),
                 field_config('short', {'lineWidth': 0, 'fillOpacity': 70}, mappings=[on]),
                 {'mergeValues': True, 'showValue': 'never', 'rowHeight': 0.8, 'alignValue': 'left',
                  'legend': {'showLegend': False, 'displayMode': 'list', 'placement': 'bottom'},
                  'tooltip': {'mode': 'single'}}, description)


def table(title, columns, width=24, height=8, sort=None, description=''):
    """A row for each set of labels. columns: (heading, query, unit); what they share is joined.
    sort: the heading by which the rows fall."""
    queries = targets([query for _, query, _ in columns], instant=True, format='table')
    values = [f'Value #{target["refId"]}' if len(columns) > 1 else 'Value' for target in queries]
    overrides = [{'matcher': {'id': 'byName', 'options': heading},
                  'properties': [{'id': 'unit', 'value': unit}]}
                 for heading, _, unit in columns]
    names = {value: heading for value, (heading, _, _) in zip(values, columns)}
    return panel('table', title, width, height, queries,
                 field_config('short', {'align': 'auto', 'filterable': True}, overrides=overrides),
                 {'showHeader': True, 'cellHeight': 'sm',
                  'sortBy': [{'displayName': sort, 'desc': True}] if sort else []}, description,
                 transformations=[{'id': 'merge', 'options': {}},
                                  {'id': 'organize', 'options': {'excludeByName': {'Time': True},
                                                                 'renameByName': names}}])
