# SPDX-License-Identifier: MIT
"""What the bench says about its numbers: intervals that hold what they promise, and a page, a table and a README that say the same as the file."""

import copy
import itertools
import json
import math
import random
import re
import subprocess
import sys

import bench_run
import pytest
from chromium import Chromium
from conftest import ROOT

import document  # noqa: I001  bench_run has put tests/bench/report on the path
import figures
import look
import page
import readme
import scale
import terminal
import units

REPORT = ROOT / "tests/bench/report"
LAST = ROOT / "tests/data/bench/last.json"
ONLY_OURS = [row for row in bench_run.ROWS if row[0].startswith(("floor", "mote"))]


# ---- statistics ----


@pytest.mark.parametrize(
    "name,draw,median",
    [
        ("normal", lambda r: r.gauss(5, 1), 5),
        ("skewed", lambda r: r.expovariate(1), 0.6931472),
        ("two humps", lambda r: r.gauss(1, 0.1) if r.random() < 0.6 else r.gauss(9, 0.1), 1.0967422),
        ("uniform", lambda r: r.uniform(-1, 1), 0),
    ],
)
@pytest.mark.parametrize("n", [41, 100, 301])
def test_an_interval_holds_the_true_median_as_often_as_it_says(name, draw, median, n):
    r, runs = random.Random(f"{name} {n}"), 600
    held = 0
    for _ in range(runs):
        low, high = figures.interval([draw(r) for _ in range(n)])
        held += low <= median <= high
    assert 0.92 <= held / runs <= 0.985


def test_the_closed_form_is_what_resampling_comes_close_to():
    r = random.Random(11)
    values = [r.lognormvariate(0, 0.4) for _ in range(81)]
    medians = sorted(figures.median(r.choices(values, k=len(values))) for _ in range(4000))
    ordered = sorted(values)
    for ours, theirs in zip(figures.interval(values), (figures.quantile(medians, 0.025), figures.quantile(medians, 0.975))):
        assert abs(ordered.index(ours) - ordered.index(theirs)) <= 1


def test_an_interval_narrows_with_more_rounds_and_is_a_point_without_noise():
    r = random.Random(3)
    widths = []
    for n in 25, 100, 400, 1600:
        low, high = figures.interval([r.gauss(100, 5) for _ in range(n)])
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert figures.interval([7.5] * 30) == (7.5, 7.5) and figures.interval([3]) == (3, 3)


def test_a_ratio_is_within_rounds_so_that_a_slow_minute_does_not_count():
    r = random.Random(4)
    weather = [r.uniform(1, 4) for _ in range(101)]
    floor, ours = [100 * w for w in weather], [110 * w * r.uniform(0.99, 1.01) for w in weather]
    found = figures.ratio(ours, floor)
    assert found["low"] <= found["value"] <= found["high"]
    assert found["value"] == pytest.approx(1.1, abs=0.005) and found["high"] - found["low"] < 0.01


def test_quantiles_are_values_that_were_measured():
    values = [float(x) for x in range(1, 1002)]
    random.Random(5).shuffle(values)
    assert figures.summary(values) == {"n": 1001, "min": 1, "p50": 501, "p90": 901, "p99": 991, "p99_9": 1000, "max": 1001}


# ---- units and axes ----


@pytest.mark.parametrize(
    "us,shown",
    [
        (0, "0 µs"),
        (0.5, "500 ns"),
        (1, "1.00 µs"),
        (14.26, "14.3 µs"),
        (999.4, "999 µs"),
        (999.7, "1.00 ms"),
        (460030, "460 ms"),
        (2.5e6, "2.50 s"),
        (99.96, "100 µs"),
        (9.996, "10.0 µs"),
        (None, "–"),
    ],
)
def test_times_have_three_digits_and_a_unit(us, shown):
    assert units.plain(units.time(us)) == shown


@pytest.mark.parametrize(
    "low,high", [(187, 460030), (187, 400), (14, 8000), (200, 210), (275, 275), (0.93, 1.4), (1, 2360), (0.4, 900000)]
)
def test_an_axis_has_a_few_ticks_in_order_and_inside(low, high):
    for axis in scale.Log(low, high), scale.Linear(high):
        for most in 5, 9:
            ticks = axis.ticks(most)
            places = [axis.at(t) for t in ticks]
            assert 2 <= len(ticks) <= most and places == sorted(set(places)) and 0 <= places[0] and places[-1] <= 100.0001
    assert scale.Log(low, high).at(low) < scale.Log(low, high).at(high * 1.01)


# ---- the page ----


@pytest.fixture(scope="module")
def browser():
    it = Chromium()
    yield it
    it.close()


def report(*args):
    return subprocess.run([sys.executable, str(REPORT), *map(str, args)], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module", params=["peers", "ours", "summaries", "sample"])
def made(request, tmp_path_factory):
    """A document and its page: with peers, without, one that has no single values any more, and what a real run has left."""
    folder = tmp_path_factory.mktemp("report")
    data = bench_run.document(rows=bench_run.ROWS if request.param != "ours" else ONLY_OURS)
    if request.param == "sample":
        data = json.loads((ROOT / "tests/data/bench/small.json").read_text())
    if request.param == "summaries":
        data = document.summaries(data)
    (folder / "last.json").write_text(json.dumps(data))
    done = report("--html", folder / "report.html", folder / "last.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return data, folder / "report.html"


FIGURES = """
[...document.querySelectorAll('[data-key]')].map(e => [e.dataset.key, e.value ?? e.dataset.value, e.textContent])
"""
SUMS = """
[...document.querySelectorAll('[data-sum]')].map(e => [e.dataset.sum, e.value])
"""
OUTSIDE = """
[...document.querySelectorAll('main *, footer')]
    .filter(e => !e.closest('.scroll') || e.matches('.scroll'))
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([e, r]) => r.width && (r.right > WIDTH + 0.5 || r.left < -0.5))
    .map(([e, r]) => e.outerHTML.slice(0, 120))
"""
PLACES = """
[...document.querySelectorAll('.rows')].map(rows => [...rows.querySelectorAll('[data-at]')].map(e => {
    const r = e.getBoundingClientRect();
    return [e.dataset.at, +e.dataset.value, e.tagName == 'rect' ? r.width : r.left + r.width / 2];
}))
"""
GAPS = """
[...document.querySelectorAll('.stack')].flatMap(stack => {
    const r = [...stack.querySelectorAll('rect')].map(e => e.getBoundingClientRect());
    return [r[0].left - stack.getBoundingClientRect().left, ...r.slice(1).map((x, i) => x.left - r[i].right)];
}).filter(d => Math.abs(d) > 1.1)
"""
OVERLAPS = """
[...document.querySelectorAll('.axis')].flatMap(axis => {
    const r = [...axis.querySelectorAll('text')].map(e => e.getBoundingClientRect()).filter(r => r.width);
    r.sort((a, b) => a.left - b.left);
    return r.slice(1).filter((x, i) => x.left < r[i].right).map(() => axis.textContent);
})
"""
SCALES = {"s": 1e6, "ms": 1e3, "µs": 1, "ns": 1e-3, "GB": 1e9, "MB": 1e6, "kB": 1e3, "B": 1}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_it_opens_without_a_complaint_and_fits(browser, made, width, dark):
    browser.open(made[1], width, dark=dark)
    browser.value("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.complaints == []
    assert browser.requests() == [made[1].resolve().as_uri()], "nothing comes from elsewhere"
    # A phone's browser widens the window when the page does not fit: it is asked for the width that was given.
    assert max(browser.value("[document.documentElement.scrollWidth, innerWidth]")) <= width
    assert browser.value(OUTSIDE.replace("WIDTH", str(width))) == []
    assert browser.value(OVERLAPS) == []
    assert browser.value("getComputedStyle(document.body).colorScheme") == "light dark"
    ink, paper = (
        sum(map(int, re.findall(r"\d+", browser.value(f"getComputedStyle(document.body).{what}"))[:3]))
        for what in ("color", "backgroundColor")
    )
    assert (ink > paper) == dark
    assert browser.value("document.scripts.length") == 0


def number(text):
    """The value of a figure as it stands on the page, in the unit of the document; kB of memory are the document's unit."""
    found = re.fullmatch(r"(-?[\d\u202f]*\.?\d+)(?:\u202f(\D+))?", text)
    return found and (float(found[1].replace("\u202f", "")), found[2])


def test_every_figure_is_the_documents(browser, made):
    data, path = made
    browser.open(path, 1400)
    found = browser.value(FIGURES)
    for key, value, text in found:
        wanted = document.lookup(data, key)
        if isinstance(wanted, str):
            assert value == text == wanted, key
            continue
        assert float(value) == wanted, key
        shown, unit = number(text)
        factor = (
            1
            if unit in (None, "×") or unit == "kB" and "rss" in key + "growth" * ("growth_kb" in key) or key.endswith("_kb")
            else SCALES[unit]
        )
        assert shown * factor == pytest.approx(wanted, rel=0.006), (key, text)
    keys = {key for key, _, _ in found}
    for i, c in enumerate(data["candidates"]):
        if "not_measured" in c:
            continue
        assert {
            f"candidates.{i}.summary.{m}.{q}"
            for m in ("exec_to_next_us", "first_us", "warm_us", "turnaround_us")
            for q in ("n", "min", "p50", "p90", "p99", "p99_9", "max")
        } <= keys
        assert {
            f"candidates.{i}.counts.{k}"
            for k in ("syscalls_init", "syscalls_per_invocation", "instructions_per_invocation", "threads")
        } <= keys
        assert {f"candidates.{i}.size.{k}" for k in ("file_bytes", "package_bytes", "zip_bytes")} | {
            f"candidates.{i}.growth.growth_kb"
        } <= keys
        if i:
            assert {
                f"candidates.{i}.ratio.{m}.{k}" for m in ("exec_to_next_us", "warm_us") for k in ("value", "low", "high")
            } <= keys
        if c["export"]["way"]:
            assert {
                f"candidates.{i}.export.{k}"
                for k in ("bytes", "requests_before_answer", "handshakes", "spans_made", "spans_arrived")
            } <= keys
    for key, value in browser.value(SUMS):
        assert float(value) == pytest.approx(sum(p["us"] for p in document.lookup(data, key)))


@pytest.mark.parametrize("width", [360, 1400])
def test_every_mark_is_where_its_value_is(browser, made, width):
    """On a scale of ratios equal factors are equal distances; the parts of a stack are as long as they last."""
    data, path = made
    browser.open(path, width)
    assert browser.value(GAPS) == []
    charts = [chart for chart in browser.value(PLACES) if chart]
    assert len(charts) >= 8
    for chart in charts:
        assert all(document.lookup(data, key) == value for key, value, _ in chart)
        straight = "phases" in chart[0][0]
        points = sorted((value if straight else math.log(value), place) for _, value, place in chart)
        (x0, y0), (x1, y1) = ((0, 0), points[-1]) if straight else (points[0], points[-1])
        for x, y in points if x1 > x0 else []:
            assert y == pytest.approx(y0 + (y1 - y0) * (x - x0) / (x1 - x0), abs=1.6)


@pytest.mark.parametrize("made", ["peers", "ours"], indirect=True)
def test_what_could_not_be_measured_is_there_with_its_reason_and_bites_nobody(browser, made):
    browser.open(made[1], 1400)
    assert browser.value("document.querySelector('#absent dd').textContent") == f"not built: {bench_run.HOSTILE}"
    assert browser.value("document.title").startswith("mote bench, 2026-11-21")
    assert browser.value("document.images.length") == 0
    assert browser.value("document.querySelector('header').textContent.includes('make bench-peers ROUNDS=40')")


def test_a_value_that_is_missing_says_why(browser, made):
    data = copy.deepcopy(made[0])
    data["candidates"][0]["counts"]["instructions_per_invocation"] = None
    data["candidates"][0]["missing"] = {"counts.instructions_per_invocation": "because"}
    text = page.html(document.Document(data))
    assert '<span class="none" title="because">' in text


def test_who_misses_what_and_why_is_said_without_pointing_at_it():
    """One line for all of one reason; text and page say the same."""
    data = bench_run.document(rows=ONLY_OURS)
    everybody = "counts.instructions_init: callgrind cannot run this program"
    doc = document.Document(data)
    assert f"\nall: no {everybody}\n" in terminal.text(doc) and f"<dt>all</dt><dd>{everybody}</dd>" in page.html(doc)
    for c in data["candidates"]:
        if c["name"] in ("mote-otlp", "mote-stdout"):
            c["missing"].update({"growth": "<because>", "counts.threads": "<because>"})
    said = "mote-otlp, mote-stdout: no growth, counts.threads: <because>\n"
    assert said in terminal.text(doc) and "<dt>mote-otlp, mote-stdout</dt><dd>growth, counts.threads: &lt;because&gt;</dd>" in page.html(doc)
    for c in data["candidates"]:
        c["missing"] = {}
    assert ": no " not in terminal.text(doc) and 'id="missing"' not in page.html(doc)


def test_what_several_are_built_from_is_said_once():
    data = bench_run.document(rows=ONLY_OURS)
    data["candidates"][1]["versions"] = {"musl": "1.2.4", "other": "2"}
    text = page.html(document.Document(data))
    assert (text.count("<dd>musl 1.2.3</dd>"), text.count("<dd>musl 1.2.4, other 2</dd>")) == (1, 1)


def test_a_run_on_aws_has_no_floor_and_the_platforms_words(browser, tmp_path):
    data = bench_run.document(rows=ONLY_OURS)
    data.update(source="aws", floor=None)
    for c in data["candidates"]:
        for key in ("ratio", "counts", "growth", "faults_init", "size", "export"):
            c.pop(key, None)
        if "phases" in c:
            c["phases"]["warm"] = [{"name": "response latency", "us": 900.0}, {"name": "runtime overhead", "us": 120.0}]
    (tmp_path / "last.json").write_text(json.dumps(data))
    assert report("--html", tmp_path / "aws.html", tmp_path / "last.json").returncode == 0
    browser.open(tmp_path / "aws.html", 360)
    assert browser.complaints == [] and browser.value("document.documentElement.scrollWidth") <= 360
    assert browser.value("[...document.querySelectorAll('h2')].map(e => e.textContent)")[1:3] == [
        "Init Duration",
        "Duration of the first invocation",
    ]


NAMES = """
(where) => [...document.querySelectorAll(where)].map(e => e.textContent)
"""


def names(browser, where):
    return browser.value(f"({NAMES})({json.dumps(where)})")


def test_only_who_has_an_extension_waits_for_one(browser, made):
    data, path = made
    browser.open(path, 1400)
    others = [c["name"] for c in data["candidates"] if c["group"] == "extension"]
    assert names(browser, "#init_us .strips .name") == (["floor", *others] if others else [])
    assert len(names(browser, "#exec_to_next_us .strips .name")) == sum("not_measured" not in c for c in data["candidates"])


def test_so_many_curves_are_drawn_as_can_be_followed(browser, tmp_path):
    """Of more the page says which; dashes then tell all of one colour apart. Every candidate has its strip."""
    more = [(f"rust-no-{i}", 2 * (i % 2), 700 + 90 * i, *bench_run.ROWS[7][3:]) for i in range(9)]
    for rows, few in ((bench_run.ROWS, False), (bench_run.ROWS + tuple(more), True)):
        (tmp_path / "last.json").write_text(json.dumps(bench_run.document(rows=rows)))
        assert report("--html", tmp_path / "report.html", tmp_path / "last.json").returncode == 0
        browser.open(tmp_path / "report.html", 1400)
        strips, curves = (names(browser, f"#warm_us .strips {what}") for what in (".name", ".curve .keys li"))
        assert strips == [row[0] for row in rows]
        if few:
            left = ("floor-again", "mote-workload-otlp", "rust-lite-sync", *(row[0] for row in more if row[0] != "rust-no-1"))
            assert [n for n in strips if n not in curves] == [n for n in strips if n in left]
            styles = browser.value("[...document.querySelectorAll('#warm_us .curve .keys li')].map(e => e.getAttribute('style'))")
            assert len(set(styles)) == len(styles)
        else:
            assert curves == strips
        assert ("With so many candidates" in browser.value("document.querySelector('.reading').textContent")) == few


# ---- colours ----

# Machado, Oliveira, Fernandes 2009: what the eye makes of linear RGB without cones of one kind.
VISION = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no L": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no M": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no S": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def dot(rows, v):
    return [max(0.0, sum(a * b for a, b in zip(row, v))) for row in rows]


def linear(colour):
    return [
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    ]


def oklab(rgb):
    """Ottosson 2020: where equal distances look equally large."""
    lms = [
        x ** (1 / 3)
        for x in dot(
            (
                (0.4122214708, 0.5363325363, 0.0514459929),
                (0.2119034982, 0.6806995451, 0.1073969566),
                (0.0883024619, 0.2817188376, 0.6299787005),
            ),
            rgb,
        )
    ]
    rows = (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
    return [sum(a * b for a, b in zip(row, lms)) for row in rows]


def contrast(a, b):
    light, dark = sorted((dot(((0.2126, 0.7152, 0.0722),), c)[0] for c in (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_are_told_apart_with_any_colour_vision(scheme):
    block = re.findall(r":root \{(.*?)\}", (REPORT / "page.css").read_text(), re.S)[scheme]
    colours = {name: linear(value) for name, value in re.findall(r"--([\w-]+): #(\w{6});", block)}
    groups = [n for n in colours if re.fullmatch(r"ours|bound|g\d", n)]
    phases = [n for n in colours if re.fullmatch(r"p\d", n)]
    assert len(groups) == look.COLOURS + 2 and len(phases) == 5
    for rows in VISION.values():
        for several in groups, phases:
            seen = [oklab(dot(rows, colours[n])) for n in several]
            assert min(math.dist(a, b) for a, b in itertools.combinations(seen, 2)) > 0.08
    assert all(contrast(colours[n], colours["paper"]) >= 3 for n in groups)
    assert all(contrast(colours[n], colours["on-phase"]) >= 4.5 for n in phases)
    assert all(contrast(colours[n], colours["paper"]) >= 4.5 for n in ("ink", "quiet", "met", "missed"))


# ---- text and README ----


@pytest.mark.parametrize("made", ["peers", "ours", "summaries"], indirect=True)
def test_the_table_has_every_candidate_and_fits_a_terminal(made):
    doc = document.Document(made[0])
    lines = terminal.text(doc).splitlines()
    for c in doc.measured:
        rows = [line for line in lines if line.split()[:1] == [c.name]]
        assert len(rows) == 2 and units.plain(units.time(c.get("summary.exec_to_next_us.p50"))) in rows[0]
    assert any(line.startswith("node-interface") and "not built" in line for line in lines)
    grids = [line for line in lines if line.split()[:1] and line.split()[0] in {c.name for c in doc.measured}]
    assert max(map(len, grids)) <= 150


def test_an_aim_that_is_missed_is_said_to_be():
    data = bench_run.document()
    ours = next(c for c in data["candidates"] if c["name"] == "mote-stdout")
    assert "MISSED" not in terminal.text(document.Document(data))
    ours["ratio"]["warm_us"].update(value=1.31, low=1.3, high=1.32)
    ours["export"]["spans_arrived"] -= 5
    text = terminal.text(document.Document(data))
    assert "MISSED  warm answer at most 1.2" in text and "MISSED  every span" in text and "mote-stdout 5" in text


def aim_lines(data, words):
    """The lines of an aim, and of what stands beside it."""
    lines = terminal.text(document.Document(data)).splitlines()
    at = next(i for i, line in enumerate(lines) if words in line)
    return [lines[at], *itertools.takewhile(lambda line: line.startswith(" "), lines[at + 1 :])]


def test_an_aim_beside_peers_says_what_the_floor_reaches_and_who_lost_spans():
    """Each ratio is that of the medians in the document; a peer that lost spans decides the aim, and the next one stands below it."""
    data = bench_run.document()
    rows = {c["name"]: c for c in data["candidates"]}

    def p50(name, measure="warm_us"):
        return rows[name]["summary"][measure]["p50"]

    def line(peer):
        ours = max(("mote-otlp", "mote-stdout"), key=p50)
        return f"{p50(peer) / p50(ours):.4g} × ({ours} {p50(ours):.1f} µs, {peer} {p50(peer):.0f} µs; the floor itself: {p50(peer) / p50('floor'):.1f} ×)"

    lost = "go-otlp-with-a-name-that-does-not-end"
    first, second = aim_lines(data, "warm answer 8 times faster")
    assert first.startswith("met     ") and first.endswith(line(lost))
    assert second == " " * 8 + "than the fastest whose spans all arrived: " + line("rust-lite-sync")
    assert len(aim_lines(data, "exec to /next 5 times faster")) == 1, "who is fastest there has lost none"
    rows[lost]["export"]["spans_arrived"] = rows[lost]["export"]["spans_made"]
    assert aim_lines(data, "warm answer 8 times faster") == [first]
    for c in rows.values():
        if "export" in c:
            c["export"]["spans_arrived"] = None
    assert aim_lines(data, "warm answer 8 times faster") == [first], "where nothing was counted nobody is said to be complete"


def test_what_is_no_report_is_refused(tmp_path):
    for content in "{}", "[]", "{", '{"format": "mote-bench/2"}':
        (tmp_path / "last.json").write_text(content)
        done = report("--text", tmp_path / "last.json")
        assert done.returncode == 1 and done.stderr.startswith("report: ") and done.stdout == ""


def test_the_readme_gets_its_table_between_the_markers_and_nothing_else_changes(tmp_path):
    data = bench_run.document()
    (tmp_path / "last.json").write_text(json.dumps(data))
    before, after = "# mote\n\nwords\n\n", "\n\nmore words\n"
    (tmp_path / "README.md").write_text(before + readme.BEGIN + "\nold\n" + readme.END + after)
    for _ in range(2):
        done = report("--readme", tmp_path / "README.md", "--summaries", tmp_path / "small.json", tmp_path / "last.json")
        assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "README.md").read_text()
    assert text.startswith(before + readme.BEGIN) and text.endswith(readme.END + after)
    rows = re.findall(r"^\| (\w[\w-]*) \|", text, re.M)
    assert rows == [
        "floor",
        "mote-minimal",
        "mote-otlp",
        "mote-stdout",
        "rust-hello",
        "rust-lite-sync",
        "go-hello",
        "go-otlp-with-a-name-that-does-not-end",
        "python-hello",
        "python-adot",
        "extension-some",
    ]
    assert all(len(line) <= 140 for line in text.splitlines())
    assert text == readme.written(text, document.read(tmp_path / "small.json")), "the summaries say the same as the run"
    (tmp_path / "README.md").write_text("no markers\n")
    assert report("--readme", tmp_path / "README.md", tmp_path / "last.json").returncode == 1


def test_the_readme_shows_what_is_to_be_read_side_by_side():
    floor = ("floor-posts", 0, 201, 27, 16, 40, 0.08, 28, 7, 6.0, 13312)
    workload = ("go-workload-otlp", 21, 3400, 1200, 361, 35, 0.3, 18892, 291, 22.0, 14041250)
    data = bench_run.document(rows=(*bench_run.ROWS, floor, workload))
    (extension,) = [c for c in data["candidates"] if c["name"] == "extension-some"]
    extension["start"] = "bootstrap & extension"
    table = readme.block(document.Document(data))
    rows = re.findall(r"^\| (\w[\w-]*) \|", table, re.M)
    assert rows[:2] == ["floor", "floor-posts"] and rows[-2:] == ["mote-workload-otlp", "go-workload-otlp"]
    assert "extension-some" not in rows, "its bootstrap starts when the extension has: no start to compare"


def test_the_readme_says_what_was_measured():
    """The table is the command's, of the run whose summaries are kept beside it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == readme.written(text, document.read(LAST))
