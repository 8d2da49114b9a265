# SPDX-License-Identifier: MIT
"""The sections that are drawn: distributions, ratios to the floor, and where the time goes. A row is a name, a drawing and its figures."""

import marks
import scale
import units
import words
from look import figure
from markup import el, join
from tables import table

BULK = 1.3  # times the largest p90: as far as strips reach, so that one slow value does not push all others together
CURVE = 10  # values: fewer are seen well enough as dots
CROWD = 16  # curves: of more nobody can follow one
LONG = 12  # rows: with more the scale stands above them too
NEAR = 2  # times the floor: what is further off has a scale of its own, so that small differences are seen
BAND = 8  # the longest of a block of stacks to its shortest, whose parts must still be seen
PHASES = {
    "load": 0,
    "init": 1,
    "first answer": 2,
    "answer": 2,
    "first turnaround": 3,
    "turnaround": 3,
    "response latency": 2,
    "response duration": 4,
    "runtime overhead": 3,
    "extension overhead": 0,
}  # colours in page.css


def _rows(look, kind, head, rows, axis, more=None):
    """Headings: class and text; rows: candidate, drawing, figures."""
    body = (el("div", look.name(c), plot, *cells, class_="row", style=f"--c:{look.colour[c.name]}") for c, plot, cells in rows)
    heads = (el("span", text, class_=kind_ or None) for kind_, text in head)
    return el(
        "div",
        el("div", el("span"), axis if len(rows) > LONG else el("span"), *heads, class_="row head", aria_hidden="true"),
        *body,
        el("div", el("span"), axis, class_="row foot"),
        more,
        class_=f"rows {kind}",
    )


def _log_axis(values, show):
    axis = scale.Log(min(values), max(values))
    few, many = axis.ticks(5), axis.ticks(9)
    return axis, many, marks.axis_row(axis, few, many, show)


def _curve(look, measure, shown):
    """Below the strips: the share of values up to each, to the slowest of all."""
    drawn = [c for c in shown if len(c.values(measure)) >= CURVE]
    if len(drawn) > CROWD:
        drawn = [c for c in drawn if c in look.doc.few()]
    if not drawn:
        return None
    axis, ticks, row = _log_axis([c.values(measure)[end] for c in drawn for end in (0, -1)], units.time)
    nines = scale.Nines(1 - 1 / max(len(c.values(measure)) for c in drawn))
    keys = marks.keys(el("li", marks.key(), c.name, style=look.style[c.name]) for c in drawn)
    return el("div", keys, el("div", marks.ecdf(drawn, measure, axis, ticks, nines, look.style), row), class_="row curve")


def measure(look, name, title, meaning):
    shown = words.shown(look.doc, name)
    reach = [c.get(f"summary.{name}.min") for c in shown] + [BULK * c.get(f"summary.{name}.p90") for c in shown]
    axis, ticks, row = _log_axis(reach, units.time)
    rows = [
        (
            c,
            marks.strip(c, name, axis, ticks, look.floor, words.QUANTILES),
            [
                figure(c, f"summary.{name}.p50", units.time, "big"),
                el("span", figure(c, f"summary.{name}.p99", units.time), class_="tail"),
                figure(c, f"ratio.{name}.value", units.ratio),
            ],
        )
        for c in shown
    ]
    head = (("", "p50"), ("tail", "p99"), ("", "× floor" if look.floor else ""))
    columns = [(label, f"summary.{name}.{key}", units.time, None) for key, label in words.QUANTILES]
    columns.append(("values", f"summary.{name}.n", units.count, None))
    return el(
        "section",
        el("h2", title),
        el("p", meaning),
        _rows(look, "strips", head, rows, row, _curve(look, name, shown)),
        el("details", el("summary", "All quantiles"), table(look, columns, shown)),
        id=name,
    )


def _forest(look, name, shown, with_one):
    bounds = [c.get(f"ratio.{name}.{end}") for c in shown for end in ("low", "high")] + [1] * with_one
    axis = scale.Log(min(bounds), max(bounds))
    ticks = axis.ticks(5)
    rows = [
        (
            c,
            marks.interval(c, name, axis, ticks),
            [
                figure(c, f"ratio.{name}.value", units.ratio, "big"),
                el(
                    "span",
                    figure(c, f"ratio.{name}.low", units.times),
                    f"{units.THIN}–{units.THIN}",
                    figure(c, f"ratio.{name}.high", units.times),
                    class_="range",
                ),
            ],
        )
        for c in shown
    ]
    return _rows(look, "forests", (("", "median"), ("", "95 %")), rows, marks.axis_row(axis, ticks, ticks, units.digits))


def ratios(look, measures):
    panels = []
    for name, title, _ in measures if look.floor else ():
        shown = [c for c in words.shown(look.doc, name) if c.get(f"ratio.{name}.value") is not None and not c.is_floor]
        near = [c for c in shown if c.get(f"ratio.{name}.value") <= NEAR]
        far = [c for c in shown if c not in near]
        if shown:
            panels.append(
                el(
                    "div",
                    el("h3", title),
                    near and _forest(look, name, near, True) or None,
                    far and _forest(look, name, far, False) or None,
                    class_="panel",
                )
            )
    if not panels:
        return None
    return el("section", el("h2", "Times the floor"), el("p", words.RATIOS), el("div", *panels, class_="panels"), id="ratios")


def _total(c, kind):
    return sum(p["us"] for p in c.get(f"phases.{kind}"))


def _bands(kind, shown):
    bands = []
    for c in shown:
        if not bands or _total(c, kind) > BAND * _total(bands[-1][0], kind):
            bands.append([])
        bands[-1].append(c)
    return bands


def _band(look, kind, band):
    axis = scale.Linear(1.01 * max(_total(c, kind) for c in band))
    few, many = axis.ticks(5), axis.ticks(8)
    rows = []
    for c in band:
        total = _total(c, kind)
        whole = el("data", units.time(total), class_="big", value=repr(total), data_sum=f"{c.key}.phases.{kind}")
        rows.append((c, marks.stack(c, kind, axis, many, PHASES), [whole]))
    return _rows(look, "stacks", (("", "in all"),), rows, marks.axis_row(axis, few, many, units.time))


def phases(look):
    parts = []
    for kind, title in (("cold", "A cold start"), ("warm", "A warm invocation")):
        shown = sorted(look.doc.having(f"phases.{kind}"), key=lambda c, kind=kind: _total(c, kind))
        names = dict.fromkeys(p["name"] for c in shown for p in c.get(f"phases.{kind}"))
        keys = marks.keys(el("li", el("i"), n, class_=f"p{PHASES.get(n, 4)}") for n in names)
        if shown:
            parts += [el("h3", title), keys, join(_band(look, kind, band) for band in _bands(kind, shown))]
    return el("section", el("h2", "Where the time goes"), el("p", words.PHASES), *parts, id="phases") if parts else None
