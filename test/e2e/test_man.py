"""RUN-3, DOC-1: the manual page and completion, made from the tables that parse the command line."""
import pathlib
import re
import shutil
import subprocess

import pytest

from program import THRONG, environment, throng

BUILD = pathlib.Path(THRONG).resolve().parents[2]
SECTIONS = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'COMMANDS', 'EXIT STATUS', 'ENVIRONMENT', 'FILES',
            'SIGNALS', 'EXAMPLES', 'SEE ALSO']


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp('man') / 'throng.1'
    path.write_text(throng('man', check=0).stdout)
    return path


def commands():
    return re.findall(r'^  (\w+) +\S', throng('--help', check=0).stdout, re.M)


def test_the_page_has_all_sections_commands_options_and_exit_codes(page):
    text = page.read_text()
    assert re.findall(r'^\.SH (.*)$', text, re.M) == SECTIONS
    plain = text.replace('\\-', '-')
    for command in commands():
        assert re.search(rf'^\.SS throng {command}\b', plain, re.M)
        for option in re.findall(r'^  (?:-\w, )?(--[a-z-]+)',
                                 throng(command, '--help', check=0).stdout, re.M):
            assert f'{option}\n' in plain or f'{option} ' in plain, option
    for code in (0, 1, 2, 99, 104, 105, 106, 108, 111, 113, 115, 116):
        assert f'\n.B {code}\n' in text


@pytest.mark.skipif(not shutil.which('man'), reason='needs man')
def test_man_shows_the_page_without_a_warning(page):
    done = subprocess.run(['man', '--warnings', '-l', page], capture_output=True, text=True,
                          env=environment(MANWIDTH='80', LC_ALL='C.UTF-8'), timeout=60)
    assert done.returncode == 0 and done.stderr == '', done.stderr
    shown = re.sub('.\b', '', done.stdout)
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert 'gaussian(200ms,50ms)' in re.sub(r'\s+', ' ', shown)
    assert '`' not in shown and '\\' not in shown


@pytest.mark.skipif(not shutil.which('mandoc'), reason='needs mandoc')
def test_mandoc_finds_nothing_but_the_missing_date(page):
    done = subprocess.run(['mandoc', '-T', 'lint', '-W', 'warning', page], capture_output=True,
                          text=True, timeout=60)
    told = [line for line in done.stdout.splitlines() if 'missing date' not in line]
    assert told == []


def complete(*words):
    """What bash offers behind these words, the last of which is being typed."""
    quoted = ' '.join(f"'{word}'" for word in ('throng', *words))
    script = (f'source <("{THRONG}" completion bash); COMP_WORDS=({quoted}); '
              f'COMP_CWORD={len(words)}; _throng; printf "%s\\n" "${{COMPREPLY[@]}}"')
    done = subprocess.run(['bash', '-c', script], capture_output=True, text=True, timeout=60)
    assert done.stderr == ''
    return done.stdout.split()


def test_bash_completes_commands_options_choices_and_files(tmp_path):
    assert set(commands()) <= set(complete(''))
    assert complete('che') == ['check']
    assert {'--users', '--out', '--log-bodies', '--help'} <= set(complete('run', '--'))
    assert complete('run', '--log-format', '') == ['text', 'json']
    assert complete('run', '--users', '') == []
    assert complete('schema', 's') == ['scenario', 'summary']
    (tmp_path / 'my-scenario.yaml').touch()
    assert complete('run', f'{tmp_path}/my') == [f'{tmp_path}/my-scenario.yaml']
    assert '--ttft' in complete('simulate', '--t')


def test_an_unknown_shell_is_a_mistake_of_the_command_line():
    assert 'bash' in throng('completion', 'tcsh', check=2).stderr


@pytest.mark.skipif(not (BUILD / 'build.ninja').exists(), reason='needs the build folder')
def test_install_puts_program_page_and_completion_in_their_places(tmp_path):
    subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', tmp_path],
                   check=True, capture_output=True, timeout=120)
    installed = {path.name: path for path in tmp_path.rglob('*') if path.is_file()}
    assert installed['throng'].parent.name == 'bin'
    assert installed['throng.1'].parent.name == 'man1'
    assert installed['throng.1'].read_text() == throng('man', check=0).stdout
    assert installed['throng.bash'].parent.match('bash-completion/completions')
