"""What the tests share: a simulator, scenarios, runs."""
import re
import signal

import openai
import pytest

from browser import Browser
from program import Results, Running, connections_to, throng, wait_until

# Under nohup programs would inherit that SIGHUP is ignored; of what is handled they inherit nothing.
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

# A person who asks and thinks for a moment, again and again.
CHAT_FLOW = '[{chat: {model: m, question: mixed, max_tokens: 40}}, {think: 20ms}]'


@pytest.fixture
def processes():
    """Starts programs; what still runs at the end of the test is killed."""
    started = []

    def start(*words, **options):
        started.append(Running(*words, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()


class Simulator:
    """A simulator on a free port."""

    def __init__(self, process):
        self.process = process
        line = process.next_line()
        assert line, f'the simulator did not start: {process.text()}'
        self.url = re.search(r'http://\S+', line)[0]

    def wait_for_streams(self, count):
        """Until so many clients have connected, and one who came after them has read a token."""
        wait_until(lambda: connections_to(self.url) == count, f'{count} connections')
        with openai.OpenAI(base_url=self.url + '/v1', api_key='-', max_retries=0) as client:
            stream = client.chat.completions.create(
                model='m', messages=[{'role': 'user', 'content': 'Hello?'}], stream=True)
            next(chunk for chunk in stream if chunk.choices[0].delta.content)
            stream.close()

    def stop(self):
        """Ends it, so that its ground truth is whole."""
        self.process.signal()
        assert self.process.wait() == 0, self.process.text()


@pytest.fixture
def simulate(processes):
    """simulate('--gap', '5ms', …) → Simulator."""
    return lambda *words, **options: Simulator(
        processes('simulate', '--listen', '127.0.0.1:0', *words, **options))


FAST = ('--ttft', '30ms', '--gap', '4ms', '--tokens', '12')


@pytest.fixture(scope='module')
def fast_simulator():
    """One for the tests of a module that only need answers."""
    process = Running('simulate', '--listen', '127.0.0.1:0', *FAST)
    yield Simulator(process)
    process.kill()


@pytest.fixture(scope='module')
def browser():
    """A headless Chromium for the tests of a module; browser.py says what it can."""
    started = Browser()
    yield started
    started.close()


@pytest.fixture
def scenario(tmp_path):
    """scenario(target=…, …) → path of a scenario with these parts; each is YAML text."""

    def write(name='scenario.yaml', **parts):
        text = {'scenario': 'e2e', 'seed': '7',
                'users': f'{{asker: {{flow: {CHAT_FLOW}}}}}',
                'load': '[{phase: sustained, users: 4, for: 500ms}]',
                'graceful_stop': '5s', **parts}
        path = tmp_path / name
        path.write_text(''.join(f'{key}: {value}\n' for key, value in text.items() if value))
        return path

    return write


@pytest.fixture
def run(tmp_path):
    """run(path, '--option', …, code=0) → Results of a quiet run that ended with that code."""

    def run_scenario(path, *options, code=0, env=None):
        out = tmp_path / 'results'
        before = set(out.iterdir()) if out.exists() else set()
        done = throng('run', path, '--quiet', '--out', out, *options, env=env, check=code)
        assert done.stdout == '', done.stdout
        new = set(out.iterdir()) - before
        assert len(new) == 1, f'{new}\n{done.stderr}'
        return Results(new.pop())

    return run_scenario
