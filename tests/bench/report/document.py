# SPDX-License-Identifier: MIT
"""What a run has left (the keys are those of ../README.md), and the questions that every form of the report asks it."""

import json
import math

FORMAT = "mote-bench/1"
OURS = {"mote"}
WAITING = {"floor-posts", "floor-waits"}  # what an exporter makes a program do, done by a floor


class NotAReport(ValueError):
    """The file is not what the bench writes."""


def lookup(value, key):
    """`summary.warm_us.p50` of nested objects and lists; None where any part of the way is missing."""
    for part in key.split("."):
        if isinstance(value, list):
            value = value[int(part)] if part.isdecimal() and int(part) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


class Candidate:
    """One of them; `key` is where it stands in the document."""

    def __init__(self, data, key, floor):
        self.data, self.key = data, key
        self.name = data["name"]
        self.group = data.get("group") or self.name.partition("-")[0]
        self.is_floor = self.name == floor
        self.not_measured = data.get("not_measured")
        self.measured = self.not_measured is None
        self.traced = bool(data.get("traced"))
        self.ours = self.group in OURS
        self.workload = "workload" in self.name
        self.waiting = self.name in WAITING
        self.extended = " & " in data.get("start", "")  # an extension runs beside it
        self.peer = not self.ours and self.group != (floor or "floor").partition("-")[0]

    def get(self, key):
        return lookup(self.data, key)

    def why_missing(self, key):
        return (self.data.get("missing") or {}).get(key)

    def values(self, measure):
        """All values of a measure, rounds and invocations together, in ascending order."""
        found = []
        for x in self.data.get(measure) or []:
            found += x if isinstance(x, list) else [x]
        return sorted(x for x in found if x is not None)


class Document:
    def __init__(self, data):
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise NotAReport(f'this is no report of the bench: its key "format" is not "{FORMAT}"')
        self.data = data
        self.floor = data.get("floor")
        self.candidates = [Candidate(c, f"candidates.{i}", self.floor) for i, c in enumerate(data["candidates"])]
        self.measured = [c for c in self.candidates if c.measured]
        self.not_measured = [c for c in self.candidates if not c.measured]
        self.groups = list(dict.fromkeys(c.group for c in self.candidates))
        self.aws = data.get("source") == "aws"

    def get(self, key):
        return lookup(self.data, key)

    def having(self, key):
        return [c for c in self.measured if c.get(key) is not None]

    def fastest(self, key, candidates):
        return min((c for c in candidates if c.get(key) is not None), key=lambda c: c.get(key), default=None)

    def missing(self):
        """What is not there of those that were measured, and why: (candidates, keys, reason), those of one reason together."""
        found = {}
        for c in self.measured:
            reasons = {}
            for key, reason in (c.get("missing") or {}).items():
                reasons.setdefault(reason, []).append(key)
            for reason, keys in reasons.items():
                found.setdefault((tuple(keys), reason), []).append(c)
        return [(candidates, keys, reason) for (keys, reason), candidates in found.items()]

    def few(self):
        """Where there is no room for all: the floor, all of ours, and of every other group the one that starts fastest, without traces and with."""
        chosen = []
        for group in self.groups:
            members = [c for c in self.measured if c.group == group and not c.workload]
            if any(c.ours for c in members):
                chosen += members
            elif any(c.is_floor for c in members):
                chosen += [c for c in members if c.is_floor]
            else:
                for traced in False, True:
                    fastest = self.fastest("summary.exec_to_next_us.p50", [c for c in members if c.traced == traced])
                    chosen += [fastest] if fastest else []
        return chosen


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return Document(json.load(file))
    except json.JSONDecodeError as e:
        raise NotAReport(f"{path}: {e}") from e


# What a table of the README needs: everything but the lists of single values.
LISTS = {
    "exec_to_next_us",
    "init_us",
    "connect_us",
    "first_us",
    "first_turnaround_us",
    "warm_us",
    "turnaround_us",
    "answer_begun_us",
    "cpu_init_us",
    "cpu_us",
    "faults_init",
    "faults",
    "major_faults",
    "rss_init_kb",
    "rss_kb",
    "cold_starts",
    "warm_starts",
    "client_measurements",
    "config",
}


def _short(value):
    """Six digits are more than a clock has; whole numbers stay whole."""
    if isinstance(value, float) and value and math.isfinite(value):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {k: _short(v) for k, v in value.items()}
    return [_short(v) for v in value] if isinstance(value, list) else value


def summaries(data):
    """The document without what was measured one by one."""
    return _short({**data, "candidates": [{k: v for k, v in c.items() if k not in LISTS} for c in data["candidates"]]})
