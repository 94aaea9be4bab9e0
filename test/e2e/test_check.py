"""RUN-6, RUN-7: mistakes are told with their place, all at once, before any network is touched."""
import json
import pathlib
import re

import jsonschema
import pytest
import yaml

from program import ROOT, throng

GOLDEN = ROOT / 'test/golden/bad'
SCENARIOS = sorted((ROOT / 'scenarios').rglob('*.yaml'))
# Their messages depend on variables and overrides that the unit test gives them.
NEED_MORE = {'fault_05_secrets', 'overrides'}
CASES = sorted(case for case in GOLDEN.iterdir()
               if case.name not in NEED_MORE and 'environment' not in case.name and
               not (case / 'overrides').exists())


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.name)
@pytest.mark.parametrize('command', ['check', 'run'])
def test_a_bad_scenario_is_104_with_the_golden_messages(case, command):
    done = throng(command, 'scenario.yaml', cwd=case, check=104)
    assert done.stderr == (case / 'expected').read_text()
    assert done.stdout == ''


@pytest.mark.parametrize('path', SCENARIOS, ids=lambda path: path.name)
def test_a_shipped_scenario_checks_clean_and_is_drawn(path):
    told = throng('check', path, check=0).stdout
    assert 'The scenario is valid.' in told
    assert '█' in told


def test_the_scenario_schema_is_a_valid_schema_and_knows_the_top_keys():
    schema = json.loads(throng('schema', 'scenario', check=0).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {'scenario': 's', 'target': 'simulator', 'users': {'a': {'flow': ['think']}},
            'load': [{'phase': 'sustained', 'users': 1, 'for': '1s'}]}
    jsonschema.validate(good, schema)
    for bad in ({**good, 'wieght': 1}, {**good, 'load': 7}, {'scenario': 's'}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


@pytest.mark.parametrize('path', SCENARIOS, ids=lambda path: path.name)
def test_a_shipped_scenario_validates_against_the_schema(path):
    schema = json.loads(throng('schema', 'scenario', check=0).stdout)
    jsonschema.validate(yaml.safe_load(path.read_text()), schema)


def test_the_reference_page_is_the_one_that_the_program_prints():
    page = pathlib.Path(ROOT / 'doc/scenario-reference.md').read_text()
    assert throng('schema', 'reference', check=0).stdout == page


def test_fault_05_a_missing_variable_is_104_at_its_place(scenario):
    path = scenario(target='{url: "http://h", api_key: "${E2E_NO_SUCH_KEY}"}')
    told = throng('check', path, check=104).stderr
    assert 'scenario.yaml:' in told and 'E2E_NO_SUCH_KEY' in told and '^' in told


def test_fault_04_a_byte_order_mark_and_carriage_returns_are_accepted_and_utf_16_is_not(scenario):
    path = scenario(target='simulator')
    text = path.read_text()
    path.write_bytes(b'\xef\xbb\xbf' + text.replace('\n', '\r\n').encode())
    throng('check', path, check=0)
    path.write_bytes(text.encode('utf-16'))
    throng('check', path, check=104)


def test_check_states_the_memory_of_the_histograms(scenario):
    def memory_mib(**parts):
        done = throng('check', scenario(target='simulator', **parts), check=0)
        return int(re.search(r'^Memory +up to about (\d+) MiB', done.stdout, re.M)[1])

    assert 10 < memory_mib() < 50
    assert memory_mib(warm_up='100ms') > 1.8 * memory_mib()
