# SPDX-License-Identifier: MIT
"""client.py handshake PORT CA N: what OpenSSL's client takes for it, by Python's ssl. client.py batch SPANS N ENDPOINT [CA]: the same spans by the
Python exporter that signs. A line of JSON, in microseconds of CPU time of this process.
"""

import json
import os
import socket
import ssl
import statistics
import sys
import time


def handshake(context, port, session=None):
    with socket.create_connection(("127.0.0.1", port)) as plain:
        tls = context.wrap_socket(plain, server_hostname="localhost", session=session, do_handshake_on_connect=False)
        start = time.process_time_ns()
        tls.do_handshake()
        took = time.process_time_ns() - start
        kept = tls.session, tls.session_reused
        tls.close()
    return took / 1000, *kept


def handshakes(port, ca, n):
    old, new = (ssl.create_default_context(cafile=ca) for _ in range(2))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    full, resumed, newer = [], [], []
    for _ in range(n):
        took, session, _ = handshake(old, port)
        full.append(took)
        took, _, reused = handshake(old, port, session)
        assert reused
        resumed.append(took)
        newer.append(handshake(new, port)[0])
    print(json.dumps({"full": statistics.median(full), "resumed": statistics.median(resumed), "full_1_3": statistics.median(newer),
                      "library": ssl.OPENSSL_VERSION}))


def exporter_class():
    """Of the wheel, which imports itself by a path that is not in it, and what the SDK no longer has."""
    import importlib.util

    from opentelemetry.exporter.otlp.proto.common import _internal

    def delays(max_value=0):
        n = 1
        while True:
            yield min(n, max_value)
            n *= 2

    if not hasattr(_internal, "_create_exp_backoff_generator"):
        _internal._create_exp_backoff_generator = delays
    from importlib.metadata import files

    path = next(f for f in files("otel-sigv4-exporter") if f.name == "exporter.py").locate()
    spec = importlib.util.spec_from_file_location("sigv4_exporter", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spans(n):
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("bench")
    attributes = {"http.request.method": "GET", "url.path": "/hello/world/this/is/it", "http.response.status_code": 200, "faas.coldstart": True}
    with tracer.start_as_current_span("bench"):
        for _ in range(n):
            tracer.start_span("compose greeting", attributes=attributes).end()
        return memory.get_finished_spans()


def batches(n, rounds, endpoint, ca=None):
    module = exporter_class()
    exporter = module.SigV4OTLPSpanExporter("us-east-1", compression=module.Compression.Gzip if n > 5 else module.Compression.NoCompression)
    exporter._endpoint = endpoint
    exporter._session.trust_env = False
    if ca:
        exporter._session.verify = ca
    sizes, send = [], exporter._send
    exporter._send = lambda data: (sizes.append(len(data)), send(data))[1]
    batch, took = spans(n), []
    for i in range(rounds + 10):
        start, began = time.process_time_ns(), time.perf_counter_ns()
        result = exporter.export(batch)
        took.append(((time.process_time_ns() - start) / 1000, (time.perf_counter_ns() - began) / 1000))
        assert result is module.SpanExportResult.SUCCESS
    cpu, wall = (statistics.median(column) for column in zip(*took[10:]))
    print(json.dumps({"body_bytes": sizes[-1], "all": cpu, "wall": wall}))


if sys.argv[1] == "handshake":
    handshakes(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
else:
    os.environ.pop("PYTHONPATH", None)
    batches(int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
