# SPDX-License-Identifier: MIT
"""What mote is to reach, as ratios within one run, and whether it has. The slowest way of exporting decides: no aim is met by choosing."""

import units

RSS_BYTES = 1_000_000


def _within(doc, ours, measure, limit, what):
    worst = max(
        (c for c in ours if c.get(f"ratio.{measure}.value") is not None),
        key=lambda c: c.get(f"ratio.{measure}.value"),
        default=None,
    )
    if worst is None:
        return None
    r = worst.get(f"ratio.{measure}")
    return {
        "aim": f"{what} at most {limit} of the floor’s",
        "met": r["value"] <= limit,
        "figure": (f"{worst.key}.ratio.{measure}.value", r["value"], units.finer),
        "said": f"{worst.name}, {units.times(r['low'])} to {units.times(r['high'])}",
    }


def _faster(doc, ours, peers, measure, limit, what):
    key = f"summary.{measure}.p50"
    peer = doc.fastest(key, peers)
    worst = max((c for c in ours if c.get(key) is not None), key=lambda c: c.get(key), default=None)
    if peer is None or worst is None:
        return None
    times = peer.get(key) / worst.get(key)
    return {
        "aim": f"{what} {limit} times faster than the fastest traced peer’s",
        "met": times >= limit,
        "figure": (None, times, units.finer),
        "said": f"{worst.name} {units.time(worst.get(key))}, {peer.name} {units.time(peer.get(key))}",
    }


def _memory(ours):
    worst = max(
        (c for c in ours if c.get("summary.rss_kb.max") is not None), key=lambda c: c.get("summary.rss_kb.max"), default=None
    )
    if worst is None:
        return None
    kb = worst.get("summary.rss_kb.max")
    return {
        "aim": "resident memory under 1 MB",
        "met": kb * 1024 < RSS_BYTES,
        "figure": (f"{worst.key}.summary.rss_kb.max", kb, units.kb),
        "said": f"{worst.name}, the most of any round",
    }


def _spans(ours):
    counted = [c for c in ours if c.get("export.spans_made") is not None and c.get("export.spans_arrived") is not None]
    if not counted:
        return None
    lost = {
        c.name: c.get("export.spans_made") - c.get("export.spans_arrived") - (c.get("export.spans_counted_dropped") or 0)
        for c in counted
    }
    lost = {n: k for n, k in lost.items() if k > 0}
    made = sum(c.get("export.spans_made") for c in counted)
    return {
        "aim": "every span made has arrived or is counted",
        "met": not lost,
        "figure": (None, sum(lost.values()), units.count),
        "said": "lost: " + ", ".join(f"{n} {units.count(k)}" for n, k in lost.items())
        if lost
        else f"lost, of {units.count(made)} in all",
    }


def judge(doc):
    """Of those aims that this run can say something about."""
    traced = [c for c in doc.measured if c.ours and c.traced]
    hello = [c for c in traced if not c.workload]
    peers = [c for c in doc.measured if c.peer and c.traced and not c.workload]
    if doc.aws:
        return []
    found = (
        _within(doc, hello, "exec_to_next_us", 1.15, "exec to /next"),
        _faster(doc, hello, peers, "exec_to_next_us", 5, "exec to /next"),
        _within(doc, hello, "warm_us", 1.2, "warm answer"),
        _faster(doc, hello, peers, "warm_us", 8, "warm answer"),
        _memory(traced),
        _spans(traced),
    )
    return [a for a in found if a]
