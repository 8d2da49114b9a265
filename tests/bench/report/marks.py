# SPDX-License-Identifier: MIT
"""The drawings, as SVG that fills the width it is given.

Two ways to do that without a script: an element's place in percent, with lengths and letters in pixels (bars, text); or a view box of
1000 units stretched to the width, where strokes keep their thickness (paths).
"""

import html
import math

import units

DOTS = 160
LINE_POINTS = 120
WIDE, STRIP_HEIGHT = 1000, 30


def esc(text):
    return html.escape(str(text), quote=True)


def _n(x):
    return f"{x:.1f}".rstrip("0").rstrip(".")


def place(ordered, share):
    """The value below which this share lies."""
    return ordered[min(len(ordered) - 1, int(share * (len(ordered) - 1) + 0.5))]


def grid(ticks, axis, height):
    return f'<path class="grid" d="{"".join(f"M{_n(10 * axis.at(t))} 0v{height}" for t in ticks)}"/>'


def _stretched(kind, height, inner, more=""):
    return f'<svg class="{kind}" viewBox="0 0 {WIDE} {height}" preserveAspectRatio="none" {more}>{inner}</svg>'


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
    shown = [v for v in (place(ordered, i / max(1, n - 1)) for i in range(n)) if v <= axis.high]
    n, xs = len(shown), [10 * axis.at(v) for v in shown]
    crowd = []  # of each dot: how many lie where it does
    for i in range(n):
        low, high = max(0, i - 3), min(n - 1, i + 3)
        crowd.append(3 * (high - low) / max(0.5, xs[high] - xs[low]) if n > 1 else 0)
    peak = max(6, sorted(crowd)[-(n // 12) - 1])
    room = STRIP_HEIGHT / 2 - 3
    path = [f"M{_n(x)} {_n(STRIP_HEIGHT / 2 + room * math.sqrt(min(1, crowd[i] / peak)) * (2 * _radical_inverse(i) - 1))}h0" for i, x in enumerate(xs)]
    return f'<path class="dots{" few" if n < DOTS / 2 else ""}" d="{"".join(path)}"/>'


def strip(candidate, measure, axis, ticks, floor):
    """All values of a measure on one line: the span from least to most, dots, and a rule at the median."""
    s = candidate.get(f"summary.{measure}")
    if not s:
        return ""
    said = ", ".join(f"{name} {units.time(s[key])}" for key, name in
                     (("min", "min"), ("p50", "p50"), ("p90", "p90"), ("p99", "p99"), ("p99_9", "p99.9"), ("max", "max")))
    x = {k: 10 * axis.at(s[k]) for k in ("min", "p50", "p99", "max")}
    middle = STRIP_HEIGHT / 2
    key = f"{candidate.key}.summary.{measure}"
    inner = [f"<title>{esc(candidate.name)}: {said} ({units.count(s['n'])} values)</title>", grid(ticks, axis, STRIP_HEIGHT),
             f'<path class="span" d="M{_n(x["min"])} {middle}H{_n(x["max"])}"/>',
             dots(candidate.values(measure), axis) if candidate.values(measure) else ""]
    if floor and floor.get(f"summary.{measure}.p50"):
        inner.append(f'<path class="floor" d="M{_n(10 * axis.at(floor.get(f"summary.{measure}.p50")))} 0v{STRIP_HEIGHT}"/>')
    if s["p99"] <= axis.high:
        inner.append(f'<path class="tail" d="M{_n(x["p99"])} {middle - 6}v12"/>')
    inner.append(f'<path class="median" data-at="{key}.p50" data-value="{s["p50"]!r}" d="M{_n(x["p50"])} 2v{STRIP_HEIGHT - 4}"/>')
    return _stretched("strip", STRIP_HEIGHT, "".join(inner), 'role="img"')


def interval(candidate, key, r, axis, ticks):
    """A point with its interval, and the rule of those that are as fast as the floor."""
    height, x = 22, {k: 10 * axis.at(r[k]) for k in ("value", "low", "high")}
    one = f'<path class="floor" d="M{_n(10 * axis.at(1))} 0v{height}"/>' if axis.low <= 1 else ""
    said = f"{candidate.name}: {units.ratio(r['value'])}, 95 % of resamples between {units.times(r['low'])} and {units.times(r['high'])}"
    return _stretched("forest", height, f"<title>{esc(said)}</title>{grid(ticks, axis, height)}{one}"
                      f'<path class="interval" d="M{_n(x["low"])} 11H{_n(max(x["high"], x["low"] + 0.1))}"/>'
                      f'<path class="point" data-at="{key}.value" data-value="{r["value"]!r}" d="M{_n(x["value"])} 11h0"/>', 'role="img"')


def axis_row(axis, few, many, show):
    """Values under the lines of a grid. Those that only a wide page has room for are left out of a narrow one."""
    out = []
    for t in dict.fromkeys([*few, *many]):
        at = axis.at(t)
        anchor = "start" if at < 3 else "end" if at > 97 else "middle"
        kind = "" if t in few and t in many else ' class="narrow"' if t in few else ' class="wide"'
        out.append(f'<text{kind} x="{at:.2f}%" y="13" text-anchor="{anchor}">{units.bare(show(t))}</text>')
    return f'<svg class="axis" height="18" aria-hidden="true">{"".join(out)}</svg>'


def ecdf(candidates, measure, axis, ticks, nines, styles):
    """For each value, the share of all that were no slower. Each line ends where its slowest is."""
    height, lines = 1000, []
    for c in candidates:
        ordered = c.values(measure)
        if len(ordered) < 2:
            continue
        end = nines.at(1 - 1 / len(ordered))
        shares = [1 - (1 - nines.most) ** (end * i / LINE_POINTS / 100) for i in range(LINE_POINTS + 1)]
        points = [(10 * axis.at(place(ordered, q)), height - 10 * nines.at(q)) for q in shares]
        d = f"M{_n(points[0][0])} {height}" + "".join(f"L{_n(x)} {_n(y)}" for x, y in points)
        lines.append(f'<g class="line" style="{styles[c.name]}"><title>{esc(c.name)}</title><path d="{d}"/></g>')
    across = "".join(f"M0 {_n(height - 10 * nines.at(t))}H{WIDE}" for t in nines.ticks())
    plot = (f'<svg viewBox="0 0 {WIDE} {height}" preserveAspectRatio="none" y="14" width="100%" height="240">'
            f'{grid(ticks, axis, height)}<path class="grid" d="{across}"/>{"".join(lines)}</svg>')
    labels = "".join(f'<text x="100%" text-anchor="end" y="{14 + 240 * (1 - nines.at(t) / 100) + 4:.1f}">{units.bare(units.digits(100 * t, 4))}{units.THIN}%</text>'
                     for t in nines.ticks()[1:])
    return f'<svg class="ecdf" height="258" role="img"><title>Share of all values that are no larger</title>{plot}{labels}</svg>'


def stack(candidate, kind, axis, ticks, colours):
    """The phases of an invocation, one behind the other."""
    out, at = [], 0.0
    for i, phase in enumerate(candidate.get(f"phases.{kind}")):
        start, width = axis.at(at), axis.at(at + phase["us"]) - axis.at(at)
        key = f"{candidate.key}.phases.{kind}.{i}.us"
        text = units.time(phase["us"])
        out.append(f'<g class="phase p{colours.get(phase["name"], 4)}"><title>{esc(candidate.name)}, {esc(phase["name"])}: {text}</title>'
                   f'<rect x="{start:.3f}%" y="2" width="{max(width, 0):.3f}%" height="20" data-at="{key}" data-value="{phase["us"]!r}"/>')
        if width > 20:
            out.append(f'<text x="{start + width / 2:.2f}%" y="16.5" text-anchor="middle">{text}</text>')
        out.append("</g>")
        at += phase["us"]
    lines = "".join(f'<line class="grid" x1="{axis.at(t):.2f}%" x2="{axis.at(t):.2f}%" y2="24"/>' for t in ticks)
    return f'<svg class="stack" height="24" role="img">{lines}{"".join(out)}</svg>'


def spark(points):
    """Resident memory over invocations, from zero, so that growth looks as large as it is."""
    most = max(kb for _, kb in points) or 1
    last = math.log10(max(2, points[-1][0]))
    path = " ".join(f"{_n(96 * math.log10(max(1, n)) / last + 2)},{_n(20 - 17 * kb / most)}" for n, kb in points)
    return f'<svg class="spark" width="100" height="22" viewBox="0 0 100 22" role="img"><title>' \
           f'{"; ".join(f"{units.count(n)}: {units.kb(kb)}" for n, kb in points)}</title><path class="grid" d="M2 20h96"/><polyline points="{path}"/></svg>'
