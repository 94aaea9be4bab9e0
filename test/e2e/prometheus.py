"""The real Pushgateway and the real Prometheus, each on a free port with a folder of its own."""
import collections
import json
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from program import DEADLINE_S, throng, wait_until

SAMPLE = re.compile(r'^([\w:]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Sample = collections.namedtuple('Sample', 'name labels value')


def get(url, deadline_s=DEADLINE_S):
    """(status, text); status 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=deadline_s) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ''


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


def samples_of(text):
    """The samples of a text exposition."""
    lines = [line for line in text.splitlines() if line and not line.startswith('#')]
    found = [SAMPLE.match(line) for line in lines]
    assert all(found), lines[found.index(None)]
    return [Sample(match[1], dict(LABEL.findall(match[2] or '')), float(match[3]))
            for match in found]


def tables_of_families():
    """Those of a run and those of its result: each name → type, by the program's own tables."""
    of_run, of_result = throng('schema', 'metrics').stdout.split('| of the last result |')
    return [dict(re.findall(r'^\| `(throng_\w+)` \| (\w+) \|', text, re.M))
            for text in (of_run, of_result)]


def families():
    return tables_of_families()[0]


def promtool_says(text):
    """What `promtool check metrics` has against a text; '' where it is clean."""
    done = subprocess.run(['promtool', 'check', 'metrics'], input=text, text=True,
                          capture_output=True, timeout=DEADLINE_S)
    return done.stdout + done.stderr


class Server:
    """A program that says at /-/ready when it is ready."""

    def __init__(self, folder, *words):
        program = shutil.which(words[0])
        assert program, f'{words[0]} is not installed: run .ci/setup test'
        self.url = f'http://127.0.0.1:{free_port()}'
        self.log = open(folder / f'{words[0]}.log', 'w')
        self.process = subprocess.Popen(
            [program, f'--web.listen-address={self.url[7:]}', *words[1:]], stdout=self.log,
            stderr=subprocess.STDOUT, cwd=folder)
        wait_until(self._is_ready, f'{words[0]} is ready')

    def _is_ready(self):
        assert self.process.poll() is None, open(self.log.name).read()
        return get(self.url + '/-/ready')[0] == 200

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class Pushgateway(Server):
    def __init__(self, folder):
        # In memory: Debian's would begin with what an earlier one left.
        super().__init__(folder, 'prometheus-pushgateway', '--persistence.file=')

    def samples(self, test_run):
        """Of one run, but for its result, which stays in a group of the scenario's."""
        _, text = get(self.url + '/metrics')
        return [sample for sample in samples_of(text)
                if sample.labels.get('test_run') == test_run and
                not sample.name.startswith('throng_result_')]


class Prometheus(Server):
    """Scrapes a server each second. labels: that all of it gets, as one Prometheus of several gives them."""

    def __init__(self, folder, target, labels=None):
        config = folder / 'prometheus.yml'
        config.write_text(json.dumps({
            'global': {'scrape_interval': '1s', 'scrape_timeout': '1s'},
            'scrape_configs': [{'job_name': 'gateway', 'honor_labels': True,
                                'static_configs': [{'targets': [target[7:]], 'labels': labels or {}}]}]}))
        super().__init__(folder, 'prometheus', f'--config.file={config}',
                         f'--storage.tsdb.path={folder}/tsdb')

    def query(self, expression):
        """The instant vector."""
        status, text = get(self.url + '/api/v1/query?' +
                           urllib.parse.urlencode({'query': expression}))
        assert status == 200, text
        return [(row['metric'], row['value'][1]) for row in json.loads(text)['data']['result']]
