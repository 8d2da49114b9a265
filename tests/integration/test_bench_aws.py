# SPDX-License-Identifier: MIT
"""tests/bench/aws against a stub of the Lambda API: boto3 speaks to it as it does to AWS, and what it answers is in the form
that Lambda's documentation shows (REPORT lines with their tabs, platform records of schema 2022-12-13).
"""

import base64
import http.server
import json
import os
import re
import subprocess
import sys
import threading

import pytest
from conftest import ROOT

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:"
REQUEST = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


def text_log(cold, n):
    init = "Init Duration: 14.31 ms\t" if cold else ""
    return (f"START RequestId: {REQUEST} Version: $LATEST\na line of its own\nEND RequestId: {REQUEST}\nREPORT RequestId: {REQUEST}\tDuration: {1.5 + n / 100:.2f} ms\t"
            f"Billed Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 15 MB\t{init}\nXRAY TraceId: 1-5bef4de7-ad49b0e87f6ef6c87fc2e700\tSegmentId: 9a9197af755a6419\tSampled: true\t\n")


def json_log(cold, n):
    metrics = {"durationMs": 2.25 + n / 100, "billedDurationMs": 3, "memorySizeMB": 128, "maxMemoryUsedMB": 16, **({"initDurationMs": 12.5} if cold else {})}
    spans = [{"name": name, "start": "2026-11-21T10:00:00.000Z", "durationMs": ms} for name, ms in
             (("responseLatency", 1.25), ("responseDuration", 0.05), ("runtimeOverhead", 0.75))]
    records = [{"time": "2026-11-21T10:00:00.000Z", "type": "platform.runtimeDone",
                "record": {"requestId": REQUEST, "status": "success", "spans": spans, "metrics": {"durationMs": 2.0, "producedBytes": 26}}},
               {"time": "2026-11-21T10:00:00.001Z", "type": "platform.report",
                "record": {"requestId": REQUEST, "status": "success", "metrics": metrics,
                           "spans": [{"name": "extensionOverhead", "start": "2026-11-21T10:00:00.000Z", "durationMs": 0.2}]}}]
    return 'half of a line"}\n{"not json\n' + "\n".join(map(json.dumps, records)) + "\n"


class Stub:
    """Functions by name; each has a log form, and may misbehave."""

    def __init__(self):
        self.functions = {name: {"variables": {"KEPT": "as it was"}, "sandbox": False, "log": log, "invocations": 0, "updates": [], "settling": 0, **more}
                          for name, log, more in (("floor-fn", text_log, {}), ("mote-fn", json_log, {}), ("broken-fn", text_log, {"error": True}),
                                                  ("ready-fn", text_log, {"never_cold": True}), ("silent-fn", lambda cold, n: "no report here\n", {}))}
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                stub.configuration(self)

            def do_PUT(self):
                stub.update(self)

            def do_POST(self):
                stub.invoke(self)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def function(self, h):
        name = re.match(r"/2015-03-31/functions/([^/]+)/", h.path)[1]
        return name, self.functions.get(name)

    def answer(self, h, status, body, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        h.send_response(status)
        for key, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            h.send_header(key.replace("_", "-"), value)
        h.end_headers()
        h.wfile.write(data)

    def describe(self, name, f):
        status = "InProgress" if f["settling"] else "Successful"
        f["settling"] = max(0, f["settling"] - 1)
        return {"FunctionName": name, "FunctionArn": ARN + name, "Runtime": "provided.al2023", "CodeSize": 66000, "MemorySize": 128, "Architectures": ["arm64"],
                "State": "Active", "LastUpdateStatus": status, "Environment": {"Variables": f["variables"]}}

    def configuration(self, h):
        name, f = self.function(h)
        if f:
            self.answer(h, 200, self.describe(name, f))
        else:
            self.answer(h, 404, {"Type": "User", "Message": f"Function not found: {ARN}{name}"}, x_amzn_ErrorType="ResourceNotFoundException")

    def update(self, h):
        name, f = self.function(h)
        asked = json.loads(h.rfile.read(int(h.headers["Content-Length"])))
        assert set(asked) == {"Environment"}, asked
        f["variables"] = asked["Environment"]["Variables"]
        f["updates"].append(f["variables"])
        f["sandbox"], f["settling"] = False, 2
        self.answer(h, 200, self.describe(name, f))

    def invoke(self, h):
        name, f = self.function(h)
        event = h.rfile.read(int(h.headers["Content-Length"]))
        assert json.loads(event) and h.headers["X-Amz-Log-Type"] == "Tail" and not f["settling"]
        cold, f["sandbox"] = not f["sandbox"] and not f.get("never_cold"), True
        f["invocations"] += 1
        log = base64.b64encode(f["log"](cold, f["invocations"]).encode()).decode()
        error = {"X_Amz_Function_Error": "Unhandled"} if f.get("error") else {}
        body = b'{"errorType":"Runtime.ExitError","errorMessage":"exit status 1"}' if error else b'{"message":"Hello"}'
        self.answer(h, 200, body, X_Amz_Log_Result=log, X_Amz_Executed_Version="$LATEST", **error)


@pytest.fixture
def stub():
    s = Stub()
    yield s
    s.server.shutdown()


def measure(stub, output, *args):
    environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": stub.url, "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                   "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true",
                   "HOME": "/nonexistent"}
    return subprocess.run([sys.executable, ROOT / "tests/bench/aws", "--output", output, *args], capture_output=True, text=True, timeout=120, env=environment)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    stub, output = Stub(), tmp_path_factory.mktemp("aws") / "aws.json"
    done = measure(stub, output, "--rounds", "3", "--warm", "2", "--floor", "floor-fn", "floor-fn", "mote-fn", "broken-fn", "ready-fn", "silent-fn")
    stub.server.shutdown()
    assert done.returncode == 0, done.stderr
    return json.loads(output.read_text()), done, stub


def rows(run):
    return {c["name"]: c for c in run[0]["candidates"]}


def test_each_round_is_a_cold_start_and_warm_invocations(run):
    for name in "floor-fn", "mote-fn":
        c = rows(run)[name]
        assert [len(c["exec_to_next_us"]), [len(w) for w in c["warm_us"]]] == [3, [2, 2, 2]]
        assert run[2].functions[name]["invocations"] == 9


def test_a_report_line_of_text_is_read(run):
    c = rows(run)["floor-fn"]
    assert set(c["exec_to_next_us"]) == {14310.0} and c["rss_kb"] == [15 * 1024] * 3
    assert all(1500 < us < 1600 for us in c["first_us"] + sum(c["warm_us"], []))
    assert c["cold_starts"][0]["billed_duration"] == 2 and c["cold_starts"][0]["response_latency_ms"] is None


def test_platform_records_are_read(run):
    c = rows(run)["mote-fn"]
    assert set(c["exec_to_next_us"]) == {12500.0} and set(sum(c["turnaround_us"], [])) == {750.0}
    assert [p["name"] for p in c["phases"]["cold"]] == ["init", "response latency", "response duration", "runtime overhead", "extension overhead"]
    warm = c["warm_starts"][0]
    assert (warm["response_latency_ms"], warm["extension_overhead"], warm["produced_bytes"], warm["runtime_done_metrics_duration_ms"]) == (1.25, 0.2, 26, 2.0)
    assert "init_duration" not in warm


def test_it_is_the_same_document_as_a_local_run(run):
    local = json.loads((ROOT / "tests/data/bench/small.json").read_text())
    assert set(run[0]) == set(local) and run[0]["source"] == "aws"
    for part in "cpu", "machine", "event":
        assert set(run[0][part]) == set(local[part])
    for name in "floor-fn", "mote-fn":
        c = rows(run)[name]
        assert set(c) <= set(local["candidates"][0])
        assert c["ratio"]["exec_to_next_us"]["value"] == pytest.approx({"floor-fn": 1, "mote-fn": 12.5 / 14.31}[name], abs=1e-4)


def test_a_function_that_cannot_be_measured_is_a_row_with_the_reason(run):
    c = rows(run)
    assert "Runtime.ExitError" in c["broken-fn"]["not_measured"]
    assert "provisioned concurrency" in c["ready-fn"]["not_measured"]
    assert "platform.report" in c["silent-fn"]["not_measured"]


def test_every_function_is_left_as_it_was(run):
    for name, f in run[2].functions.items():
        assert f["variables"] == {"KEPT": "as it was"}, name
        assert all(set(u) - {"MOTE_BENCH_ROUND"} == {"KEPT"} for u in f["updates"])
    marks = [u["MOTE_BENCH_ROUND"] for u in run[2].functions["mote-fn"]["updates"] if "MOTE_BENCH_ROUND" in u]
    assert len(marks) == len(set(marks)) == 3


def test_values_of_variables_are_in_no_report(run):
    assert "as it was" not in json.dumps(run[0])


def test_a_function_that_is_not_there_ends_the_run_before_anything_is_touched(stub, tmp_path):
    done = measure(stub, tmp_path / "x.json", "mote-fn", "nobody-fn")
    assert done.returncode == 1 and "Function not found" in done.stderr
    assert stub.functions["mote-fn"]["updates"] == [] and not (tmp_path / "x.json").exists()
