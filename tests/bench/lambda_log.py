# SPDX-License-Identifier: MIT
"""What Lambda says of an invocation at the end of its log: the REPORT line of text logs, or the platform records of JSON logs."""

import json
import re

FIELDS = {"Duration": "duration", "Billed Duration": "billed_duration", "Memory Size": "memory_size", "Max Memory Used": "max_memory_used",
          "Init Duration": "init_duration", "Restore Duration": "restore_duration"}
METRICS = {"durationMs": "duration", "billedDurationMs": "billed_duration", "memorySizeMB": "memory_size",
           "maxMemoryUsedMB": "max_memory_used", "initDurationMs": "init_duration", "restoreDurationMs": "restore_duration"}
DONE = {"durationMs": "runtime_done_metrics_duration_ms", "producedBytes": "produced_bytes"}
SPANS = {"responseLatency": "response_latency_ms", "responseDuration": "response_duration_ms", "runtimeOverhead": "runtime_overhead_ms",
         "extensionOverhead": "extension_overhead"}


def of_text(line):
    """`REPORT RequestId: ...` with fields between tabs; the order is Lambda's to choose."""
    found = {}
    for name, value in re.findall(r"\t([A-Z][A-Za-z ]+): ([\d.]+) (?:ms|MB)", line):
        if name in FIELDS:
            found[FIELDS[name]] = float(value)
    return found


def of_record(record):
    """One platform record: platform.report, platform.runtimeDone, platform.initReport."""
    kind, body = record.get("type"), record.get("record") or {}
    metrics = body.get("metrics") or {}
    found = {SPANS[s["name"]]: s["durationMs"] for s in body.get("spans") or [] if s.get("name") in SPANS}
    if kind == "platform.report":
        found.update({METRICS[k]: v for k, v in metrics.items() if k in METRICS})
    elif kind == "platform.runtimeDone":
        found.update({DONE[k]: v for k, v in metrics.items() if k in DONE})
    elif kind == "platform.initReport" and "durationMs" in metrics:
        found["init_phase_ms"] = metrics["durationMs"]
    return found


def read(tail):
    """All that a log's tail says. The tail is the last 4 KB, so that its first line may be half of one."""
    found = {}
    for line in tail.splitlines():
        if line.startswith("REPORT RequestId:"):
            found.update(of_text(line))
        elif line.startswith("{"):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                found.update(of_record(record))
    return found
