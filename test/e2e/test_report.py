"""RES-2, RES-3, SEC-1: report.html, as a reader sees it in a browser. FAULTS 55: what servers say stays text."""
import json
import re

import pytest

from program import Results, throng
from scripted import ScriptedServer, whole

EVIL = '</script><script>window.broken = 1</script><img src=x onerror="window.broken = 1"> \u2028 <!--'

# Of each board, the text beside the legend of all its charts.
SAID = "return [...document.querySelectorAll('.card .at')].map((one) => one.textContent)"


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    """A run with two models, prices, SLOs, failures, three phases and the metrics of its server."""
    path = tmp_path_factory.mktemp('report')
    scenario = path / 's.yaml'
    scenario.write_text('''
scenario: report
target: simulator
simulator: {ttft: 40ms, gap: 4ms, tokens: "12", error_rate: 10%, error_status: "500,429"}
models:
  large: {price: {prompt: 2.50, completion: 10.00}}
  small: {price: {prompt: 0.15, completion: 0.60}}
users:
  asker: {flow: [{chat: {model: large, question: mixed}, name: deep, slo: {ttft: 50ms}}, {think: 20ms}]}
  talker: {flow: [{chat: {model: small, question: mixed}, name: quick}, {think: 20ms}]}
load: [{phase: ramp-up, users: 8, over: 1s}, {phase: sustained, for: 2s}, {phase: cool-down, over: 500ms}]
thresholds: {ttft: ["p(50)<10s"], error_rate: ["rate<1%"]}
''')
    throng('run', scenario, '--quiet', '--out', path, '--run-id', 'r', check=99)
    return Results(path / 'r')


@pytest.fixture
def page(browser, results):
    browser.open(results.folder / 'report.html')
    return browser


def text_of(browser, selector):
    return browser.run('return document.querySelector(arguments[0])?.textContent ?? null', selector)


def test_it_opens_from_a_file_without_a_word_and_without_the_network(page, results):
    assert page.problems() == []
    assert page.requested() == [f'file://{results.folder}/report.html']
    assert (results.folder / 'report.html').stat().st_mode & 0o777 == 0o600


def test_verdict_and_figures_are_those_of_the_summary(page, results):
    totals = results.summary['totals']
    assert 'Failed (exit code 99)' in text_of(page, '#verdict')
    tiles = {tile[0]: tile[1] for tile in page.run(
        "return [...document.querySelectorAll('.tile:not(.empty)')].map((tile) =>"
        "[tile.querySelector('.label').textContent, tile.querySelector('.figure').textContent])")}
    assert float(tiles['Requests'].removesuffix('/s')) == pytest.approx(totals['requests_per_second'], rel=0.01)
    assert float(tiles['Failed'].removesuffix('%')) == pytest.approx(100 * totals['error_rate'], rel=0.01)
    ttft = results.summary['metrics']['ttft']
    shown = re.fullmatch(r'(> )?([\d.]+)(ms|s)', tiles['TTFT p95'].replace(' ', ' ').strip())
    value = float(shown[2]) * (1000 if shown[3] == 's' else 1)
    assert value == pytest.approx(ttft['p95'] or ttft['above']['p95'], rel=0.01)
    assert bool(shown[1]) == (ttft['p95'] is None)
    assert f"{totals['requests']:,} requests" in text_of(page, '#verdict')
    held = page.run("return [...document.querySelectorAll('#thresholds li')].map((one) => one.textContent)")
    assert len(held) == 2
    assert held[0].startswith('✕') and 'error_rate' in held[0] and held[1].startswith('✓')


def test_points_count_failures_by_kind(results):
    points = results.summary['timeline']['points']
    told = {error['kind']: error['count'] for error in results.summary['all']['errors']}
    assert sum(told.values()) > 0
    assert told == {kind: sum(point['errors'].get(kind, 0) for point in points) for kind in told}
    assert all(sum(point['errors'].values()) == point['failed'] for point in points)


def test_there_are_parts_for_what_was_measured_and_for_nothing_else(page):
    parts = page.run("return [...document.querySelectorAll('.section')].map((one) => one.id)")
    assert parts == ['thresholds', 'findings', 'trust', 'shape', 'latency', 'load', 'errors', 'cost', 'parts', 'servers',
                     'users', 'client', 'again']
    titles = page.run("return [...document.querySelectorAll('#latency h3, #load h3')].map((one) => one.textContent)")
    assert titles == ['Time to first token (TTFT)', 'Inter-chunk latency (ICL)', 'Time per output token (TPOT)', 'End to end',
                      'Users', 'Requests per second', 'Errors', 'Output tokens', 'Output tokens per user', 'Cost so far']
    rows = page.run("return [...document.querySelectorAll('#errors tbody tr')].map((row) => row.cells[0].textContent)")
    assert sorted(rows) == ['http_5xx', 'rate_limited']
    assert text_of(page, '#again pre').endswith('/scenario.yaml')
    assert 'scenario: report' in page.run("return [...document.querySelectorAll('#again pre')].at(-1).textContent")


def test_the_pointer_over_one_chart_moves_all_and_a_drag_zooms_all(page):
    over = page.run("return document.querySelector('#latency .u-over')")
    page.hover(over, 200, 60)
    said = [text for text in page.run(SAID) if text]
    assert len(said) > 8 and len({text.split(' · ')[0] for text in said}) == 1
    button = "return !document.querySelector('.button.floating').hidden"
    assert page.run(button) is False
    page.drag(over, 100, 200, 60)
    assert page.run(button) is True
    page.run("document.querySelector('.button.floating').click()")
    assert page.run(button) is False


def test_charts_are_moved_by_keys_and_headings_sort_tables(page):
    page.run("document.querySelector('#latency .plot').focus()")
    page.run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'End', bubbles: true}))")
    assert len([text for text in page.run(SAID) if text]) > 8
    button = "document.querySelector('#parts th button')"
    names = "return [...document.querySelectorAll('#parts .card:first-of-type tbody tr')].map((row) => row.cells[0].textContent)"
    page.run(f'{button}.click()')
    assert page.run(names) == ['large', 'small']
    page.run(f'{button}.click()')
    assert page.run(names) == ['small', 'large']


@pytest.mark.parametrize('dark', [False, True], ids=['light', 'dark'])
@pytest.mark.parametrize('width', [390, 1400])
def test_it_fits_a_phone_and_a_desk_by_day_and_by_night(browser, results, width, dark):
    browser.open(results.folder / 'report.html', width=width, dark=dark)
    assert browser.problems() == []
    assert browser.run('return document.documentElement.scrollWidth') <= width
    brightness = browser.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert brightness < 64 if dark else brightness > 192
    widest = browser.run("return Math.max(...[...document.querySelectorAll('canvas')].map((one) => one.getBoundingClientRect().right))")
    assert widest <= width


def test_on_a_phone_an_odd_tile_leaves_no_hole(browser, results):
    browser.open(results.folder / 'report.html', width=390)
    hole = browser.run('''const grid = tileGrid(Array.from({length: 7}, () => tile({label: 'x', value: 1})));
        document.querySelector('main').append(grid);
        return grid.getBoundingClientRect().right - grid.children[6].getBoundingClientRect().right''')
    assert 0 <= hole < 2


def test_the_reader_turns_the_theme_round(page):
    page.run("document.querySelector('.bar .button').click()")
    assert page.run('return document.documentElement.dataset.theme') == 'dark'
    page.run("document.querySelector('.bar .button').click()")
    assert page.run('return document.documentElement.dataset.theme') == 'light'


def test_throng_report_makes_it_again_and_of_several_runs_one(browser, results, tmp_path):
    done = throng('report', results.folder, '--out', tmp_path / 'again.html', check=0)
    assert done.stdout.strip() == str(tmp_path / 'again.html')
    assert (tmp_path / 'again.html').stat().st_mode & 0o777 == 0o600
    assert (tmp_path / 'again.html').read_text() == (results.folder / 'report.html').read_text()
    throng('report', results.folder, results.folder / 'summary.json', '--out', tmp_path / 'two.html', check=0)
    browser.open(tmp_path / 'two.html')
    assert browser.run("return document.querySelectorAll('#runs tbody tr').length") == 2
    browser.run("document.querySelectorAll('[role=tab]')[1].click()")
    assert 'Failed' in text_of(browser, '#verdict')
    assert browser.problems() == []


def test_a_run_of_one_request_is_told_in_whole_sentences(browser, tmp_path):
    path = tmp_path / 's.yaml'
    path.write_text('''
scenario: one
target: simulator
simulator: {ttft: 30ms, gap: 2ms, tokens: "6"}
users: {asker: {flow: [{chat: {model: m, question: mixed}}, {think: 10s}]}}
load: [{phase: sustained, users: 1, for: 1s}]
thresholds: {error_rate: ["rate<1%"]}
graceful_stop: 100ms
''')
    throng('run', path, '--quiet', '--out', tmp_path, '--run-id', 'one', check=0)
    browser.open(tmp_path / 'one' / 'report.html')
    assert browser.problems() == []
    assert re.search(r'1 request at .* by 1 user; none failed', text_of(browser, '#verdict'))
    assert text_of(browser, '#thresholds .lead') == 'It holds.'
    tiles = browser.run("return [...document.querySelectorAll('.tile .beside')].map((one) => one.textContent)")
    assert any(re.fullmatch(r'mean [\d.]+ ms of 1', text) for text in tiles)
    assert '–' not in text_of(browser, '#trust')


def test_the_report_of_an_open_loop_tells_what_was_dropped(browser, tmp_path):
    path = tmp_path / 's.yaml'
    path.write_text('''
scenario: open
target: simulator
simulator: {ttft: 200ms, gap: 2ms, tokens: "6"}
users: {asker: {flow: [{chat: {model: m, question: mixed}}]}}
arrivals: {users: 1, max_wait: 100ms}
load: [{phase: sustained, rate: 20/s, for: 2s}]
''')
    throng('run', path, '--quiet', '--out', tmp_path, '--run-id', 'open', check=0)
    totals = Results(tmp_path / 'open').summary['totals']
    assert totals['dropped_iterations'] > 0
    browser.open(tmp_path / 'open' / 'report.html')
    assert browser.problems() == []
    tiles = browser.run("return [...document.querySelectorAll('.tile:not(.empty)')].map((tile) => tile.textContent)")
    assert any(text.startswith('Arrivals') and f"{totals['dropped_iterations']} of {totals['arrivals']} dropped" in text for text in tiles)
    assert any(text.startswith('Since it was due') for text in tiles)
    names = browser.run("return [...document.querySelectorAll('#load .legend button')].map((one) => one.textContent)")
    assert 'due' in names and 'dropped' in names


def test_the_last_moment_of_a_run_has_no_rate_and_bounds_are_within_the_axis(page):
    points = [{'start_s': 0, 'end_s': 1, 'x': 5}, {'start_s': 1, 'end_s': 1.02, 'x': 90}]
    assert page.run("return Points.rate(arguments[0], 1, 'x')", points) == [5, None]
    assert page.run("return Points.rate(arguments[0], 1, 'x')", points[1:]) == [90]
    top = page.run('''const chart = new Chart(document.body, {title: 'x', unit: 'ms', x: {values: [0, 1]},
        series: [{label: 'a', color: '--c1', values: [1, null], above: [null, 9]}]});
        const [, top] = chart.rangeOf(1, 1);
        chart.remove();
        return top''')
    assert top > 9


def test_throng_report_writes_markdown_and_json(results):
    page = throng('report', results.folder, '--format', 'markdown', check=0).stdout
    assert page == (results.folder / 'summary.md').read_text()
    told = throng('report', results.folder, '--format', 'json', check=0).stdout
    assert json.loads(told) == results.summary
    refused = throng('report', results.folder / 'nothing', check=2)
    assert 'name a results folder' in refused.stderr


def test_the_report_of_a_search_for_capacity_begins_with_its_answer(browser, tmp_path):
    path = tmp_path / 's.yaml'
    path.write_text('''
scenario: search
target: simulator
simulator: {ttft: 40ms, gap: 2ms, tokens: "6", capacity: 4, preamble: none}
users: {people: {flow: [{chat: {model: m, question: mixed, max_tokens: 20}}]}}
load: [{phase: sustained, users: 1, for: 1s}]
''')
    throng('capacity', path, '--out', tmp_path / 'found', '--slo', 'ttft: avg<70ms', '--from', '2', '--to', '4', '--settle', '200ms',
           '--hold', '500ms', '--confirm', '1', '--resolution', '30%', '--headless', '--require-trust', 'F', check=0)
    [folder] = (tmp_path / 'found').glob('search-*')
    capacity = json.loads((folder / 'summary.json').read_text())['capacity']
    browser.open(folder / 'report.html')
    assert browser.problems() == []
    assert capacity['sentence'] in text_of(browser, '#verdict')
    tile = text_of(browser, '.tile')
    assert tile.startswith(f"Capacity{capacity['answer']:g}" if capacity['answer'] else 'Capacitynone')
    assert browser.run("return document.querySelectorAll('#capacity canvas').length") >= 3
    rows = browser.run("return document.querySelectorAll('#capacity tbody tr').length")
    assert rows == min(12, len(capacity['levels']))


def test_fault_55_what_a_server_says_is_text_on_the_page(browser, tmp_path):
    message = json.dumps({'error': {'message': EVIL}}).encode()
    server = ScriptedServer(lambda _: whole('429 Too Many', message))
    try:
        path = tmp_path / 's.yaml'
        path.write_text(f'''
scenario: {json.dumps(EVIL)}
description: {json.dumps(EVIL)}
target: {server.url}
users:
  {json.dumps(EVIL)}: {{flow: [{{chat: {{model: {json.dumps('m' + EVIL)}, question: mixed}}}}]}}
  other: {{flow: [{{chat: {{model: m2, question: mixed}}}}]}}
load: [{{phase: sustained, users: 4, for: 300ms}}]
''')
        throng('run', path, '--quiet', '--out', tmp_path, '--run-id', 'evil')
    finally:
        server.close()
    browser.open(tmp_path / 'evil' / 'report.html')
    assert browser.problems() == []
    assert browser.run('return window.broken ?? null') is None
    assert browser.run("return document.querySelectorAll('img').length") == 0
    assert browser.run("return document.querySelectorAll('script').length") == 2
    assert text_of(browser, 'h1') == EVIL
    assert '<img src=x' in text_of(browser, '#errors')
