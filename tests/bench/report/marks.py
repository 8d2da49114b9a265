# SPDX-License-Identifier: MIT
"""The drawings, as SVG that fills the width it is given.

Two ways to do that without a script: an element's place in percent, with lengths and letters in pixels (bars, text); or a view box of
1000 units stretched to the width, where strokes keep their thickness (paths).
"""

import math

import units
from markup import el, join

DOTS = 160
LINE_POINTS = 120
WIDE = 1000
STRIP, FOREST, STACK, CURVE = 30, 22, 24, 240  # heights
LABELLED = 20  # percent of the width that a part of a stack must have to bear its time


def _n(x):
    return f"{x:.1f}".rstrip("0").rstrip(".")


def _x(axis, value):
    return _n(10 * axis.at(value))


def place(ordered, share):
    """The value below which this share lies."""
    return ordered[min(len(ordered) - 1, int(share * (len(ordered) - 1) + 0.5))]


def grid(ticks, axis, height):
    return el("path", class_="grid", d="".join(f"M{_x(axis, t)} 0v{height}" for t in ticks))


def _stretched(kind, height, *inner, **more):
    return el("svg", *inner, class_=kind, viewBox=f"0 0 {WIDE} {height}", preserveAspectRatio="none", **more)


def _radical_inverse(i):
    """0, 1/2, 1/4, 3/4 ...: neighbours are far apart, and nothing is random."""
    x, half = 0.0, 0.5
    while i:
        x += half * (i & 1)
        i, half = i >> 1, half / 2
    return x


def dots(ordered, axis):
    """At most DOTS of the values, at evenly spaced ranks; where they are dense the strip is thick."""
    n = min(DOTS, len(ordered))
    shown = [place(ordered, i / max(1, n - 1)) for i in range(n)]
    xs = [10 * axis.at(v) for v in shown if v <= axis.high]
    crowd = []  # of each dot: how many lie where it does
    for i in range(len(xs)):
        low, high = max(0, i - 3), min(len(xs) - 1, i + 3)
        crowd.append(3 * (high - low) / max(0.5, xs[high] - xs[low]))
    peak = max(6, sorted(crowd)[-(len(xs) // 12) - 1])
    room = STRIP / 2 - 3
    ys = [STRIP / 2 + room * math.sqrt(min(1, c / peak)) * (2 * _radical_inverse(i) - 1) for i, c in enumerate(crowd)]
    return el("path", class_="dots few" if n < DOTS / 2 else "dots", d="".join(f"M{_n(x)} {_n(y)}h0" for x, y in zip(xs, ys)))


def strip(candidate, measure, axis, ticks, floor, quantiles):
    """All values of a measure on one line: the span from least to most, dots, and a rule at the median."""
    s, values, middle = candidate.get(f"summary.{measure}"), candidate.values(measure), STRIP / 2
    said = ", ".join(f"{name} {units.time(s[key])}" for key, name in quantiles)
    floors = floor and floor.get(f"summary.{measure}.p50")
    return _stretched(
        "strip",
        STRIP,
        el("title", f"{candidate.name}: {said} ({units.count(s['n'])} values)"),
        grid(ticks, axis, STRIP),
        el("path", class_="span", d=f"M{_x(axis, s['min'])} {middle}H{_x(axis, s['max'])}"),
        dots(values, axis) if values else None,
        el("path", class_="floor", d=f"M{_x(axis, floors)} 0v{STRIP}") if floors else None,
        el("path", class_="tail", d=f"M{_x(axis, s['p99'])} {middle - 6}v12") if s["p99"] <= axis.high else None,
        el(
            "path",
            class_="median",
            data_at=f"{candidate.key}.summary.{measure}.p50",
            data_value=repr(s["p50"]),
            d=f"M{_x(axis, s['p50'])} 2v{STRIP - 4}",
        ),
        role="img",
    )


def interval(candidate, measure, axis, ticks):
    """A point with its interval, and the rule of those that are as fast as the floor."""
    r = candidate.get(f"ratio.{measure}")
    said = f"{units.ratio(r['value'])}, 95 % of resamples between {units.times(r['low'])} and {units.times(r['high'])}"
    return _stretched(
        "forest",
        FOREST,
        el("title", f"{candidate.name}: {said}"),
        grid(ticks, axis, FOREST),
        el("path", class_="floor", d=f"M{_x(axis, 1)} 0v{FOREST}") if axis.low <= 1 else None,
        el("path", class_="interval", d=f"M{_x(axis, r['low'])} {FOREST / 2}H{_x(axis, r['high'])}"),
        el(
            "path",
            class_="point",
            data_at=f"{candidate.key}.ratio.{measure}.value",
            data_value=repr(r["value"]),
            d=f"M{_x(axis, r['value'])} {FOREST / 2}h0",
        ),
        role="img",
    )


def axis_row(axis, few, many, show):
    """Values under the lines of a grid. Those that only a wide page has room for are left out of a narrow one."""
    labels = []
    for t in dict.fromkeys([*few, *many]):
        at = axis.at(t)
        labels.append(
            el(
                "text",
                units.bare(show(t)),
                class_=None if t in few and t in many else "narrow" if t in few else "wide",
                x=f"{at:.2f}%",
                y=13,
                text_anchor="start" if at < 3 else "end" if at > 97 else "middle",
            )
        )
    return el("svg", *labels, class_="axis", height=18, aria_hidden="true")


def _curve(ordered, axis, nines):
    end = nines.at(1 - 1 / len(ordered))
    shares = [1 - (1 - nines.most) ** (end * i / LINE_POINTS / 100) for i in range(LINE_POINTS + 1)]
    rises = "".join(f"L{_x(axis, place(ordered, q))} {_n(WIDE - 10 * nines.at(q))}" for q in shares)
    return f"M{_x(axis, ordered[0])} {WIDE}{rises}"


def ecdf(candidates, measure, axis, ticks, nines, styles):
    """For each value, the share of all that were no slower. Each line ends where its slowest is."""
    across = "".join(f"M0 {_n(WIDE - 10 * nines.at(t))}H{WIDE}" for t in nines.ticks())
    lines = [
        el("g", el("title", c.name), el("path", d=_curve(c.values(measure), axis, nines)), class_="line", style=styles[c.name])
        for c in candidates
    ]
    labels = [
        el(
            "text",
            f"{units.bare(units.digits(100 * t, 4))}{units.THIN}%",
            x="100%",
            text_anchor="end",
            y=f"{18 + CURVE * (1 - nines.at(t) / 100):.1f}",
        )
        for t in nines.ticks()[1:]
    ]
    plot = el(
        "svg",
        grid(ticks, axis, WIDE),
        el("path", class_="grid", d=across),
        *lines,
        viewBox=f"0 0 {WIDE} {WIDE}",
        preserveAspectRatio="none",
        y=14,
        width="100%",
        height=CURVE,
    )
    return el(
        "svg", plot, *labels, class_="ecdf", height=CURVE + 18, role="img", aria_label="Share of all values that are no larger"
    )


def stack(candidate, kind, axis, ticks, colours):
    """The phases of an invocation, one behind the other."""
    parts, at = [], 0.0
    for i, phase in enumerate(candidate.get(f"phases.{kind}")):
        start, width, shown = axis.at(at), axis.at(at + phase["us"]) - axis.at(at), units.time(phase["us"])
        parts.append(
            el(
                "g",
                el("title", f"{candidate.name}, {phase['name']}: {shown}"),
                el(
                    "rect",
                    x=f"{start:.3f}%",
                    y=2,
                    width=f"{max(width, 0):.3f}%",
                    height=STACK - 4,
                    data_at=f"{candidate.key}.phases.{kind}.{i}.us",
                    data_value=repr(phase["us"]),
                ),
                el("text", shown, x=f"{start + width / 2:.2f}%", y=16.5, text_anchor="middle") if width > LABELLED else None,
                class_=f"phase p{colours.get(phase['name'], 4)}",
            )
        )
        at += phase["us"]
    lines = [el("line", class_="grid", x1=f"{axis.at(t):.2f}%", x2=f"{axis.at(t):.2f}%", y2=STACK) for t in ticks]
    return el("svg", *lines, *parts, class_="stack", height=STACK, role="img")


def spark(points):
    """Resident memory over invocations, from zero, so that growth looks as large as it is."""
    most, last = max(kb for _, kb in points) or 1, math.log10(max(2, points[-1][0]))
    path = " ".join(f"{_n(96 * math.log10(max(1, n)) / last + 2)},{_n(20 - 17 * kb / most)}" for n, kb in points)
    return el(
        "svg",
        el("title", "; ".join(f"{units.count(n)}: {units.kb(kb)}" for n, kb in points)),
        el("path", class_="grid", d="M2 20h96"),
        el("polyline", points=path),
        class_="spark",
        width=100,
        height=22,
        role="img",
    )


def key():
    """A line as it looks in the curves."""
    return el("svg", el("path", class_="key", d="M0 4h26"), width=26, height=8)


def keys(items):
    return el("ul", join(items), class_="keys")
