# SPDX-License-Identifier: MIT
"""A run as text, for the terminal that it was started in."""

import aims
import units
import words


def _ratio(c, measure):
    r = c.get(f"ratio.{measure}")
    return f"{units.times(r['value'])} [{units.times(r['low'])}, {units.times(r['high'])}]" if r else units.NONE


def _time(key):
    return lambda c: units.time(c.get(key))


def _count(key):
    return lambda c: units.count(c.get(key))


def _spans(c):
    made, arrived = c.get("export.spans_made"), c.get("export.spans_arrived")
    return f"{units.count(arrived)}/{units.count(made)}" if made else units.NONE


def _requests(c):
    before, after = c.get("export.requests_before_answer"), c.get("export.requests_after_answer")
    return f"{units.count(before)}+{units.count(after)}" if before is not None and after is not None else units.NONE


TIMES = (
    ("exec to /next", _time("summary.exec_to_next_us.p50")),
    ("x floor [95 %]", lambda c: _ratio(c, "exec_to_next_us")),
    ("first", _time("summary.first_us.p50")),
    ("warm", _time("summary.warm_us.p50")),
    ("p99", _time("summary.warm_us.p99")),
    ("x floor [95 %]", lambda c: _ratio(c, "warm_us")),
    ("turnaround", _time("summary.turnaround_us.p50")),
)
COUNTS = (
    ("RSS", lambda c: units.kb(c.get("summary.rss_kb.p50"))),
    ("growth", lambda c: units.kb(c.get("growth.growth_kb"))),
    ("calls to /next", _count("counts.syscalls_init")),
    ("per inv.", _count("counts.syscalls_per_invocation")),
    ("instructions", _count("counts.instructions_per_invocation")),
    ("faults", _count("summary.faults_init.p50")),
    ("zip", lambda c: units.size(c.get("size.zip_bytes"))),
    ("requests", _requests),
    ("spans", _spans),
)


def grid(columns, candidates):
    """Left: names; the rest to the right, as wide as it must be. A column that nobody has anything in is left out."""
    cells = [[title, *(units.plain(show(c)) for c in candidates)] for title, show in columns]
    cells = [["", *(c.name for c in candidates)], *(column for column in cells if set(column[1:]) != {units.NONE})]
    widths = [max(map(len, column)) for column in cells]
    rows = zip(*cells)
    return "\n".join(
        "  ".join(x.ljust(w) if not i else x.rjust(w) for i, (x, w) in enumerate(zip(row, widths))).rstrip() for row in rows
    )


def _verdict(a):
    """An aim, and what stands beside it without a verdict of its own."""
    lines = []
    for word, found in (("met   " if a["met"] else "MISSED", a), (" " * 6, a.get("beside"))):
        if found:
            _, value, show = found["figure"]
            lines.append(f"{word}  {found['aim']}: {show(value)} ({found['said']})")
    return "\n".join(lines)


def text(doc):
    parts = [
        f"{words.when(doc)}  {doc.get('command')}",
        f"{words.machine(doc)}\n{words.amount(doc)}{'' if doc.aws else '; ' + words.processor(doc)}",
    ]
    parts += [f"note: {note}" for note in doc.get("notes") or []]
    times = [("init", TIMES[0][1]), *TIMES[1:]] if doc.aws else TIMES
    if doc.measured:
        parts += [
            "",
            "p50 of each time; x floor: the median of the ratios within each round, and its 95 % bootstrap interval\n"
            "requests: before + after the answer; spans: arrived/made",
            "",
            grid(times, doc.measured),
            "",
            grid(COUNTS, doc.measured),
        ]
    if doc.not_measured:
        width = max(len(c.name) for c in doc.not_measured)
        parts += ["", *(f"{c.name.ljust(width)}  {c.not_measured}" for c in doc.not_measured)]
    missing = [f"{who}: no {what}" for who, what in words.missing(doc)]
    parts += ["", *missing] if missing else []
    found = aims.judge(doc)
    if found:
        parts += ["", *(units.plain(_verdict(a)) for a in found)]
    return "\n".join(parts) + "\n"
