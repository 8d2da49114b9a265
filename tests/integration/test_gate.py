# SPDX-License-Identifier: MIT
"""The regression gate: what mote does in things that can be counted (instructions, system calls, page faults, bytes) has not grown beyond
tests/bench/counts. Where it has for a reason: make bench-gate RENEW=1, and the table's difference goes into the same commit."""

import json
import subprocess

import pytest
from conftest import ROOT, built

NAMES = ["floor", "mote-minimal", "mote-disabled", "mote-otlp", "mote-stdout", "mote-udp", "mote-workload-otlp"]
COUNTS = ["instructions_init", "instructions_per_invocation", "syscalls_init", "syscalls_per_invocation", "faults_init", "faults", "file_bytes",
          "export_bytes"]


@pytest.fixture(scope="module")
def rows():
    for name in "floor", "hello", "hello-minimal", "tests/workload":
        built(f"{name}/bootstrap")
    built("bench/bench")
    done = subprocess.run([ROOT / "tests/bench/gate", "--json"], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    return {(name, key): values for name, key, *values in json.loads(done.stdout)}


@pytest.mark.parametrize("key", COUNTS)
@pytest.mark.parametrize("name", NAMES)
def test_it_has_not_grown(rows, name, key):
    now, then, most = rows[name, key]
    assert now <= most, f"{now:g}, where tests/bench/counts has {then:g}: find out why, or make bench-gate RENEW=1"


def test_the_gate_looks_at_all_of_it(rows):
    assert set(rows) == {(name, key) for name in NAMES for key in COUNTS}
    assert all(now > 0 for (_, key), (now, _, _) in rows.items() if key != "export_bytes")
