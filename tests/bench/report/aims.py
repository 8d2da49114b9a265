# SPDX-License-Identifier: MIT
"""What mote is to reach, as ratios within one run, and whether it has. The slowest way of exporting decides: no aim is met by choosing."""

import units

RSS_BYTES = 1_000_000


def _waiting(doc, measure):
    """What of a warm answer's ratio no client can mend."""
    if measure != "warm_us":
        return ""
    found = [(c.name, c.get(f"ratio.{measure}.value")) for c in doc.measured if c.waiting]
    return "".join(f"; {name} {units.times(value)}" for name, value in found if value is not None)


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
        "said": f"{worst.name}, {units.times(r['low'])} to {units.times(r['high'])}{_waiting(doc, measure)}",
    }


def _than(doc, key, ours, peer):
    """How many times faster we are than this peer, and what nobody can do better than: the floor."""
    floor = next((c for c in doc.measured if c.is_floor and c.get(key)), None)
    times = peer.get(key) / ours.get(key)
    bound = f"; the floor itself: {units.ratio(peer.get(key) / floor.get(key))}" if floor else ""
    return times, f"{ours.name} {units.time(ours.get(key))}, {peer.name} {units.time(peer.get(key))}{bound}"


def _complete(c):
    return bool(c.get("export.spans_made")) and c.get("export.spans_arrived") == c.get("export.spans_made")


def _faster(doc, ours, peers, measure, limit, what):
    """The fastest traced peer decides. One that is fast because its spans never arrive is no peer of those that send them: beside it stands
    the fastest whose spans all did."""
    key = f"summary.{measure}.p50"
    peer, complete = doc.fastest(key, peers), doc.fastest(key, [c for c in peers if _complete(c)])
    worst = max((c for c in ours if c.get(key) is not None), key=lambda c: c.get(key), default=None)
    if peer is None or worst is None:
        return None
    times, said = _than(doc, key, worst, peer)
    found = {
        "aim": f"{what} {limit} times faster than the fastest traced peer’s",
        "met": times >= limit,
        "figure": (None, times, units.finer),
        "said": said,
    }
    if complete and complete is not peer:
        times, said = _than(doc, key, worst, complete)
        found["beside"] = {"aim": "than the fastest whose spans all arrived", "figure": (None, times, units.finer), "said": said}
    return found


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
