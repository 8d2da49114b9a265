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


def failed_init(status, error):
    """Of an init that went wrong: how. Lambda tries once more, within the invocation."""
    return {"init_failed": ", ".join(filter(None, (status, str(error or ""))))} if isinstance(status, str) and status != "success" else {}


def of_init_text(line):
    """`INIT_REPORT Init Duration: ...`, which is there when an init has failed, and before a snapshot."""
    said = dict(re.findall(r"\t([A-Z][A-Za-z ]+): ([^\t\n]+)", line))
    return failed_init(said.get("Status"), said.get("Error Type"))


def numbers(values, names):
    return {name: values[key] for key, name in names.items() if isinstance(values.get(key), (int, float))}


def of_record(record):
    """One platform record: platform.report, platform.runtimeDone, platform.initReport. A function's own lines may look like any of it."""
    kind, body = record.get("type"), record.get("record")
    if not isinstance(body, dict) or kind not in ("platform.report", "platform.runtimeDone", "platform.initReport"):
        return {}
    metrics = body["metrics"] if isinstance(body.get("metrics"), dict) else {}
    if kind == "platform.initReport":
        return {**numbers(metrics, {"durationMs": "init_phase_ms"}), **failed_init(body.get("status"), body.get("errorType"))}
    listed = body["spans"] if isinstance(body.get("spans"), list) else []
    spans = {s["name"]: s.get("durationMs") for s in listed if isinstance(s, dict) and isinstance(s.get("name"), str)}
    return {**numbers(spans, SPANS), **numbers(metrics, METRICS if kind == "platform.report" else DONE)}


def read(tail):
    """All that a log's tail says. The tail is the last 4 KB, so that its first line may be half of one."""
    found = {}
    for line in tail.splitlines():
        if line.startswith("REPORT RequestId:"):
            found.update(of_text(line))
        elif line.startswith("INIT_REPORT "):
            found.update(of_init_text(line))
        elif line.startswith("{"):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                found.update(of_record(record))
    return found
