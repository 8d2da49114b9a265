# SPDX-License-Identifier: MIT
"""A Runtime API as a dialogue: the test accepts, reads requests and sends replies itself, and says what happens when.

It judges nothing but the form of requests; the strict judge is tests/emulator.
"""

import re
import socket
import struct
from dataclasses import dataclass

PATIENCE = 20
NEXT = "/2018-06-01/runtime/invocation/next"
ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'


EXTENSION_ID = "5f2c0b0e-8f3d-4c39-9d0a-54a8e1a9d5b1"
ABOUT = b'{"functionName":"greeter","functionVersion":"7","handler":"bootstrap"}\n'
REGISTERED = (
    f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Extension-Identifier: {EXTENSION_ID}\r\n"
    f"Content-Length: {len(ABOUT)}\r\n\r\n"
).encode() + ABOUT


@dataclass
class Request:
    method: str
    path: str
    fields: list  # (name, value) as sent
    body: bytes

    def field(self, name):
        """The one value of a header, None when there is none."""
        got = [v for n, v in self.fields if n.lower() == name.lower()]
        assert len(got) < 2, f"{name} was sent {len(got)} times"
        return got[0] if got else None


class Connection:
    def __init__(self, s):
        self.s = s
        self.buffer = b""
        s.settimeout(PATIENCE)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self):
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        line = re.fullmatch(r"(GET|POST) (/[!-~]*) HTTP/1\.1", first)
        assert line, f"not a request line: {first!r}"
        fields = []
        for text in lines:
            field = re.fullmatch(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([ -~]*)", text)
            assert field, f"not a header field: {text!r}"
            fields.append((field[1], field[2]))
        request = Request(line[1], line[2], fields, b"")
        assert request.field("Host"), "a request without Host"
        assert request.field("Transfer-Encoding") is None
        length = int(request.field("Content-Length") or 0)
        self.buffer = rest
        while len(self.buffer) < length:
            self._more()
        request.body, self.buffer = self.buffer[:length], self.buffer[length:]
        return request

    def _more(self):
        got = self.s.recv(1 << 20)
        assert got, f"the function closed its connection; so far it sent {self.buffer[:200]!r}"
        self.buffer += got

    def next(self, prefix=""):
        """Reads a GET /next."""
        r = self.request()
        assert (r.method, r.path, r.body) == ("GET", prefix + NEXT, b""), f"{r.method} {r.path} came in place of /next"
        return r

    def send(self, data):
        self.s.sendall(data)
        return self

    def event(self, body=b"{}", request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd", more=()):
        """An event as Lambda sends one of up to 2048 bytes."""
        return self.send(event_bytes(body, request_id, more))

    def answer(self, request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd", accept=True):
        """Reads /response, and acknowledges it."""
        r = self.request()
        assert (r.method, r.path) == ("POST", f"/2018-06-01/runtime/invocation/{request_id}/response"), r
        if accept:
            self.send(ACCEPTED)
        return r

    def invoke(self, body=b"{}", **event):
        """A whole invocation, up to the /next behind it."""
        self.event(body, **event)
        r = self.answer()
        self.next()
        return r

    def closed(self):
        """Waits for the function's end of the connection."""
        try:
            return self.buffer == b"" and self.s.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.s.close()

    def reset(self):
        """RST, as a peer that lost its state sends."""
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.s.close()


def event_bytes(body=b"{}", request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd", more=()):
    fields = [
        ("Content-Type", "application/json"),
        ("Lambda-Runtime-Aws-Request-Id", request_id),
        ("Lambda-Runtime-Deadline-Ms", "4102444800000"),
        ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:greeter"),
        ("Date", "Sat, 21 Nov 2026 09:24:25 GMT"),
        ("Content-Length", str(len(body))),
        *more,
    ]
    return (
        "HTTP/1.1 200 OK\r\n" + "".join(f"{n}: {v}\r\n" for n, v in fields if v is not None) + "\r\n"
    ).encode() + body


class RuntimeApi:
    def __init__(self, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, 0), family=family, backlog=16)
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.address = f"[{host}]:{self.port}" if family == socket.AF_INET6 else f"{host}:{self.port}"
        self.connections = []

    def accept(self):
        s, _ = self.listener.accept()
        self.connections.append(Connection(s))
        return self.connections[-1]

    def first(self):
        """The connection of the first /next, which has been read. A function that wants to hear of its end has registered before."""
        c = self.accept()
        r = c.request()
        if r.path.endswith("/extension/register"):
            assert (r.method, r.path, r.body) == ("POST", "/2020-01-01/extension/register", b'{"events":[]}')
            assert r.field("Lambda-Extension-Name") and r.field("Content-Type") == "application/json"
            r = c.send(REGISTERED).request()
            assert (r.method, r.path, r.body) == ("GET", "/2020-01-01/extension/event/next", b"")
            assert r.field("Lambda-Extension-Identifier") == EXTENSION_ID
            c = self.accept()
            r = c.request()
        assert (r.method, r.path, r.body) == ("GET", NEXT, b""), f"{r.method} {r.path} came in place of /next"
        return c

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.connections:
            connection.close()
        self.listener.close()
