"""RES-3: throng compare: what differs between two runs, and whether that is more than chance."""
import json

import jsonschema
import pytest

from program import Results, Running, throng

REGRESSION, COMMAND_LINE = 112, 2
SCENARIO = '''
scenario: compared
target: {url}
seed: 7
models: {{large: {{price: {{prompt: 2.50, completion: 10.00}}}}, small: {{price: {{prompt: 0.15, completion: 0.60}}}}}}
users:
  asker: {{flow: [{{chat: {{model: large, question: mixed}}}}, {{chat: {{model: small, question: mixed}}}}, {{think: 100ms}}]}}
load: [{{phase: sustained, users: 4, for: 12s}}]
'''


@pytest.fixture(scope='module')
def runs(tmp_path_factory):
    """Three runs at once: two of a service, and one of the same service half as fast. Each has its results folder."""
    path = tmp_path_factory.mktemp('compared')
    simulators = {name: Running('simulate', '--listen', '127.0.0.1:0', '--tokens', '8', *options) for name, options in (
        ('fast', ('--ttft', '60ms', '--gap', '8ms')), ('slow', ('--ttft', '120ms', '--gap', '16ms')))}
    urls = {name: one.next_line().split('http://')[1].split()[0] for name, one in simulators.items()}
    started = {}
    for name, service in (('base', 'fast'), ('same', 'fast'), ('slower', 'slow')):
        scenario = path / f'{name}.yaml'
        scenario.write_text(SCENARIO.format(url=f'http://{urls[service]}'))
        started[name] = Running('run', scenario, '--quiet', '--out', path / 'results', '--run-id', name)
    for name, one in started.items():
        assert one.wait() == 0, one.text()
    for one in simulators.values():
        one.kill()
    return {name: Results(path / 'results' / name) for name in started}


@pytest.fixture(scope='module')
def compared(runs):
    """The slower run compared with the base, as JSON."""
    return json.loads(throng('compare', runs['base'].folder, runs['slower'].folder, '--format', 'json', check=0).stdout)


def row(comparison, metric, aggregate, selector=''):
    [found] = [one for one in comparison['differences']
               if (one['metric'], one['aggregate'], one['selector']) == (metric, aggregate, selector)]
    return found


def test_it_is_as_its_schema_says(compared):
    schema = json.loads(throng('schema', 'comparison', check=0).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(compared, schema)


def test_figures_are_those_of_the_summaries(runs, compared):
    base, new = runs['base'].summary, runs['slower'].summary
    for metric in ('ttft', 'tpot', 'icl', 'e2e', 'operation_duration'):
        found = row(compared, metric, 'p50')
        assert found['base'] == pytest.approx(base['metrics'][metric]['p50'])
        assert found['new'] == pytest.approx(new['metrics'][metric]['p50'])
        assert found['low'] <= found['change'] <= found['high']
    assert row(compared, 'e2e', 'p50', 'model=large')['new'] == pytest.approx(
        new['by']['model']['large']['metrics']['e2e']['p50'])
    assert row(compared, 'cost_per_request', 'mean')['base'] == pytest.approx(
        base['totals']['cost_usd'] / base['totals']['requests'])
    assert compared['is_same_workload']


def test_a_service_half_as_fast_is_a_regression(runs, compared):
    assert compared['verdict'] == 'regression' and not compared['failed']
    assert row(compared, 'ttft', 'p50')['verdict'] == 'regression'
    assert row(compared, 'tps', 'p50')['verdict'] == 'regression'
    assert row(compared, 'e2e', 'p50', 'model=small')['verdict'] == 'regression'
    folders = runs['base'].folder, runs['slower'].folder
    told = throng('compare', *folders, '--fail-above', '20%', check=REGRESSION).stdout
    assert 'worse by more than 20%' in told
    throng('compare', *folders, '--fail-above', '900%', check=0)
    throng('compare', *reversed(folders), '--fail-above', '20%', check=0)


def test_the_same_service_is_not_worse(runs):
    throng('compare', runs['base'].folder, runs['same'].folder, '--fail-above', '30%', check=0)


def test_runs_have_names_of_several_kinds(runs, tmp_path):
    folder = runs['base'].folder
    told = throng('compare', 'base', folder.parent / 'slower' / 'summary.json', cwd=folder.parent.parent, check=0).stdout
    assert 'ttft p50' in told and 'worse' in told


def test_summaries_alone_are_judged_by_size_and_that_is_told(runs, tmp_path):
    alone = tmp_path / 'base.json'
    alone.write_text((runs['base'].folder / 'summary.json').read_text())
    done = json.loads(throng('compare', alone, runs['slower'].folder, '--format', 'json', check=0).stdout)
    assert any('by their size alone' in note for note in done['notes'])
    assert row(done, 'e2e', 'p50')['p'] is None and row(done, 'e2e', 'p50')['verdict'] == 'regression'


def test_histograms_without_samples_do(runs, tmp_path):
    copies = []
    for name in ('base', 'slower'):
        copy = tmp_path / name
        copy.mkdir()
        for file in ('summary.json', 'histograms.hlog'):
            (copy / file).write_bytes((runs[name].folder / file).read_bytes())
        copies.append(copy)
    done = json.loads(throng('compare', *copies, '--format', 'json', check=0).stdout)
    assert any('histograms.hlog' in note for note in done['notes'])
    assert row(done, 'ttft', 'p50')['verdict'] == 'regression' and row(done, 'ttft', 'p50')['p'] < 0.01


def test_markdown_is_short_and_names_the_worst_first(runs):
    text = throng('compare', runs['base'].folder, runs['slower'].folder, '--format', 'markdown', check=0).stdout
    assert text.startswith('## Load test: worse\n')
    assert text.index('🔴') < text.index('<details>')


def test_the_page_stands_alone(runs, tmp_path, browser):
    page = tmp_path / 'compare.html'
    throng('compare', runs['base'].folder, runs['slower'].folder, '--format', 'html', '--out', page, check=0)
    browser.open(page)
    assert browser.problems() == [] and browser.requested() == [f'file://{page}']
    assert 'worse' in browser.run("return document.querySelector('#verdict').textContent")
    rows = browser.run("return document.querySelectorAll('#figures tbody tr').length")
    assert rows >= 20
    assert browser.run("return document.querySelectorAll('#changes circle').length") >= 20
    assert browser.run('return document.documentElement.scrollWidth <= innerWidth')


@pytest.mark.parametrize('words, said', [
    (('nowhere', 'nowhere-else'), ('nowhere: there is no such run', 'nowhere-else: there is no such run')),
    (('{base}', '{base}', '--fail-above', '-3%'), ('--fail-above', '20%')),
    (('{base}', '{base}', '--fail-above', '20'), ('--fail-above', '20%')),
    (('{base}', 's3://bucket/run'), ('S3',)),
    (('{base}',), ('NEW',)),
])
def test_what_cannot_be_compared_is_told(runs, words, said):
    done = throng('compare', *(word.format(base=runs['base'].folder) for word in words), check=COMMAND_LINE)
    for one in said:
        assert one in done.stderr
