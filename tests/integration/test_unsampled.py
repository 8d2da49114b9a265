# SPDX-License-Identifier: MIT
"""MOTE_XRAY_UDP_UNSAMPLED: what the sampler leaves out is recorded for the X-Ray daemon, and for nobody else."""

import json
import re
import subprocess

import pytest

from conftest import bootstrap, built
from test_exporters import Daemon
from test_modes import DEFER, EVENT, GREETING, INIT_SPANS, MODE, SPANS, lines, registered, spans_in  # noqa: F401

TRACE = "67748580a006649127e371903a2de979"
UNSAMPLED, SAMPLED = (json.dumps({"headers": {"traceparent": f"00-{TRACE}-53995c3f42cd8ad8-{flags}"}, **json.loads(EVENT)}).encode() for flags in ("00", "01"))
ON = {"MOTE_XRAY_UDP_UNSAMPLED": "true", "OTEL_LOGS_EXPORTER": "none"}
ALL = "xray-udp,otlp,otlpstdout,console"


@pytest.fixture
def daemon():
    with Daemon() as d:
        yield d


def is_marked(span):
    return [a.value.bool_value for a in span.attributes if a.key == "aws.trace.flag.sampled"] == [False]


def taken(daemon):
    """Spans from all datagrams: those that came as T1U, and those that came as T1S."""
    found = {"T1U": [], "T1S": []}
    daemon.socket.settimeout(0.2)  # a datagram is there before the next GET /next is
    while True:
        try:
            prefix, body = daemon.take()
        except TimeoutError:
            break
        found[prefix] += spans_in(body)
    for span in found["T1U"]:
        assert span.flags & 1 == 0 and is_marked(span) and span.trace_id.hex() == TRACE
    assert all(span.flags & 1 and not is_marked(span) for span in found["T1S"])
    return found["T1U"], found["T1S"]


def received(sink):
    return [s for export in list(sink.exports.queue) for s in export.spans()]


def ids(spans):
    return {s.span_id for s in spans}


# ---- only the daemon gets them ----


@pytest.mark.parametrize("mode", ["async", "sync"])
def test_every_other_exporter_of_the_list_sees_what_is_sampled(function, sink, daemon, mode):
    process, c = function("hello", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_TRACES_EXPORTER=ALL, AWS_XRAY_DAEMON_ADDRESS=daemon.address,
                          **{MODE: mode, **ON})
    for event in (UNSAMPLED, SAMPLED, UNSAMPLED, SAMPLED):
        assert c.invoke(event).body == GREETING
    unsampled, sampled = taken(daemon)
    assert len(ids(unsampled)) == 2 * SPANS + INIT_SPANS and len(ids(sampled)) == 2 * SPANS
    root, = [s for s in unsampled if s.name == "init"]
    assert root.parent_span_id in ids(s for s in unsampled if s.kind == s.SPAN_KIND_SERVER)
    assert ids(received(sink)) == ids(sampled) == ids(s for line in lines(process) for s in line)
    assert process.out.count(b"compose greeting") == 2  # console's; otlpstdout's are compressed
    assert "dropped" not in process.log


@pytest.mark.parametrize("mode", DEFER)
def test_what_waits_is_told_apart(registered, sink, daemon, mode):  # noqa: F811
    f = registered(mode=mode, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_TRACES_EXPORTER="otlp,xray-udp", AWS_XRAY_DAEMON_ADDRESS=daemon.address, **ON)
    for i in range(12):
        assert f.c.invoke(UNSAMPLED if i % 3 else SAMPLED).body == GREETING
    assert f.terminate() == 0
    all_of_it = 12 * SPANS + INIT_SPANS
    assert f.totals() == (all_of_it, 4 * SPANS + INIT_SPANS, 8 * SPANS, 0)
    unsampled, sampled = taken(daemon)
    assert len(ids(unsampled)) == len(unsampled) == 8 * SPANS
    assert ids(sampled) == ids(received(sink)) and len(received(sink)) == len(sampled) == 4 * SPANS + INIT_SPANS


def test_what_a_receiver_refuses_goes_by_its_chain_without_them(function, sink, daemon):
    sink.answer = lambda export: (503, "text/plain", b"")
    process, c = function("hello", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_TRACES_EXPORTER="otlp>xray-udp", AWS_XRAY_DAEMON_ADDRESS=daemon.address, **ON)
    for event in (UNSAMPLED, SAMPLED):
        c.invoke(event)
    unsampled, sampled = taken(daemon)  # by the chain, these
    assert len(unsampled) == SPANS + INIT_SPANS and len(sampled) == SPANS and ids(received(sink)) == ids(sampled)


def test_a_datagram_that_cannot_be_sent_goes_no_other_way(function):
    process, c = function("hello", OTEL_TRACES_EXPORTER="xray-udp>otlpstdout", AWS_XRAY_DAEMON_ADDRESS="nonsense", **ON)
    c.invoke(UNSAMPLED)
    c.invoke(SAMPLED)
    assert list(map(len, lines(process))) == [SPANS]
    assert f"is not an address such as 127.0.0.1:2000, dropped {SPANS + INIT_SPANS} spans" in process.log


# ---- when there are any ----


@pytest.mark.parametrize("env", [
    {"MOTE_XRAY_UDP_UNSAMPLED": ""},
    {"MOTE_XRAY_UDP_UNSAMPLED": "false"},
    {"OTEL_TRACES_SAMPLER": "always_off"},
    {"OTEL_SDK_DISABLED": "true"},
    {"OTEL_TRACES_EXPORTER": "otlpstdout"},
    {"OTEL_TRACES_EXPORTER": "none"},
])
def test_otherwise_nothing_is_recorded(function, daemon, env):
    process, c = function("hello", **{"OTEL_TRACES_EXPORTER": "xray-udp,otlpstdout", "AWS_XRAY_DAEMON_ADDRESS": daemon.address, **ON, **env})
    c.invoke(UNSAMPLED)
    assert c.invoke(UNSAMPLED).body == GREETING
    assert daemon.empty() and lines(process) == [] and "[WARN]" not in process.log


@pytest.mark.parametrize("sampler,argument", [("parentbased_always_off", ""), ("traceidratio", "0"), ("parentbased_traceidratio", "0")])
def test_whoever_else_decides_against_it(function, daemon, sampler, argument):
    _, c = function("hello", OTEL_TRACES_EXPORTER="xray-udp", AWS_XRAY_DAEMON_ADDRESS=daemon.address, OTEL_TRACES_SAMPLER=sampler,
                    OTEL_TRACES_SAMPLER_ARG=argument, **ON)
    c.invoke(UNSAMPLED)
    assert len(taken(daemon)[0]) == SPANS + INIT_SPANS
    c.invoke(EVENT)  # nobody called: the sampler's own decision
    assert daemon.empty() is (sampler == "parentbased_always_off")


def test_without_a_list_they_go_where_there_is_a_daemon_and_no_endpoint(function, sink, daemon):
    process, c = function("hello", AWS_XRAY_DAEMON_ADDRESS=daemon.address, **ON)
    c.invoke(UNSAMPLED)
    assert len(taken(daemon)[0]) == SPANS + INIT_SPANS and lines(process) == []
    c.invoke(SAMPLED)
    assert daemon.empty() and list(map(len, lines(process))) == [SPANS]  # X-Ray does not keep this one


def test_with_an_endpoint_and_no_list_there_are_none(function, sink, daemon):
    _, c = function("hello", AWS_XRAY_DAEMON_ADDRESS=daemon.address, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, **ON)
    c.invoke(UNSAMPLED)
    c.invoke(SAMPLED)
    assert daemon.empty() and len(received(sink)) == SPANS


def test_the_tail_rule_is_for_what_is_sampled(function, daemon):
    _, c = function("hello", AWS_XRAY_DAEMON_ADDRESS=daemon.address, OTEL_TRACES_EXPORTER="xray-udp", MOTE_TRACES_TAIL="error", **ON)
    c.invoke(UNSAMPLED)
    c.invoke(SAMPLED)
    unsampled, sampled = taken(daemon)
    assert len(unsampled) == SPANS + INIT_SPANS and sampled == []


# ---- what others make of such an invocation ----


def test_what_goes_on_to_others_is_unsampled(function, daemon):
    _, c = function("propagate", AWS_XRAY_DAEMON_ADDRESS=daemon.address, OTEL_TRACES_EXPORTER="xray-udp", **ON)
    sent_on = json.loads(c.invoke(UNSAMPLED).body)["headers"]["traceparent"]
    span, = [s for s in taken(daemon)[0] if s.kind == s.SPAN_KIND_SERVER]
    assert sent_on == f"00-{TRACE}-{span.span_id.hex()}-00"


def test_metrics_and_logs_know_that_it_is_unsampled(function, sink, daemon):
    env = {**ON, "OTEL_LOGS_EXPORTER": "otlp", "OTEL_METRICS_EXPORTER": "otlp", "OTEL_METRIC_EXPORT_INTERVAL": "0"}
    _, c = function("signals", AWS_XRAY_DAEMON_ADDRESS=daemon.address, OTEL_TRACES_EXPORTER="xray-udp", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, **env)
    c.invoke(UNSAMPLED)
    c.invoke(UNSAMPLED)
    unsampled, _ = taken(daemon)
    work = ids(s for s in unsampled if s.name == "work")
    exports = list(sink.exports.queue)
    records = [r for e in exports if e.path == "/v1/logs" for x in e.request().resource_logs for s in x.scope_logs for r in s.log_records]
    assert {r.span_id for r in records} == work and {r.flags & 1 for r in records} == {0}
    metrics = [m for e in exports if e.path == "/v1/metrics" for x in e.request().resource_metrics for s in x.scope_metrics for m in s.metrics]
    durations = [p for m in metrics if m.name == "duration" for p in m.histogram.data_points]
    assert sum(p.count for p in durations) == 2 and not any(p.exemplars for p in durations)
    started = [{a.key: a.value.string_value for a in p.attributes} for m in metrics if m.name == "otel.sdk.span.started" for p in m.sum.data_points]
    assert started and all(a == {"otel.span.sampling_result": "RECORD_ONLY"} for a in started)


def test_the_emulators_daemon_shows_them(tmp_path):
    event = tmp_path / "event.json"
    event.write_bytes(UNSAMPLED)
    words = [w for name, value in {**ON, "OTEL_TRACES_EXPORTER": "xray-udp,otlp,otlpstdout"}.items() for w in ("--env", f"{name}={value}")]
    done = subprocess.run([built("emulator"), "run", "--bootstrap", bootstrap("hello"), "--handler", "hello", "--xray", "--event", event, "-n", "2", *words],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "cannot be shown" not in done.stdout and "__otel_otlp_stdout" not in done.stdout
    drawn = re.findall(r"^trace (\S+)  (\d+) spans", done.stdout, re.M)
    assert drawn == [(TRACE, str(SPANS + INIT_SPANS)), (TRACE, str(SPANS))]
    assert done.stdout.count("aws.trace.flag.sampled=false") == 2 * SPANS + INIT_SPANS
