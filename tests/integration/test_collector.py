# SPDX-License-Identifier: MIT
"""The OpenTelemetry Collector takes what the function exports, and understands it as opentelemetry-proto does."""

import base64
import json
import re

import pytest
from conftest import EVENTS, ROOT, free_port, oracle, until
from google.protobuf import json_format
from otlp_sink import Sink, forward

EVENT = (EVENTS / "apigw-http-api.json").read_bytes()
GREETING = b'{"message":"Hello, mote!"}'
SPANS = [6, 2, 2]  # of an invocation of hello: its own and one child; of the first also those of the start


TRACES_ONLY = {"OTEL_LOGS_EXPORTER": "none"}  # hello makes no metrics


@pytest.fixture(scope="module")
def collector(start_once):
    """Its port, and what it passes on."""
    with Sink(lambda export: (200, "application/json", b"{}")) as passed_on:
        port = free_port()
        env = {"OTLP_PORT": str(port), "SINK_PORT": str(passed_on.port), "PATH": "/usr/bin:/bin"}
        start_once([oracle("otelcol"), "--config", ROOT / "tests/data/oracles/collector.yaml"], env).ready(port)
        yield port, passed_on


@pytest.fixture
def through(collector, sink, function):
    """A function exporting to the Collector, past somebody who keeps a copy and may change it."""
    port, passed_on = collector

    def run(change=lambda export: None, name="hello", **env):
        sink.answer = forward(port, change)
        if name == "hello":
            env |= TRACES_ONLY
        return (*function(name, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, **env), passed_on)

    return run


def plain(node):
    """OTLP/JSON of either kind in one form: what is empty or zero may be left out."""
    if isinstance(node, dict):
        return {k: v for k, v in ((k, plain(v)) for k, v in node.items()) if v not in ("", 0, "0", [], {}, None)}
    return [plain(v) for v in node] if isinstance(node, list) else node


def hex_ids(node):
    """protobuf's JSON has bytes as base64; OTLP/JSON has ids in hex."""
    if isinstance(node, dict):
        return {
            k: base64.b64decode(v).hex() if k in ("traceId", "spanId", "parentSpanId") else hex_ids(v)
            for k, v in node.items()
        }
    return [hex_ids(v) for v in node] if isinstance(node, list) else node


def as_decoded(export):
    return plain(hex_ids(json_format.MessageToDict(export.request(), use_integers_for_enums=True)))


def test_the_collector_reports_the_spans_that_were_sent(through, sink):
    _, c, passed_on = through()
    for spans in SPANS:
        assert c.invoke(EVENT).body == GREETING
        sent, got = sink.take(), passed_on.take()
        assert sent.status == 200
        reported = plain(json.loads(got.body))
        assert reported == as_decoded(sent)
        (resource,) = reported["resourceSpans"]
        assert [len(scope["spans"]) for scope in resource["scopeSpans"]] == [spans]


def test_an_error_is_an_error_for_the_collector_too(through, sink):
    _, c, passed_on = through()
    c.event(json.dumps({"queryStringParameters": {"name": "n" * 65}}).encode())
    assert c.request().path.endswith("/error")
    c.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").next()
    reported = plain(json.loads(passed_on.take().body))
    assert reported == as_decoded(sink.take())
    spans = [s for r in reported["resourceSpans"] for scope in r["scopeSpans"] for s in scope["spans"]]
    (failed,) = [s for s in spans if s.get("status", {}).get("code") == 2]
    assert "exception" in [e["name"] for e in failed["events"]]


SIGNALS = ["/v1/logs", "/v1/metrics", "/v1/traces"]
NAMED = {"/v1/logs": b"a record", "/v1/metrics": b"duration", "/v1/traces": b"work"}


def sent_json(export):
    return plain(json.loads(export.body)) if export.headers["content-type"] == "application/json" else as_decoded(export)


@pytest.mark.parametrize("protocol", ["http/protobuf", "http/json"])
def test_all_signals_are_understood_in_both_encodings(through, sink, protocol):
    process, c, passed_on = through(name="signals", OTEL_EXPORTER_OTLP_PROTOCOL=protocol, OTEL_METRIC_EXPORT_INTERVAL=1)
    for _ in range(3):
        assert c.invoke(EVENT).body == b"{}"
        pairs = {}
        for _ in SIGNALS:
            sent, got = sink.take(), passed_on.take()
            assert sent.status == 200 and sent.path == got.path
            assert sent.headers["content-type"] == ("application/json" if protocol == "http/json" else "application/x-protobuf")
            pairs[sent.path] = sent_json(sent), plain(json.loads(got.body)), got.body
        assert sorted(pairs) == SIGNALS
        for path, (said, reported, body) in pairs.items():
            assert reported == said
            assert NAMED[path] in body
    assert "dropped" not in process.log


def cut(export):
    export.body = export.body[:-1]


def as_text(export):
    export.headers["content-type"] = "text/plain"


def elsewhere(export):
    export.path = "/v1/nothing"


@pytest.mark.parametrize("change,status", [(cut, 400), (as_text, 415), (elsewhere, 404)])
def test_what_the_collector_refuses_is_counted_and_the_answer_stands(through, sink, change, status):
    process, c, passed_on = through(change)
    for spans in SPANS[:2]:
        assert c.invoke(EVENT).body == GREETING
        assert sink.take().status == status
        assert len(re.findall(rf"refused, status {status}: \S.*, dropped {spans} spans$", process.log, re.M)) == 1
    assert passed_on.empty()
    assert process.alive()


def test_a_collector_that_cannot_pass_on_is_a_refusal_as_well(through, sink, collector):
    process, c, passed_on = through()
    passed_on.answer = lambda export: (400, "application/json", b"{}")
    try:
        assert c.invoke(EVENT).body == GREETING
        refused = sink.take()
        assert refused.status >= 400
        assert re.search(rf"refused, status {refused.status}: \S.*, dropped {SPANS[0]} spans$", process.log, re.M)
    finally:
        passed_on.take()
        passed_on.answer = lambda export: (200, "application/json", b"{}")


# ---- rotel: another receiver, by other people ----


def text(value):
    kind = value.WhichOneof("value")
    return str(value.bool_value).lower() if kind == "bool_value" else str(getattr(value, kind))


def shown(export):
    """The spans of an export as rotel prints them."""
    return [
        (
            s.trace_id.hex(),
            s.parent_span_id.hex(),
            s.span_id.hex(),
            s.name,
            str(s.start_time_unix_nano),
            str(s.end_time_unix_nano),
            [(a.key, text(a.value)) for a in s.attributes],
        )
        for s in export.spans()
    ]


def parsed(log):
    spans = []
    for block in re.findall(r"^Span #\d+\n(.*?)(?=^\w*Span\w* #|\Z)", log, re.M | re.S):
        one = {name.strip(): value for name, value in re.findall(r"^ *([A-Z][\w ]*?) *: ?(.*)$", block, re.M)}
        attributes = re.findall(r"^ +-> (\S+): (?:Str|Int|Bool|Double)\((.*)\)$", block, re.M)
        spans.append(
            (
                one["Trace ID"],
                one.get("Parent ID", ""),
                one["ID"],
                one["Name"],
                one["Start time"],
                one["End time"],
                attributes,
            )
        )
    return spans


def test_another_receiver_reads_the_same_spans(start, sink, function):
    port = free_port()
    agent = start(
        [
            oracle("rotel-agent"),
            "start",
            "--exporter",
            "blackhole",
            "--otlp-grpc-endpoint",
            f"127.0.0.1:{free_port()}",
            "--otlp-http-endpoint",
            f"127.0.0.1:{port}",
            "--debug-log",
            "traces",
            "--debug-log-verbosity",
            "detailed",
        ],
        {"PATH": "/usr/bin:/bin"},
    ).ready(port)
    sink.answer = forward(port)
    process, c = function("hello", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, **TRACES_ONLY)
    sent = []
    for _ in range(3):
        assert c.invoke(EVENT).body == GREETING
        export = sink.take()
        assert export.status == 200
        sent += shown(export)
    until("rotel has shown all of them", lambda: parsed(agent.log) == sent)
    assert "dropped" not in process.log
