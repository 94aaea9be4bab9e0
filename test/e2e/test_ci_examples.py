"""DOC-2: the examples for CI are what the systems read, and what they call is there."""
import pathlib
import re
import subprocess

import pytest
import yaml

from program import DEADLINE_S, ROOT, THRONG, environment, throng

CI = ROOT / 'doc/ci'
GITHUB = [*sorted((CI / 'github').glob('*.yml')), CI / 'github-image.yml']
GITLAB = CI / 'gitlab/.gitlab-ci.yml'
SECRETS = {'STAGING_URL', 'PRODUCTION_URL', 'SLACK_WEBHOOK_URL'}


def load(path):
    """YAML as the systems read it: `on` is a word."""
    return yaml.load(path.read_text(), yaml.BaseLoader)


def scripts():
    """Each script with where it stands."""
    for path in GITHUB:
        for job in load(path)['jobs'].values():
            for step in job.get('steps', []):
                if 'run' in step:
                    yield pytest.param(step['run'], id=f'{path.stem}: {step["name"]}')
    for name, job in load(GITLAB).items():
        for part in ('before_script', 'script', 'after_script'):
            if isinstance(job, dict) and part in job:
                yield pytest.param('\n'.join(job[part]), id=f'gitlab {name}: {part}')


def script_of(path, job, name):
    [found] = [step['run'] for step in load(path)['jobs'][job]['steps'] if step.get('name') == name]
    return found


@pytest.mark.parametrize('schema, path', [
    *[('vendor.github-workflows', path) for path in GITHUB], ('vendor.gitlab-ci', GITLAB)],
    ids=lambda value: getattr(value, 'name', value))
def test_an_example_is_as_its_system_reads_it(schema, path):
    checker = pathlib.Path(ROOT, '.venv/bin/check-jsonschema')
    done = subprocess.run([checker, '--builtin-schema', schema, path], capture_output=True,
                          text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize('script', list(scripts()))
def test_a_script_has_no_faults_that_shellcheck_knows(script):
    # `${{ … }}` is put in before a shell sees it.
    script = re.sub(r'\$\{\{.*?\}\}', 'put_in', script)
    done = subprocess.run(['shellcheck', '--shell=bash', '-'], input=script, capture_output=True,
                          text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize('script', list(scripts()))
def test_what_a_script_asks_throng_for_is_there(script):
    joined = script.replace('\\\n', ' ')
    for command, rest in re.findall(r'^ *throng ([a-z]+)(.*)', joined, re.M):
        told = throng(command, '--help', check=0).stdout
        for option in re.findall(r'(?<=[ "])--([a-z][a-z-]+)', rest):
            assert f'--{option}' in told, f'throng {command} --{option}'


def test_each_workflow_hands_on_what_the_load_needs_and_runs_when_it_should():
    assert set(load(CI / 'github/throng.yml')['on']['workflow_call']['secrets']) == SECRETS
    when = {path.stem: load(path)['on'] for path in GITHUB}
    assert 'pull_request' in when['smoke'] and when['full']['push']['branches'] == ['main']
    assert when['nightly']['schedule'] == [{'cron': '0 2 * * *'}]
    assert 'workflow_dispatch' in when['manual'] and 'tags' in when['github-image']['push']
    for name in ('smoke', 'full', 'nightly', 'manual'):
        [job] = load(CI / f'github/{name}.yml')['jobs'].values()
        assert job['secrets'] == 'inherit'
    [keep] = [step for step in load(CI / 'github/throng.yml')['jobs']['load']['steps']
              if 'upload-artifact' in step.get('uses', '')]
    assert keep['with']['retention-days'] == '30'


def test_what_is_copied_as_a_whole_publishes_nothing():
    for path in (CI / 'github').glob('*.yml'):
        assert 'packages: write' not in path.read_text(), path
        assert f'`{path.name}`' in (ROOT / 'doc/ci.md').read_text()


def test_each_scenario_that_they_run_is_there():
    text = ''.join(path.read_text() for path in (*GITHUB, GITLAB))
    named = set(re.findall(r'scenarios/\w+/\w+\.yaml', text))
    assert len(named) > 4
    for path in GITHUB:
        for job in load(path)['jobs'].values():
            named |= {f'scenarios/web/{name}.yaml'
                      for name in job.get('strategy', {}).get('matrix', {}).get('scenario', [])}
    for name in named:
        assert (ROOT / name).exists(), name


@pytest.fixture
def checkout(tmp_path):
    """A repository as a job finds it: throng built beside a scenario of an environment."""
    binary = tmp_path / 'throng/build/src/cli'
    binary.mkdir(parents=True)
    (binary / 'throng').symlink_to(pathlib.Path(THRONG).resolve())
    (tmp_path / 'short.yaml').write_text(
        'scenario: short\ntarget: simulator\nusers: {a: {flow: [{chat: {model: m}}]}}\n'
        'load: [{phase: sustained, users: 2, for: 300ms}]\nsimulator: {ttft: 10ms, gap: 1ms, tokens: 5}\n'
        'thresholds: {ttft: "p(50)<1h"}\nenvironments: {staging: {seed: 9}}\n')
    return tmp_path


def run_script(script, folder, **variables):
    return subprocess.run(['bash', '-e', '-o', 'pipefail', '-c', script], cwd=folder,
                          env=environment(**variables), capture_output=True, text=True,
                          timeout=DEADLINE_S)


def test_the_script_for_github_runs_and_says_where_the_results_are(checkout):
    done = run_script(script_of(CI / 'github/throng.yml', 'load', 'Run'), checkout,
                      SCENARIO='short.yaml', ENVIRONMENT='staging', ARGUMENTS='--users 1',
                      BASELINES='load/baselines', GITHUB_RUN_ID='7', GITHUB_RUN_ATTEMPT='1',
                      GITHUB_ACTIONS='true', GITHUB_STEP_SUMMARY=str(checkout / 'step.md'),
                      GITHUB_OUTPUT=str(checkout / 'output'), THRONG_NOTIFY='failure=')
    assert done.returncode == 0, done.stdout + done.stderr
    told = dict(line.split('=', 1) for line in (checkout / 'output').read_text().splitlines())
    assert told == {'name': 'short', 'baseline': 'none', 'results': 'results/short-7-1'}
    assert (checkout / told['results'] / 'summary.md').exists()
    assert (checkout / 'step.md').read_text().startswith('# short: passed')


def test_the_note_for_gitlab_has_the_summary_where_there_is_no_comparison(checkout):
    """GitLab runs after_script with pipefail too."""
    tools = checkout / 'tools'
    tools.mkdir()
    curl = tools / 'curl'
    curl.write_text('#!/bin/sh\necho "$*" >>calls\necho "[]"\n')
    curl.chmod(0o755)
    (checkout / 'results/short-3').mkdir(parents=True)
    (checkout / 'results/short-3/summary.md').write_text('# short: passed\n')
    done = run_script('\n'.join(load(GITLAB)['.load']['after_script']), checkout, SCENARIO='short.yaml',
                      CI_JOB_ID='3', CI_MERGE_REQUEST_IID='5', GITLAB_TOKEN='t', CI_PROJECT_ID='1',
                      CI_API_V4_URL='http://gitlab.example/api/v4', PATH=f'{tools}:/usr/bin:/bin')
    assert done.returncode == 0, done.stdout + done.stderr
    assert (checkout / 'note.md').read_text() == '<!-- throng:short -->\n# short: passed\n'
    assert '-X POST' in (checkout / 'calls').read_text().splitlines()[-1]


def test_what_a_job_of_gitlab_needs_is_in_each_pipeline_that_it_is_in():
    jobs = {name: job for name, job in load(GITLAB).items() if isinstance(job, dict)}
    for job in jobs.values():
        pipelines = {rule['if'] for rule in job.get('rules', [])}
        for needed in jobs.get(job.get('extends'), {}).get('needs', []):
            assert pipelines <= {rule['if'] for rule in jobs[needed]['rules']}


def test_the_libraries_that_gitlab_installs_are_those_that_throng_needs():
    [install] = [line for line in load(GITLAB)['.load']['before_script'] if 'apt-get install' in line]
    named = set(re.findall(r'(?<= )(?:lib\S+|zlib1g)', install))
    told = subprocess.run(['readelf', '-d', THRONG], capture_output=True, text=True, timeout=DEADLINE_S).stdout
    for library in re.findall(r'NEEDED.*\[(\S+)\]', told):
        if re.match(r'lib(c|m|asan|ubsan|gcc_s)\.', library):
            continue
        owners = subprocess.run(['dpkg', '-S', f'*/{library}'], capture_output=True, text=True,
                                timeout=DEADLINE_S).stdout
        assert named & set(re.findall(r'^([^:\n]+):', owners, re.M)), library
        named -= set(re.findall(r'^([^:\n]+):', owners, re.M))
    assert not named


def test_the_script_for_gitlab_ends_as_the_run_does_and_leaves_what_gitlab_reads(checkout):
    variables = {'SCENARIO': 'short.yaml', 'ENVIRONMENT': 'staging', 'CI_JOB_ID': '3',
                 'BASELINES': 'load/baselines', 'FAIL_ABOVE': '20%', 'THRONG_NOTIFY': 'failure=',
                 'ARGUMENTS': '--set thresholds.ttft=p(50)<1ms',
                 'PATH': f'{checkout}/throng/build/src/cli:/usr/bin:/bin'}
    done = run_script('\n'.join(load(GITLAB)['.load']['script']), checkout, **variables)
    assert done.returncode == 99, done.stdout + done.stderr
    assert '<failure' in (checkout / 'junit.xml').read_text()
