# SPDX-License-Identifier: MIT
"""Calls of otel.h made at random, and what ought to come of them: told again in Python by what the header and the specification say, then
compared with every field of every message that opentelemetry-proto decodes."""

from collections import defaultdict
from types import SimpleNamespace

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from drivers import attributes, collection, driven, expected_value, text, value

SEEDS = range(12)
INVOCATIONS = 60
ANCHOR_NS = 2_000_000  # spans follow the monotonic clock from one reading of the wall clock
NAME_BYTES_MAX = 1024

FEW = {
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "7",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "6",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "2",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "1",
    "OTEL_SPAN_EVENT_COUNT_LIMIT": "3",
    "OTEL_SPAN_LINK_COUNT_LIMIT": "2",
    "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": "2",
    "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT": "4",
    "OTEL_LOGS_EXPORTER": "otlpstdout",
}
GENERAL = {"OTEL_LOGS_EXPORTER": "otlpstdout", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "40", "OTEL_ATTRIBUTE_COUNT_LIMIT": "8"}


# ---- spans, told again ----


class Limits:
    def __init__(self, env):
        def number(*names, default):
            return next((int(env[n]) for n in names if n in env), default)

        self.chars = number("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", default=None)
        self.span = number("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", default=128)
        self.event = number("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", default=128)
        self.link = number("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", default=128)
        self.events = number("OTEL_SPAN_EVENT_COUNT_LIMIT", default=128)
        self.links = number("OTEL_SPAN_LINK_COUNT_LIMIT", default=128)
        self.record_chars = number("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", default=None)
        self.record = number("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", default=128)
        self.logs = "OTEL_LOGS_EXPORTER" in env
        exceptions = env.get("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN", "")
        self.exception_records = exceptions in ("logs", "logs/dup") and self.logs
        self.exception_events = not self.exception_records or exceptions == "logs/dup"


OWN = 4  # attributes of the invocation's span that have a place whatever a handler sets
SCOPES = [
    ("library.a", "1.2.3", "", {}),
    ("library.b", "", "https://example.com/schema", {"scope.kind": ("s", "random"), "scope.n": ("i", -1)}),
    ("", "nameless", "", {}),
]


def exception_attrs(did):
    said = [("exception.type", did["type"]), ("exception.message", did["message"]), ("exception.stacktrace", did["stack"])]
    return [(k.encode().hex(), ("s", v)) for k, v in said if v]


class Recorder:
    """One invocation, by the rules of otel.h. spans is what the driver called so, by its numbers; None where there is none."""

    def __init__(self, said, limits):
        self.limits, self.said = limits, said
        self.spans = [self.new("careless", said["is"], kind=Span.SPAN_KIND_SERVER, parent=None, remote=False)]
        self.stack = [0]
        self.records = []
        self.settled = False

    def new(self, name, context, **more):
        span = SimpleNamespace(name=name, context=context, recording=True, open=True, attrs={}, dropped=[0, 0, 0], events=[], links=[], status=None,
                               message="", unended=False, start=0, end=0, scope=-1, aside=False)
        span.__dict__.update(more)
        return span

    # -- opening --

    def do_start(self, did):
        self.open_span(did, {"kind": 0, "parent": -1, "root": False, "current": False, "time": 0, "scope": -1, "attrs": [], "links": []})

    def do_open(self, did):
        self.open_span(did, did)

    def open_span(self, did, w):
        n = did["span"]
        assert n == len(self.spans)
        above = self.spans[self.stack[-1]]
        sampled, nests = True, False
        if "context" in w:
            given = w["context"]
            parent, sampled = given, bool(given["flags"] & 1)
        elif w["root"]:
            parent = given = None
        else:
            given, nests = None, w["parent"] < 0
            of = above if nests else self.spans[w["parent"]]
            if of is None or not of.open:
                return self.no_span(did)
            parent, sampled = of.context, of.recording
        on_stack = nests or w["current"]
        if not sampled and (nests or not on_stack):
            return self.no_span(did)

        context = did["is"]
        assert did["recording"] == sampled and context is not None
        assert context["remote"] is False
        if parent:
            assert context["trace"] == parent["trace"] and context["flags"] == parent["flags"] and context["state"] == parent["state"]
        else:
            assert context["flags"] == 3 and context["state"] == ""
        span = self.new(text(did["name"]), context, kind=w["kind"] or Span.SPAN_KIND_INTERNAL, parent=parent, recording=sampled,
                        remote=bool(given and given["remote"]), start=w["time"], scope=w["scope"], aside=not on_stack)
        self.spans.append(span)
        if on_stack:
            self.stack.append(n)
        for key, v in w["attrs"]:
            self.set(span, key, v)
        for link in w["links"]:
            self.link(span, link)

    def no_span(self, did):
        assert did["is"] is None and did["recording"] is False
        self.spans.append(None)

    # -- what is said about one --

    def set(self, span, key, v):
        kept = OWN if span is self.spans[0] and not self.settled else 0
        if not key or (key not in span.attrs and len(span.attrs) + kept >= self.limits.span):
            span.dropped[0] += 1
        else:
            span.attrs[key] = expected_value(v, self.limits.chars)

    def link(self, span, link):
        if len(span.links) >= self.limits.links:
            span.dropped[2] += 1
        else:
            span.links.append((link["to"], *collection(link["attrs"], self.limits.link, self.limits.chars)))

    def event(self, span, name, time, attrs):
        if len(span.events) >= self.limits.events:
            span.dropped[1] += 1
        else:
            span.events.append((name, time, *collection(attrs, self.limits.event, self.limits.chars)))

    def fail(self, span, message):
        if span.status != Status.STATUS_CODE_OK:
            span.status, span.message = Status.STATUS_CODE_ERROR, text(message)

    def do_set(self, did, span):
        (key, v), = did["attrs"]
        self.set(span, key, v)

    def do_link(self, did, span):
        self.link(span, did)

    def do_event(self, did, span):
        self.event(span, text(did["name"]), did["time"], did["attrs"])

    def do_error(self, did, span):
        self.fail(span, did["message"])

    def do_exception(self, did):
        """As a record, where those are asked for, it is made of a span that is not recorded too, and of none that has ended."""
        span = self.spans[did["span"]]
        if span and not span.open:
            return
        if self.limits.exception_records:
            name = "exception" if did["span"] else "faas.invocation.exception"
            self.do_emit({"span": did["span"] if span else -1, "severity": 17, "body": ["e", None], "attrs": exception_attrs(did),
                          "event_name": name.encode().hex(), "time": 0, "scope": -1})
        if not span or not span.recording:
            return
        if did["type"]:
            self.set(span, b"error.type".hex(), ["s", did["type"]])
        if self.limits.exception_events:
            self.event(span, "exception", 0, exception_attrs(did))
        self.fail(span, did["message"])

    def do_ok(self, did, span):
        span.status, span.message = Status.STATUS_CODE_OK, ""

    def do_rename(self, did, span):
        span.name = text(did["name"])

    # -- log records --

    def do_emit(self, did):
        of = self.spans[self.stack[-1] if did["span"] < 0 else did["span"]]
        names = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
        severity = did["severity"]
        said = text(did["severity_text"]) if "severity_text" in did else names[(severity - 1) // 4] if 1 <= severity <= 24 else ""
        attrs, dropped = collection(did["attrs"], self.limits.record, self.limits.record_chars)
        self.records.append(SimpleNamespace(severity=severity, severity_text=said, body=expected_value(did["body"]), attrs=attrs, dropped=dropped,
                                            event_name=text(did["event_name"]), time=did["time"], scope=did["scope"],
                                            context=of.context if of and of.open else None))

    # -- ending --

    def close(self, n, time, unended):
        span = self.spans[n]
        span.open, span.end, span.unended = False, time, unended

    def do_end(self, did):
        n = did["span"]
        span = self.spans[n]
        if n == 0 or span is None or not span.open:
            return
        while not span.aside and self.stack[-1] != n:
            self.close(self.stack.pop(), did["time"], True)
        if not span.aside:
            self.stack.pop()
        self.close(n, did["time"], False)

    def describe(self, invocation):
        """The library's own words come last, and what the handler has said stands."""
        own = {"faas.invocation_id": ["s", b"id".hex()], "faas.coldstart": ["b", self.said["cold"]], "faas.trigger": ["s", b"other".hex()]}
        self.settled = True
        for key, v in own.items():
            if key.encode().hex() not in invocation.attrs:
                self.set(invocation, key.encode().hex(), v)

    def play(self):
        for did in self.said["did"]:
            do = getattr(self, f"do_{did['do']}")
            if did["do"] in ("start", "open", "end", "emit", "exception"):
                do(did)
            elif (span := self.spans[did["span"]]) and span.open and span.recording:
                do(did, span)
        self.describe(self.spans[0])
        for n, span in enumerate(self.spans):
            if span and span.open:
                self.close(n, 0, n > 0)
        return [s for s in self.spans if s and s.recording]


# ---- comparing ----


def name_that_fits(name):
    return name.encode()[:NAME_BYTES_MAX].decode("utf-8", "ignore")


def check_times(got, span, low, high):
    if span.start:
        assert got.start_time_unix_nano == span.start
    else:
        assert low <= got.start_time_unix_nano <= high
    if span.end:
        assert got.end_time_unix_nano == span.end
    else:
        assert low <= got.end_time_unix_nano <= high


def check_span(got, span, low, high):
    expected = {text(k): v for k, v in span.attrs.items()}
    if span.unended:
        expected["mote.span.unended"] = ("b", True)
    assert attributes(got.attributes) == expected
    assert got.name == name_that_fits(span.name) and got.kind == span.kind
    assert got.trace_id.hex() == span.context["trace"] and got.span_id.hex() == span.context["id"]
    assert got.parent_span_id.hex() == (span.parent["id"] if span.parent else "")
    assert got.trace_state == text(span.context["state"])
    assert got.flags == span.context["flags"] | 0x100 | (0x200 if span.remote else 0)
    assert [got.dropped_attributes_count, got.dropped_events_count, got.dropped_links_count] == span.dropped
    assert (got.status.code, got.status.message) == (span.status or 0, span.message)
    check_times(got, span, low, high)
    assert len(got.events) == len(span.events)
    for event, (name, time, attrs, dropped) in zip(got.events, span.events):
        assert event.name == name and attributes(event.attributes) == attrs and event.dropped_attributes_count == dropped
        assert event.time_unix_nano == time if time else low <= event.time_unix_nano <= high
    assert len(got.links) == len(span.links)
    for link, (to, attrs, dropped) in zip(got.links, span.links):
        assert (link.trace_id.hex(), link.span_id.hex(), link.trace_state) == (to["trace"], to["id"], text(to["state"]))
        assert link.flags == to["flags"] | 0x100 | (0x200 if to["remote"] else 0)
        assert attributes(link.attributes) == attrs and link.dropped_attributes_count == dropped


def check_scope(scope_spans, number):
    scope, schema = scope_spans.scope, scope_spans.schema_url
    if number < 0:
        assert scope.name == "mote" and scope.version and schema == "https://opentelemetry.io/schemas/1.44.0"
    else:
        assert (scope.name, scope.version, schema, attributes(scope.attributes)) == SCOPES[number]
    assert scope.dropped_attributes_count == 0


def check_record(got, record, low, high):
    assert attributes(got.attributes) == record.attrs and got.dropped_attributes_count == record.dropped
    assert value(got.body) == record.body and got.HasField("body") == (record.body[0] != "e")
    assert (got.severity_number, got.severity_text, got.event_name) == (record.severity, record.severity_text, record.event_name)
    assert got.time_unix_nano == record.time if record.time else low <= got.time_unix_nano <= high
    assert low <= got.observed_time_unix_nano <= high
    c = record.context or {"trace": "", "id": "", "flags": 0}
    assert (got.trace_id.hex(), got.span_id.hex(), got.flags) == (c["trace"], c["id"], c["flags"])


def check_records(records, requests, low, high):
    """Those of one scope come together, in the order in which they were made."""
    left = {n: [r for r in records if r.scope == n] for n in {r.scope for r in records}}
    for of in (of for request in requests for of in request.resource_logs):
        for scope_logs in of.scope_logs:
            n = next(n for n in left if left[n] and is_scope(scope_logs, n))
            check_scope(scope_logs, n)
            for got in scope_logs.log_records:
                check_record(got, left[n].pop(0), low, high)
    assert not any(left.values())
    return len(records)


def is_scope(got, n):
    return got.scope.name == ("mote" if n < 0 else SCOPES[n][0])


def check_invocation(said, exports, limits):
    """How many spans and records it had."""
    recorder = Recorder(said, limits)
    spans = {s.context["id"]: s for s in recorder.play()}
    requests = [ExportTraceServiceRequest.FromString(r) for r in exports["/v1/traces"]]
    low, high = said["before"] - ANCHOR_NS, said["after"] + ANCHOR_NS
    logs = [ExportLogsServiceRequest.FromString(r) for r in exports["/v1/logs"]]
    counted = check_records(recorder.records, logs, low, high) if limits.logs else 0
    assert limits.logs or not logs
    seen = set()
    for request in requests:
        of, = request.resource_spans
        assert {kv.key: kv.value.string_value for kv in of.resource.attributes}["service.name"] == "careless"
        for scope_spans in of.scope_spans:
            assert scope_spans.spans
            for got in scope_spans.spans:
                span = spans[got.span_id.hex()]
                assert got.span_id not in seen
                seen.add(got.span_id)
                check_scope(scope_spans, span.scope)
                check_span(got, span, low, high)
    assert len(seen) == len(spans)
    return len(seen) + counted


def recorded(seed, **env):
    found = []
    for said, export in driven("signals", seed, INVOCATIONS, **env):
        if said:
            found.append((said, defaultdict(list)))
        else:
            found[-1][1][export[0]].append(export[1])
    return found


SETTINGS = {"default": {}, "few": FEW, "general": GENERAL, "exceptions": {"OTEL_LOGS_EXPORTER": "otlpstdout", "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN": "logs"}}


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_spans_and_records_are_what_was_called_for(seed, settings):
    env = SETTINGS[settings]
    assert sum(check_invocation(said, exports, Limits(env)) for said, exports in recorded(seed, **env)) > 100


def test_a_mistake_would_be_seen():
    env = FEW
    (said, exports), *_ = recorded(3, **env)
    check_invocation(said, exports, Limits(env))
    request = ExportTraceServiceRequest.FromString(exports["/v1/traces"][0])
    span = request.resource_spans[0].scope_spans[0].spans[0]
    for field, wrong in (("name", span.name + "x"), ("flags", span.flags ^ 1), ("dropped_links_count", 7), ("end_time_unix_nano", 1)):
        right = getattr(span, field)
        setattr(span, field, wrong)
        with pytest.raises(AssertionError):
            check_invocation(said, exports | {"/v1/traces": [request.SerializeToString()]}, Limits(env))
        setattr(span, field, right)
    for wrong in ([], exports["/v1/logs"] * 2):
        with pytest.raises((AssertionError, StopIteration)):
            check_invocation(said, exports | {"/v1/logs": wrong}, Limits(env))
