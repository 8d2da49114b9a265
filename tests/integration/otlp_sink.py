# SPDX-License-Identifier: MIT
"""An OTLP/HTTP receiver that keeps what it gets, and a tee that lets another receiver answer."""

import gzip
import http.client
import http.server
import queue
import threading
from dataclasses import dataclass

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE = 20
REQUESTS = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest, "/v1/logs": ExportLogsServiceRequest}


@dataclass
class Export:
    path: str
    headers: dict  # names in lower case
    body: bytes  # as it was before compression
    connection: int  # 1 for the first
    status: int = 0  # what was answered

    def request(self):
        return REQUESTS[self.path].FromString(self.body)

    def spans(self):
        return [s for r in self.request().resource_spans for scope in r.scope_spans for s in scope.spans]


class Sink:
    """Answers 200 and nothing, until `answer` is another function of the export: (status, content type, body)."""

    def __init__(self, answer=None):
        self.exports = queue.Queue()
        self.answer = answer or (lambda export: (200, "application/x-protobuf", b""))
        self.connections = 0
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = PATIENCE
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                sink.connections += 1
                self.number = sink.connections
                sink.sockets.append(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers["Content-Encoding"] == "gzip":
                    body = gzip.decompress(body)
                export = Export(self.path, {k.lower(): v for k, v in self.headers.items()}, body, self.number)
                export.status, content_type, reply = sink.answer(export)
                self.send_response(export.status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)
                sink.exports.put(export)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # a function that hangs up is part of some tests
                pass

        self.sockets = []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def take(self):
        """The next export, waited for."""
        return self.exports.get(timeout=PATIENCE)

    def empty(self):
        return self.exports.empty()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(PATIENCE)


def forward(port, change=lambda export: None):
    """An answer for Sink: what the receiver on port says to the export, after change() had its way with it."""

    def answer(export):
        change(export)
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            c.request("POST", export.path, export.body, {"Content-Type": export.headers["content-type"]})
            r = c.getresponse()
            return r.status, r.getheader("Content-Type", "text/plain"), r.read()
        finally:
            c.close()

    return answer
