# SPDX-License-Identifier: MIT
"""Random spans, as careless handlers would record them, decoded by the opentelemetry-proto package and compared field by field with what was done."""

import base64
import gzip
import json
import math
import struct
import subprocess

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from conftest import built

SEEDS = range(24)
INVOCATIONS = 60
ANCHOR_NS = 2_000_000  # spans follow the monotonic clock from one reading of the wall clock


def invocations(seed):
    """What the driver says it did, each with the requests that came of it."""
    env = {"AWS_REGION": "eu-central-1", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test%20bed"}
    done = subprocess.run([built("drivers/spans"), str(seed), str(INVOCATIONS)], env=env, capture_output=True, timeout=60, check=True)
    found = []
    for line in done.stdout.decode("ascii").splitlines():
        record = json.loads(line)
        if "before" in record:
            found.append((record, []))
        else:
            assert list(record)[0] == "__otel_otlp_stdout"
            assert record["source"] == "careless" and record["content-encoding"] == "gzip" and record["base64"] is True
            found[-1][1].append(ExportTraceServiceRequest.FromString(gzip.decompress(base64.b64decode(record["payload"], validate=True))))
    return found


def text(digits):
    """As a receiver must see it: maximal subparts of what is no UTF-8 replaced, as Unicode recommends and Python does."""
    return bytes.fromhex(digits).decode("utf-8", "replace")


def value(any_value):
    return any_value.WhichOneof("value"), getattr(any_value, any_value.WhichOneof("value"))


def same(got, expected):
    if isinstance(expected[1], float):
        return got[0] == expected[0] and struct.pack("<d", got[1]) == struct.pack("<d", expected[1])
    return got == expected


def expected_attributes(did):
    kinds = {
        "s": lambda v: ("string_value", text(v)),
        "i": lambda v: ("int_value", v),
        "d": lambda v: ("double_value", struct.unpack(">d", bytes.fromhex(v))[0]),
        "b": lambda v: ("bool_value", v),
    }
    found = {text(key): kinds[kind](v) for key, kind, v in did["attributes"]}
    if did["unended"]:
        found["mote.span.unended"] = ("bool_value", True)
    return found


def check_attributes(got, expected):
    assert sorted(kv.key for kv in got) == sorted(expected)
    for kv in got:
        assert same(value(kv.value), expected[kv.key]), kv.key


def check_failure(span, did):
    if did["failed"]:
        assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, text(did["status"]))
    else:
        assert not span.HasField("status")
    assert len(span.events) == len(did["events"])
    for event, (kind, message) in zip(span.events, did["events"]):
        assert event.name == "exception" and event.dropped_attributes_count == 0
        assert span.start_time_unix_nano <= event.time_unix_nano <= span.end_time_unix_nano
        expected = {"exception.type": ("string_value", text(kind)), "exception.message": ("string_value", text(message))}
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
    expected.setdefault("faas.invocation_id", ("string_value", did["request"]))
    expected.setdefault("faas.coldstart", ("bool_value", did["cold"]))
    expected.setdefault("faas.trigger", ("string_value", "other"))
    expected.setdefault("aws.lambda.invoked_arn", ("string_value", "arn:aws:lambda:eu-central-1:123456789012:function:careless:live"))
    expected.setdefault("cloud.account.id", ("string_value", "123456789012"))
    expected.setdefault("cloud.resource_id", ("string_value", "arn:aws:lambda:eu-central-1:123456789012:function:careless:42"))
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
    assert not same(("double_value", 0.0), ("double_value", -0.0))
    assert same(("double_value", math.nan), ("double_value", math.nan))
    assert not same(("int_value", 1), ("bool_value", True))
    with pytest.raises(AssertionError):
        check_attributes([], {"a": ("int_value", 1)})
