"""The history of runs, in a file and on a server: what goes in, what comes out, and what goes wrong."""
import json
import os
import signal
import sqlite3
import subprocess

import pytest

from postgres import PASSWORD, Postgres
from program import THRONG, Results, Running, environment, throng, wait_until

THRESHOLDS, COMMAND_LINE, PREFLIGHT, NOT_SAVED = 99, 2, 113, 115
TAKEN_BY_ANOTHER = 'another program holds it'


@pytest.fixture(scope='module')
def postgres(tmp_path_factory):
    # pytest's own folders cannot be entered by another user.
    import tempfile
    with tempfile.TemporaryDirectory(prefix='throng-postgres-') as folder:
        server = Postgres(folder)
        yield server
        server.stop()


@pytest.fixture(scope='module')
def results(tmp_path_factory, fast_simulator):
    """Results of two runs of one scenario, the second slower, that no history has yet."""
    folder = tmp_path_factory.mktemp('runs')
    path = folder / 's.yaml'
    path.write_text(f"""
scenario: shop
target: {fast_simulator.url}
users: {{asker: {{flow: [{{chat: {{model: m, question: mixed, max_tokens: 40}}}}, {{think: 20ms}}]}}}}
load: [{{phase: sustained, users: 4, for: 500ms}}]
tags: {{team: search}}
thresholds: {{e2e: ["p(50)<10s"]}}
""")
    for name in ('one', 'two'):
        throng('run', path, '--quiet', '--out', folder / 'out', '--run-id', name, check=0)
    return folder


@pytest.fixture(params=['sqlite', 'postgres'])
def place(request, tmp_path):
    """A history that has nothing yet, in either database: what --history takes, and what asks it."""
    if request.param == 'sqlite':
        path = tmp_path / 'h.db'

        def ask(query):
            with sqlite3.connect(path) as connection:
                return ['|'.join('' if cell is None else str(cell) for cell in row)
                        for row in connection.execute(query)]
        yield str(path), ask
        return
    server = request.getfixturevalue('postgres')
    server.ask('DROP SCHEMA IF EXISTS throng CASCADE')
    yield server.url_with_password, lambda query: server.ask(f'SET search_path = throng; {query}')


def history(place, *words, check=0, **options):
    return throng('history', *words, '--history', place, check=check, **options)


def documents(place, *words):
    return json.loads(history(place, *words, '--output', 'json').stdout)


def test_a_run_is_in_it_and_comes_back_whole(place, results):
    where, ask = place
    out = results / 'out'
    done = history(where, 'import', '--out', out)
    assert done.stdout == '2 added, 0 already there.\n'
    assert history(where, 'import', out / 'one').stdout == '0 added, 1 already there.\n'
    one = Results(out / 'one').summary
    listed = documents(where, 'list')['runs']
    assert {run['run_id'] for run in listed} == {'one', 'two'}
    run, = [run for run in listed if run['run_id'] == 'one']
    assert run['started_at'] == one['run']['started_at']
    assert run['requests'] == one['totals']['requests']
    assert run['e2e_p95'] == one['metrics']['e2e']['p95']
    assert documents(where, 'show', 'one') == one

    # Views, by name and not by place: the same in both databases.
    assert ask("SELECT run_id, passed, expression FROM thresholds ORDER BY run_id") == [
        'one|1|p(50)<10s', 'two|1|p(50)<10s']
    assert ask("SELECT DISTINCT dimension FROM totals ORDER BY dimension") == [
        '', 'class', 'model', 'phase', 'step', 'target']
    assert ask("SELECT key, value FROM tags WHERE run_id = 'one'") == ['team|search']
    assert ask('SELECT run_id, scenario FROM latest') == ['two|shop']
    assert [float(row) for row in ask("SELECT p50 FROM metrics WHERE metric = 'e2e' AND dimension = "
                                      "'model' AND run_id = 'one'")] == [
        one['by']['model']['m']['metrics']['e2e']['p50']]
    assert ask("SELECT count(*) > 0, min(substr(hdr, 1, 4)) FROM histogram WHERE kind = 'interval'") in (
        ['1|HIST'], ['t|HIST'])


def test_a_figure_is_followed_and_a_baseline_stays(place, results):
    where, ask = place
    history(where, 'import', '--out', results / 'out')
    text = history(where, 'baseline', 'set', 'v1', 'one').stdout
    assert text == 'one is the baseline v1 now.\n'
    trend = documents(where, 'trend', 'e2e{model:m}', 'p50')
    assert [point['run_id'] for point in trend['points']] == ['one', 'two']
    assert trend['unit'] == 'ms' and trend['scenario'] == 'shop'
    assert trend['points'][0]['baselines'] == ['v1']
    said = history(where, 'trend', 'requests', env={'COLUMNS': '120'}).stdout
    assert said.startswith('requests of shop\n') and 'against baseline' in said
    # The newest stays, and the baseline does.
    history(where, 'prune', '--keep', '1')
    assert sorted(ask('SELECT run_id FROM runs')) == ['one', 'two']
    history(where, 'baseline', 'rm', 'v1')
    assert history(where, 'prune', '--keep', '1').stdout == '1 run removed.\n'
    assert ask('SELECT run_id FROM runs') == ['two']
    assert ask("SELECT count(*) FROM histogram WHERE run_id = 'one'") == ['0']


def test_a_run_adds_itself_and_is_compared_with_the_default(place, results, run, scenario, fast_simulator):
    where, ask = place
    kept = {'THRONG_HISTORY': where}
    judged = scenario(target=fast_simulator.url, thresholds='{e2e: ["p(50)<baseline*3"]}')
    # There is none yet.
    first = run(judged, '--run-id', 'first', env=kept, code=THRESHOLDS)
    assert ask('SELECT run_id FROM runs') == ['first']
    history(where, 'baseline', 'set', 'default', 'first')
    second = run(judged, env=kept).summary['thresholds'][0]
    assert second['baseline'] == first.summary['metrics']['e2e']['p50']
    # Of another scenario it is none.
    run(judged, '--set', 'scenario=other', env=kept, code=THRESHOLDS)
    assert ask("SELECT count(*) FROM runs WHERE scenario = 'other'") == ['1']
    # As a file it is one anywhere.
    exported = results / 'exported.json'
    exported.write_text(history(where, 'baseline', 'export', 'default').stdout)
    document = json.loads(exported.read_text())
    assert document['schema'] == 'throng.baseline/1' and document['name'] == 'default'
    assert run(judged, '--baseline', exported).summary['thresholds'][0]['baseline'] == second['baseline']


def test_fault_44_two_runs_write_at_once(place, results, tmp_path, fast_simulator, scenario):
    where, ask = place
    path = scenario(target=fast_simulator.url)
    running = [Running('run', path, '--quiet', '--out', tmp_path / 'at-once', '--run-id', f'r{i}',
                       '--history', where, '--strict-export') for i in range(3)]
    assert [one.wait() for one in running] == [0, 0, 0], [one.text() for one in running]
    assert sorted(ask('SELECT run_id FROM runs')) == ['r0', 'r1', 'r2']


@pytest.mark.parametrize('width, dark', [(1400, False), (390, True)])
def test_a_trend_is_a_page(browser, results, tmp_path, width, dark):
    where = tmp_path / 'h.db'
    history(where, 'import', '--out', results / 'out')
    history(where, 'baseline', 'set', 'v1', 'one')
    history(where, 'trend', 'e2e', 'p50', '--html', tmp_path / 'trend.html')
    browser.open(tmp_path / 'trend.html', width=width, dark=dark)
    assert browser.problems() == []
    assert browser.requested() == [f'file://{tmp_path}/trend.html']
    assert browser.run('return document.title') == 'e2e p50: shop (throng history)'
    assert browser.run('return document.documentElement.scrollWidth') <= width
    assert browser.run("return document.querySelectorAll('canvas').length") > 3
    rows = browser.run("return [...document.querySelectorAll('#runs tbody tr')].map((row) => row.textContent)")
    assert ['two' in rows[0], 'one' in rows[1], 'v1' in rows[1]] == [True] * 3


def test_throng_compare_takes_names_and_ids(place, results):
    where, _ = place
    history(where, 'import', '--out', results / 'out')
    history(where, 'baseline', 'set', 'v1', 'one')
    document = json.loads(throng('compare', 'v1', 'two', '--history', where, '--format', 'json', check=0).stdout)
    assert (document['base']['id'], document['new']['id']) == ('one', 'two')
    latency, = [row for row in document['differences']
                if (row['metric'], row['aggregate'], row['selector']) == ('e2e', 'p50', '')]
    assert latency['base'] == Results(results / 'out' / 'one').summary['metrics']['e2e']['p50']
    throng('report', 'two', '--out', results / 'report.html', env={'THRONG_HISTORY': where}, check=0)
    assert 'throng.summary/1' in (results / 'report.html').read_text()
    done = throng('compare', 'v9', 'two', '--history', where, check=COMMAND_LINE)
    assert 'v9: there is no such run' in done.stderr and PASSWORD not in done.stderr


def assert_unharmed(results, done):
    """The run's verdict stands, its results are whole, and what to do is said."""
    assert f'throng history import {results.folder}' in done
    assert results.summary['totals']['requests'] > 0


def test_fault_44_a_server_that_is_down_costs_no_run(results, run, scenario, fast_simulator, tmp_path):
    path = scenario(target=fast_simulator.url)
    where = f'postgresql://tester:{PASSWORD}@127.0.0.1:9/postgres'
    done = throng('run', path, '--quiet', '--out', tmp_path / 'down', '--run-id', 'd', '--history', where, check=0)
    assert_unharmed(Results(tmp_path / 'down' / 'd'), done.stderr)
    assert PASSWORD not in done.stderr
    done = throng('run', path, '--quiet', '--out', tmp_path / 'down', '--run-id', 'strict', '--history', where,
                  '--strict-export', check=NOT_SAVED)
    strict = Results(tmp_path / 'down' / 'strict')
    assert_unharmed(strict, done.stderr)
    assert strict.summary['run']['exit_code'] == NOT_SAVED
    assert 'is not in the history postgresql://tester@127.0.0.1:9/postgres' in strict.summary['verdicts'][0]['sentence']
    for file in strict.folder.iterdir():
        assert PASSWORD.encode() not in file.read_bytes(), file
    # Later it is there.
    assert throng('history', 'import', '--out', tmp_path / 'down', '--history', tmp_path / 'later.db',
                  check=0).stdout == '2 added, 0 already there.\n'


def test_fault_44_a_server_that_is_lost_in_the_middle_has_all_or_nothing(postgres, results):
    postgres.ask('DROP SCHEMA IF EXISTS throng CASCADE')
    where = postgres.url_with_password
    history(where, 'import', results / 'out' / 'one')
    # Whoever adds a run waits for this lock in the middle of it, and is then cut off.
    lock = subprocess.Popen(['psql', '-X', '-q', postgres.url], stdin=subprocess.PIPE, text=True,
                            env={**os.environ, 'PGPASSWORD': PASSWORD}, stdout=subprocess.DEVNULL)
    lock.stdin.write('BEGIN; LOCK TABLE throng.verdict, throng.threshold;\n')
    lock.stdin.flush()
    wait_until(lambda: postgres.ask("SELECT 1 FROM pg_locks WHERE granted AND relation = "
                                    "'throng.threshold'::regclass"), 'the lock')
    adding = Running('history', 'import', results / 'out' / 'two', '--history', where)
    wait_until(lambda: postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND "
                                    "relation = 'throng.threshold'::regclass"), 'the one that waits')
    assert adding.wait() == NOT_SAVED
    assert 'terminat' in adding.text() and '1 not added' in adding.text()
    lock.stdin.close()
    lock.wait()
    assert postgres.ask('SELECT run_id FROM throng.run') == ['one']
    assert postgres.ask("SELECT count(*) FROM throng.metric WHERE run_id = 'two'") == ['0']
    assert history(where, 'import', '--out', results / 'out').stdout == '1 added, 1 already there.\n'


def test_a_wrong_password_is_not_repeated(postgres, results):
    done = history(postgres.url.replace('tester@', 'tester:falsches-wort@'), 'list', check=1)
    assert 'password authentication failed' in done.stderr and 'falsches-wort' not in done.stderr
    assert throng('history', 'list', '--history', postgres.url, env={'PGPASSWORD': PASSWORD}).returncode == 0


def test_fault_44_a_locked_file_is_said(results, tmp_path):
    path = tmp_path / 'h.db'
    history(path, 'import', results / 'out' / 'one')
    with sqlite3.connect(path, isolation_level=None) as holder:
        holder.execute('BEGIN IMMEDIATE')
        # It waits for five seconds, since others are done by then.
        done = history(path, 'import', results / 'out' / 'two', check=NOT_SAVED)
        assert TAKEN_BY_ANOTHER in done.stderr
        # Who reads is not kept from it.
        assert [run['run_id'] for run in documents(path, 'list')['runs']] == ['one']
        holder.execute('ROLLBACK')
    assert history(path, 'import', results / 'out' / 'two').stdout == '1 added, 0 already there.\n'


def test_fault_44_a_damaged_file_is_set_aside_by_the_next_run(run, scenario, fast_simulator, tmp_path):
    kept = {'THRONG_HISTORY': str(tmp_path / 'history.db')}
    path = scenario(target=fast_simulator.url)
    run(path, env=kept)
    with open(tmp_path / 'history.db', 'r+b') as file:
        file.seek(4096)
        file.write(b'Z' * 65536)
    assert 'the file is damaged' in history(tmp_path / 'history.db', 'list', check=1).stderr
    second = run(path, env=kept)
    aside, = tmp_path.glob('history.db.damaged-*')
    assert b'ZZZZ' in aside.read_bytes()
    assert [one['run_id'] for one in documents(tmp_path / 'history.db', 'list')['runs']] == [
        second.summary['run']['id']]


def test_fault_44_a_full_disk_costs_no_run(scenario, fast_simulator, tmp_path):
    path = scenario(target=fast_simulator.url)
    done = throng('run', path, '--quiet', '--out', tmp_path / 'full', '--run-id', 'f', '--history', '/dev/full', check=0)
    assert_unharmed(Results(tmp_path / 'full' / 'f'), done.stderr)


def test_by_default_it_lies_beside_the_results(scenario, fast_simulator, tmp_path):
    path = scenario(target=fast_simulator.url)
    unset = {key: value for key, value in environment().items() if key != 'THRONG_HISTORY'}
    subprocess.run([THRONG, 'run', path, '--quiet', '--run-id', 'r'], env=unset, cwd=tmp_path, check=True)
    assert (tmp_path / 'results/history.db').stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in (tmp_path / 'results').iterdir()) == ['history.db', 'r']
    said = subprocess.run([THRONG, 'history', 'list'], env=unset, cwd=tmp_path, capture_output=True, text=True)
    assert 'r  ' in said.stdout and '✓ passed' in said.stdout


def test_the_scenario_says_where_and_its_password_is_in_no_file(postgres, run, scenario, fast_simulator):
    postgres.ask('DROP SCHEMA IF EXISTS throng CASCADE')
    kept = run(scenario(target=fast_simulator.url,
                        outputs='{history: "' + postgres.url_with_password + '"}'),
               '--run-id', 'said', env={'THRONG_HISTORY': ''})
    assert postgres.ask('SELECT run_id FROM throng.runs') == ['said']
    for file in kept.folder.iterdir():
        assert PASSWORD.encode() not in file.read_bytes(), file


def test_what_is_asked_wrongly_is_said(tmp_path, results):
    path = tmp_path / 'h.db'
    assert 'there is no history yet' in history(path, 'list', check=1).stderr
    history(path, 'import', '--out', results / 'out')
    for words, text in (
            (('lsit',), "did you mean 'list'"), (('show', 'nobody'), "there is no run 'nobody'"),
            (('trend', 'nothing'), 'no run of shop has a figure'),
            (('trend', 'ttft', 'p33'), "'p33' is no figure"), (('baseline', 'set', 'a b', 'one'), 'without blanks'),
            (('baseline', 'show', 'v9'), "there is no baseline 'v9'"), (('prune',), 'give --keep'),
            (('prune', '--older-than', 'soon'), "'soon' is no age"),
            (('list', *(['--tag', 'a=b'] * 40)), 'ask for fewer tags')):
        assert text in history(path, *words, check=COMMAND_LINE).stderr, words
    done = throng('run', results / 's.yaml', '--history', 'mysql://u:geheim@h/x', check=COMMAND_LINE)
    assert 'mysql' in done.stderr and 'geheim' not in done.stderr
    done = throng('run', results / 's.yaml', '--baseline', 'v9', '--history', path, check=COMMAND_LINE)
    assert 'v9: there is no such run, nor a baseline of that name' in done.stderr
    down = throng('run', results / 's.yaml', '--baseline', 'v9', '--history', 'postgresql://u@127.0.0.1:9/d',
                  check=PREFLIGHT)
    assert 'cannot be asked' in down.stderr


def test_a_signal_does_not_lose_the_run(scenario, fast_simulator, tmp_path, processes):
    process = processes('run', scenario(target=fast_simulator.url, load='[{phase: sustained, users: 1, for: 1h}]'),
                        '--headless', '--out', tmp_path / 'out', '--run-id', 's', '--history', tmp_path / 'h.db')
    process.wait_for_line('req')
    process.signal(signal.SIGINT)
    process.wait()
    assert [one['exit_code'] for one in documents(tmp_path / 'h.db', 'list')['runs']] == [105]
