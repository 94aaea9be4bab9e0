"""DOC-1: every example of the user guide is run, and does what it is shown for: no request fails."""
import json
import re
import textwrap

import pytest

from program import ROOT, Results, throng

GUIDE = (ROOT / 'doc/user-guide.md').read_text()
EXAMPLES = re.findall(r'```yaml\n(.*?)```', GUIDE, re.S)

# What an example stands in that is no scenario of its own. The simulator is quick.
SKELETON = '''scenario: guide
target: simulator
simulator: {ttft: 2ms, gap: 1ms, tokens: 12}
models: {simulated-1: {}}
users:
  someone:
    model: simulated-1
    think_time: 50ms
    flow:
      - chat: {question: mixed, max_tokens: 10}
      - think
load:
  - {phase: sustained, users: 8, for: 2s}
'''

FILES = {
    'people.csv': 'name,city\n' + ''.join(f'Person {i},City {i}\n' for i in range(2000)),
    'sharegpt.json': json.dumps([
        {'id': str(i), 'conversations': [{'from': 'human', 'value': f'Question {i}?'},
                                         {'from': 'gpt', 'value': 'An answer.'}]}
        for i in range(50)]),
}


def whole(example):
    """The example as a scenario: steps become a flow, other keys lie over the skeleton."""
    if example.startswith('scenario:'):
        return example
    if example.startswith('- '):
        flow = textwrap.indent(example, ' ' * 6)
        return SKELETON.replace(SKELETON[SKELETON.index('      - chat'):SKELETON.index('load:')], flow)
    return 'include: skeleton.yaml\nscenario: guide\n' + example


def failures(results):
    totals = results.summary['totals']
    return totals['failed'], results.summary['errors']


@pytest.mark.parametrize('example', EXAMPLES, ids=lambda text: text.split('\n')[0][:30])
def test_an_example_of_the_user_guide_runs(example, tmp_path):
    (tmp_path / 'skeleton.yaml').write_text(SKELETON)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / 'example.yaml').write_text(whole(example))
    done = throng('run', 'example.yaml', '--out', 'out', '--users', '8', '--duration', '2s', '--quiet',
                  cwd=tmp_path)
    results = Results(next((tmp_path / 'out').iterdir()))
    assert done.returncode in (0, 99), done.stderr
    assert results.summary['totals']['requests'] > 0
    assert failures(results) == (0, []), done.stderr
