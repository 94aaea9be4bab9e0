"""RUN-2: TLS, HTTP/2 and keep-alive, through an nginx before the simulator."""
import shutil
import socket
import subprocess

import pytest

from program import throng, wait_until

pytestmark = pytest.mark.skipif(not (shutil.which('nginx') or shutil.which('/usr/sbin/nginx')),
                                reason='needs nginx')

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  log_format version '$server_protocol $connection $status';
  access_log {folder}/access.log version;
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass {upstream};
      proxy_http_version 1.1;
      proxy_buffering off;
    }}
  }}
}}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def connects(port):
    try:
        socket.create_connection(('127.0.0.1', port), 1).close()
        return True
    except OSError:
        return False


class Nginx:
    def __init__(self, folder, upstream):
        self.folder = folder
        self.ca_file = folder / 'cert.pem'
        port = free_port()
        self.url = f'https://localhost:{port}'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                        '-keyout', folder / 'key.pem', '-out', self.ca_file],
                       check=True, capture_output=True)
        (folder / 'nginx.conf').write_text(CONFIGURATION.format(folder=folder, port=port,
                                                                upstream=upstream))
        binary = shutil.which('nginx') or '/usr/sbin/nginx'
        self.process = subprocess.Popen([binary, '-p', folder, '-c', folder / 'nginx.conf'],
                                        stderr=subprocess.DEVNULL)
        wait_until(lambda: connects(port), 'nginx listens')

    def requests(self):
        """(protocol, connection, status) of each request so far."""
        return [line.split() for line in (self.folder / 'access.log').read_text().splitlines()]

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope='module')
def nginx(fast_simulator, tmp_path_factory):
    server = Nginx(tmp_path_factory.mktemp('nginx'), fast_simulator.url)
    yield server
    server.stop()


ONE = '[{phase: sustained, users: 1, for: 200ms}]'


def test_fault_36_a_certificate_of_nobody_is_refused_before_any_load(scenario, nginx, tmp_path):
    done = throng('run', scenario(target=nginx.url), '--out', tmp_path, check=113)
    assert 'tls.ca_file' in done.stderr and '--insecure' in done.stderr


def test_fault_36_a_certificate_of_nobody_is_counted_as_tls(scenario, run, nginx):
    summary = run(scenario(target=nginx.url, load=ONE), '--no-preflight', code=116).summary
    assert {error['kind'] for error in summary['errors']} == {'tls'}
    assert summary['totals']['error_rate'] == 1


def test_insecure_takes_any_certificate_and_the_result_says_so(scenario, run, nginx):
    summary = run(scenario(target=nginx.url), '--insecure').summary
    assert summary['totals']['failed'] == 0 < summary['totals']['requests']
    assert summary['targets'][0]['tls_verified'] is False


def test_a_ca_file_makes_the_certificate_known(scenario, run, nginx):
    summary = run(scenario(target=f'{{url: "{nginx.url}", tls: {{ca_file: "{nginx.ca_file}"}}}}')
                  ).summary
    assert summary['totals']['failed'] == 0 < summary['totals']['requests']
    assert summary['targets'][0]['tls_verified'] is True
    assert summary['metrics']['tls']['count'] == summary['client']['connections_opened']


def test_fault_36_a_certificate_of_another_host_is_refused(scenario, run, nginx):
    url = nginx.url.replace('localhost', '127.0.0.1')
    summary = run(scenario(target=f'{{url: "{url}", tls: {{ca_file: "{nginx.ca_file}"}}}}',
                           load=ONE), '--no-preflight', code=116).summary
    assert {error['kind'] for error in summary['errors']} == {'tls'}


@pytest.mark.parametrize('version, protocol', [('1.1', 'HTTP/1.1'), ('2', 'HTTP/2.0')])
def test_the_version_of_http_is_the_one_asked_for_and_connections_are_kept(
        scenario, run, nginx, version, protocol):
    before = len(nginx.requests())
    results = run(scenario(target=f'{{url: "{nginx.url}", http: {version}, '
                                  f'tls: {{ca_file: "{nginx.ca_file}"}}}}'), '--no-preflight')
    seen = nginx.requests()[before:]
    assert {request[0] for request in seen} == {protocol}
    assert len(seen) == results.summary['all']['requests'] > 8
    connections = {request[1] for request in seen}
    assert len(connections) == results.summary['client']['connections_opened'] <= 4
    reused = [s for s in results.samples() if 'reused' in s['flags']]
    assert len(seen) - len(reused) <= 4


def test_http_2_streams_measure_like_http_1(scenario, run, nginx):
    """A frame takes the stamp of its read: the gaps of 4 ms must survive."""
    results = run(scenario(target=f'{{url: "{nginx.url}", http: 2, '
                                  f'tls: {{ca_file: "{nginx.ca_file}"}}}}'))
    for sample in results.samples():
        assert sample['chunks'] == 12
        took_ms = (sample['last_output_ns'] - sample['first_output_ns']) / 1e6
        assert 11 * 4 * 0.8 < took_ms < 3 * 11 * 4 + 20
