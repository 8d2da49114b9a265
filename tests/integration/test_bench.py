# SPDX-License-Identifier: MIT
"""The bench measures what it says it measures. Its times are not looked at: nothing that a busy machine changes decides a test."""

import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys

import pytest
from conftest import ARCH, EVENTS, ROOT, built

BENCH = ROOT / "tests/bench"
ROUNDS, WARM, GROWTH = 3, 4, 120
MOTE = {"floor": None, "floor-again": None, "floor-nolibc": None, "floor-posts": "otlp", "mote-minimal": None, "mote-disabled": None, "mote-otlp": "otlp",
        "mote-stdout": "stdout", "mote-udp": "udp", "mote-tls-sigv4": "otlp", "mote-workload-otlp": "otlp", "mote-workload-stdout": "stdout"}


def run(*args, path="/usr/bin:/bin", **more):
    command = [sys.executable, BENCH / "run", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={"PATH": path, "HOME": "/nonexistent", **more})


def driver(*args):
    return subprocess.run([built("bench/bench"), "--event", EVENTS / "apigw-http-api.json", "--top", ROOT, "--arch", ARCH, *map(str, args)],
                          capture_output=True, text=True, timeout=120)


def alone(tmp_path, start, *args, name="x"):
    """The row of one candidate that is there already."""
    (tmp_path / "candidates").write_text(f"{name}\n-\n{start}\n")
    done = driver("--candidates", tmp_path / "candidates", "--rounds", 1, "--warm-up", 0, *args)
    assert done.returncode == 0, done.stderr
    row, = json.loads(done.stdout)["candidates"]
    return row


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    for name in "floor", "floor-nolibc", "floor-posts", "hello", "hello-minimal", "tests/workload":
        built(f"{name}/bootstrap")
    built("bench/bench")
    output = tmp_path_factory.mktemp("bench") / "run.json"
    candidates = output.with_name("candidates-here")
    text = re.sub(r"^make .*$", "-", (BENCH / "candidates").read_text(), flags=re.M)  # built: nothing is to be made by a test
    candidates.write_text(text)
    done = run("--rounds", ROUNDS, "--warm", WARM, "--growth", GROWTH, "--output", output, candidates)
    assert done.returncode == 0, done.stderr
    return json.loads(output.read_text())


@pytest.fixture(scope="module")
def rows(whole):
    return {c["name"]: c for c in whole["candidates"] if c["name"] in MOTE}


def test_every_candidate_answers_every_event(rows):
    assert list(rows) == list(MOTE)
    assert {n: c["not_measured"] for n, c in rows.items() if "not_measured" in c} == {}
    for c in rows.values():
        assert [len(c[key]) for key in ("exec_to_next_us", "init_us", "first_us", "faults", "rss_kb")] == [ROUNDS] * 5
        assert [len(row) for row in c["warm_us"] + c["turnaround_us"]] == [WARM] * 2 * ROUNDS
        assert min(map(min, c["warm_us"])) > 0 and min(c["exec_to_next_us"]) >= min(c["connect_us"]) > 0


def test_the_floor_is_what_ratios_are_to(whole, rows):
    assert whole["floor"] == "floor"
    assert {r["value"] for r in rows["floor"]["ratio"].values()} == {1}
    for c in rows.values():
        assert all(r["low"] <= r["value"] <= r["high"] for r in c["ratio"].values())
        assert all(s["min"] <= s["p50"] <= s["p90"] <= s["p99"] <= s["p99_9"] <= s["max"] for s in c["summary"].values())
        assert c["summary"]["warm_us"]["n"] == ROUNDS * WARM


@pytest.mark.parametrize("name", MOTE)
def test_traces_leave_by_the_way_that_the_row_names(rows, name):
    export = rows[name]["export"]
    assert export["way"] == MOTE[name]
    assert (export["requests_before_answer"], export["requests_after_answer"]) == (0, 1 if MOTE[name] == "otlp" else 0)
    assert (export["bytes"] > 0) == bool(MOTE[name])


@pytest.mark.parametrize("name", [n for n, way in MOTE.items() if way and n.startswith("mote")])
def test_every_span_that_was_made_has_arrived(rows, name):
    export = rows[name]["export"]
    assert export["spans_made"] == GROWTH * (21 if "workload" in name else 2) + 4
    assert (export["spans_arrived"], export["spans_counted_dropped"]) == (export["spans_made"], 0)


# More spans than there is room for, in 4 invocations: the function's 9000, the invocation's, and those of the start.
WIDE, MADE = 9000, (9000 + 1) * 4 + 4
WIDE_WAYS = {"otlp": "OTEL_EXPORTER_OTLP_ENDPOINT=http://{otlp}", "stdout": "OTEL_TRACES_EXPORTER=otlpstdout",
             "udp": "OTEL_TRACES_EXPORTER=xray-udp AWS_XRAY_DAEMON_ADDRESS={udp}"}


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Functions that lose spans; the last one says that it makes one more than it does."""
    folder, program = tmp_path_factory.mktemp("wide"), os.path.relpath(built("tests/table/bootstrap"), ROOT)
    (folder / "event").write_text(json.dumps({"count": WIDE}))
    blocks = [f"floor\n-\nbuild/{ARCH}/floor/bootstrap\n"]
    for name, spans, way in [*((f"mote-{way}", WIDE + 1, way) for way in WIDE_WAYS), ("mote-liar", WIDE + 2, "otlp")]:
        blocks.append(f"{name}\n-\nBENCH_SPANS={spans} BENCH_INIT_SPANS=4 _HANDLER=spans {WIDE_WAYS[way]} {program}\n")
    (folder / "candidates").write_text("\n".join(blocks))
    # Without strace and valgrind: what they count takes long here, and is counted elsewhere.
    done = run("--event", folder / "event", "--rounds", 1, "--warm", 1, "--growth", 4, "--output", folder / "out.json", folder / "candidates", path="/nonexistent")
    assert done.returncode == 0, done.stderr
    return {c["name"]: c for c in json.loads((folder / "out.json").read_text())["candidates"]}, done.stdout


@pytest.mark.parametrize("way", WIDE_WAYS)
def test_a_span_that_is_lost_is_counted_by_what_arrives(wide, way):
    export = wide[0][f"mote-{way}"]["export"]
    assert (export["way"], export["spans_made"]) == (way, MADE)
    assert 4 * 1000 < export["spans_arrived"] < MADE - 4 * 1000, "it has lost some, and not all"
    assert export["spans_counted_dropped"] == MADE - export["spans_arrived"]


def test_a_span_that_is_neither_there_nor_counted_misses_the_aim(wide):
    assert wide[0]["mote-liar"]["export"]["spans_counted_dropped"] == MADE - wide[0]["mote-liar"]["export"]["spans_arrived"]
    aim, = (line for line in wide[1].splitlines() if "every span made" in line)
    assert aim.startswith("MISSED") and aim.endswith("(lost: mote-liar 4)")


def test_what_no_tool_could_count_is_null_with_the_reason(wide):
    for c in wide[0].values():
        assert c["missing"] == {"counts.syscalls_init": "strace is not installed", "counts.syscalls_per_invocation": "strace is not installed",
                                "counts.syscalls_by_name": "strace is not installed", "counts.instructions_init": "valgrind is not installed",
                                "counts.instructions_per_invocation": "valgrind is not installed"}
        assert c["counts"]["syscalls_init"] is c["counts"]["instructions_init"] is None


def test_tls_is_one_handshake_for_all_and_each_request_is_signed(rows):
    tls, plain = rows["mote-tls-sigv4"]["export"], rows["mote-otlp"]["export"]
    assert (tls["handshakes"], tls["signed"]) == (1, GROWTH)
    assert (plain["handshakes"], plain["signed"]) == (0, 0)


def test_what_can_be_counted_is_counted(rows):
    for name, c in rows.items():
        assert c["missing"] == {}, name
        assert c["counts"]["instructions_init"] > 1000 and c["counts"]["instructions_per_invocation"] > 1000
        assert c["counts"]["threads"] == 1 and c["growth"]["growth_kb"] == 0, name
    assert rows["floor"]["counts"]["syscalls_by_name"] == {"read": 2.0, "write": 2.0}
    assert rows["floor-nolibc"]["counts"]["syscalls_init"] == 3  # execve, socket, connect


def test_memory_stays_under_a_megabyte(rows):
    assert {n: c["summary"]["rss_kb"]["max"] for n, c in rows.items() if not 0 < c["summary"]["rss_kb"]["max"] * 1024 < 1e6} == {}


def test_each_candidate_is_a_report_of_startled(rows):
    """Its types, as serde reads them: what is not optional there is a number here."""
    numbers = {"duration", "extension_overhead", "billed_duration", "max_memory_used", "memory_size"}
    for c in rows.values():
        assert {"function_name", "concurrent_invocations", "rounds", "timestamp"} <= set(c["config"])
        assert len(c["cold_starts"]) == len(c["warm_starts"]) == len(c["client_measurements"]) == ROUNDS
        for item in c["cold_starts"]:
            assert all(isinstance(item[key], (int, float)) for key in numbers | {"init_duration"})
        for item in c["warm_starts"]:
            assert all(isinstance(item[key], (int, float)) for key in numbers)
        assert all(isinstance(m["client_duration"], float) for m in c["client_measurements"])


def documented(heading):
    """First column of the tables below a heading."""
    part = (BENCH / "README.md").read_text().partition(heading)[2].partition("\n#")[0]
    cells = re.findall(r"^\| (`.*?) \|", part, re.M)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_the_document_names_every_key_and_no_other(whole, rows):
    assert set(whole) == documented("## last.json")
    seen = set().union(*(set(c) for c in whole["candidates"]))
    assert seen == documented("### A candidate") - ({"not_measured"} - seen)


def test_the_sample_has_the_form_of_today(whole, rows):
    sample = json.loads((ROOT / "tests/data/bench/small.json").read_text())
    assert set(sample) == set(whole)
    assert set(sample["candidates"][0]) == set(rows["floor"])


def test_a_candidate_that_is_no_bootstrap_is_a_row_with_its_last_words(tmp_path):
    (tmp_path / "liar").write_text("#!/bin/sh\necho 'no API here' >&2\nexit 3\n")
    (tmp_path / "liar").chmod(0o755)
    row = alone(tmp_path, tmp_path / "liar")
    assert "exit status 3" in row["not_measured"] and "no API here" in row["not_measured"]


def test_one_that_cannot_be_built_says_why_and_the_run_goes_on(tmp_path):
    (tmp_path / "mine").write_text(f"floor\n-\nbuild/{ARCH}/floor/bootstrap\n\n# of no use\nbroken\necho starting; echo 'error: no such crate at https://registry.example/x' >&2; exit 7\nnothing\n\n"
                                   f"gone\n-\n/nowhere/bootstrap\n\nagain\n-\nbuild/{ARCH}/floor/bootstrap\n")
    done = run("--rounds", 1, "--warm", 1, "--no-counts", "--output", tmp_path / "out.json", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out.json").read_text())["candidates"]
    keys = "counts", "growth", *(f"export.{key}" for key in ("handshakes", "signed", "spans_made", "spans_arrived", "spans_counted_dropped"))
    assert found[0]["missing"] == dict.fromkeys(keys, "asked not to count")
    rows = {c["name"]: c.get("not_measured") for c in found}
    assert rows == {"floor": None, "broken": "not built: error: no such crate at /x", "gone": "/nowhere/bootstrap: No such file or directory", "again": None}


def test_the_start_command_is_words_variables_and_replacements(tmp_path):
    """What the process sees is what the line says, over what Lambda sets; BENCH_ is for the bench alone."""
    seen = tmp_path / "seen"
    (tmp_path / "look").write_text(f"#!/bin/sh\nprintf '%s|' \"$@\" >{seen}\nenv >>{seen}\n")
    (tmp_path / "look").chmod(0o755)
    alone(tmp_path, f"BENCH_SPANS=3 LANG=C TOP={{top}} TO=http://{{otlp}} SAID='two words' {tmp_path}/look a 'b c'")
    text = seen.read_text()
    assert text.startswith("a|b c|")
    assert re.search(rf"^TOP={ROOT}$", text, re.M) and re.search(r"^TO=http://127.0.0.1:\d+$", text, re.M)
    assert "\nSAID=two words\n" in text and text.count("LANG=") == 1 and "BENCH_" not in text and "\n_HANDLER=bootstrap\n" in text


def test_a_placeholder_that_this_machine_cannot_fill_is_a_reason(tmp_path):
    assert alone(tmp_path, f"A={{ca}} build/{ARCH}/floor/bootstrap")["not_measured"] == "this machine has nothing for {ca}"


EXTENSION = """#!{python}
import http.client, json, os
c = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
c.request("POST", "/2020-01-01/extension/register", json.dumps({{"events": ["INVOKE", "SHUTDOWN"]}}), {{"Lambda-Extension-Name": "beside"}})
r = c.getresponse()
r.read()
me = {{"Lambda-Extension-Identifier": r.headers["Lambda-Extension-Identifier"]}}
n = 0
while True:
    c.request("GET", "/2020-01-01/extension/event/next", headers=me)
    event = json.loads(c.getresponse().read())
    if event["eventType"] == "SHUTDOWN":
        break
    n += 1
    open("{seen}", "w").write(str(n))
"""


@pytest.fixture
def beside(tmp_path):
    program = tmp_path / "extension"
    program.write_text(EXTENSION.format(python=sys.executable, seen=tmp_path / "seen"))
    program.chmod(0o755)
    return os.path.relpath(program, ROOT)  # as for the function: from the top of the repository


def test_an_extension_runs_beside_a_function(tmp_path, beside):
    """The sandbox is ready when both wait, and the extension hears of every invocation."""
    row = alone(tmp_path, f"build/{ARCH}/floor/bootstrap & {beside}", "--warm", 6, "--counted")
    assert "not_measured" not in row, row
    assert (tmp_path / "seen").read_text() == "7"
    assert row["init_us"][0] > 10 * row["exec_to_next_us"][0]


def bootstrap(tmp_path, name, *lines):
    """A program that speaks the Runtime API as far as these lines go."""
    program = tmp_path / name
    program.write_text("\n".join([f"#!{sys.executable}", "import http.client, os", 'c = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])',
                                  "def ask(method, what, body=None):", '    c.request(method, "/2018-06-01/runtime/" + what, body)', "    r = c.getresponse()",
                                  "    r.read()", '    return r.headers["Lambda-Runtime-Aws-Request-Id"]', *lines]) + "\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("lines,why", [
    (['ask("POST", "init/error", \'{"errorMessage":"no table"}\')'], 'it says that its init failed: {"errorMessage":"no table"}'),
    (['ask("POST", "invocation/%s/error" % ask("GET", "invocation/next"), \'{"errorMessage":"no row"}\')'], 'it answered the event with an error: {"errorMessage":"no row"}'),
    (['ask("POST", "invocation/%s/response" % ask("GET", "invocation/next"), "{}")'], "it did not ask for the next event (exit status 0)"),
    (['ask("POST", "invocation/another/response" if ask("GET", "invocation/next") else "", "{}")'], "it asked for something that a well-behaved bootstrap does not: "
     "POST /2018-06-01/runtime/invocation/another/response {}"),
    (["import time", "time.sleep(60)"], "it did not ask for an event at AWS_LAMBDA_RUNTIME_API (it was still running)"),
], ids=["init/error", "error", "leaves", "another id", "silent"])
def test_what_a_bootstrap_does_wrong_is_its_reason(tmp_path, lines, why):
    assert alone(tmp_path, bootstrap(tmp_path, "wrong", *lines), "--patience", 2)["not_measured"].startswith(why)


def test_a_program_without_a_slash_is_on_path_and_words_may_be_quoted(tmp_path):
    row = alone(tmp_path, """sh -c "echo 'as a shell does it' >&2; exit 5" """)
    assert row["not_measured"] == "it did not ask for an event at AWS_LAMBDA_RUNTIME_API (exit status 5): as a shell does it"
    assert row["program"].endswith("/sh")
    assert alone(tmp_path, "no-such-program")["not_measured"].startswith("no-such-program: no such program on PATH")


def test_a_program_whose_package_nobody_knows_has_no_size_but_a_reason(tmp_path):
    lines = ["while True:", '    ask("POST", "invocation/%s/response" % ask("GET", "invocation/next"), "{}")']
    (tmp_path / "mine").write_text(f"floor\n-\nbuild/{ARCH}/floor/bootstrap\n\nscript\n-\n{bootstrap(tmp_path, 'script', *lines)}\n")
    done = run("--rounds", 1, "--warm", 1, "--no-counts", "--output", tmp_path / "out.json", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    c = json.loads((tmp_path / "out.json").read_text())["candidates"][1]
    assert set(c["size"].values()) == {None} and "not known" in c["missing"]["size"]


def test_the_command_is_said_as_it_can_be_typed_again(tmp_path):
    """make gives each space within a value a backslash."""
    (tmp_path / "mine").write_text(f"floor\n-\nbuild/{ARCH}/floor/bootstrap\n")
    typed = r"make bench BENCH_OPTIONS=--no-counts\ --seed\ 7 CANDIDATES=mote-* ROUNDS=1"
    done = run("--rounds", 1, "--warm", 1, "--no-counts", "--seed", 7, "--output", tmp_path / "out.json", tmp_path / "mine", MOTE_BENCH_COMMAND=typed)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out.json").read_text())["command"] == "make bench BENCH_OPTIONS='--no-counts --seed 7' CANDIDATES='mote-*' ROUNDS=1"
    assert done.stdout.splitlines()[-1].endswith(str(tmp_path / "report.html"))


@pytest.mark.parametrize("args,why", [
    (["--rounds", "0"], "0 is not a number from 1"), (["--rounds", "many"], "many is not a number"), (["--warm", "0"], "0 is not a number from 1"),
    (["--cores", "3"], "3 is not a number from 1 to 2"), (["--memory", "64"], "64 is not a number from 128"), (["--event", "nowhere.json"], "there is no file nowhere.json"),
    (["--only", "two nobody"], "nobody there is called nobody, but one two"), ({"file": ""}, "there is no candidate"), ({"file": "# only a comment\n\n\n"}, "there is no candidate"),
    ({"file": "one\n-\n"}, "a candidate is three lines"), ({"file": "one name\n-\nx\n"}, "name without spaces"), ({"file": "one\n-\nx\n\none\n-\ny\n"}, "two are called one"),
    ({"file": None}, "No such file"),
])
def test_what_makes_no_sense_is_refused_in_a_sentence_before_anything_is_built(tmp_path, args, why):
    text = f"one\ntouch {tmp_path}/built\nx\n\ntwo\ntouch {tmp_path}/built\ny\n"
    if isinstance(args, dict):
        text, args = args["file"], []
    if text is not None:
        (tmp_path / "mine").write_text(text)
    done = run(*args, "--output", tmp_path / "out.json", tmp_path / "mine")
    assert done.returncode in (1, 2) and why in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
    assert not (tmp_path / "built").exists() and not (tmp_path / "out.json").exists()


def test_an_extension_is_part_of_what_is_shipped(tmp_path, beside):
    (tmp_path / "mine").write_text(f"floor\n-\nbuild/{ARCH}/floor/bootstrap\n\nboth\n-\nbuild/{ARCH}/floor/bootstrap & NAME=value {beside} word\n")
    done = run("--rounds", 1, "--warm", 1, "--no-counts", "--output", tmp_path / "out.json", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    alone, both = (c["size"] for c in json.loads((tmp_path / "out.json").read_text())["candidates"])
    extension = (tmp_path / "extension").stat().st_size
    assert both["file_bytes"] == alone["file_bytes"] == alone["package_bytes"] == both["package_bytes"] - extension
    assert alone["zip_bytes"] < both["zip_bytes"] < alone["zip_bytes"] + extension


def test_the_size_of_a_function_is_a_share_of_a_cpu_or_a_note(tmp_path):
    """Where control groups may be made the same work takes longer; where not, the run says so."""
    (tmp_path / "candidates").write_text(f"floor\n-\nbuild/{ARCH}/floor/bootstrap\n")
    done = driver("--candidates", tmp_path / "candidates", "--rounds", 2, "--memory", 128)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    if result["cpu"]["memory_mb"] is None:
        assert "control group" in result["notes"][0]
    else:
        assert result["cpu"]["memory_mb"] == 128 and not result["notes"]
    assert "not_measured" not in result["candidates"][0]


def test_a_cold_page_cache_means_pages_from_the_disk_or_a_note(tmp_path):
    built("hello/bootstrap")  # larger than what the kernel reads ahead while it looks at the file's head
    (tmp_path / "candidates").write_text(f"hello\n-\nOTEL_SDK_DISABLED=true build/{ARCH}/hello/bootstrap\n")
    done = driver("--candidates", tmp_path / "candidates", "--rounds", 3, "--cold", "--copies", tmp_path / "copies")
    result = json.loads(done.stdout)
    assert result["cpu"]["page_cache"] == "cold"
    assert min(result["candidates"][0]["major_faults"]) > 0 or "not cold" in " ".join(result["notes"])


def test_the_order_is_that_of_the_seed(tmp_path):
    """Two runs with one seed start the same candidate at the same turn: each writes its name when it starts."""
    log, orders = tmp_path / "log", []
    text = ""
    for name in "abcdef":
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} >>{log}\nexec {built('floor/bootstrap')}\n")
        (tmp_path / name).chmod(0o755)
        text += f"{name}\n-\n{tmp_path / name}\n\n"
    (tmp_path / "candidates").write_text(text)
    for seed in 7, 7, 8:
        log.unlink(missing_ok=True)
        assert driver("--candidates", tmp_path / "candidates", "--rounds", 3, "--warm", 1, "--warm-up", 0, "--seed", seed).returncode == 0
        orders.append(log.read_text().split())
    assert orders[0] == orders[1] != orders[2]
    assert all(sorted(o[i:i + 6]) == list("abcdef") for o in orders for i in (0, 6, 12))
    assert len({tuple(orders[0][i:i + 6]) for i in (0, 6, 12)}) > 1


@pytest.mark.parametrize("args", [["--rounds", "0"], ["--cores", "0"], ["--patience", "0"], ["--nonsense"], ["surplus"], ["--memory", "x"]])
def test_options_that_make_no_sense_are_refused(args, tmp_path):
    (tmp_path / "candidates").write_text("a\n-\n/bin/true\n")
    done = driver("--candidates", tmp_path / "candidates", *args)
    assert done.returncode == 2 and "usage: bench" in done.stderr
    assert done.stdout == ""


# ---- what is said about samples ----


@pytest.fixture(scope="module")
def figures():
    spec = importlib.util.spec_from_file_location("figures", BENCH / "figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_the_bootstrap_of_a_median_is_that_of_all_resamples(figures, n):
    """Every resample there is, drawn and counted, against the closed form."""
    medians = [figures.median(draw) for draw in itertools.product(range(n), repeat=n)]
    counted = [sum(m <= k for m in medians) / len(medians) for k in range(n)]
    assert figures.median_distribution(n) == pytest.approx(counted)


def test_an_interval_narrows_with_more_values(figures):
    few, many = (figures.interval([100 * i / n for i in range(n)]) for n in (20, 2000))
    assert few[0] < many[0] <= 50 <= many[1] < few[1]


def test_quantiles_are_values_that_were_measured(figures):
    s = figures.summary([[3, 1], [2, 10]])
    assert s == {"n": 4, "min": 1, "p50": 3, "p90": 10, "p99": 10, "p99_9": 10, "max": 10}


# ---- compare ----


def compare(a, b):
    done = subprocess.run([sys.executable, BENCH / "compare", a, b], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def pair(tmp_path, whole):
    """A run of 40 made-up rounds, and a place for another."""
    def wobble(i):
        return 1 + 0.02 * ((i * 7919) % 13 - 6) / 6

    made = json.loads(json.dumps(whole))
    for c in made["candidates"]:
        if "not_measured" in c:
            continue
        base = 100 if c["group"] == "floor" else 115
        for key in "exec_to_next_us", "init_us", "first_us":
            c[key] = [base * wobble(i) for i in range(40)]
        for key in "warm_us", "turnaround_us":
            c[key] = [[base * wobble(i * j + j) for j in range(5)] for i in range(40)]
    (tmp_path / "a.json").write_text(json.dumps(made))
    return made, tmp_path / "a.json", tmp_path / "b.json"


def test_nothing_has_changed_between_a_run_and_itself(pair):
    _, a, _ = pair
    assert compare(a, a).endswith("0 changes beyond noise\n")


def test_what_became_slower_is_named_with_how_much(pair):
    made, a, b = pair
    for c in made["candidates"]:
        if c["name"] == "mote-otlp":
            c["warm_us"] = [[v * 1.2 for v in row] for row in c["warm_us"]]
            c["counts"]["syscalls_per_invocation"] += 1
    b.write_text(json.dumps(made))
    lines = [line for line in compare(a, b).splitlines() if line.startswith("mote-otlp")]
    assert len(lines) == 2 and "warm_us" in lines[0] and "+20.0 %" in lines[0] and "syscalls_per_invocation" in lines[1]


def test_a_machine_that_is_slower_as_a_whole_is_no_change(pair):
    made, a, b = pair
    for c in made["candidates"]:
        for key in ("exec_to_next_us", "init_us", "first_us") if "not_measured" not in c else ():
            c[key] = [v * 1.5 for v in c[key]]
    b.write_text(json.dumps(made))
    assert compare(a, b).endswith("0 changes beyond noise\n")


@pytest.mark.parametrize("content,why", [("{}", "not a run of the bench"), ("[]", "not a run of the bench"), ("{", "Expecting property name"), (None, "No such file"),
                                         ("summaries", "only the summaries of a run")])
def test_what_is_no_run_is_refused(tmp_path, content, why):
    if content == "summaries":
        content = (ROOT / "tests/data/bench/last.json").read_text()
    if content is not None:
        (tmp_path / "x.json").write_text(content)
    done = subprocess.run([sys.executable, BENCH / "compare", tmp_path / "x.json", tmp_path / "x.json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and why in done.stderr


def test_too_few_rounds_are_said_to_be(pair):
    made, a, b = pair
    b.write_text(json.dumps({**made, "rounds": 2}))
    assert "of fewer than 5 only counts are compared" in compare(a, b)


def test_make_compares_what_it_is_given_and_nothing_else():
    """B is a folder's name in the Makefile."""
    for given, words in ((["A=one.json", "B=two.json"], "'one.json' 'two.json'"), (["A=one.json"], "'one.json'"), ([], "")):
        done = subprocess.run(["make", "-n", "bench-compare", *given], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.stdout.splitlines()[-1].partition("tests/bench/compare")[2].strip() == words
