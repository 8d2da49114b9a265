# SPDX-License-Identifier: MIT
"""Random spans, as careless handlers would record them, decoded by the opentelemetry-proto package and compared field by field with what was done."""

import math

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from drivers import attributes, driven, expected_value, text, value

SEEDS = range(24)
INVOCATIONS = 60
ANCHOR_NS = 2_000_000  # spans follow the monotonic clock from one reading of the wall clock


def invocations(seed):
    """What the driver says it did, each with the requests that came of it."""
    env = {"AWS_REGION": "eu-central-1", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test%20bed"}
    found = []
    for record, exported in driven("spans", seed, INVOCATIONS, **env):
        if record:
            found.append((record, []))
        else:
            assert exported[0] == "/v1/traces"
            found[-1][1].append(ExportTraceServiceRequest.FromString(exported[1]))
    return found


def expected_attributes(did):
    found = {text(key): expected_value(v) for key, v in did["attributes"]}
    if did["unended"]:
        found["mote.span.unended"] = ("b", True)
    return found


def check_attributes(got, expected):
    assert attributes(got) == expected


def check_failure(span, did):
    if did["failed"]:
        assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, text(did["status"]))
    else:
        assert not span.HasField("status")
    assert len(span.events) == len(did["events"])
    for event, (kind, message) in zip(span.events, did["events"]):
        assert event.name == "exception" and event.dropped_attributes_count == 0
        assert span.start_time_unix_nano <= event.time_unix_nano <= span.end_time_unix_nano
        expected = {"exception.type": ("s", text(kind)), "exception.message": ("s", text(message))}
        check_attributes(event.attributes, {k: v for k, v in expected.items() if v[1]})


def check_common(span, did, trace_id):
    assert span.trace_id == trace_id and len(span.span_id) == 8 and any(span.span_id)
    assert span.name == text(did["name"])
    assert span.trace_state == "" and not span.links
    assert (span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count) == (0, 0, 0)
    check_failure(span, did)


def check_invocation(span, did):
    caller = bytes.fromhex(did["caller"])
    did["invocation"]["name"] = b"careless".hex()
    check_common(span, did["invocation"], bytes.fromhex(did["trace"]) or span.trace_id)
    assert len(span.trace_id) == 16 and span.kind == Span.SPAN_KIND_SERVER
    if not did["trace"]:
        assert abs(int.from_bytes(span.trace_id[:4], "big") - did["before"] // 10**9) <= 1
    assert span.parent_span_id == caller
    assert span.flags == (0x301 if caller else 0x101 if did["trace"] else 0x103)
    assert did["before"] - ANCHOR_NS <= span.start_time_unix_nano <= span.end_time_unix_nano <= did["after"] + ANCHOR_NS
    expected = expected_attributes(did["invocation"])
    expected.setdefault("faas.invocation_id", ("s", did["request"]))
    expected.setdefault("faas.coldstart", ("b", did["cold"]))
    expected.setdefault("faas.trigger", ("s", "other"))
    expected.setdefault("aws.lambda.invoked_arn", ("s", "arn:aws:lambda:eu-central-1:123456789012:function:careless:live"))
    expected.setdefault("cloud.account.id", ("s", "123456789012"))
    expected.setdefault("cloud.resource_id", ("s", "arn:aws:lambda:eu-central-1:123456789012:function:careless:42"))
    check_attributes(span.attributes, expected)


def check_child(span, did, parent, trace_flags):
    check_common(span, did, parent.trace_id)
    assert span.kind == Span.SPAN_KIND_INTERNAL
    assert span.parent_span_id == parent.span_id
    assert span.flags == 0x100 | trace_flags
    assert parent.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano <= parent.end_time_unix_nano
    check_attributes(span.attributes, expected_attributes(did))


def check_resource(request):
    resource_spans, = request.resource_spans
    scope_spans, = resource_spans.scope_spans
    assert resource_spans.schema_url == scope_spans.schema_url == "https://opentelemetry.io/schemas/1.44.0"
    assert scope_spans.scope.name == "mote" and scope_spans.scope.version
    found = {kv.key: kv.value for kv in resource_spans.resource.attributes}
    assert len(found) == len(resource_spans.resource.attributes) and resource_spans.resource.dropped_attributes_count == 0
    plain = {k: value(v)[1] for k, v in found.items() if v.WhichOneof("value") != "array_value"}
    version = plain.pop("telemetry.sdk.version")
    assert version == scope_spans.scope.version
    assert plain == {
        "service.name": "careless",
        "telemetry.sdk.name": "mote",
        "telemetry.sdk.language": "c",
        "cloud.provider": "aws",
        "cloud.platform": "aws_lambda",
        "cloud.region": "eu-central-1",
        "faas.name": "careless",
        "faas.version": "42",
        "faas.instance": "2026/11/21/[42]feed",
        "faas.max_memory": 256 << 20,
        "deployment.environment.name": "test bed",
    }
    assert [v.string_value for v in found["aws.log.group.names"].array_value.values] == ["/aws/lambda/careless"]
    assert [v.string_value for v in found["aws.log.stream.names"].array_value.values] == ["2026/11/21/[42]feed"]
    return scope_spans.spans


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_recorded_is_what_arrives(seed):
    counted = 0
    for did, requests in invocations(seed):
        got = [span for request in requests for span in check_resource(request)]
        *children, root = got
        assert len(children) == len(did["spans"])
        check_invocation(root, did)
        by_index = {-1: root}
        ended = sorted(range(len(did["spans"])), key=lambda i: did["spans"][i]["ended"])
        by_index.update(zip(ended, children))
        for i, child in enumerate(did["spans"]):
            check_child(by_index[i], child, by_index[child["parent"]], root.flags & 0xff)
        assert len({span.span_id for span in got}) == len(got)
        counted += len(got)
    assert counted > 300


def test_a_mistake_would_be_seen():
    """The comparison is strict where Python is not."""
    nan, zero = expected_value(["d", "7ff8000000000000"]), expected_value(["d", "0000000000000000"])
    check_attributes([KeyValue(key="a", value=AnyValue(double_value=math.nan))], {"a": nan})
    for got, expected in [([], nan), ([AnyValue(double_value=-0.0)], zero), ([AnyValue(int_value=1)], ("b", True))]:
        with pytest.raises(AssertionError):
            check_attributes([KeyValue(key="a", value=v) for v in got], {"a": expected})
