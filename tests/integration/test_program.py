# SPDX-License-Identifier: MIT
"""otel.h in a program that is no Lambda function: tests/conformance/plain.c, from otel_init() to otel_shutdown()."""

import json
import subprocess

from conftest import built
from otlp_sink import Sink

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def run(*words, **env):
    return subprocess.run([built("drivers/plain"), *words], env=env, capture_output=True, timeout=20)


def test_a_program_has_a_trace():
    with Sink() as sink:
        done = run("one two three", "", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, TRACEPARENT=TRACEPARENT)
        request = sink.take().request()
    assert (done.returncode, done.stderr) == (0, b"3 words\n")
    resource, = request.resource_spans
    assert {kv.key: kv.value.string_value for kv in resource.resource.attributes}["service.name"] == "plain"
    assert not any(kv.key.startswith(("faas.", "cloud.")) for kv in resource.resource.attributes)
    spans = {scope.scope.name: list(scope.spans) for scope in resource.scope_spans}
    assert sorted(spans) == ["mote", "word-counter"]
    root, = spans["mote"]
    assert root.parent_span_id.hex() == "b7ad6b7169203331" and root.trace_id.hex() == TRACEPARENT[3:35] and root.flags == 0x301
    assert [v.string_value for v in root.attributes[0].value.array_value.values][1:] == ["one two three", ""]
    first, second = spans["word-counter"]
    assert first.parent_span_id == second.parent_span_id == root.span_id
    assert [(e.name, e.attributes[0].value.int_value) for e in first.events] == [("counted", 1)]
    assert {kv.key for kv in first.attributes} == {"code.file.path", "code.line.number", "code.function.name", "words"}
    assert second.status.code == 2 and [e.name for e in second.events] == ["counted", "exception"]


def test_shutdown_says_what_could_not_be_sent():
    done = run("word", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    assert done.returncode == 1 and b"dropped 2 spans" in done.stderr


def early(**env):
    done = subprocess.run([built("drivers/early")], env=env, capture_output=True, timeout=20)
    assert done.returncode == 0
    return done


def test_what_is_measured_before_the_start_is_measured():
    done = early(OTEL_METRICS_EXPORTER="otlp/stdout")
    scope, = json.loads(done.stdout)["resourceMetrics"][0]["scopeMetrics"]
    steps, = [m for m in scope["metrics"] if m["name"] == "steps"]
    assert [p["asInt"] for p in steps["sum"]["dataPoints"]] == ["7"]
    assert done.stderr == b""


WRONG = {
    "OTEL_METRICS_EXPORTER": "otlp/stdout,bogus", "OTEL_TRACES_EXPORTER": "bogus", "OTEL_METRIC_EXPORT_INTERVAL": "bogus",
    "OTEL_METRICS_EXEMPLAR_FILTER": "bogus", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "bogus",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "bogus", "MOTE_FAAS_METRICS": "bogus", "OTEL_SDK_DISABLED": "bogus",
}


def test_what_is_wrong_is_said_once_however_early():
    said = early(**WRONG).stderr.decode()
    assert len(said.splitlines()) == len(WRONG)
    for name in WRONG:
        assert said.count(f"{name}=bogus: ") == 1


def test_nothing_is_measured_where_telemetry_is_off():
    done = early(OTEL_METRICS_EXPORTER="otlp/stdout", OTEL_SDK_DISABLED="true")
    assert (done.stdout, done.stderr) == (b"", b"")
