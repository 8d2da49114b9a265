# SPDX-License-Identifier: MIT
"""Servers of Python's http.server that tests play a part with."""

import http.server
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    disable_nagle_algorithm = True

    def read(self):
        """The body of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def reply(self, status, body=b"", headers={}):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class HttpServer(http.server.ThreadingHTTPServer):
    """On a port of its own, which has its queue at once; it serves for as long as it is entered."""

    def __init__(self, handler, host="127.0.0.1"):
        super().__init__((host, 0), handler)
        self.port = self.server_port
        self.url = f"http://{host}:{self.port}"

    def handle_error(self, *args):
        if not isinstance(sys.exc_info()[1], OSError):  # a client that hangs up is part of some tests
            super().handle_error(*args)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
