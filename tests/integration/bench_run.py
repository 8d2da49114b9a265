# SPDX-License-Identifier: MIT
"""A run of the bench that never was: shaped like those of a real machine, the same each time, with all that a page must bear."""

import math
import random
import sys

from conftest import ROOT

sys.path[:0] = [str(ROOT / "tests/bench"), str(ROOT / "tests/bench/report")]
import figures  # noqa: E402

# name, spans, exec to /next, first, warm, turnaround (medians, us), spread, RSS kB, calls to /next and per invocation, file bytes
ROWS = (
    ("floor", 0, 200, 27, 15, 2, 0.08, 28, 7, 4.0, 13312),
    ("floor-again", 0, 201, 27, 15, 2, 0.08, 28, 7, 4.0, 13312),
    ("mote-minimal", 0, 210, 33, 16.4, 2.2, 0.08, 72, 8, 4.0, 42100),
    ("mote-otlp", 2, 218, 44, 17.6, 21, 0.09, 128, 8, 9.0, 145320),
    ("mote-stdout", 2, 222, 47, 17.7, 9, 0.09, 116, 8, 5.0, 145320),
    ("mote-workload-otlp", 21, 219, 95, 38, 64, 0.1, 172, 8, 9.0, 148000),
    ("rust-hello", 0, 605, 217, 32, 16, 0.16, 1428, 49, 10.0, 1499968),
    ("rust-lite-sync", 2, 1406, 566, 266, 35, 0.2, 3964, 132, 45.1, 3564640),
    ("go-hello", 0, 2590, 438, 74, 25, 0.3, 10460, 260, 24.4, 6295714),
    ("go-otlp-with-a-name-that-does-not-end", 2, 4309, 1176, 149, 23, 0.3, 17832, 291, 29.9, 14041250),
    ("python-hello", 0, 29546, 273, 62, 23, 0.25, 14568, 1244, 17.0, 1700000),
    ("python-adot", 2, 460030, 1121, 316, 31, 0.2, 48280, 21144, 19.0, 35600000),
    ("extension-some", 0, 150, 60, 27, 25, 0.2, 1464, 7, 4.0, 1513312),
)
HOSTILE = "<script>document.title = 'bitten'</script> & \"quoted\" <img src=x onerror=alert(1)>"


def _values(random_, median, spread, n):
    """Right-skewed, with a slow one now and then, as an idle machine gives them."""
    found = (
        median
        * math.exp(abs(random_.gauss(0, spread)) - spread / 2)
        * (random_.uniform(1.5, 6) if random_.random() < 0.01 else 1)
        for _ in range(n)
    )
    return [round(x, 3) for x in found]


def _candidate(random_, row, rounds, warm):
    name, spans, start, first, again, turn, spread, rss, calls, per, size = row
    made = spans * 500
    c = {
        "name": name,
        "group": name.partition("-")[0],
        "build": "make " + name,
        "start": f"BENCH_SPANS={spans} build/{name}/bootstrap",
        "traced": spans > 0,
        "versions": {"musl": "1.2.3"},
        "exec_to_next_us": _values(random_, start, spread, rounds),
        "first_us": _values(random_, first, spread, rounds),
        "first_turnaround_us": _values(random_, 3 * turn, spread, rounds),
        "warm_us": [_values(random_, again, spread, warm) for _ in range(rounds)],
        "turnaround_us": [_values(random_, turn, spread, warm) for _ in range(rounds)],
        "cpu_us": _values(random_, start + warm * again, spread, rounds),
        "faults_init": [calls] * rounds,
        "rss_kb": [rss + 4 * random_.randrange(3) for _ in range(rounds)],
    }
    c["init_us"] = [6 * us for us in c["exec_to_next_us"]] if c["group"] == "extension" else c["exec_to_next_us"]
    c["phases"] = {
        "cold": [
            {"name": "load", "us": start * 0.8},
            {"name": "init", "us": start * 0.2},
            {"name": "first answer", "us": first},
            {"name": "first turnaround", "us": turn * 3},
        ],
        "warm": [{"name": "answer", "us": again}, {"name": "turnaround", "us": turn}],
    }
    c["counts"] = {
        "invocations": 500,
        "syscalls_init": calls,
        "syscalls_per_invocation": per,
        "syscalls_by_name": {"read": 2, "write": 2, "futex": per - 4, "mmap": 0.1, "brk": 0.01},
        "instructions_init": None,
        "instructions_per_invocation": int(again * 900),
        "context_switches_per_invocation": 2.0,
        "context_switches_forced_per_invocation": 0.02,
        "faults_per_invocation": 0.004,
        "threads": 1 + (rss > 2000),
    }
    c["growth"] = {
        "invocations": 10000,
        "rss_kb": [[n, rss + rss * n // 60000] for n in (1, 10, 100, 1000, 10000)],
        "growth_kb": rss * 9990 // 60000,
    }
    c["size"] = {"file_bytes": size, "package_bytes": size, "zip_bytes": size // 2}
    way = "otlp" if "otlp" in name else "stdout" if spans else None
    c["export"] = {
        "way": way,
        "bytes": 550 if way else 0,
        "requests_before_answer": 0.65 if name.startswith("go") else 0,
        "requests_after_answer": 0.35,
        "stdout_bytes": 595,
        "datagrams": 0,
        "connections": 1,
        "handshakes": 0,
        "spans_made": made,
        "spans_arrived": made - 3 * (name == "go-otlp-with-a-name-that-does-not-end"),
        "spans_counted_dropped": 0,
        "invocations": 500,
    }
    c["missing"] = {"counts.instructions_init": "callgrind cannot run this program"}
    return c


def document(rounds=40, warm=20, rows=ROWS, seed=6):
    random_ = random.Random(seed)
    candidates = [_candidate(random_, row, rounds, warm) for row in rows]
    candidates += [
        {
            "name": "node-interface",
            "group": "node",
            "build": "npm install",
            "start": "node",
            "not_measured": f"not built: {HOSTILE}",
        }
    ]
    figures.conclude(candidates, "floor")
    return {
        "format": "mote-bench/1",
        "date": "2026-11-21T10:14:40Z",
        "command": 'make bench-peers ROUNDS=40 CANDIDATES="mote-* rust-* go-*"',
        "source": "local",
        "floor": "floor",
        "rounds": rounds,
        "warm_per_round": warm,
        "warm_up_rounds": 2,
        "seed": seed,
        "seconds": 61.4,
        "event": {"file": "tests/data/events/apigw-http-api.json", "bytes": 1307},
        "cpu": {"harness": 1, "bootstrap": 1, "one_core": True, "memory_mb": 512, "quota": 0.2894, "page_cache": "warm"},
        "machine": {
            "cpu": "Some CPU @ 2.60GHz",
            "cores": 2,
            "memory_mb": 24064,
            "kernel": "6.18.5",
            "system": "Debian GNU/Linux 12 (bookworm)",
            "arch": "x86_64",
            "hypervisor": True,
        },
        "versions": {"mote": "a74efb2", "gcc": "12.2.0", "musl": "1.2.3"},
        "notes": [
            "a quota was asked for and this is a note about it that is long enough to be broken over several lines on a phone"
        ],
        "candidates": candidates,
    }
