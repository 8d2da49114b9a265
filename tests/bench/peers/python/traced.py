# SPDX-License-Identifier: MIT
"""handlers/hello.c, or with FUNCTION=workload tests/integration/handlers/workload.c, with lambda-otel-lite: a line on standard output, or
OTLP/HTTP where there is an endpoint."""

import os

from lambda_otel_lite import create_traced_handler, init_telemetry

processors = None
if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
    from lambda_otel_lite.processor import LambdaSpanProcessor
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    processors = [LambdaSpanProcessor(OTLPSpanExporter())]

tracer, completion = init_telemetry(span_processors=processors)
PAYLOAD = "x" * 256


def hello(event, context):
    name = (event.get("queryStringParameters") or {}).get("name") or "world"
    with tracer.start_as_current_span("compose greeting", attributes={"greeting.name": name, "greeting.name.size": len(name)}):
        return {"message": f"Hello, {name}!"}


def operate(depth):
    for i in range(4 if depth else 0):
        attributes = {"depth": depth, "iteration": i, "payload": PAYLOAD}
        with tracer.start_as_current_span(f"operation_depth_{depth}_iter_{i}", attributes=attributes):
            operate(depth - 1)


def workload(event, context):
    operate(2)
    return {"message": "Benchmark complete"}


name = os.environ.get("FUNCTION", "hello")
handler = create_traced_handler(name=name, completion_handler=completion)({"hello": hello, "workload": workload}[name])
