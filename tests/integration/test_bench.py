# SPDX-License-Identifier: MIT
"""The bench measures what it says it measures. Its times are not looked at: nothing that a busy machine changes decides a test."""

import json
import shutil
import subprocess

import pytest

from conftest import ARCH, BUILD, EVENTS, built

ROUNDS, WARM = 3, 4
INVOCATIONS = ROUNDS * (WARM + 1)


def bench(*args, build=None):
    command = [built("bench/bench"), "--build", build or BUILD / ARCH, "--event", EVENTS / "apigw-http-api.json", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def report():
    for name in "floor", "hello", "hello-minimal", "echo":
        built(f"{name}/bootstrap")
    done = bench("--rounds", str(ROUNDS), "--warm", str(WARM), "--json")
    assert done.returncode == 0, done.stderr
    return {c["name"]: c for c in json.loads(done.stdout)["candidates"]}


def test_every_candidate_answers_every_event(report):
    assert list(report) == ["floor", "floor-again", "hello-otlp", "hello-stdout", "hello-disabled", "hello-minimal", "echo"]
    assert {c["invocations"] for c in report.values()} == {INVOCATIONS}


def test_the_floor_is_what_ratios_are_to(report):
    floor = report["floor"]
    assert [floor[f"{what}_ratio"] for what in ("init", "first", "warm", "turnaround")] == [1, 1, 1, 1]
    assert all(0 < c["init_us"]["min"] <= c["init_us"]["p50"] <= c["init_us"]["p99"] for c in report.values())


def test_traces_leave_by_the_way_that_the_row_names(report):
    assert {n: c["otlp_requests_per_invocation"] for n, c in report.items() if c["otlp_requests_per_invocation"]} == {"hello-otlp": 1}
    assert {n for n, c in report.items() if c["stdout_bytes_per_invocation"]} == {"hello-stdout", "echo"}


def test_memory_stays_under_a_mebibyte(report):
    assert {n: c["rss_kb"]["p99"] for n, c in report.items() if not 0 < c["rss_kb"]["p99"] < 1024} == {}


def test_a_start_touches_few_pages(report):
    """The floor faults five times. What grows here is a page that every cold start waits for."""
    assert {n: c["faults_init"]["p50"] for n, c in report.items() if c["faults_init"]["p50"] > 8} == {}


def test_a_candidate_that_is_no_bootstrap_ends_the_run_with_its_last_words(tmp_path):
    (tmp_path / "floor").mkdir()
    shutil.copy(built("floor/bootstrap"), tmp_path / "floor")
    (tmp_path / "liar").mkdir()
    (tmp_path / "liar/bootstrap").write_text("#!/bin/sh\necho 'no API here' >&2\nexit 3\n")
    (tmp_path / "bench").mkdir()
    done = bench("--candidates", "liar", "--rounds", "1", build=tmp_path)
    assert done.returncode == 1
    assert "liar" in done.stderr and "exit status 3" in done.stderr and "no API here" in done.stderr


@pytest.mark.parametrize("args", [["--rounds", "0"], ["--warm", "0"], ["--cores", "0"], ["--nonsense"], ["surplus"]])
def test_options_that_make_no_sense_are_refused(args):
    done = bench(*args)
    assert done.returncode == 2 and done.stderr.startswith("usage: bench") or "--nonsense" in args
    assert done.stdout == ""
