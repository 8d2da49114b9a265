# SPDX-License-Identifier: MIT
"""One page, complete in itself: no script, no font, no image from elsewhere, and its policy says so to the browser.

Each figure is a <data> element, or a mark with data-at and data-value, that names its place in the document.
"""

import pathlib

import aims
import charts
import marks
import tables
import units
import words
from look import Look, figure
from markup import el, join, text

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _facts(pairs, kind="facts"):
    """A list of names and what they are; what there is nothing of is left out."""
    return el("dl", *(join([el("dt", k), el("dd", v)]) for k, v in pairs if v), class_=kind)


def lead(doc):
    """What somebody who reads one sentence should know."""
    key = "summary.exec_to_next_us.p50"
    ours = next((c for c in doc.having(key) if c.ours and c.traced and not c.workload), None)
    peer = doc.fastest(key, [c for c in doc.measured if c.peer and c.traced and not c.workload])
    if not ours:
        return None
    parts = [ours.name, " asks for its first event ", figure(ours, key, units.time), " after exec"]
    if ours.get("ratio.exec_to_next_us.value") is not None:
        parts += [", ", figure(ours, "ratio.exec_to_next_us.value", units.times), " times the floor"]
    parts += [", and answers a warm one in ", figure(ours, "summary.warm_us.p50", units.time)]
    if peer:
        parts += [
            "; the traced peer that starts fastest, ",
            peer.name,
            ", takes ",
            figure(peer, key, units.time),
            " and ",
            figure(peer, "summary.warm_us.p50", units.time),
        ]
    return el("p", *parts, ".", class_="lead")


def head(doc):
    event = doc.get("event") and f"{doc.get('event.file')}, {units.count(doc.get('event.bytes'))} bytes"
    facts = _facts(
        [
            ("Machine", words.machine(doc)),
            ("Command", el("code", doc.get("command"))),
            ("Rounds", words.amount(doc)),
            ("Processor", None if doc.aws else words.processor(doc)),
            ("Event", event),
        ]
    )
    notes = [el("li", n) for n in doc.get("notes") or []]
    return el(
        "header",
        el("p", words.when(doc), class_="date"),
        el("h1", words.TITLE_AWS if doc.aws else words.TITLE),
        lead(doc),
        facts,
        el("ul", *notes, class_="notes") if notes else None,
    )


def _aim(a, verdict):
    key, value, show = a["figure"]
    return el(
        "li",
        el("b", el("span", verdict)) if verdict != "beside" else el("span"),
        el("span", a["aim"], class_="aim"),
        el("data", show(value), class_="big", value=repr(value), data_key=key),
        el("span", a["said"], class_="said"),
        class_=verdict,
    )


def judged(doc):
    rows = []
    for a in aims.judge(doc):
        rows.append(_aim(a, "met" if a["met"] else "missed"))
        if "beside" in a:
            rows.append(_aim(a["beside"], "beside"))
    return el("section", el("h2", "Aims"), el("p", words.AIMS), el("ul", *rows, class_="aims"), id="aims") if rows else None


def reading(look):
    groups = [el("li", el("i", class_="traced"), group, style=f"--c:{colour}") for group, colour in look.group_colours().items()]
    kinds = [el("li", el("i", class_=kind), said) for kind, said in (("traced", "traced"), ("bare", "not traced"))]
    return el(
        "section",
        el("h2", "How to read this"),
        marks.keys([*groups, *kinds]),
        *(el("p", p) for p in words.reading(marks.DOTS, len(look.doc.measured) > charts.CROWD)),
        class_="reading",
    )


def absent(look):
    rows = [(look.name(c), c.not_measured) for c in look.doc.not_measured]
    return el("section", el("h2", "Not measured"), _facts(rows, "absent"), id="absent") if rows else None


def missing(look):
    rows = list(words.missing(look.doc))
    return el("section", el("h2", "Not counted"), _facts(rows, "absent"), id="missing") if rows else None


def versions(look):
    doc = look.doc
    same = {}  # several are built from the same
    for c in doc.measured:
        if c.get("versions"):
            same.setdefault(", ".join(f"{k} {v}" for k, v in c.get("versions").items()), []).append(look.name(c))
    theirs = [(join(names), said) for said, names in same.items()]
    starts = [(look.name(c), el("code", c.get("start") or "")) for c in doc.measured]
    return el(
        "section",
        el("h2", "Versions"),
        _facts((doc.get("versions") or {}).items(), "facts pairs"),
        _facts(theirs) if theirs else None,
        el("details", el("summary", "How each was started"), _facts(starts)),
        id="versions",
    )


def html(doc):
    css = pathlib.Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    look, measures = Look(doc), words.measures(doc)
    sections = [
        head(doc),
        judged(doc),
        reading(look),
        *(charts.measure(look, *m) for m in measures),
        charts.ratios(look, measures),
        charts.phases(look),
        tables.counts(look),
        tables.memory(look),
        tables.export(look),
        absent(look),
        missing(look),
        versions(look),
    ]
    body = "\n".join(s for s in sections if s)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="color-scheme" content="light dark">
<title>mote bench, {text(words.when(doc))}</title>
<style>
{css}</style>
</head>
<body>
<main>
{body}
</main>
{el("footer", words.FOOT)}
</body>
</html>
"""
