"""LIB-4: the shortcuts of the Makefile."""
import re
import subprocess

import pytest

from program import ROOT


def make(*words):
    return subprocess.run(['make', '-n', *words], cwd=ROOT, text=True, check=True,
                          capture_output=True).stdout


def test_make_help_lists_the_shortcuts_of_the_suites():
    listed = subprocess.run(['make', 'help'], cwd=ROOT, text=True, check=True,
                            capture_output=True).stdout
    for target in ('smoke stress spike soak auth agents pipelines baseline api rag mcp gateway '
                   'llm-smoke all view-report summary clean clean-all install').split():
        assert re.search(rf'^  {target} ', listed, re.M), target


@pytest.mark.parametrize('words, command', [
    (['smoke', 'ENV=staging'], 'run --env staging scenarios/web/smoke.yaml'),
    (['soak', 'SUITE=web', 'ARGS=--users 3'], 'run --users 3 scenarios/web/soak.yaml'),
    (['gateway'], 'run scenarios/gateway/api.yaml scenarios/gateway/rag.yaml scenarios/gateway/mcp.yaml'),
    (['llm-smoke'], 'run scenarios/llm/users-10.yaml'),
])
def test_a_shortcut_runs_its_scenario(words, command):
    assert command in re.sub(' +', ' ', make(*words))
