"""DOC-1: what the documents say can be done."""
import os
import re
import shutil
import subprocess

import pytest

from program import DEADLINE_S, ROOT, THRONG, environment, throng

PAGES = [ROOT / 'README.md', *sorted((ROOT / 'doc').rglob('*.md'))]
SCENARIO = re.compile(r'```yaml\n(scenario:.*?)```', re.S)


def scenarios():
    for page in PAGES:
        for number, text in enumerate(SCENARIO.findall(page.read_text())):
            yield pytest.param(text, id=f'{page.name}-{number}')


@pytest.mark.parametrize('text', list(scenarios()))
def test_a_scenario_in_a_document_checks_clean(text, tmp_path):
    path = tmp_path / 'document.yaml'
    path.write_text(text)
    throng('check', path, check=0,
           env={'OPENAI_API_KEY': 'k', 'BASE_URL': 'simulator', 'TOKEN': 't'})


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(page):
    for target in re.findall(r'\]\(([^)#:]+)(?:#[^)]*)?\)', page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_in_documents_exist(page):
    text = page.read_text()
    for command, rest in re.findall(r'(?<![/\w])throng ([a-z]+)\b([^`\n]*)', text):
        help_of = throng(command, '--help')
        if help_of.returncode == 2 and not rest.strip().startswith('-'):
            continue  # a sentence that goes on after the name
        assert help_of.returncode == 0, f'throng {command}'
        for option in re.findall(r'(?<!\S)--([a-z-]+)', rest.split('|')[0].split('#')[0]):
            known = option == 'help' or f'--{option}' in help_of.stdout
            assert known, f'throng {command} --{option}'


def test_the_readme_has_the_exit_codes_of_the_manual_page():
    readme = (ROOT / 'README.md').read_text()
    page = throng('man', check=0).stdout
    for code in re.findall(r'^\| (\d+) \|', readme, re.M):
        assert f'\n.B {code}\n' in page


def test_the_page_on_prometheus_has_the_tables_of_the_program():
    tables = throng('schema', 'metrics', check=0).stdout
    assert (ROOT / 'doc/prometheus.md').read_text().endswith('\n\n' + tables)


# Lines of shell in the documents: indented, and as a whole between backquotes.
LINES = re.compile(r'^    (throng .*?)(?: +#.*)?$|`(throng (?:man|schema|run)[^`]* [^`]*)`', re.M)


QUICK = {'THRONG_DURATION': '2s', 'THRONG_USERS': '3'}
KEPT = {'THRONG_HISTORY': 'results/history.db'}


def command_lines():
    for page in PAGES:
        for match in LINES.finditer(page.read_text()):
            line = match[1] or match[2]
            if 'pushgateway' in line or line.startswith('throng capacity'):
                continue  # in test_prometheus.py, with a real one; in test_capacity.py
            if match[2] and re.search(r'^throng run --', line):
                line = line.replace('run', 'run first.yaml', 1)
            yield pytest.param(line, id=f'{page.name}: {line}')


@pytest.fixture(scope='module')
def sandbox(tmp_path_factory, fast_simulator):
    """Where the scenarios of the documents lie by their names, and throng can be called by its own."""
    folder = tmp_path_factory.mktemp('sandbox')
    (folder / 'bin').mkdir()
    (folder / 'bin/throng').symlink_to(THRONG)
    for page in PAGES:
        for text in SCENARIO.findall(page.read_text()):
            (folder / f"{re.match('scenario: (.*)', text)[1]}.yaml").write_text(text)
    (folder / 'scenarios').symlink_to(ROOT / 'scenarios')
    for name, case in (('options.json', 'k6_stages/input.json'), ('artillery.yml', 'artillery_web/input.yml')):
        (folder / name).symlink_to(ROOT / 'test/golden/convert' / case)
    # A run that is called as in the documents, and the baseline that they hold others against.
    ready = {'cwd': folder, 'env': {**QUICK, **KEPT}, 'check': 0}
    throng('run', 'first.yaml', '--run-id', 'RUN', '--users', '20', '--set',
           'simulator={ttft: 5ms, gap: 1ms, tokens: 5}', '--set', 'users.asker.think_time=20ms', **ready)
    throng('history', 'baseline', 'set', 'v1.2', 'RUN', **ready)
    return folder


@pytest.mark.parametrize('line', list(command_lines()))
def test_a_command_line_in_a_document_runs(line, sandbox, fast_simulator):
    if ' man -l' in line and not shutil.which('man'):
        pytest.skip('needs man')
    for written, here in (('https://gateway.example/v1', fast_simulator.url), (':9464', ':0'),
                          ('--duration 5m', '--duration 2s')):
        line = line.replace(written, here)
    path = f"{sandbox / 'bin'}:{os.environ['PATH']}"
    kept = KEPT if re.search('history|baseline|compare', line) else {}
    done = subprocess.run(['bash', '-c', f'set -o pipefail; {line}'], cwd=sandbox, timeout=DEADLINE_S,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=environment(PATH=path, **QUICK, **kept,
                                          TERM='dumb'))
    assert done.returncode in (0, 116), done.stdout + done.stderr
