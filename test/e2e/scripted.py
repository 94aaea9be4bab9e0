"""A server that answers with exactly the bytes it was given, and keeps what it was asked.

It speaks no HTTP but for finding the end of a request, so that it can break every rule.
"""
import json
import socket
import struct
import threading

RESET = object()  # in place of a piece: the connection is reset
CLOSE = object()  # in place of a piece: the connection is closed
HANG = object()   # in place of a piece: nothing more comes

HEAD = (b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n'
        b'Transfer-Encoding: chunked\r\n\r\n')


def event(delta=None, finish=None, **members):
    """One event of a chat stream."""
    choice = [{'index': 0, 'delta': delta or {}, 'finish_reason': finish}]
    return b'data: ' + json.dumps({
        'id': 'x', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm',
        'choices': members.pop('choices', choice), **members}).encode() + b'\n\n'


USAGE = event(choices=[], usage={'prompt_tokens': 5, 'completion_tokens': 2, 'total_tokens': 7})
DONE = b'data: [DONE]\n\n'
HELLO = [event({'role': 'assistant', 'content': ''}), event({'content': 'Hel'}),
         event({'content': 'lo'}), event(finish='stop'), USAGE, DONE]


def chunk(data):
    return b'%x\r\n%s\r\n' % (len(data), data)


def stream(*events, end=b'0\r\n\r\n'):
    """An answer: head, each event as one chunk, and the end."""
    return [HEAD, *(event if event in (RESET, CLOSE, HANG) else chunk(event)
                    for event in events), end]


def whole(status, body, content_type='application/json', more=''):
    body = body if isinstance(body, bytes) else body.encode()
    return [f'HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}'
            f'Content-Length: {len(body)}\r\n\r\n'.encode() + body]


class Request:
    """connection: which of the server's, from 1."""

    def __init__(self, head, connection):
        first, *lines = head.decode('latin-1').split('\r\n')
        self.method, self.path, _ = first.split(' ')
        self.headers = {name.lower(): value for name, value in
                        (line.split(': ', 1) for line in lines)}
        self.body = b''
        self.connection = connection

    @property
    def json(self):
        return json.loads(self.body)


class ScriptedServer:
    """answer(request) → the pieces to write, each in a write of its own."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.connections = 0
        self._sockets = []
        self._listener = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.url = f'http://127.0.0.1:{self._listener.getsockname()[1]}'
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        for sock in [self._listener, *self._sockets]:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(sock)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock, connection):
        try:
            pending = b''
            while (request_and_rest := self._read(sock, pending, connection)):
                request, pending = request_and_rest
                self.requests.append(request)
                if not self._write(sock, self.answer(request)):
                    return
        except OSError:
            pass

    @staticmethod
    def _read(sock, pending, connection):
        while b'\r\n\r\n' not in pending:
            more = sock.recv(65536)
            if not more:
                return None
            pending += more
        head, _, rest = pending.partition(b'\r\n\r\n')
        request = Request(head, connection)
        length = int(request.headers.get('content-length', 0))
        while len(rest) < length:
            rest += sock.recv(65536)
        request.body = rest[:length]
        return request, rest[length:]

    @staticmethod
    def _write(sock, pieces):
        """Returns whether the connection goes on."""
        for piece in pieces:
            if piece is RESET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                sock.close()
                return False
            if piece is CLOSE:
                sock.shutdown(socket.SHUT_RDWR)
                sock.close()
                return False
            if piece is HANG:
                sock.recv(1)
                return False
            sock.sendall(piece)
        return True
