"""RES-1: the files that a run leaves, read by those who read such files. FAULTS 55: names and
messages from outside are text in each of them."""
import csv
import html.parser
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from program import throng
from scripted import ScriptedServer, whole

EVIL = '</script><b>=cmd()|`x` @all http://evil.example ![i](u) "q"'
ESCAPES = '\\e[31m\\u202e'  # as YAML writes them in double quotes


@pytest.fixture(scope='module')
def folder(fast_simulator, tmp_path_factory):
    """The results of a run with two phases, one threshold that holds and one that does not."""
    path = tmp_path_factory.mktemp('files')
    scenario = path / 's.yaml'
    scenario.write_text(f'''
scenario: files
target: {fast_simulator.url}
models: {{m: {{price: {{prompt: 1.00, completion: 2.00}}}}}}
users: {{asker: {{flow: [{{chat: {{model: m, question: mixed, max_tokens: 40}}}}, {{think: 20ms}}]}}}}
load: [{{phase: sustained, users: 4, for: 2s}}, {{phase: cool-down, over: 500ms}}]
thresholds: {{ttft: ["p(50)<10s"], error_rate: ["rate<0%"], tpot: ["p(50)<1us"], trust: "value>=F"}}
''')
    throng('run', scenario, '--quiet', '--out', path, '--run-id', 'r', '--requests-jsonl', check=99)
    return path / 'r'


def summary_of(folder):
    return json.loads((folder / 'summary.json').read_text())


def test_a_run_leaves_these_files_and_no_others(folder):
    assert {path.name for path in folder.iterdir()} == {
        'summary.json', 'users.csv', 'summary.md', 'report.html', 'junit.xml', 'timeline.csv', 'histograms.hlog',
        'samples.bin', 'requests.jsonl', 'scenario.yaml'}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())


def test_the_timeline_is_what_the_summary_says(folder):
    with open(folder / 'timeline.csv', newline='') as file:
        rows = list(csv.DictReader(file, strict=True))
    summary = summary_of(folder)
    points = summary['timeline']['points']
    assert len(rows) == len(points) >= 2
    # The end of the run is in it too, though it was no whole second.
    assert points[-1]['end_s'] == pytest.approx(summary['run']['duration_s'], abs=0.002)
    over = summary['all']['requests'] - summary['all']['cancelled']
    assert sum(point['requests'] for point in points) == over
    for row, point in zip(rows, points):
        assert None not in row and None not in row.values()
        assert row['phase'] == point['phase']
        assert float(row['start_s']) == point['start_s']
        assert int(row['requests']) == point['requests']
        assert float(row['requests_per_s']) == point['requests_per_second']
        for name in ('ttft_p50', 'icl_p95', 'e2e_p50', 'tpot_p50'):
            value = row[name + '_ms']
            assert (float(value) if value else None) == point[name]
    assert sum(int(row['requests']) for row in rows) > 20
    assert sum(float(row['cost_usd']) for row in rows) > 0


def cases_of(path):
    """The cases of a document, by name, with what a strict reader asks of its form."""
    root = ElementTree.parse(path).getroot()
    assert root.tag == 'testsuites'
    [suite] = root
    assert suite.tag == 'testsuite'
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d', suite.get('timestamp'))
    assert {'name', 'tests', 'failures', 'errors', 'time', 'hostname'} <= set(suite.keys())
    assert [child.tag for child in suite][0] == 'properties'
    assert [child.tag for child in suite][-2:] == ['system-out', 'system-err']
    cases = suite.findall('testcase')
    assert all({'name', 'classname', 'time'} == set(case.keys()) for case in cases)
    failures = [failure for case in cases for failure in case.findall('failure')]
    assert all({'type', 'message'} == set(failure.keys()) for failure in failures)
    assert int(suite.get('tests')) == int(root.get('tests')) == len(cases)
    assert int(suite.get('failures')) == len(failures)
    return suite, {case.get('name'): case for case in cases}


def test_junit_has_a_case_for_each_threshold(folder):
    suite, cases = cases_of(folder / 'junit.xml')
    assert suite.get('name') == 'files'
    assert set(cases) == {'ttft p(50)<10s', 'error_rate rate<0%', 'tpot p(50)<1us',
                          'trust value>=F', 'the run passes'}
    assert cases['ttft p(50)<10s'].find('failure') is None
    failure = cases['tpot p(50)<1us'].find('failure')
    assert re.fullmatch(r'expected p\(50\)<1us, measured [\d.]+ (ms|µs)', failure.get('message'))
    assert cases['the run passes'].find('failure').text == 'a threshold was crossed'
    properties = {p.get('name'): p.get('value') for p in suite.find('properties')}
    summary = summary_of(folder)
    run = summary['run']
    assert properties == {'run_id': run['id'], 'fingerprint': run['fingerprint'],
                          'version': run['version'], 'stop_reason': run['stop_reason'],
                          'trust': summary['client']['trust']}


def test_the_page_has_the_verdict_and_the_figures(folder):
    page = (folder / 'summary.md').read_text()
    assert page.startswith('# files: failed\n')
    assert '- **99** tpot should satisfy p(50)&lt;1us: ' in page
    assert '| passed | ttft p(50)&lt;10s | ' in page
    assert f"| trust | {summary_of(folder)['client']['trust']}" in page
    assert re.search(r'^\| passed \| trust value&gt;=F \| [A-F] \|$', page, re.M)
    requests = summary_of(folder)['totals']['requests']
    assert f'| requests | {requests:,} (' in page
    assert '| sustained | ' in page and '| cool-down | ' in page
    assert f'- results: {folder}'.replace('_', '\\_') in page


def test_requests_jsonl_is_what_throng_samples_prints(folder, tmp_path):
    printed = throng('samples', folder / 'samples.bin', check=0).stdout
    assert (folder / 'requests.jsonl').read_text() == printed
    out = tmp_path / 'o.jsonl'
    assert throng('samples', folder / 'samples.bin', '--out', out, check=0).stdout == ''
    assert out.read_text() == printed
    assert len(printed.splitlines()) == summary_of(folder)['all']['requests']


def test_an_export_that_does_not_fit_says_so(folder):
    done = throng('samples', folder / 'samples.bin', '--out', '/dev/full', check=1)
    assert 'No space left on device' in done.stderr


class Tags(html.parser.HTMLParser):
    """The elements that a page would have if its Markdown were taken for HTML."""

    def __init__(self, text):
        super().__init__()
        self.seen = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        self.seen.append(tag)


def test_fault_55_foreign_texts_are_text_in_each_file(tmp_path):
    """Of a scenario, a class, a model, a step, and a server that refuses with such a message."""
    evil = EVIL.replace('\\', '\\\\').replace('"', '\\"')
    message = json.dumps({'error': {'message': EVIL + '\x1b[2J\n| forged |'}}).encode()
    server = ScriptedServer(lambda _: whole('429 Too Many', message))
    try:
        path = tmp_path / 's.yaml'
        path.write_text(f'''
scenario: "s {evil}{ESCAPES}"
description: "d {evil}{ESCAPES}"
target: {server.url}
users:
  "c {evil}{ESCAPES}":
    flow:
      - chat: {{model: "m {evil}{ESCAPES}", question: mixed}}
        name: "n {evil}{ESCAPES}"
      - chat: {{model: m2, question: mixed}}
  other: {{flow: [{{chat: {{model: m3, question: mixed}}}}]}}
load: [{{phase: sustained, users: 4, for: 300ms}}]
thresholds: {{"error_rate{{class:other}}": ["rate<1%"]}}
''')
        throng('run', path, '--quiet', '--out', tmp_path, '--run-id', 'evil', '--requests-jsonl')
    finally:
        server.close()
    folder = tmp_path / 'evil'
    page = (folder / 'summary.md').read_text()
    assert Tags(page).seen == []
    assert '\n| forged |' not in page
    assert '](u)' not in page.replace('\\](u)', '') and '://' not in page.replace('&#58;//', '')
    tables = re.findall(r'(?:^\|.*\n)+', page, re.M)
    for table in tables:
        cells = {len(re.findall(r'(?<!\\)\|', row)) for row in table.splitlines()}
        assert len(cells) == 1, table
    suite, _ = cases_of(folder / 'junit.xml')
    assert suite.get('name').startswith('s ' + EVIL)
    for file in folder.iterdir():
        if file.name != 'samples.bin':
            assert b'\x1b' not in file.read_bytes(), file
    with open(folder / 'timeline.csv', newline='') as file:
        assert not [cell for row in csv.reader(file, strict=True) for cell in row
                    if cell[:1] in tuple('=+-@')]
