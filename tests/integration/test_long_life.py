# SPDX-License-Identifier: MIT
"""A sandbox that lives long, with a function that uses all three signals: its memory is that of its youth, and nothing it recorded is lost.

INVOCATIONS of them here; make soak makes that 100 000, which takes a minute or two.
"""

import base64
import os
from collections import Counter

import pytest
from conftest import EVENTS
from otlp_sink import REQUESTS, items

SELDOM = ["--env", "OTEL_METRIC_EXPORT_INTERVAL=86400000"]
COLLECTED = 50  # handlers/everything.c collects metrics with every so manyth answer
YOUTH = 1000
INVOCATIONS = int(os.environ.get("MOTE_SOAK", 5000))
PAGES = 8  # kB that the stack and the kernel's counting may differ by
EVENT = (EVENTS / "apigw-http-api.json").read_bytes()

SPANS, START_SPANS, RECORDS = 4, 4, 2  # of an invocation, of the start, of an invocation


class Total:
    """What arrived: spans and records by name, and of each metric the sum of its deltas, or the last value."""

    def __init__(self, report):
        self.spans, self.records, self.metrics, self.last = Counter(), Counter(), Counter(), {}
        self.points = self.points_before = 0
        for export in report.otlp:
            path = export["head"].split()[1]
            request = REQUESTS[path].FromString(base64.b64decode(export["body"]))
            {"/v1/traces": self.see_spans, "/v1/logs": self.see_records, "/v1/metrics": self.see_metrics}[path](request)

    def see_spans(self, request):
        self.spans.update(s.name for s in items(request))

    def see_records(self, request):
        self.records.update(r.event_name or "lambda_log" for r in items(request))

    def see_metrics(self, request):
        self.points_before = self.points
        for metric in items(request):
            data = getattr(metric, metric.WhichOneof("data"))
            self.points += len(data.data_points)
            for point in data.data_points:
                value = point.count if hasattr(point, "count") else getattr(point, point.WhichOneof("value"))
                if getattr(data, "aggregation_temporality", 0) == 1:
                    self.metrics[metric.name] += value
                else:
                    self.last[metric.name] = value


@pytest.fixture(scope="module")
def lives(emulate_once):
    return [emulate_once("everything", *SELDOM, events=[EVENT], n=n, patience=60 + n / 200) for n in (YOUTH, INVOCATIONS)]


def test_memory_stays_what_it_was(lives):
    young, old = ([e["at_end"]["rss_kb"] for e in report.environments] for report in lives)
    assert len(young) == len(old) == 1
    assert old[0] <= young[0] + PAGES


def test_every_invocation_is_answered_and_no_rule_is_broken(lives):
    for report in lives:
        assert not report.violations
        assert set(report.outcomes()) == {"answered"}
        assert all(len(i["logs"]) == 1 for i in report.invocations), "one line of its own, and nothing to complain about"


def test_everything_is_accounted_for(lives):
    report = lives[1]
    n, total = len(report.invocations), Total(report)
    assert n == INVOCATIONS and n % COLLECTED == 0
    assert sum(total.spans.values()) == n * SPANS + START_SPANS
    assert [total.spans[name] for name in ("take order", "price order", "GET /stock")] == [n] * 3
    assert total.records == {"shop.item.sold": n, "lambda_log": n}
    counted = {name: v for name, v in total.metrics.items() if name.startswith("shop.") and name != "shop.turnover"}
    assert counted == dict.fromkeys(("shop.orders", "shop.orders.observed", "shop.price", "shop.order.size"), n)
    assert total.metrics["shop.turnover"] == pytest.approx(sum(1 + i % 7 for i in range(n)) * 4.99)
    assert total.last == {"shop.stock": -(n % 2), "shop.shelf.temperature": 4.5}
    own = {name.removeprefix("otel.sdk."): v for name, v in total.metrics.items() if name.startswith("otel.sdk.")}
    assert own == {
        "span.started": n * SPANS + START_SPANS,
        "exporter.span.exported": n * SPANS + START_SPANS,
        "exporter.log.exported": n * RECORDS,
        "exporter.metric_data_point.exported": total.points_before,
    }
