# SPDX-License-Identifier: MIT
"""Random measurements, aggregated a second time here and compared with what the opentelemetry-proto package reads out of each collection."""

import json
import math
import struct
import subprocess

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, ScopeMetrics

from conftest import built
from drivers import attributes, expected_value, text
from exponential import sides

COLLECTIONS = 12
DEFAULT_BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]
KEEP_SOME = {"b", "ccc"}
DELTA, CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA, AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE

# What a driver's instrument becomes: metric, data, what else is to be known of it.
STREAMS = [
    ("counter", "counter", "sum", dict(unit="{thing}", description="A counter", monotonic=True)),
    ("counter.double", "counter.double", "sum", dict(unit="s", monotonic=True)),
    ("updown", "updown", "sum", dict(description="Up and down")),
    ("gauge", "gauge", "gauge", dict(unit="Cel")),
    ("histogram", "histogram", "histogram", dict(unit="s", bounds=DEFAULT_BOUNDS)),
    ("histogram.bounds", "histogram.bounds", "histogram", dict(unit="By", bounds=[-10, 0, 0.5, 7, 1e6])),
    ("exponential", "exponential", "exponential_histogram", dict(size=160)),
    ("exponential.small", "exponential.small", "exponential_histogram", dict(size=8)),
    ("kept", "kept.some", "sum", dict(description="Some attributes", keep=KEEP_SOME, monotonic=True)),
    ("kept", "kept.none", "sum", dict(keep=set(), monotonic=True)),
    ("observed.counter", "observed.counter", "sum", dict(monotonic=True, observed=True)),
    ("observed.gauge", "observed.gauge", "gauge", dict(observed=True)),
]


def lines(seed, temporality, exemplars):
    env = {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": temporality, "OTEL_METRICS_EXEMPLAR_FILTER": exemplars}
    done = subprocess.run([built("drivers/metrics"), str(seed), str(COLLECTIONS)], env=env, capture_output=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]


# ---- what was measured ----

def measured_attributes(line):
    """A dict, so that the last of equal keys counts; each value with its type."""
    return {text(key): expected_value(said) for key, said in line["attributes"]}


def measured_value(line):
    return line["int"] if "int" in line else struct.unpack(">d", bytes.fromhex(line["double"]))[0]


class Point:
    def __init__(self, start):
        self.values, self.times, self.others = [], [], []
        self.start = start       # None: when it was first measured
        self.touched = False
        self.reported = 0


class Stream:
    def __init__(self, instrument, name, data, facts, temporality, start):
        self.instrument, self.name, self.data, self.facts = instrument, name, data, facts
        observed = facts.get("observed", False)
        falls = temporality == "cumulative" or (temporality == "lowmemory" and observed)
        self.delta = data != "gauge" and instrument != "updown" and not falls
        self.fading = observed or self.delta or (data == "gauge" and temporality == "delta")
        self.since, self.observed, self.points = start, observed, {}

    def measure(self, line):
        measured, value = measured_attributes(line), measured_value(line)
        if self.facts.get("monotonic") and value < 0 or self.data != "gauge" and not math.isfinite(value):
            return
        keep = self.facts.get("keep")
        kept = {k: v for k, v in measured.items() if keep is None or k in keep}
        point = self.points.setdefault(frozenset(kept.items()), Point(self.since if self.fading else None))
        if self.observed:
            point.values.clear()
        point.values.append(value)
        point.times.append(line["time"])
        point.others.append({k: v for k, v in measured.items() if k not in kept})
        point.touched = True

    def expected(self):
        return {key: p for key, p in self.points.items() if p.touched or not self.fading}

    def collected(self, time):
        self.since = time
        for point in self.points.values():
            if self.observed and self.delta:  # goes on from where it was reported, whatever lies between
                point.reported, point.start = (point.values[-1], time) if point.touched else (point.reported, point.start)
            elif self.delta or self.fading and not (self.observed and point.touched):
                point.start = time
            if self.fading:
                point.touched = False
            if self.delta and not self.observed:
                point.values.clear()
                point.times.clear()
                point.others.clear()
            point.offered = len(point.values)


# ---- what was collected ----

def same_double(a, b):
    return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))


def check_number(stream, got, point):
    values = point.values
    kind = "as_int" if isinstance(values[0], int) else "as_double"
    assert got.WhichOneof("value") == kind
    found = getattr(got, kind)
    if stream.data == "gauge":
        assert same_double(found, values[-1]) if kind == "as_double" else found == values[-1]
    elif stream.observed:
        assert found == values[-1] - (point.reported if stream.delta else 0)
    else:
        total = 0 if kind == "as_int" else 0.0
        for value in values:
            total += value
        assert found == total


def check_distribution(got, values):
    assert got.count == len(values)
    assert (got.min, got.max) == (min(values), max(values))
    assert got.HasField("sum") == (min(values) >= 0)
    if got.HasField("sum"):
        total = 0.0
        for value in values:
            total += value
        assert got.sum == total


def check_explicit(stream, got, point):
    bounds = stream.facts["bounds"]
    counts = [0] * (len(bounds) + 1)
    for value in point.values:
        counts[sum(value > b for b in bounds)] += 1
    check_distribution(got, point.values)
    assert list(got.explicit_bounds) == bounds
    assert list(got.bucket_counts) == counts


def check_exponential(stream, got, point):
    scale, found = sides(point.values, stream.facts["size"])
    check_distribution(got, point.values)
    assert got.scale == scale and got.zero_count == sum(v == 0 for v in point.values) and got.zero_threshold == 0
    assert [(side.offset, list(side.bucket_counts)) for side in (got.positive, got.negative)] == found


CHECKS = {"sum": check_number, "gauge": check_number, "histogram": check_explicit, "exponential_histogram": check_exponential}
SLOTS = {"sum": 1, "gauge": 1, "histogram": 16, "exponential_histogram": 20}


def is_kept(got, others):
    """An exemplar has room for 256 bytes of attributes: for three of the driver's in any case."""
    return got == others or len(others) > 3 and got.items() <= others.items()


def check_exemplars(stream, got, point, on, before, time):
    since = point.times[getattr(point, "offered", 0) if not stream.delta else 0:]
    if not on or stream.observed:
        assert not got.exemplars
        return
    assert bool(got.exemplars) == bool(since) and len(got.exemplars) <= min(SLOTS[stream.data], len(since))
    for exemplar in got.exemplars:
        value = getattr(exemplar, exemplar.WhichOneof("value"))
        assert before <= exemplar.time_unix_nano <= time
        assert not exemplar.trace_id and not exemplar.span_id
        others = attributes(exemplar.filtered_attributes)
        assert any((v == value or v != v and value != value) and is_kept(others, o) for v, o in zip(point.values, point.others))


def check_start(stream, got, point, first_time):
    if point.start is None:
        assert point.times[0] <= got.start_time_unix_nano <= point.times[0] + 10**9
        point.start = got.start_time_unix_nano
    elif isinstance(point.start, tuple):
        assert point.start[0] <= got.start_time_unix_nano <= point.start[1]
    else:
        assert got.start_time_unix_nano == point.start


def check_metric(stream, metrics, line, on, before):
    expected = stream.expected()
    points = []
    for metric in metrics:
        assert metric.WhichOneof("data") == stream.data
        assert (metric.unit, metric.description) == (stream.facts.get("unit", ""), stream.facts.get("description", ""))
        data = getattr(metric, stream.data)
        if stream.data != "gauge":
            assert data.aggregation_temporality == (DELTA if stream.delta else CUMULATIVE)
        if stream.data == "sum":
            assert data.is_monotonic == stream.facts.get("monotonic", False)
        assert data.data_points
        points += data.data_points
    found = {frozenset(attributes(p.attributes).items()): p for p in points}
    assert len(found) == len(points) and set(found) == set(expected)
    for key, got in found.items():
        point = expected[key]
        assert got.time_unix_nano == line["time"] and got.flags == 0
        check_start(stream, got, point, before)
        CHECKS[stream.data](stream, got, point)
        check_exemplars(stream, got, point, on, before, line["time"])
    return len(points)


def check_run(seed, temporality, exemplars):
    start, *rest = lines(seed, temporality, exemplars)
    born = (start["start"], rest[0]["time"])
    streams = [Stream(*row, temporality, born) for row in STREAMS]
    before, compared = start["start"], 0
    for line in rest:
        if "collected" not in line:
            for stream in streams:
                if stream.instrument == line["name"]:
                    stream.measure(line)
            continue
        parts = [ScopeMetrics.FromString(bytes.fromhex(part)) for part in line["collected"]]
        metrics = [metric for part in parts for metric in part.metrics]
        points = sum(check_metric(s, [m for m in metrics if m.name == s.name], line, exemplars == "always_on", before) for s in streams)
        assert points == line["points"] and {m.name for m in metrics} <= {s.name for s in streams}
        for stream in streams:
            stream.collected(line["time"])
        before = line["time"]
        compared += points
    return compared


@pytest.mark.parametrize("exemplars", ["always_off", "always_on", "trace_based"])
@pytest.mark.parametrize("temporality", ["delta", "cumulative", "lowmemory"])
@pytest.mark.parametrize("seed", range(6))
def test_what_was_measured_is_what_is_collected(seed, temporality, exemplars):
    assert check_run(seed, temporality, exemplars) > 500


def test_a_mistake_would_be_seen(monkeypatch):
    """The second aggregation is another one: a bound more, and it differs."""
    monkeypatch.setitem(globals(), "STREAMS", [row if row[0] != "histogram" else (*row[:3], dict(row[3], bounds=DEFAULT_BOUNDS + [20000]))
                                               for row in STREAMS])
    with pytest.raises(AssertionError):
        check_run(0, "delta", "always_off")
