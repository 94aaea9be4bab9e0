"""RUN-2: TLS, HTTP/2 and keep-alive, through an nginx before the simulator."""
import statistics

import pytest

from nginx import BINARY, Nginx, certify
from program import throng, wait_until

pytestmark = pytest.mark.skipif(not BINARY, reason='needs nginx')

SERVER = """
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass {upstream};
      proxy_http_version 1.1;
      proxy_buffering off;
    }}
"""


@pytest.fixture(scope='module')
def nginx(fast_simulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp('nginx')
    certify(folder)
    server = Nginx(folder, SERVER, upstream=fast_simulator.url)
    server.ca_file = folder / 'cert.pem'
    server.url = f'https://localhost:{server.port}'
    wait_until(server.listens, 'nginx listens')
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
    samples = results.samples()
    assert all(sample['chunks'] == 12 for sample in samples)
    # The server may be late with a first chunk on a busy machine, and the others then come sooner.
    took_ms = statistics.median(
        (sample['last_output_ns'] - sample['first_output_ns']) / 1e6 for sample in samples)
    assert 11 * 4 * 0.8 < took_ms < 3 * 11 * 4 + 20
