# SPDX-License-Identifier: MIT
"""What is measured, in words: once for what the bench times itself, once for what AWS reports."""

import re

TITLE = "Cold starts, and what a trace costs"
TITLE_AWS = "Cold starts on AWS Lambda"

MEASURES = (
    (
        "exec_to_next_us",
        "Exec to first /next",
        "From execve of the bootstrap to the first byte of its first GET /next: what a function adds to every cold start.",
    ),
    (
        "init_us",
        "Everything ready",
        "Of those with an extension: from its execve until it and the function wait for an event. The function is started when the extension is "
        "ready, and the section above has it alone.",
    ),
    (
        "first_us",
        "First invocation",
        "From the first event written to its answer read. Whatever was put off until there is an event is in here.",
    ),
    ("warm_us", "Warm invocation", "The same for every later event: what a caller waits for."),
    (
        "turnaround_us",
        "Turnaround",
        "From the answer acknowledged to the next GET /next. Nobody waits for it, but it is billed: this is where the cost of exporting hides.",
    ),
)

AWS_MEASURES = (
    ("exec_to_next_us", "Init Duration", "As the platform reports it for a cold start."),
    ("first_us", "Duration of the first invocation", "As the platform reports it."),
    ("warm_us", "Duration of a warm invocation", "As the platform reports it."),
    ("turnaround_us", "Runtime overhead", "From the answer to the next GET /next, as the platform reports it."),
)

AIMS = "Of mote with telemetry on; its slowest exporter decides."
RATIOS = (
    "Each round has one start of every candidate, so candidate and floor are compared within the round; the point is the median over the "
    "rounds, the bar its 95 % bootstrap interval."
)
PHASES = (
    "Medians of the phases, one behind the other, fastest first. Lengths add up, so the scale is straight; where candidates are too far "
    "apart for one scale, the next block has its own."
)
COUNTS = "Of runs that are not timed: what is counted here does not depend on how busy the machine was."
MEMORY = "kB of memory are the kernel’s, of 1024 bytes; kB of files are of 1000."
EXPORT = "Per invocation; connections, handshakes and spans are totals of the counted run."
FOOT = "All figures are those of the file that this page was made from; tests/bench/README.md says what they mean."

QUANTILES = (("min", "min"), ("p50", "p50"), ("p90", "p90"), ("p99", "p99"), ("p99_9", "p99.9"), ("max", "max"))


def measures(doc):
    """Of those there are: an extension's start is shown only where there is one."""
    found = [m for m in (AWS_MEASURES if doc.aws else MEASURES) if doc.having(f"summary.{m[0]}")]
    return [m for m in found if any(not c.is_floor for c in shown(doc, m[0])) or m[0] != "init_us"]


def shown(doc, measure):
    """Who has a row in the section of a measure."""
    found = doc.having(f"summary.{measure}.p50")
    if measure != "init_us":
        return found
    return [c for c in found if c.is_floor or c.get("summary.init_us.p50") != c.get("summary.exec_to_next_us.p50")]


def when(doc):
    return re.sub(r"T(\d\d:\d\d:\d\d)(\.\d+)?Z", r" \1 UTC", str(doc.get("date") or ""))


def machine(doc):
    m = doc.get("machine") or {}
    memory = f"{m['memory_mb'] / 1024:.0f} GiB" if m.get("memory_mb") else None
    cores = f"{m['cores']} core{'s' if m['cores'] != 1 else ''}" if m.get("cores") else None
    host = "under a hypervisor" if m.get("hypervisor") else None
    return ", ".join(str(x) for x in (m.get("cpu"), cores, memory, m.get("system"), m.get("kernel"), m.get("arch"), host) if x)


def processor(doc):
    """Where the programs ran, and how much of a CPU they had."""
    c = doc.get("cpu") or {}
    if c.get("bootstrap") is None:
        pinned = "not pinned"
    elif c.get("one_core"):
        pinned = f"bootstrap and harness pinned to one core (CPU {c['bootstrap']})"
    else:
        pinned = f"bootstrap pinned to CPU {c['bootstrap']}, harness to CPU {c['harness']}"
    size = f"; {c['memory_mb']} MB imitated, {c['quota']:.2f} of a CPU" if c.get("memory_mb") and c.get("quota") else ""
    return f"{pinned}{size}; page cache {c.get('page_cache') or 'warm'}"


def amount(doc):
    rounds, warm = doc.get("rounds"), doc.get("warm_per_round")
    return f"{rounds} rounds of one cold start and {warm} warm invocations, in an order shuffled anew each round"


def missing(doc):
    """Who misses what, and why."""
    for candidates, keys, reason in doc.missing():
        everybody = len(candidates) == len(doc.measured) > 1
        yield "all" if everybody else ", ".join(c.name for c in candidates), f"{', '.join(keys)}: {reason}"


def reading(dots, many):
    curves = (
        "With so many candidates they are those of the floor, of mote without the workload, and of every other group the one that starts "
        "fastest, without traces and with. "
    )
    return (
        f"A dot is one value; of many, at most {dots} at evenly spaced ranks. The tall rule is the median, the short one p99, the dashed one the "
        "median of the floor: a loop that parses nothing and always answers the same. A line that ends at the right edge goes on.",
        "The curves below are the share of values up to each, and reach to the slowest: every further nine is one step up. "
        f"{curves if many else ''}Scales are logarithmic. Pointing at a mark tells its figures.",
    )
