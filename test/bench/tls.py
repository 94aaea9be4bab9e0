"""A TLS front before the load server: nginx, on the server's core."""
import contextlib
import sys

import programs

sys.path.append(str(programs.ROOT / 'test'))
from nginx import Nginx, certify  # noqa: E402, what tests use too

SERVER = """
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1;
      proxy_buffering off;
    }}
"""


@contextlib.contextmanager
def front(upstream, folder):
    """The URL at which TLS is spoken to the server on the port `upstream`."""
    certify(folder)
    nginx = Nginx(folder, SERVER, connections=8192, core=programs.SERVER_CORE, upstream=upstream)
    try:
        programs.wait_for('nginx', nginx.listens)
        yield f'https://127.0.0.1:{nginx.port}'
    finally:
        nginx.stop()
