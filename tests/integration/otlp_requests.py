# SPDX-License-Identifier: MIT
"""ExportTraceServiceRequests made by the opentelemetry-proto package, for what reads them."""

import base64
import gzip
import json

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

TRACE = bytes.fromhex("5759e988bd862e3fe1be46a994272793")
T0 = 1_790_000_000_000_000_000
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5


def fill_value(to, v):
    if isinstance(v, bool):
        to.bool_value = v
    elif isinstance(v, int):
        to.int_value = v
    elif isinstance(v, float):
        to.double_value = v
    elif isinstance(v, str):
        to.string_value = v
    elif isinstance(v, bytes):
        to.bytes_value = v
    elif isinstance(v, dict):
        to.kvlist_value.SetInParent()
        fill(to.kvlist_value.values, v)
    elif isinstance(v, list):
        to.array_value.SetInParent()
        for x in v:
            fill_value(to.array_value.values.add(), x)
    else:
        assert v is None
        to.SetInParent()


def fill(attributes, values):
    for k, v in values.items():
        a = attributes.add(key=k)
        a.value.SetInParent()
        fill_value(a.value, v)


class Request:
    """One resource, one scope, spans with ids counted from 1 and times in ns from T0."""

    def __init__(self, resource={"service.name": "fn"}, scope="tester"):
        self.message = ExportTraceServiceRequest()
        of = self.message.resource_spans.add()
        fill(of.resource.attributes, resource)
        of.resource.SetInParent()
        self.scope_spans = of.scope_spans.add()
        self.scope_spans.scope.name = scope

    def span(self, id, name, start=0, end=1000, parent=None, kind=INTERNAL, trace=TRACE, **attributes):
        s = self.scope_spans.spans.add(trace_id=trace, span_id=id.to_bytes(8, "big"), name=name, kind=kind, flags=0x101,
                                       start_time_unix_nano=T0 + start, end_time_unix_nano=T0 + end)
        if parent is not None:
            s.parent_span_id = parent.to_bytes(8, "big")
        fill(s.attributes, attributes.pop("attributes", {}) | attributes)
        return s

    @property
    def bytes(self):
        return self.message.SerializeToString()


def stdout_line(request, level=0, **changes):
    """The line of systems that log their traces."""
    line = {"__otel_otlp_stdout": "0.1.0", "source": "fn", "endpoint": "http://localhost:4318/v1/traces", "method": "POST",
            "content-type": "application/x-protobuf", "content-encoding": "gzip",
            "payload": base64.b64encode(gzip.compress(request, level)).decode(), "base64": True} | changes
    return json.dumps({k: v for k, v in line.items() if v is not ...}).encode()
