# SPDX-License-Identifier: MIT
"""The sections that are tables: what was counted, memory and size, what was exported."""

import marks
import units
import words
from look import figure
from markup import el, join

CALLS = 2  # system calls that are named


def table(look, columns, candidates):
    """Columns: heading, key or what makes a cell, how it is shown, what it means. One that nobody has a value for is left out."""
    columns = [c for c in columns if callable(c[1]) or any(x.get(c[1]) is not None for x in candidates)]
    head = (el("th", title, scope="col", title=why) for title, _, _, why in columns)
    body = (
        el(
            "tr",
            el("th", look.name(c), scope="row"),
            *(el("td", key(c) if callable(key) else figure(c, key, show)) for _, key, show, _ in columns),
        )
        for c in candidates
    )
    return el("div", el("table", el("thead", el("tr", el("th"), *head)), el("tbody", *body)), class_="scroll", tabindex=0)


def _calls(c):
    """The system calls that an invocation makes most often."""
    often = sorted((c.get("counts.syscalls_by_name") or {}), key=lambda n: -c.get(f"counts.syscalls_by_name.{n}"))
    if not often:
        return units.NONE
    named = [
        join([", " if i else None, n, units.THIN, figure(c, f"counts.syscalls_by_name.{n}", units.count)])
        for i, n in enumerate(often[:CALLS])
    ]
    return el("span", *named, " …" if len(often) > CALLS else None, class_="calls")


def counts(look):
    shown = [c for c in look.doc.measured if c.get("counts")]
    columns = (
        ("calls to /next", "counts.syscalls_init", units.count, "System calls from exec to the first GET /next"),
        ("calls per invocation", "counts.syscalls_per_invocation", units.count, "System calls"),
        ("most often", _calls, None, "System calls per invocation, by name"),
        ("instructions to /next", "counts.instructions_init", units.count, "Counted by callgrind"),
        ("instructions per invocation", "counts.instructions_per_invocation", units.count, "Counted by callgrind"),
        ("faults to /next", "summary.faults_init.p50", units.count, "Minor page faults, median over the rounds"),
        ("faults per invocation", "counts.faults_per_invocation", units.count, "Minor page faults"),
        ("switches per invocation", "counts.context_switches_per_invocation", units.count, "Voluntary context switches"),
        ("forced", "counts.context_switches_forced_per_invocation", units.count, "Involuntary context switches per invocation"),
        ("threads", "counts.threads", units.count, None),
        ("CPU time", "summary.cpu_us.p50", units.time, "User and system time of a whole round, median"),
    )
    return el("section", el("h2", "Counts"), el("p", words.COUNTS), table(look, columns, shown), id="counts") if shown else None


def _growth(c):
    return marks.spark(c.get("growth.rss_kb")) if c.get("growth.rss_kb") else units.NONE


def memory(look):
    shown = [c for c in look.doc.measured if c.get("size") or c.get("growth") or c.get("summary.rss_kb")]
    drawn = (
        "over invocations",
        _growth,
        None,
        "Resident memory over the number of invocations, a logarithmic axis from the first to the last",
    )
    columns = (
        ("RSS", "summary.rss_kb.p50", units.kb, "Resident memory at the end of a round, median"),
        ("largest", "summary.rss_kb.max", units.kb, "The most of any round"),
        *([drawn] if any(c.get("growth.rss_kb") for c in shown) else []),
        ("growth", "growth.growth_kb", units.kb, "From the tenth invocation to the last"),
        ("invocations", "growth.invocations", units.count, None),
        ("program", "size.file_bytes", units.size, None),
        ("package", "size.package_bytes", units.size, "All that is shipped with it, without the interpreter"),
        ("zip", "size.zip_bytes", units.size, "The package, deflated at level 9"),
    )
    return (
        el("section", el("h2", "Memory and size"), el("p", words.MEMORY), table(look, columns, shown), id="memory")
        if shown
        else None
    )


def _complete(c):
    made, arrived, dropped = (c.get(f"export.spans_{k}") for k in ("made", "arrived", "counted_dropped"))
    if not made or arrived is None:
        return units.NONE
    lost = made - arrived - (dropped or 0)
    return el("span", f"{units.count(lost)} lost", class_="missed") if lost > 0 else el("span", "all", class_="met")


def export(look):
    shown = [c for c in look.doc.measured if c.get("export.way")]
    columns = (
        ("way", "export.way", str, None),
        ("bytes", "export.bytes", units.size, "Per invocation"),
        (
            "requests before",
            "export.requests_before_answer",
            units.count,
            "Per invocation, before the answer: the caller waits for them",
        ),
        ("requests after", "export.requests_after_answer", units.count, "Per invocation, after the answer"),
        ("standard output", "export.stdout_bytes", units.size, "Per invocation"),
        ("datagrams", "export.datagrams", units.count, "Per invocation"),
        ("connections", "export.connections", units.count, "In all of the counted run"),
        ("handshakes", "export.handshakes", units.count, "TLS, in all"),
        ("spans made", "export.spans_made", units.count, "In all"),
        ("arrived", "export.spans_arrived", units.count, "In all"),
        ("counted as dropped", "export.spans_counted_dropped", units.count, "In all"),
        ("accounted for", _complete, None, "Arrived, or counted as dropped"),
    )
    return (
        el("section", el("h2", "What was exported"), el("p", words.EXPORT), table(look, columns, shown), id="export")
        if shown
        else None
    )
