"""Tenants: how long it takes to make and to remove a thousand users."""
import json
import os
import pathlib
import subprocess
import tempfile

import programs
from table import Row

USERS, ORGANIZATIONS, ANSWER_MS = 1000, 50, 50

SCENARIO = '''
scenario: bootstrap
target: {{url: "{url}"}}
platform:
  url: "{url}"
  token: bench
  organizations: {organizations}
  users: {users}
users: {{people: {{think_time: 1s, flow: [{{http: GET /health}}]}}}}
load: [{{phase: sustained, users: 1, for: 1s}}]
'''


def simulator():
    process = programs.pinned(programs.SERVER_CORE, programs.THRONG, 'simulate', '--admin-key-env',
                              'BENCH_KEY', '--tenants', f'{ANSWER_MS}ms', stdout=subprocess.PIPE,
                              text=True, env={**os.environ, 'BENCH_KEY': 'bench'})
    return process, process.stdout.readline().split()[-1]


def bootstrap():
    """B-16: a thousand users in fifty organizations, at a platform that answers in 50 ms."""
    server, url = simulator()
    try:
        with tempfile.TemporaryDirectory() as folder:
            scenario = pathlib.Path(folder) / 'bootstrap.yaml'
            scenario.write_text(SCENARIO.format(url=url, organizations=ORGANIZATIONS,
                                                users=USERS // ORGANIZATIONS))
            client = programs.pinned(programs.CLIENT_CORE, programs.THRONG, 'run', scenario,
                                     '--quiet', '--out', folder, '--run-id', 'bench')
            if client.wait() != 0:
                raise RuntimeError('the run failed')
            made = json.loads((pathlib.Path(folder) / 'bench/summary.json').read_text())['platform']
    finally:
        programs.end(server)
    call = made['calls']['make_user']
    what = f'{USERS:,} users in {ORGANIZATIONS} organizations, {ANSWER_MS} ms an answer, 32 calls at once'
    yield Row('B-16', f'{what}: made', f"{made['bootstrap_s']:.1f} s, a user p95 {call['p95_ms']:.0f} ms",
              '< 10 s', made['bootstrap_s'] < 10)
    yield Row('B-16', f'{what}: removed', f"{made['cleanup_s']:.1f} s", '< 10 s',
              made['cleanup_s'] < 10)
