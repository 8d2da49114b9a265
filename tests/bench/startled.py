# SPDX-License-Identifier: MIT
"""The keys that startled, the benchmark of the published testbed, writes for one function: here for each candidate, from what was measured."""

import datetime
import math

import figures

PLATFORM_ONLY = ("billed_duration", "max_memory_used")


def item(at, answer_us, turnaround_us, rss_kb, memory_mb):
    """Milliseconds and MB. Billed is what Lambda would bill of it, without the sandbox's own start."""
    return {"timestamp": at, "duration": round((answer_us + turnaround_us) / 1e3, 6), "extension_overhead": 0.0,
            "billed_duration": math.ceil((answer_us + turnaround_us) / 1e3), "max_memory_used": math.ceil(rss_kb / 1024), "memory_size": memory_mb,
            "response_latency_ms": round(answer_us / 1e3, 6), "response_duration_ms": None, "runtime_overhead_ms": round(turnaround_us / 1e3, 6),
            "produced_bytes": None, "runtime_done_metrics_duration_ms": round((answer_us + turnaround_us) / 1e3, 6)}


def add_keys(c, result, began):
    at = began.isoformat(timespec="seconds").replace("+00:00", "Z")
    memory = result["cpu"]["memory_mb"] or 128  # what AWS_LAMBDA_FUNCTION_MEMORY_SIZE says
    variables = [word.partition("=") for word in c["start"].split(" & ")[0].split() if "=" in word]
    c["config"] = {"function_name": c["name"], "memory_size": memory, "concurrent_invocations": 1, "rounds": result["rounds"], "timestamp": at,
                   "runtime": "provided.al2023", "architecture": result["machine"]["arch"],
                   "environment": [{"key": key, "value": value} for key, _, value in variables if not key.startswith("BENCH_")]}
    warm, turn = figures.of_rounds(c["warm_us"]), figures.of_rounds(c["turnaround_us"])
    c["cold_starts"] = [
        {**item(at, first, first_turn, rss, memory), "init_duration": round(init / 1e3, 6),
         "total_cold_start_duration": round((init + first + first_turn) / 1e3, 6)}
        for init, first, first_turn, rss in zip(c["init_us"], c["first_us"], c["first_turnaround_us"], c["rss_init_kb"])]
    c["warm_starts"] = [item(at, *row, memory) for row in zip(warm, turn, c["rss_kb"])]
    c["client_measurements"] = [{"timestamp": at, "client_duration": round(us / 1e3, 6), "memory_size": memory} for us in warm]
