"""An nginx of one's own on a free port, for tests and benchmarks: in front of a server, or between.

Whoever uses it says what stands in its `server` block and waits for it in the way of its own.
"""
import contextlib
import shutil
import socket
import subprocess

BINARY = shutil.which('nginx') or shutil.which('/usr/sbin/nginx')

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections {connections}; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  log_format version '$server_protocol $connection $status';
  access_log {folder}/access.log version;
  server {{
{server}
  }}
}}
"""


def certify(folder):
    """A certificate of localhost that signed itself: cert.pem, with its key in key.pem."""
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                    '-keyout', folder / 'key.pem', '-out', folder / 'cert.pem'],
                   check=True, capture_output=True)


class Nginx:
    """server: lines of the block, with {folder}, {port} and what else is given by name in them."""

    def __init__(self, folder, server, connections=256, core=None, **names):
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            self.port = listener.getsockname()[1]
        self.folder = folder
        text = server.format(folder=folder, port=self.port, **names)
        (folder / 'nginx.conf').write_text(
            CONFIGURATION.format(folder=folder, server=text, connections=connections))
        pin = ['taskset', '-c', core] if core else []
        self.process = subprocess.Popen([*pin, BINARY, '-p', folder, '-c', folder / 'nginx.conf'],
                                        stderr=subprocess.DEVNULL)

    def listens(self):
        with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', self.port), 1):
            return True
        return False

    def requests(self):
        """(protocol, connection, status) of each request so far."""
        return [line.split() for line in (self.folder / 'access.log').read_text().splitlines()]

    def stop(self):
        self.process.terminate()
        self.process.wait()
