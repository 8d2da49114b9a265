# SPDX-License-Identifier: MIT
"""An OTLP/HTTP receiver that keeps what it gets, and a tee that lets another receiver answer."""

import gzip
import http.client
import queue
from dataclasses import dataclass

from http_peer import Handler, HttpServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE = 20
TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"  # over a connection that a test plays
REQUESTS = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest, "/v1/logs": ExportLogsServiceRequest}


def parts(request):
    """(resource, scope, items) of each scope, whatever the signal."""
    of = getattr(request, request.DESCRIPTOR.fields[0].name)
    for r in of:
        for scope in getattr(r, r.DESCRIPTOR.fields[1].name):
            yield r.resource, scope.scope, list(getattr(scope, scope.DESCRIPTOR.fields_by_number[2].name))


def items(request):
    """Its spans, metrics or records."""
    return [item for _, _, some in parts(request) for item in some]


def points(metric):
    which = metric.WhichOneof("data")
    return list(getattr(metric, which).data_points) if which else []


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
        return items(self.request())


class Sink(HttpServer):
    """Answers 200 and nothing, until `answer` is another function of the export: (status, content type, body)."""

    def __init__(self, answer=None):
        self.exports = queue.Queue()
        self.answer = answer or (lambda export: (200, "application/x-protobuf", b""))
        self.connections = 0
        sink = self

        class Receiving(Handler):
            def setup(self):
                super().setup()
                sink.connections += 1
                self.number = sink.connections
                sink.sockets.append(self.connection)

            def do_POST(self):
                body = self.read()
                if self.headers["Content-Encoding"] == "gzip":
                    body = gzip.decompress(body)
                export = Export(self.path, {k.lower(): v for k, v in self.headers.items()}, body, self.number)
                export.status, content_type, reply = sink.answer(export)
                sink.exports.put(export)  # first: who has been answered may look
                self.reply(export.status, reply, {"Content-Type": content_type})

        self.sockets = []
        super().__init__(Receiving)

    def take(self):
        """The next export, waited for."""
        return self.exports.get(timeout=PATIENCE)

    def empty(self):
        return self.exports.empty()


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
