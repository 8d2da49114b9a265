# SPDX-License-Identifier: MIT
"""What goes in and what goes on: the propagate handler under the emulator, case by case as W3C and Zipkin have them."""

import json
import re
import time

import pytest

TRACE, SPAN = "12345678901234567890123456789012", "1234567890123456"
PARENT = f"00-{TRACE}-{SPAN}-01"
XRAY = f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={SPAN};Sampled=1"


def http_api(headers):
    """As an HTTP API or a function URL sends it: repeated headers are joined with commas."""
    joined = {}
    for name, value in headers:
        name = name.lower()
        joined[name] = joined[name] + "," + value if name in joined else value
    return {"version": "2.0", "routeKey": "$default", "headers": joined, "requestContext": {"http": {"method": "GET"}}}


def rest(headers):
    """As a REST API sends it: both maps, the last value of a name and all of them."""
    single, multi = {}, {}
    for name, value in headers:
        single[name] = value
        multi.setdefault(name, []).append(value)
    return {"resource": "/", "httpMethod": "GET", "headers": single, "multiValueHeaders": multi}


def alb(headers):
    event = rest([(name.lower(), value) for name, value in headers])
    del event["headers"]
    return {**event, "requestContext": {"elb": {"targetGroupArn": "arn"}}}


SHAPES = [http_api, rest, alb]


@pytest.fixture
def send(emulate):
    """send([(name, value), ...]) gives the headers that go on, for each list of headers."""

    def run(*requests, shape=http_api, env=(), trace=None, client=None):
        options = [word for e in env for word in ("--env", e)]
        if trace is not None:
            options += ["--trace", trace]
        if client is not None:
            options += ["--client-context", client]
        report = emulate("propagate", *options, events=[json.dumps(shape(r)).encode() for r in requests])
        assert report.violations == [] and report.status == 0, report.log
        return [json.loads(a)["headers"] for a in report.answers()]

    return run


def trace_of(headers):
    version, trace, span, flags = headers["traceparent"].split("-")
    assert version == "00" and re.fullmatch("[0-9a-f]{32}", trace) and re.fullmatch("[0-9a-f]{16}", span)
    assert re.fullmatch("0[0-3]", flags) and int(trace, 16) and int(span, 16) and span != SPAN
    return trace


# ---- traceparent ----

CONTINUED = [
    PARENT,
    f"00-{TRACE}-{SPAN}-00",
    f"00-{TRACE}-{SPAN}-ff",
    f"cc-{TRACE}-{SPAN}-01",
    f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like",
    f" {PARENT}",
    f"\t{PARENT}",
    f"{PARENT} ",
    f"\t {PARENT} \t",
]
RESTARTED = [
    f"{PARENT}.",
    f"{PARENT}-what-the-future-will-be-like",
    f"cc-{TRACE}-{SPAN}-01.what-the-future-will-be-like",
    f"ff-{TRACE}-{SPAN}-01",
    f".0-{TRACE}-{SPAN}-01",
    f"0.-{TRACE}-{SPAN}-01",
    f"000-{TRACE}-{SPAN}-01",
    f"0-{TRACE}-{SPAN}-01",
    f"00-{'0' * 32}-{SPAN}-01",
    f"00-.{TRACE[1:]}-{SPAN}-01",
    f"00-{TRACE}3-{SPAN}-01",
    f"00-{TRACE[:-1]}-{SPAN}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"00-{TRACE}-.{SPAN[1:]}-01",
    f"00-{TRACE}-{SPAN}7-01",
    f"00-{TRACE}-{SPAN[:-1]}-01",
    f"00-{TRACE}-{SPAN}-.0",
    f"00-{TRACE}-{SPAN}-0.",
    f"00-{TRACE}-{SPAN}-001",
    f"00-{TRACE}-{SPAN}-1",
    f"00-{TRACE[:-1]}A-{SPAN}-01",
    "",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_valid_traceparent_goes_on_with_a_span_of_our_own(send, shape):
    for name in "traceparent", "TraceParent", "TRACEPARENT":
        seen = send(*[[(name, value)] for value in CONTINUED], shape=shape)
        assert [trace_of(h) for h in seen] == [TRACE] * len(CONTINUED)
        assert len({h["traceparent"].split("-")[2] for h in seen}) == len(CONTINUED)
        assert [h["traceparent"][-2:] for h in seen[:3]] == ["01", "00", "03"]


@pytest.mark.parametrize("shape", SHAPES)
def test_an_invalid_or_repeated_traceparent_starts_a_new_trace(send, shape):
    requests = [[("traceparent", value), ("tracestate", "a=1")] for value in RESTARTED]
    requests += [
        [],
        [("trace-parent", PARENT)],
        [("trace.parent", PARENT)],
        [("traceparent", PARENT), ("traceparent", PARENT)],
        [("tracestate", "foo=1")],
    ]
    seen = send(*requests, shape=shape)
    assert TRACE not in {trace_of(h) for h in seen} and len({trace_of(h) for h in seen}) == len(seen)
    assert all("tracestate" not in h and h["traceparent"][-2:] in ("01", "03") for h in seen)


# ---- tracestate ----

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"
VALUE = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) not in ",=")
TRACESTATES = [  # the headers, and what goes on
    (["foo=1,bar=2"], "foo=1,bar=2"),
    (["foo=1,bar=2", "rojo=1,congo=2", "baz=3"], "foo=1,bar=2,rojo=1,congo=2,baz=3"),
    (["foo=1", ""], "foo=1"),
    (["", "foo=1"], "foo=1"),
    ([""], None),
    (["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
    (["\t foo=1 \t"], "foo=1"),
    ([f"{LETTERS}={VALUE}"], f"{LETTERS}={VALUE}"),
    ([f"{LETTERS}@a-z0-9_-*/={VALUE}"], f"{LETTERS}@a-z0-9_-*/={VALUE}"),
    (["foo=1", "z" * 256 + "=1"], "foo=1," + "z" * 256 + "=1"),
    (["foo=1", "z" * 257 + "=1"], None),
    (["t" * 241 + "@" + "v" * 14 + "=1"], "t" * 241 + "@" + "v" * 14 + "=1"),
    (["foo=" + "v" * 256], "foo=" + "v" * 256),
    (["foo=" + "v" * 257], None),
    (["foo=1,foo=2"], "foo=1"),
    (["foo=1", "foo=2"], "foo=1"),
    (["foo =1"], None),
    (["FOO=1"], None),
    (["foo.bar=1"], None),
    (["foo=1,bar"], None),
    (["foo=bar=baz"], None),
    (["foo=,bar=3"], None),
    ([",".join(f"bar{i:02}={i:02}" for i in range(1, 33))], ",".join(f"bar{i:02}={i:02}" for i in range(1, 33))),
    ([",".join(f"bar{i:02}={i:02}" for i in range(1, 34))], None),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_tracestate_goes_on_or_is_dropped_and_never_harms_the_traceparent(send, shape):
    requests = [[("traceparent", PARENT), *[("TraceState", v) for v in values]] for values, _ in TRACESTATES]
    seen = send(*requests, shape=shape)
    assert [trace_of(h) for h in seen] == [TRACE] * len(seen)
    assert [h.get("tracestate") for h in seen] == [expected for _, expected in TRACESTATES]


# ---- baggage ----

OWS = " \t "
BAGGAGE = [
    (["SomeKey=SomeValue"], "SomeKey=SomeValue"),
    (["a=1;p,b=2;q=r", "c=3"], "a=1;p,b=2;q=r,c=3"),
    ([f"a{OWS}={OWS}1{OWS};{OWS}p{OWS}={OWS}q{OWS},{OWS}b=2"], "a=1;p=q,b=2"),
    (["a=b=c"], "a=b=c"),
    (["a=%09%20%22%27%3B%3D%2C%F0%9F%98%80"], "a=%09%20%22%27%3B%3D%2C%F0%9F%98%80"),
    (["a=1,broken,b=2"], "a=1,b=2"),
    (["a=1,b=x y,c=3"], "a=1,c=3"),
    ([""], None),
    ([",".join(f"key{i}=value" for i in range(64))], ",".join(f"key{i}=value" for i in range(64))),
    (["a=" + "0123456789" * 819], "a=" + "0123456789" * 819),
    (["a=" + "0123456789" * 819 + "x"], None),
    (["a=1,b=" + "x" * 8192 + ",c=3"], "a=1,c=3"),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_baggage_goes_on_in_whole_members_with_or_without_a_trace(send, shape):
    for more in [], [("traceparent", PARENT)]:
        seen = send(*[[*more, *[("Baggage", v) for v in values]] for values, _ in BAGGAGE], shape=shape)
        assert [h.get("baggage") for h in seen] == [expected for _, expected in BAGGAGE]


# ---- the others, and the list ----


def test_lambdas_header_is_the_parent_when_w3c_says_nothing(send):
    (seen,) = send([], trace=XRAY)
    assert trace_of(seen) == TRACE
    span = seen["traceparent"].split("-")[2]
    assert seen["X-Amzn-Trace-Id"] == f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={span};Sampled=1"
    (seen,) = send([("traceparent", f"00-{'a' * 32}-{SPAN}-01")], trace=XRAY)
    assert trace_of(seen) == "a" * 32
    for env in "tracecontext", "none":
        (seen,) = send([], trace=XRAY, env=[f"OTEL_PROPAGATORS={env}"])
        assert TRACE not in json.dumps(seen)


@pytest.mark.parametrize("header", [XRAY.replace("=1;", "=0;")[:-1] + "0", f"Root=1-{TRACE[:8]}-{TRACE[8:]}", XRAY[:-1] + "0;Lineage=1:ab:0"])
def test_what_lambda_passes_through_does_not_silence_and_is_said_once(emulate, header):
    report = emulate("propagate", "--trace", header, events=[b"{}", b"{}"])
    seen = [json.loads(a)["headers"] for a in report.answers()]
    assert [(trace_of(h), h["traceparent"][-2:]) for h in seen] == [(TRACE, "01")] * 2
    assert report.logs().count("MOTE_FOLLOW_LAMBDA_SAMPLING=true") == 1


def test_lambdas_decision_is_followed_when_asked_for(send):
    (seen,) = send([], trace=XRAY[:-1] + "0", env=["MOTE_FOLLOW_LAMBDA_SAMPLING=true"])
    assert trace_of(seen) == TRACE and seen["traceparent"].endswith("-00")


def test_b3_in_either_form(send):
    multi = [("X-B3-TraceId", TRACE), ("X-B3-SpanId", SPAN), ("X-B3-Sampled", "1")]
    for headers in [("b3", f"{TRACE}-{SPAN}-1")], multi:
        (seen,) = send(headers, env=["OTEL_PROPAGATORS=b3"])
        assert re.fullmatch(f"{TRACE}-[0-9a-f]{{16}}-1", seen["b3"]) and list(seen) == ["b3"]
        (seen,) = send(headers, env=["OTEL_PROPAGATORS=b3multi"])
        assert seen["X-B3-TraceId"] == TRACE and seen["X-B3-Sampled"] == "1" and seen["X-B3-SpanId"] != SPAN
    seen = send([("b3", f"{TRACE}-{SPAN}-d")], [("b3", f"{TRACE[16:]}-{SPAN}-0")], env=["OTEL_PROPAGATORS=b3"])
    assert seen[0]["b3"].endswith("-d") and seen[1]["b3"].startswith("0" * 16 + TRACE[16:]) and seen[1]["b3"][-1] == "0"


def test_the_last_valid_one_of_the_list_wins(send):
    both = [("traceparent", PARENT), ("b3", f"{'b' * 32}-{SPAN}-1")]
    for names, trace in ("tracecontext,b3", "b" * 32), ("b3,tracecontext", TRACE):
        (seen,) = send(both, env=[f"OTEL_PROPAGATORS={names}"])
        assert trace_of(seen) == trace and seen["b3"].startswith(trace)


def test_the_client_contexts_w3c_is_read(send):
    client = json.dumps({"custom": {}, "w3c": {"traceparent": PARENT, "tracestate": "a=1", "baggage": "k=v", "x": 1}})
    (seen,) = send([("traceparent", f"00-{'a' * 32}-{SPAN}-01")], client=client)
    assert trace_of(seen) == TRACE and seen["tracestate"] == "a=1" and seen["baggage"] == "k=v"


def test_with_the_sdk_disabled_the_callers_context_goes_on_as_it_is(send):
    (seen,) = send([("traceparent", PARENT), ("baggage", "a=1")], env=["OTEL_SDK_DISABLED=true"])
    assert seen["traceparent"] == PARENT and seen["baggage"] == "a=1"
    assert send([], env=["OTEL_SDK_DISABLED=true", "OTEL_PROPAGATORS=tracecontext,baggage"]) == [{}]


def test_new_trace_ids_begin_with_the_time_unless_they_are_to_be_random(send):
    alone = ["OTEL_PROPAGATORS=tracecontext"]
    by_time = [int(trace_of(h)[:8], 16) for h in send([], [], [], env=alone)]
    assert all(abs(seconds - time.time()) < 60 for seconds in by_time)
    random = [int(trace_of(h)[:8], 16) for h in send([], [], [], env=[*alone, "MOTE_RANDOM_IDS=true"])]
    assert len(set(random)) == 3 and any(abs(seconds - time.time()) > 3600 for seconds in random)


def test_the_span_that_is_sent_on_is_the_one_that_is_exported(function, sink):
    _, connection = function("propagate", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    answer = json.loads(connection.invoke(json.dumps(http_api([("traceparent", PARENT)])).encode()).body)["headers"]
    (span,) = [s for s in sink.take().spans() if s.kind == s.SPAN_KIND_SERVER]
    assert span.trace_id.hex() == TRACE and span.span_id.hex() == answer["traceparent"].split("-")[2]
