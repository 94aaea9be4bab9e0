"""A PostgreSQL server of Debian's package on a free port, for tests that need one."""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess

from program import wait_until

PROGRAMS = sorted(pathlib.Path('/usr/lib/postgresql').glob('*/bin'))
PASSWORD = 'geheim-7f3a'


class Postgres:
    """Its files are in a folder of its own; it does not run as root, which it refuses."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / 'data'
        self.port = free_port()
        self.url = f'postgresql://tester@127.0.0.1:{self.port}/postgres'
        self.url_with_password = self.url.replace('tester@', f'tester:{PASSWORD}@')
        self.user = pwd.getpwnam('postgres') if os.getuid() == 0 else None
        if self.user:
            self.folder.chmod(0o755)
            shutil.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        secret = self.folder / 'secret'
        secret.write_text(PASSWORD)
        if self.user:
            shutil.chown(secret, self.user.pw_uid)
        self.call('initdb', '--pgdata', self.data, '--username', 'tester', '--auth', 'scram-sha-256',
                  '--pwfile', secret, '--encoding', 'UTF8', '--no-locale', '--no-sync')
        self.process = None
        self.start()

    def demote(self):
        os.setgroups([])
        os.setgid(self.user.pw_gid)
        os.setuid(self.user.pw_uid)

    def call(self, program, *words):
        subprocess.run([PROGRAMS[-1] / program, *map(str, words)], check=True, capture_output=True, cwd='/',
                       preexec_fn=self.demote if self.user else None)

    def start(self):
        self.process = subprocess.Popen(
            [PROGRAMS[-1] / 'postgres', '-D', self.data, '-p', str(self.port), '-k', self.folder,
             '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'], cwd='/', stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=self.demote if self.user else None)
        wait_until(self.answers, 'the server')

    def answers(self):
        return subprocess.run([PROGRAMS[-1] / 'pg_isready', '-h', '127.0.0.1', '-p', str(self.port)],
                              capture_output=True).returncode == 0

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def ask(self, query):
        """The rows of a query, as texts with '|' between columns."""
        done = subprocess.run([PROGRAMS[-1] / 'psql', '-X', '-q', '-A', '-t', self.url, '-c', query],
                              env={**os.environ, 'PGPASSWORD': PASSWORD}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]
