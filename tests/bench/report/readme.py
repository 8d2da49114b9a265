# SPDX-License-Identifier: MIT
"""The table of figures in README.md, between two lines that nobody reads on the rendered page."""

import textwrap

import units
import words

BEGIN, END = "<!-- figures: written by make bench-readme -->", "<!-- end of figures -->"


class NoMarkers(ValueError):
    """There is no place for the table."""


def _ratio(c, measure):
    value = c.get(f"ratio.{measure}.value")
    return units.times(value)


COLUMNS = (
    ("exec to first `/next`", lambda c: units.time(c.get("summary.exec_to_next_us.p50"))),
    ("× floor", lambda c: _ratio(c, "exec_to_next_us")),
    ("warm answer", lambda c: units.time(c.get("summary.warm_us.p50"))),
    ("× floor", lambda c: _ratio(c, "warm_us")),
    ("turnaround", lambda c: units.time(c.get("summary.turnaround_us.p50"))),
    ("RSS", lambda c: units.kb(c.get("summary.rss_kb.p50"))),
    ("zip", lambda c: units.size(c.get("size.zip_bytes"))),
)


def _rows(doc):
    """Those of the page's curves that start alone, behind the floor those that our exporters are to be read beside; and who sends the workload's
    spans to a receiver, where there are several."""
    rows = [c for c in doc.few() if not c.extended]
    rows[1:1] = [c for c in doc.measured if c.waiting]
    workload = [c for c in doc.measured if c.workload and c.get("export.way") == "otlp"]
    return rows + (workload if any(c.peer for c in workload) else [])


def block(doc):
    """What stands between the markers."""
    m = doc.get("machine") or {}
    said = (
        f"`{doc.get('command')}`, {words.when(doc)[:10]}, {doc.get('rounds')} rounds on {m.get('cores')} cores of {m.get('cpu')}, {m.get('system')}, "
        f"{m.get('arch')}: medians, and their ratios to the floor within each round."
    )
    said = textwrap.fill(units.plain(said), 138, break_long_words=False, break_on_hyphens=False)
    head = ["| |" + "".join(f" {title} |" for title, _ in COLUMNS), "| --- |" + " ---: |" * len(COLUMNS)]
    body = [f"| {c.name} |" + "".join(f" {show(c)} |" for _, show in COLUMNS) for c in _rows(doc)]
    return units.plain("\n".join([BEGIN, said, "", *head, *body, END]))


def written(text, doc):
    """The README with the table of this run."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarkers(f"the lines `{BEGIN}` and `{END}` must both be there, in this order")
    return before + block(doc) + after
