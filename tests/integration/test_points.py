# SPDX-License-Identifier: MIT
"""Measurements made at random by instruments of every kind, aggregated again in Python, and compared with every field of every point that arrives."""

import fnmatch
import json
import math
import struct
from types import SimpleNamespace

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from drivers import attributes, driven, expected_value, text
from exponential import sides
from otlp_sink import items, points

SEEDS = range(8)
INVOCATIONS = 60
COUNTER, UPDOWN, GAUGE, HISTOGRAM = range(4)
DEFAULT, DROP, SUM, LAST, EXPLICIT, EXPONENTIAL = range(6)
BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]
OVERFLOW = {"otel.metric.overflow": ("b", True)}
RESERVOIR = 20

EVERY_TIME = {"OTEL_METRICS_EXPORTER": "otlpstdout", "OTEL_METRIC_EXPORT_INTERVAL": "86400000"}
PREFERENCE = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"
HISTOGRAMS = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"
SETTINGS = {
    "default": {},
    "cumulative": {PREFERENCE: "cumulative"},
    "lowmemory": {PREFERENCE: "lowmemory", HISTOGRAMS: "base2_exponential_bucket_histogram"},
}


def number(said):
    return struct.unpack(">d", bytes.fromhex(said))[0] if isinstance(said, str) else said


# ---- streams, told again ----


class Stream:
    def __init__(self, instrument, view, env):
        self.view, self.instrument = view, instrument
        preference, kind = env.get(PREFERENCE, "delta"), instrument["kind"]
        self.name = view.get("name") or instrument["name"]
        self.description = view.get("description") or instrument["description"]
        histogram = EXPONENTIAL if HISTOGRAMS in env else EXPLICIT
        self.aggregation = view.get("aggregation") or {GAUGE: LAST, HISTOGRAM: histogram}.get(kind, SUM)
        self.monotonic = kind in (COUNTER, HISTOGRAM)
        self.delta = preference != "cumulative" and self.monotonic and not (preference == "lowmemory" and instrument["observed"])
        self.fades = self.delta or instrument["observed"] or (self.aggregation == LAST and preference == "delta")
        bounds = view.get("bounds") or instrument["bounds"]
        self.bounds = BOUNDS if bounds is None else [number(b) for b in bounds]
        self.buckets = view.get("buckets") or 160
        self.limit = view.get("limit") or 2000
        self.points, self.reported = {}, {}

    def add(self, value, labels, said):
        if self.aggregation != LAST and not math.isfinite(value):
            return
        found = {text(k): expected_value(v) for k, v in labels}
        kept = found if self.view.get("keep") is None else {k: v for k, v in found.items() if k in self.view["keep"]}
        key = json.dumps(kept, sort_keys=True)
        if key not in self.points and len(self.points) - (OVERFLOW_KEY in self.points) + 1 >= self.limit:
            key, kept = OVERFLOW_KEY, OVERFLOW
        if key not in self.points:
            self.points[key] = SimpleNamespace(attributes=kept, values=[], recent=[], began=(said["before"], said["after"]))
        self.points[key].values.append(value)
        others = {} if self.view.get("keep") is None else {k: v for k, v in found.items() if k not in self.view["keep"]}
        self.points[key].recent.append((value, said["span"], others))

    def collected(self):
        for key, point in self.points.items():
            self.reported[key] = point.values[-1]
            point.recent = []
        if self.fades:
            self.points = {}


OVERFLOW_KEY = json.dumps(OVERFLOW)


def streams_of(tables, env):
    """For each instrument, its streams."""
    found = []
    for instrument in tables["instruments"]:
        views = [v for v in tables["views"] if fnmatch.fnmatchcase(instrument["name"].lower(), v["instrument"].lower())]
        found.append([Stream(instrument, v, env) for v in views or [{}] if v.get("aggregation") != DROP])
    return found


# ---- comparing ----


def bits(value):
    return struct.pack("<d", value)


def in_order(values):
    total = 0.0
    for v in values:
        total += v
    return total


def check_number(got, stream, point, key):
    values, which = point.values, got.WhichOneof("value")
    assert which == ("as_double" if stream.instrument["double"] else "as_int")
    if stream.aggregation == LAST or stream.instrument["observed"]:
        expected = values[-1]
        if stream.aggregation == SUM and stream.delta and expected >= stream.reported.get(key, 0):
            expected -= stream.reported.get(key, 0)
    else:
        expected = in_order(values) if stream.instrument["double"] else sum(values)
    shown = getattr(got, which)
    assert bits(shown) == bits(expected) if which == "as_double" else shown == expected


def check_distribution(got, values):
    assert got.count == len(values)
    assert (got.min, got.max) == (min(values), max(values))
    assert got.HasField("sum") == (min(values) >= 0)
    assert not got.HasField("sum") or bits(got.sum) == bits(in_order(values))
    assert got.flags == 0


def check_explicit(got, stream, point, _):
    check_distribution(got, point.values)
    assert list(got.explicit_bounds) == stream.bounds
    counts = [0] * (len(stream.bounds) + 1)
    for v in point.values:
        counts[sum(v > b for b in stream.bounds)] += 1
    assert list(got.bucket_counts) == counts


def check_exponential(got, stream, point, _):
    check_distribution(got, point.values)
    scale, (positive, negative) = sides(point.values, stream.buckets)
    assert got.zero_count == point.values.count(0) and got.zero_threshold == 0
    assert got.scale == scale
    for side, (offset, counts) in (got.positive, positive), (got.negative, negative):
        assert (side.offset, list(side.bucket_counts)) == (offset, counts)


def check_exemplars(got, stream, point, collected_at):
    if stream.instrument["observed"]:
        assert not got
        return
    slots = {EXPLICIT: len(stream.bounds) + 1, EXPONENTIAL: min(RESERVOIR, stream.buckets)}.get(stream.aggregation, 1)
    assert len(got) <= slots and bool(got) == bool(point.recent)
    if stream.aggregation == EXPLICIT:
        buckets = [sum(number_of(e) > b for b in stream.bounds) for e in got]
        assert len(set(buckets)) == len(buckets)
    if stream.aggregation == EXPONENTIAL:
        assert len(got) == min(slots, len(point.recent))
    for e in got:
        assert e.WhichOneof("value") == ("as_double" if stream.instrument["double"] else "as_int")
        assert any(bits(v) == bits(number_of(e)) and e.trace_id.hex() + e.span_id.hex() == span and attributes(e.filtered_attributes) == others
                   for v, span, others in point.recent)
        assert e.time_unix_nano <= collected_at


def number_of(exemplar):
    return getattr(exemplar, exemplar.WhichOneof("value"))


SHAPES = {
    SUM: ("sum", check_number),
    LAST: ("gauge", check_number),
    EXPLICIT: ("histogram", check_explicit),
    EXPONENTIAL: ("exponential_histogram", check_exponential),
}


def check_metric(metric, stream, began, before, low, high):
    """before: when the collection before this one was; the time of this one."""
    shape, check = SHAPES[stream.aggregation]
    assert metric.WhichOneof("data") == shape
    assert (metric.name, metric.description, metric.unit) == (stream.name, stream.description, stream.instrument["unit"])
    data = getattr(metric, shape)
    if shape != "gauge":
        temporality = "DELTA" if stream.delta else "CUMULATIVE"
        assert data.aggregation_temporality == AggregationTemporality.Value(f"AGGREGATION_TEMPORALITY_{temporality}")
    if shape == "sum":
        assert data.is_monotonic == stream.monotonic
    left = dict(stream.points)
    times = set()
    for got in data.data_points:
        labels = attributes(got.attributes)
        key = OVERFLOW_KEY if labels == OVERFLOW else json.dumps(labels, sort_keys=True)
        point = left.pop(key)
        assert low <= got.time_unix_nano <= high
        times.add(got.time_unix_nano)
        check(got, stream, point, key)
        check_exemplars(got.exemplars, stream, point, got.time_unix_nano)
        if stream.delta:
            assert got.start_time_unix_nano == before or got.start_time_unix_nano <= began
        elif stream.aggregation != LAST and not stream.instrument["observed"]:
            assert point.began[0] <= got.start_time_unix_nano <= point.began[1]
        assert got.start_time_unix_nano <= got.time_unix_nano
    assert not left, "points that did not arrive"
    time, = times
    return time


def measured(streams, said):
    for n, value, labels in said["measured"][1:]:
        value = number(value)
        for stream in streams[n]:
            if stream.instrument["kind"] != COUNTER or not value < 0:
                stream.add(value, labels, said)


class Account:
    """What the SDK says of itself, held against what arrived."""

    def __init__(self):
        self.spans = self.points = 0
        self.said = dict.fromkeys(("span.started", "exporter.span.exported", "exporter.metric_data_point.exported"), 0)

    def hear(self, metrics):
        for m in metrics:
            name = m.name.removeprefix("otel.sdk.")
            assert name in self.said, f"{name}: something was lost"
            point, = m.sum.data_points
            assert m.sum.is_monotonic
            self.said[name] = point.as_int + (self.said[name] if m.sum.aggregation_temporality == 1 else 0)

    def check(self):
        assert list(self.said.values()) == [self.spans, self.spans, self.points]


def joined(metrics):
    """A metric that did not fit one request goes on in the next, in the same words."""
    found = {}
    for m in metrics:
        if m.name in found:
            first = found[m.name]
            assert (first.description, first.unit, first.WhichOneof("data")) == (m.description, m.unit, m.WhichOneof("data"))
            shape = m.WhichOneof("data")
            getattr(first, shape).data_points.extend(getattr(m, shape).data_points)
        else:
            found[m.name] = m
    return list(found.values())


def check_collection(streams, said, requests, began, before, flushed, account):
    """Everything is expected once; requests may be several when it did not fit one."""
    for n, value, labels in said["observed"]:
        for stream in streams[n]:
            stream.add(number(value), labels, said)
    expected = {s.name: s for of in streams for s in of if s.points}
    everything = [m for r in requests for m in items(r)]
    account.hear(m for m in everything if m.name.startswith("otel.sdk."))
    account.check()
    account.points += sum(len(points(m)) for m in everything)
    metrics = joined(m for m in everything if not m.name.startswith("otel.sdk."))
    assert sorted(m.name for m in metrics) == sorted(expected)
    times = {check_metric(m, expected[m.name], began, before, said["before"], flushed) for m in metrics}
    for stream in expected.values():
        stream.collected()
    time, = times
    return time


def played(lines, env):
    """How many collections there were."""
    (tables, _), *rest = lines
    streams = streams_of(tables, env)
    collections, began, before, said, requests, account = 0, None, None, None, [], Account()
    for line, export in rest:
        if export:
            if export[0] == "/v1/metrics":
                requests.append(ExportMetricsServiceRequest.FromString(export[1]))
            else:
                request = ExportTraceServiceRequest.FromString(export[1])
                account.spans += len(items(request))
            continue
        if "flushed" not in line:
            said = line
            began = began or said["before"]
            measured(streams, said)
        elif said["flush"]:
            before = check_collection(streams, said, requests, began, before, line["flushed"], account)
            collections, requests = collections + 1, []
        else:
            assert not requests, "a collection that nobody asked for"
    return collections


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_points_are_what_was_measured(seed, settings):
    env = EVERY_TIME | SETTINGS[settings]
    assert played(list(driven("points", seed, INVOCATIONS, **env)), env) > INVOCATIONS / 6


def test_a_mistake_would_be_seen():
    lines = list(driven("points", 1, 20, **EVERY_TIME))
    said = next(said for said, _ in lines[1:] if said and said.get("flush"))
    for i, measurement in enumerate(said["measured"][1:], 1):
        if measurement[0] == 2:  # queue.length
            said["measured"][i] = [2, measurement[1] + 1, measurement[2]]
            break
    else:
        pytest.fail("nothing to change")
    with pytest.raises(AssertionError):
        played(lines, EVERY_TIME)
