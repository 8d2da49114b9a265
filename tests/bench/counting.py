# SPDX-License-Identifier: MIT
"""What can be counted rather than timed, each in runs of its own: system calls under strace, instructions under callgrind,
growth, exports.
"""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import zlib

import tls_sink

STRACE_WARM, CALLGRIND_WARM = 100, (10, 60)
SLOW_S = 60  # what strace and valgrind may take to a first answer
NEXT = "GET /2018-06-01/runtime/invocation/next"
CLOCKS = {"clock_gettime", "gettimeofday"}  # system calls only where the kernel's vDSO cannot do it


class Driver:
    """The program that runs candidates: build/ARCH/bench/bench with what every run of it is told."""

    def __init__(self, root, arch, candidates, event, copies):
        self.root, self.arch = root, arch
        self.program = root / "build" / arch / "bench" / "bench"
        self.args = ["--candidates", candidates, "--event", event, "--top", root, "--arch", arch, "--copies", copies]
        self.room = pathlib.Path(copies).parent
        self.tls = None

    def behind_tls(self):
        """A context: start commands have {otlps} and {ca}."""
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        self.tls = tls_sink.TlsSink(port)
        self.args += ["--sink-port", port]
        return self.tls

    def run(self, *args, timeout=7200):
        if not self.program.exists():
            raise SystemExit(f"{self.program} is missing: make build/{self.arch}/bench/bench")
        tls = ["--otlps", self.tls.address, "--ca", self.tls.ca] if self.tls and self.tls.address else []
        done = subprocess.run([str(a) for a in (self.program, *self.args, *tls, *args)], stdout=subprocess.PIPE, text=True, timeout=timeout)
        if done.returncode:
            raise SystemExit(done.returncode)
        return json.loads(done.stdout)

    def alone(self, name, *args):
        """One candidate in one start: its row, or the reason why there is none."""
        row = self.run("--only", name, "--rounds", 1, "--warm-up", 0, *args)["candidates"][0]
        return row, row.get("not_measured")


def count(c, driver, options):
    c["counts"], c["missing"] = {"invocations": STRACE_WARM}, {}
    file = pathlib.Path(c["program"])
    c["traced"] = bool(c["spans"])
    size(c, file, driver)
    if options.no_counts:
        c["missing"]["counts"] = c["missing"]["growth"] = "asked not to count"
        export(c, c["totals"], c["totals"]["invocations"], None, "asked not to count")
    else:
        grow(c, driver, options.growth)
        strace(c, driver)
        callgrind(c, driver)
    for key in ("program", "extensions", "spans", "init_spans", "totals"):
        del c[key]


def miss(c, reason, *keys):
    for key in keys:
        room, _, name = key.partition(".")
        c[room][name] = None
        c["missing"][key] = reason


def export(c, totals, n, spans_made, why=None):
    """Of a counted run; where there is none, of the timed ones, which have less: why."""
    per = {key: round(totals[key] / n, 3) for key in ("bytes", "stdout_bytes", "datagrams", "datagram_bytes")}
    after = totals["requests_after_answer"] / n
    way = "otlp" if totals["requests"] else "udp" if totals["datagrams"] else "stdout" if totals["stdout_bytes"] and c["traced"] else None
    c["export"] = {"way": way, "bytes": per["bytes"] + per["datagram_bytes"] + (per["stdout_bytes"] if way == "stdout" else 0),
                   "requests_before_answer": round(totals["requests"] / n - after, 3), "requests_after_answer": round(after, 3),
                   "stdout_bytes": per["stdout_bytes"], "datagrams": per["datagrams"], "connections": totals["connections"],
                   "handshakes": totals.get("handshakes"), "signed": totals.get("signed"), "spans_made": spans_made,
                   "spans_arrived": totals.get("spans_arrived"), "spans_counted_dropped": totals.get("spans_dropped"), "invocations": n}
    if why:
        c["missing"].update({f"export.{key}": why for key, value in c["export"].items() if value is None and key != "way"})


def grow(c, driver, invocations):
    handshakes = driver.tls.handshakes if driver.tls else 0
    row, why = driver.alone(c["name"], "--counted", "--warm", invocations - 1)
    if why:
        c["growth"] = None
        c["missing"]["growth"] = why
        miss(c, why, "counts.context_switches_per_invocation", "counts.context_switches_forced_per_invocation",
             "counts.faults_per_invocation", "counts.threads")
        export(c, c["totals"], c["totals"]["invocations"], None, why)
        return
    totals = {**row["totals"], "handshakes": (driver.tls.handshakes if driver.tls else 0) - handshakes}
    series = totals["rss_kb"]
    settled = next(kb for n, kb in series if n >= min(10, invocations))
    c["growth"] = {"invocations": invocations, "rss_kb": series, "growth_kb": series[-1][1] - settled}
    c["counts"]["context_switches_per_invocation"] = round(totals["switches"] / invocations, 3)
    c["counts"]["context_switches_forced_per_invocation"] = round(totals["switches_forced"] / invocations, 3)
    c["counts"]["faults_per_invocation"] = round((row["faults"][0] - row["faults_init"][0]) / invocations, 4)
    c["counts"]["threads"] = totals["threads"]
    export(c, totals, invocations, c["spans"] * invocations + c["init_spans"] if c["spans"] else 0)


def system_calls(text):
    """Names of calls up to the first request for an event, and from the second on, with how many requests those were. The first
    invocation is its own thing: what is lazy happens there."""
    init, warm, requests = [], [], 0
    for line in text.splitlines():
        m = re.match(r"(?:\d+ +)?(\w+)\(", line)
        if not m or m[1] in CLOCKS:
            continue
        if NEXT in line:
            requests += 1
        if not requests:
            init.append(m[1])
        elif requests > 1:
            warm.append((requests, m[1]))
    return init, [name for at, name in warm if at < requests], max(0, requests - 2)


def strace(c, driver):
    keys = ("counts.syscalls_init", "counts.syscalls_per_invocation", "counts.syscalls_by_name")
    program, log = shutil.which("strace"), driver.room / "strace.txt"
    if not program:
        return miss(c, "strace is not installed", *keys)
    under = f"{program} -f -qq -s 64 -o {log}"
    _, why = driver.alone(c["name"], "--counted", "--warm", STRACE_WARM, "--patience", SLOW_S, "--under", under)
    if why:
        return miss(c, f"under strace: {why}", *keys)
    init, warm, n = system_calls(log.read_text(encoding="utf-8", errors="replace"))
    log.unlink()
    if not n:
        return miss(c, "strace saw no request for an event", *keys)
    c["counts"]["syscalls_init"] = len(init)
    c["counts"]["syscalls_per_invocation"] = round(len(warm) / n, 2)
    names = {name: round(warm.count(name) / n, 2) for name in set(warm)}
    c["counts"]["syscalls_by_name"] = {k: v for k, v in sorted(names.items(), key=lambda kv: (-kv[1], kv[0])) if v >= 0.01}


def instructions(c, driver, program, *args):
    log = driver.room / "callgrind.txt"
    log.unlink(missing_ok=True)
    _, why = driver.alone(c["name"], "--counted", "--patience", SLOW_S, "--under",
                          f"{program} --tool=callgrind --callgrind-out-file=/dev/null --log-file={log}", *args)
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    found = re.search(r"Collected : (\d+)", text)
    return int(found[1]) if found and not why else None, why or "it was killed, for it did not end at SIGTERM, and callgrind says at the end what it has counted"


def callgrind(c, driver):
    keys = ("counts.instructions_init", "counts.instructions_per_invocation")
    program = shutil.which("valgrind")
    if not program:
        return miss(c, "valgrind is not installed", *keys)
    init, why = instructions(c, driver, program, "--starts-only")
    few, few_why = instructions(c, driver, program, "--warm", CALLGRIND_WARM[0]) if init else (None, why)
    many, many_why = instructions(c, driver, program, "--warm", CALLGRIND_WARM[1]) if few else (None, few_why)
    if not many:
        return miss(c, f"under callgrind: {many_why}", *keys)
    c["counts"]["instructions_init"] = init
    c["counts"]["instructions_per_invocation"] = round((many - few) / (CALLGRIND_WARM[1] - CALLGRIND_WARM[0]))


def size(c, file, driver):
    """A program called bootstrap is all there is, but for extensions; what an interpreter runs lies in build/peers/NAME, and the interpreter is the
    platform's."""
    place = re.search(r"build/peers/([\w.-]+)/", c["start"])
    room = driver.root / "build" / "peers" / (place[1] if place else "-")
    one = file.parent.name == "run" or file.name == "bootstrap"
    if one:
        raw = [file.read_bytes(), *(pathlib.Path(f).read_bytes() for f in c["extensions"])]
        c["size"] = {"file_bytes": len(raw[0]), "package_bytes": sum(map(len, raw)), "zip_bytes": deflated(raw)}
        return
    if not place:
        c["missing"]["size"] = "it is neither a program called bootstrap nor in build/peers: what is shipped with it is not known"
    files = [f for f in sorted(room.rglob("*")) if f.is_file() and not f.is_symlink() and shipped(f.relative_to(room))]
    contents = (f.read_bytes() for f in files)
    c["size"] = {"file_bytes": None, "package_bytes": sum(f.stat().st_size for f in files) or None,
                 "zip_bytes": deflated(contents) if files else None}


def shipped(path):
    return "__pycache__" not in path.parts and "bin" not in path.parts[:2] and "pip" not in path.parts


def deflated(contents):
    """Bytes at level 9, without the few that a zip adds for names."""
    total = 0
    for content in contents:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        total += len(packer.compress(content)) + len(packer.flush())
    return total
