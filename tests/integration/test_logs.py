# SPDX-License-Identifier: MIT
"""A function's log as records: what lambda_log() and otel.h say, as a receiver and as CloudWatch see it."""

import json
import queue

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber
from otlp_sink import items

EVENT = json.dumps({"queryStringParameters": {"name": "mote"}}).encode()


def exports(sink):
    """Those that there are: each was answered before the last /next came, but may not have been put down yet."""
    try:
        while True:
            yield sink.exports.get(timeout=0.2)
    except queue.Empty:
        return


@pytest.fixture
def logs(function, sink):
    """The records and the spans that came of some invocations, and what the function wrote."""

    def run(name, count=1, **env):
        process, connection = function(name, **{"OTEL_EXPORTER_OTLP_ENDPOINT": sink.url, **env})
        for _ in range(count):
            connection.invoke(EVENT)
        records, spans = [], []
        for export in exports(sink):
            if export.path == "/v1/logs":
                request = ExportLogsServiceRequest.FromString(export.body)
                records += items(request)
            elif export.path == "/v1/traces":
                spans += export.spans()
        return records, spans, process.out.decode()

    return run


def test_a_functions_log_is_exported_and_written(logs):
    records, spans, written = logs("hello", count=3)
    assert [r.body.string_value for r in records] == ["greeted a name of 4 bytes"] * 3
    assert written.count("greeted a name of 4 bytes") == 3
    servers = [s for s in spans if s.kind == s.SPAN_KIND_SERVER]
    for record, server in zip(records, servers, strict=True):
        assert record.severity_number == SeverityNumber.SEVERITY_NUMBER_INFO and record.severity_text == "INFO"
        assert record.trace_id == server.trace_id and record.span_id in {s.span_id for s in spans if s.trace_id == server.trace_id}
        assert server.start_time_unix_nano <= record.time_unix_nano + 2_000_000 and record.observed_time_unix_nano == record.time_unix_nano
        assert record.flags & 1


def test_standard_output_may_be_left_out(logs):
    records, _, written = logs("hello", count=2, MOTE_LOG_STDOUT="false")
    assert len(records) == 2 and "greeted" not in written


def test_without_an_endpoint_for_logs_nothing_changes(logs, sink):
    for env in {"OTEL_LOGS_EXPORTER": "none"}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": sink.url + "/v1/traces"}:
        records, spans, written = logs("hello", MOTE_LOG_STDOUT="false", **env)
        assert not records and spans and written.count("greeted") == 1


def test_a_level_that_is_not_wanted_is_not_exported_either(logs):
    records, _, _ = logs("hello", AWS_LAMBDA_LOG_LEVEL="WARN")
    assert not records


def test_records_are_exported_whether_or_not_the_trace_is_sampled(logs):
    records, spans, _ = logs("hello", OTEL_TRACES_SAMPLER="always_off")
    assert len(records) == 1 and not spans and len(records[0].trace_id) == 16 and not records[0].flags & 1


def test_an_exception_is_an_event_of_the_log_when_that_is_asked_for(logs):
    for opt_in, on_span, in_log in (None, 1, 0), ("logs", 0, 1), ("logs/dup", 1, 1):
        records, spans, _ = logs("signals", OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=opt_in)
        (work,) = [s for s in spans if s.name == "work"]
        events = [r for r in records if r.event_name]
        assert [e.name for e in work.events].count("exception") == on_span and len(events) == in_log
        assert {r.body.string_value for r in records if not r.event_name} == {"a record", "a line"}
        for event in events:
            assert event.event_name == "exception" and event.severity_number == 17 and event.span_id == work.span_id
            said = {a.key: a.value.string_value for a in event.attributes}
            assert said == {"exception.type": "oops", "exception.message": "it broke"}
