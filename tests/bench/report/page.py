# SPDX-License-Identifier: MIT
"""One page, complete in itself: no script, no font, no image from elsewhere, and its policy says so to the browser.

Each figure is a <data> element, or a mark with data-at and data-value, that names its place in the document.
"""

import pathlib

import aims
import marks
import scale
import units
import words
from marks import esc

COLOURS = 6  # of groups, in page.css, besides the floor's grey and ours
BULK = 1.3  # times the largest p90: as far as strips reach, so that one slow value does not push all others together
CURVE = 10  # values: fewer are seen well enough as dots
NEAR = 2  # times the floor: what is further off has a scale of its own, so that small differences are seen
PHASES = {"load": 0, "init": 1, "first answer": 2, "answer": 2, "first turnaround": 3, "turnaround": 3, "response latency": 2, "response duration": 4,
          "runtime overhead": 3, "extension overhead": 0}
DASHES = ("none", "7 4", "2 3", "10 3 2 3", "4 2", "1 2", "14 4")


def figure(candidate, key, show, kind=""):
    """A value of the document as people read it; one that is not there says why when it is pointed at."""
    value = candidate.get(key)
    if value is None:
        why = candidate.why_missing(key)
        return f'<span class="none"{f" title={chr(34)}{esc(why)}{chr(34)}" if why else ""}>{units.NONE}</span>'
    return f'<data{kind} value="{esc(value)}" data-key="{candidate.key}.{key}">{esc(show(value))}</data>'


class Page:
    def __init__(self, doc):
        self.doc = doc
        self.floor = next((c for c in doc.measured if c.is_floor), None)
        self.measures = words.measures(doc)
        self.colour, self.style = {}, {}
        self.paint()

    def paint(self):
        """A colour for each group, ours and the floor's always the same; beside no peers, for each of ours. Lines of one colour differ in dashes."""
        doc, bound = self.doc, self.floor.group if self.floor else None
        others = [g for g in doc.groups if g != bound and not any(c.group == g and c.ours for c in doc.candidates)]
        alone = [c.name for c in doc.measured if c.ours] if not any(c.peer for c in doc.candidates) else []
        seen = {}
        for c in doc.candidates:
            i = seen[c.group] = seen.get(c.group, -1) + 1
            if c.group == bound:
                self.colour[c.name] = "var(--bound)"
            elif c.group in others or c.name in alone[1:]:
                place = others.index(c.group) if c.group in others else alone.index(c.name) - 1
                self.colour[c.name] = f"var(--g{place % COLOURS + 2})"
            else:
                self.colour[c.name] = "var(--ours)"
            turn = i // (COLOURS + 1) if alone and c.ours else i
            self.style[c.name] = f"--c:{self.colour[c.name]};--dash:{DASHES[turn % len(DASHES)]}"

    # ---- parts of rows ----

    def name(self, c):
        kind = "traced" if c.traced else "bare"
        return f'<span class="name" style="--c:{self.colour[c.name]}"><i class="{kind}"></i>{esc(c.name)}</span>'

    def rows(self, kind, head, rows, axis, more=""):
        heads = "".join(f'<span class="{k}">{h}</span>' for k, h in head)
        body = "".join(f'<div class="row" style="--c:{self.colour[c.name]}">{self.name(c)}{plot}{"".join(cells)}</div>' for c, plot, cells in rows)
        return f'<div class="rows {kind}"><div class="row head" aria-hidden="true"><span></span><span></span>{heads}</div>{body}' \
               f'<div class="row foot"><span></span>{axis}</div>{more}</div>'

    def log_axis(self, values, show):
        axis = scale.Log(min(values), max(values))
        few, many = axis.ticks(5), axis.ticks(9)
        return axis, many, marks.axis_row(axis, few, many, show)

    # ---- sections ----

    def measure(self, measure, title, meaning):
        shown = self.doc.having(f"summary.{measure}.p50")
        bounds = [c.get(f"summary.{measure}.min") for c in shown] + [BULK * c.get(f"summary.{measure}.p90") for c in shown]
        axis, ticks, row = self.log_axis(bounds, units.time)
        rows = [(c, marks.strip(c, measure, axis, ticks, self.floor),
                 [figure(c, f"summary.{measure}.p50", units.time, ' class="big"'), f'<span class="tail">{figure(c, f"summary.{measure}.p99", units.time)}</span>',
                  figure(c, f"ratio.{measure}.value", units.ratio)]) for c in shown]
        head = (("", "p50"), ("tail", "p99"), ("", "× floor" if self.floor else ""))
        strips = self.rows("strips", head, rows, row, self.curve(measure, shown))
        columns = [(label, f"summary.{measure}.{key}", units.time, "") for key, label in words.QUANTILES] + [("values", f"summary.{measure}.n", units.count, "")]
        return f'<section id="{measure}"><h2>{esc(title)}</h2><p>{esc(meaning)}</p>{strips}' \
               f'<details><summary>All quantiles</summary>{self.table(columns, shown)}</details></section>'

    def curve(self, measure, shown):
        """Below the strips: the share of values up to each, to the slowest of all."""
        drawn = [c for c in shown if len(c.values(measure)) >= CURVE]
        if not drawn:
            return ""
        axis, ticks, row = self.log_axis([c.values(measure)[end] for c in drawn for end in (0, -1)], units.time)
        nines = scale.Nines(1 - 1 / max(len(c.values(measure)) for c in drawn))
        keys = "".join(f'<li style="{self.style[c.name]}"><svg width="26" height="8"><path class="key" d="M0 4h26"/></svg>{esc(c.name)}</li>' for c in drawn)
        return f'<div class="row curve"><ul class="keys">{keys}</ul><div>{marks.ecdf(drawn, measure, axis, ticks, nines, self.style)}{row}</div></div>'

    def ratios(self):
        if not self.floor:
            return ""
        panels = []
        for measure, title, _ in self.measures:
            shown = [c for c in self.doc.having(f"ratio.{measure}.value") if not c.is_floor]
            if not shown:
                continue
            near = [c for c in shown if c.get(f"ratio.{measure}.value") <= NEAR]
            blocks = "".join(self.block(measure, block) for block in (near, [c for c in shown if c not in near]) if block)
            panels.append(f'<div class="panel"><h3>{esc(title)}</h3>{blocks}</div>')
        return f'<section id="ratios"><h2>Times the floor</h2><p>Each round has one start of every candidate, so candidate and floor are compared within the ' \
               f'round; the point is the median over the rounds, the bar its 95 % bootstrap interval.</p>' \
               f'<div class="panels">{"".join(panels)}</div></section>' if panels else ""

    def block(self, measure, shown):
        bounds = [c.get(f"ratio.{measure}.{end}") for c in shown for end in ("low", "high")]
        axis = scale.Log(min(bounds), max(bounds))
        if shown[0].get(f"ratio.{measure}.value") <= NEAR:
            axis = scale.Log(min(1, axis.low), max(1, axis.high))
        ticks = axis.ticks(5)
        rows = [(c, marks.interval(c, f"{c.key}.ratio.{measure}", c.get(f"ratio.{measure}"), axis, ticks),
                 [figure(c, f"ratio.{measure}.value", units.ratio, ' class="big"'),
                  f'<span class="range">{figure(c, f"ratio.{measure}.low", units.times)}{units.THIN}–{units.THIN}{figure(c, f"ratio.{measure}.high", units.times)}</span>'])
                for c in shown]
        return self.rows("forests", (("", "median"), ("", "95 %")), rows, marks.axis_row(axis, ticks, ticks, units.digits))

    def phases(self):
        parts = []
        for kind, title in (("cold", "A cold start"), ("warm", "A warm invocation")):
            shown = sorted(self.doc.having(f"phases.{kind}"), key=lambda c: sum(p["us"] for p in c.get(f"phases.{kind}")))
            if not shown:
                continue
            names = list(dict.fromkeys(p["name"] for c in shown for p in c.get(f"phases.{kind}")))
            keys = "".join(f'<li class="p{PHASES.get(n, 4)}"><i></i>{esc(n)}</li>' for n in names)
            bands = "".join(self.band(kind, band) for band in self.bands(kind, shown))
            parts.append(f'<h3>{title}</h3><ul class="keys">{keys}</ul>{bands}')
        if not parts:
            return ""
        return f'<section id="phases"><h2>Where the time goes</h2><p>Medians of the phases, one behind the other, fastest first. Lengths add up, so the scale ' \
               f'is straight; where candidates are too far apart for one scale, the next block has its own.</p>{"".join(parts)}</section>'

    @staticmethod
    def bands(kind, shown):
        """Blocks of candidates within a factor of eight: in each, the shortest bar still has parts that can be seen."""
        bands, least = [], 0
        for c in shown:
            total = sum(p["us"] for p in c.get(f"phases.{kind}"))
            if not bands or total > 8 * least:
                bands.append([])
                least = total
            bands[-1].append(c)
        return bands

    def band(self, kind, band):
        totals = [sum(p["us"] for p in c.get(f"phases.{kind}")) for c in band]
        axis = scale.Linear(max(totals) * 1.01)
        few, many = axis.ticks(5), axis.ticks(8)
        rows = [(c, marks.stack(c, kind, axis, many, PHASES), [f'<data class="big" value="{t!r}" data-sum="{c.key}.phases.{kind}">{units.time(t)}</data>'])
                for c, t in zip(band, totals)]
        return self.rows("stacks", (("", "in all"),), rows, marks.axis_row(axis, few, many, units.time))

    def table(self, columns, candidates, extra=None):
        """Columns: heading, key, how it is shown, what it means. One that nobody has a value for is left out."""
        columns = [c for c in columns if callable(c[1]) or any(x.get(c[1]) is not None for x in candidates)]
        head = "".join(f'<th scope="col"{f" title={chr(34)}{esc(why)}{chr(34)}" if why else ""}>{esc(title)}</th>' for title, _, _, why in columns)
        body = "".join(f'<tr><th scope="row">{self.name(c)}</th>' + "".join(
            f"<td>{key(c) if callable(key) else figure(c, key, show)}</td>" for _, key, show, _ in columns) + "</tr>" for c in candidates)
        return f'<div class="scroll" tabindex="0"><table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>'

    @staticmethod
    def calls(c):
        """The system calls that an invocation makes most often."""
        by_name = sorted((c.get("counts.syscalls_by_name") or {}).items(), key=lambda x: -x[1])
        most = ", ".join(f'{esc(n)}{units.THIN}<data value="{v}" data-key="{c.key}.counts.syscalls_by_name.{esc(n)}">{units.count(v)}</data>' for n, v in by_name[:3])
        return f'<span class="calls">{most or units.NONE}{" …" if len(by_name) > 3 else ""}</span>'

    def counts(self):
        shown = [c for c in self.doc.measured if c.get("counts")]
        if not shown:
            return ""
        columns = (("calls to /next", "counts.syscalls_init", units.count, "System calls from exec to the first GET /next"),
                   ("calls per invocation", "counts.syscalls_per_invocation", units.count, "System calls"),
                   ("most often", self.calls, None, "System calls per invocation, by name"),
                   ("instructions to /next", "counts.instructions_init", units.count, "Counted by callgrind"),
                   ("instructions per invocation", "counts.instructions_per_invocation", units.count, "Counted by callgrind"),
                   ("faults to /next", "summary.faults_init.p50", units.count, "Minor page faults, median over the rounds"),
                   ("faults per invocation", "counts.faults_per_invocation", units.count, "Minor page faults"),
                   ("switches per invocation", "counts.context_switches_per_invocation", units.count, "Voluntary context switches"),
                   ("forced", "counts.context_switches_forced_per_invocation", units.count, "Involuntary context switches per invocation"),
                   ("threads", "counts.threads", units.count, ""),
                   ("CPU time", "summary.cpu_us.p50", units.time, "User and system time of a whole round, median"))
        return f'<section id="counts"><h2>Counts</h2><p>Of runs that are not timed: what is counted here does not depend on how busy the machine was.</p>{self.table(columns, shown)}</section>'

    @staticmethod
    def growth(c):
        points = c.get("growth.rss_kb")
        return marks.spark(points) if points else units.NONE

    def memory(self):
        shown = [c for c in self.doc.measured if c.get("size") or c.get("growth") or c.get("summary.rss_kb")]
        if not shown:
            return ""
        columns = [("RSS", "summary.rss_kb.p50", units.kb, "Resident memory at the end of a round, median"),
                   ("largest", "summary.rss_kb.max", units.kb, "The most of any round")]
        if any(c.get("growth.rss_kb") for c in shown):
            columns += [("over invocations", self.growth, None, "Resident memory over the number of invocations, a logarithmic axis from the first to the last")]
        columns += [("growth", "growth.growth_kb", units.kb, "From the tenth invocation to the last"), ("invocations", "growth.invocations", units.count, ""),
                    ("program", "size.file_bytes", units.size, ""), ("package", "size.package_bytes", units.size, "All that is shipped with it, without the interpreter"),
                    ("zip", "size.zip_bytes", units.size, "The package, deflated at level 9")]
        return f'<section id="memory"><h2>Memory and size</h2><p>kB of memory are the kernel’s, of 1024 bytes; kB of files are of 1000.</p>{self.table(columns, shown)}</section>'

    @staticmethod
    def complete(c):
        made, arrived, dropped = (c.get(f"export.spans_{k}") for k in ("made", "arrived", "counted_dropped"))
        if not made or arrived is None:
            return units.NONE
        return '<span class="met">all</span>' if arrived + (dropped or 0) >= made else f'<span class="missed">{units.count(made - arrived - (dropped or 0))} lost</span>'

    def export(self):
        shown = [c for c in self.doc.measured if c.get("export.way")]
        if not shown:
            return ""
        columns = (("way", "export.way", str, ""), ("bytes", "export.bytes", units.size, "Per invocation"),
                   ("requests before", "export.requests_before_answer", units.count, "Per invocation, before the answer: the caller waits for them"),
                   ("requests after", "export.requests_after_answer", units.count, "Per invocation, after the answer"),
                   ("standard output", "export.stdout_bytes", units.size, "Per invocation"), ("datagrams", "export.datagrams", units.count, "Per invocation"),
                   ("connections", "export.connections", units.count, "In all of the counted run"), ("handshakes", "export.handshakes", units.count, "TLS, in all"),
                   ("spans made", "export.spans_made", units.count, "In all"), ("arrived", "export.spans_arrived", units.count, "In all"),
                   ("counted as dropped", "export.spans_counted_dropped", units.count, "In all"), ("accounted for", self.complete, None, "Arrived, or counted as dropped"))
        return f'<section id="export"><h2>What was exported</h2><p>Per invocation; connections, handshakes and spans are totals of the counted run.</p>{self.table(columns, shown)}</section>'

    def absent(self):
        rows = "".join(f"<dt>{self.name(c)}</dt><dd>{esc(c.not_measured)}</dd>" for c in self.doc.not_measured)
        return f'<section id="absent"><h2>Not measured</h2><dl class="absent">{rows}</dl></section>' if rows else ""

    def aims(self):
        found = aims.judge(self.doc)
        if not found:
            return ""
        rows = []
        for a in found:
            key, value, show = a["keys"][0]
            shown = f'<data class="big" value="{value!r}"{f" data-key={chr(34)}{key}{chr(34)}" if key else ""}>{show(value)}</data>'
            rows.append(f'<li class="{"met" if a["met"] else "missed"}"><b><span>{"met" if a["met"] else "missed"}</span></b><span class="aim">{esc(a["aim"])}</span>{shown}'
                        f'<span class="said">{esc(a["said"])}</span></li>')
        return f'<section id="aims"><h2>Aims</h2><p>Of mote with telemetry on; its slowest exporter decides.</p><ul class="aims">{"".join(rows)}</ul></section>'

    def lead(self):
        """What somebody who reads one sentence should know."""
        key = "summary.exec_to_next_us.p50"
        ours = next((c for c in self.doc.having(key) if c.ours and c.traced and not c.workload), None)
        peer = self.doc.fastest(key, [c for c in self.doc.measured if c.peer and c.traced and not c.workload])
        if not ours:
            return ""
        text = f"{esc(ours.name)} asks for its first event {figure(ours, key, units.time)} after exec"
        if ours.get("ratio.exec_to_next_us.value") is not None:
            text += f", {figure(ours, 'ratio.exec_to_next_us.value', units.times)} times the floor"
        text += f", and answers a warm one in {figure(ours, 'summary.warm_us.p50', units.time)}"
        if peer:
            text += f"; the fastest traced peer, {esc(peer.name)}, takes {figure(peer, key, units.time)} and {figure(peer, 'summary.warm_us.p50', units.time)}"
        return f'<p class="lead">{text}.</p>'

    def head(self):
        doc = self.doc
        event = f"{doc.get('event.file')}, {units.count(doc.get('event.bytes'))} bytes" if doc.get("event") else None
        facts = [("Machine", esc(words.machine(doc))), ("Command", f"<code>{esc(doc.get('command'))}</code>"), ("Rounds", esc(words.amount(doc))),
                 ("Processor", not doc.aws and esc(words.processor(doc))), ("Event", event and esc(event))]
        rows = "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in facts if v)
        notes = "".join(f"<li>{esc(n)}</li>" for n in doc.get("notes") or [])
        return f'<header><p class="date">{esc(words.when(doc))}</p><h1>Cold starts{" on AWS Lambda" if doc.aws else ", and what a trace costs"}</h1>{self.lead()}<dl class="facts">{rows}</dl>' \
               f'{f"<ul class={chr(34)}notes{chr(34)}>{notes}</ul>" if notes else ""}</header>'

    def reading(self):
        colours = {}
        for c in self.doc.measured:
            colours.setdefault((c.group, self.colour[c.name]), c)
        colours = {g: colour for g, colour in colours if [k for k, _ in colours].count(g) == 1}
        groups = "".join(f'<li style="--c:{colour}"><i class="traced"></i>{esc(g)}</li>' for g, colour in colours.items())
        return f'<section class="reading"><h2>How to read this</h2><ul class="keys">{groups}<li class="kind"><i class="traced"></i>traced</li><li class="kind"><i class="bare"></i>not traced</li></ul>' \
               f'<p>Strips: a dot is one value; of many, at most {marks.DOTS} at evenly spaced ranks. The tall rule is the median, the short one p99, the dashed one the median of ' \
               f'the floor: a loop that parses nothing and answers always the same. A line that ends at the right edge goes on: what is slower is in the curves. Curves below: the share of values up to each, where every further nine is one step up, so that the slowest are seen as well as the usual. ' \
               f'Scales are logarithmic. Pointing at a mark tells its figures.</p></section>'

    def versions(self):
        own = "".join(f"<dt>{esc(k)}</dt><dd>{esc(v)}</dd>" for k, v in (self.doc.get("versions") or {}).items())
        theirs = "".join(f"<dt>{self.name(c)}</dt><dd>{esc(', '.join(f'{k} {v}' for k, v in c.get('versions').items()))}</dd>" for c in self.doc.measured if c.get("versions"))
        commands = "".join(f"<dt>{self.name(c)}</dt><dd><code>{esc(c.get('start') or '')}</code></dd>" for c in self.doc.measured)
        return f'<section id="versions"><h2>Versions</h2><dl class="facts pairs">{own}</dl>{f"<dl class={chr(34)}facts{chr(34)}>{theirs}</dl>" if theirs else ""}' \
               f'<details><summary>How each was started</summary><dl class="facts">{commands}</dl></details></section>'

    def html(self):
        css = pathlib.Path(__file__).with_name("page.css").read_text(encoding="utf-8")
        body = [self.head(), self.aims(), self.reading(), *(self.measure(*m) for m in self.measures), self.ratios(), self.phases(), self.counts(), self.memory(),
                self.export(), self.absent(), self.versions()]
        return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>mote bench, {esc(words.when(self.doc))}</title>
<style>
{css}</style>
</head>
<body>
<main>
{chr(10).join(part for part in body if part)}
</main>
<footer>All figures are those of the file that this page was made from, format {esc(self.doc.get("format"))}: tests/bench/README.md.</footer>
</body>
</html>
"""
