# SPDX-License-Identifier: MIT
"""tests/bench/aws against a stub of the Lambda API, to which boto3 speaks as it does to AWS; what invocations log is as Lambda has written it, with
request ids of ours. Against moto too, which keeps functions and their configuration, but writes no logs: these come from the same recordings.
"""

import base64
import http.client
import http.server
import io
import json
import os
import re
import subprocess
import sys
import threading
import zipfile

import boto3
import pytest
from conftest import ROOT, free_port, from_venv

sys.path.append(str(ROOT / "tests/bench"))
import lambda_log  # noqa: E402

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


REPORT = f"REPORT RequestId: {REQUEST}\t"


def record(kind, body):
    return json.dumps({"time": "2026-11-21T10:00:00.000Z", "type": f"platform.{kind}", "record": {"requestId": REQUEST, **body}}) + "\n"


# What Lambda has written (guides of Lambda and SAM, lambda-perf, issues and posts of those whom it happened to), and what is to be read in it.
RECORDED = {
    "a cold start": (REPORT + "Duration: 8.40 ms\tBilled Duration: 9 ms\tMemory Size: 128 MB\tMax Memory Used: 66 MB\tInit Duration: 170.13 ms\t\n",
                     {"duration": 8.4, "billed_duration": 9, "memory_size": 128, "max_memory_used": 66, "init_duration": 170.13}),
    "a trace, on a line of its own": (REPORT + "Duration: 3906.38 ms\tBilled Duration: 4000 ms\tMemory Size: 512 MB\tMax Memory Used: 367 MB\tInit Duration: 5960.19 ms\t\n"
                                      "XRAY TraceId: 1-5e843da6-733cxmple7d0c3c020510040\tSegmentId: 3913xmpl20999446\tSampled: true\t\n",
                                      {"duration": 3906.38, "billed_duration": 4000, "memory_size": 512, "max_memory_used": 367, "init_duration": 5960.19}),
    "a restored snapshot": (REPORT + "Duration: 306.34 ms\tBilled Duration: 610 ms\tMemory Size: 3009 MB\tMax Memory Used: 155 MB\tRestore Duration: 511.25 ms\t"
                            "Billed Restore Duration: 303 ms\t\n",
                            {"duration": 306.34, "billed_duration": 610, "memory_size": 3009, "max_memory_used": 155, "restore_duration": 511.25}),
    "a time-out": (REPORT + "Duration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 1024 MB\tMax Memory Used: 64 MB\tStatus: timeout\n",
                   {"duration": 3000, "billed_duration": 3000, "memory_size": 1024, "max_memory_used": 64}),
    "an init that failed": (REPORT + "Duration: 95.78 ms\tBilled Duration: 96 ms\tMemory Size: 512 MB\tMax Memory Used: 39 MB\tStatus: error\t"
                            "Error Type: Runtime.ImportModuleError\nINIT_REPORT Init Duration: 83.58 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError\n",
                            {"duration": 95.78, "billed_duration": 96, "memory_size": 512, "max_memory_used": 39, "init_failed": "error, Runtime.ImportModuleError"}),
    "an init that took too long": ("INIT_REPORT Init Duration: 10009.13 ms\tPhase: init\tStatus: timeout\n" + REPORT + "Duration: 201.67 ms\tBilled Duration: 202 ms\t"
                                   "Memory Size: 2048 MB\tMax Memory Used: 81 MB\t\n",
                                   {"duration": 201.67, "billed_duration": 202, "memory_size": 2048, "max_memory_used": 81, "init_failed": "timeout"}),
    "an init before a snapshot": ("INIT_REPORT Init Duration: 13316.04 ms\n", {}),
    "JSON": (record("runtimeDone", {"status": "success", "metrics": {"durationMs": 17.12, "producedBytes": 50},
                                    "spans": [{"durationMs": 1.613, "name": "responseLatency", "start": "2024-07-01T08:54:54.108Z"},
                                              {"durationMs": 0.064, "name": "responseDuration", "start": "2024-07-01T08:54:54.109Z"},
                                              {"durationMs": 15.246, "name": "runtimeOverhead", "start": "2024-07-01T08:54:54.110Z"}]})
             + record("report", {"status": "success", "metrics": {"durationMs": 17.493, "billedDurationMs": 18, "initDurationMs": 235.086, "maxMemoryUsedMB": 75,
                                                                  "memorySizeMB": 128}}),
             {"duration": 17.493, "billed_duration": 18, "init_duration": 235.086, "max_memory_used": 75, "memory_size": 128, "response_latency_ms": 1.613,
              "response_duration_ms": 0.064, "runtime_overhead_ms": 15.246, "runtime_done_metrics_duration_ms": 17.12, "produced_bytes": 50}),
    "JSON, an init's report": (record("initReport", {"initializationType": "on-demand", "status": "success", "phase": "init", "metrics": {"durationMs": 125.33},
                                                     "spans": [{"name": "someTimeSpan", "start": "2022-06-02T12:02:33.913Z", "durationMs": 90.1}]}),
                               {"init_phase_ms": 125.33}),
    "JSON, an init that failed": (record("initReport", {"initializationType": "on-demand", "status": "error", "errorType": "Runtime.ExitError", "phase": "init",
                                                        "metrics": {"durationMs": 125.33}}),
                                  {"init_phase_ms": 125.33, "init_failed": "error, Runtime.ExitError"}),
    "managed instances, which report next to nothing": (record("report", {"status": "success", "metrics": {"durationMs": 17.493},
                                                                          "spans": [{"durationMs": 1.613, "name": "responseLatency", "start": "2024-07-01T08:54:54.108Z"}]}),
                                                        {"duration": 17.493, "response_latency_ms": 1.613}),
}


@pytest.mark.parametrize("what", RECORDED)
def test_what_lambda_has_written_is_read(what):
    log, wanted = RECORDED[what]
    around = f"START RequestId: {REQUEST} Version: $LATEST\n{{}}\nEND RequestId: {REQUEST}\n{log}"
    assert lambda_log.read(log) == lambda_log.read(around) == wanted


@pytest.mark.parametrize("line", ['{"type":"function","record":"[INFO] Hello world, I am a function!"}', '{"type":"platform.report","record":"mine"}', '{"record":[]}', "{", "[1]",
                                  '{"type":"platform.report","record":{"metrics":[],"spans":"x"}}', '{"type":["platform.report"],"record":{}}', "REPORT", "REPORT RequestId:",
                                  '{"type":"platform.report","record":{"metrics":{"durationMs":"1"},"spans":[3,{"name":["x"]}]}}',
                                  '{"type":"platform.initReport","record":{"status":["error"],"spans":7}}', "INIT_REPORT ", "REPORT RequestId: x\tDuration: ms"])
def test_what_a_function_writes_is_no_report(line):
    assert lambda_log.read(line) == {}


ODD = (("snapshot-fn", "a restored snapshot", {}), ("late-fn", "a time-out", {"error": True}), ("ill-fn", "an init that failed", {"error": True}),
       ("slow-fn", "an init that took too long", {}), ("managed-fn", "managed instances, which report next to nothing", {}))


class Stub:
    """Functions by name; each has a log form, and may misbehave."""

    def __init__(self):
        self.functions = {name: {"variables": {"KEPT": "as it was"}, "sandbox": False, "log": log, "invocations": 0, "updates": [], "settling": 0, **more}
                          for name, log, more in (("floor-fn", text_log, {}), ("mote-fn", json_log, {}), ("broken-fn", text_log, {"error": True}),
                                                  ("ready-fn", text_log, {"never_cold": True}), ("silent-fn", lambda cold, n: "no report here\n", {}),
                                                  *((name, lambda cold, n, what=what: RECORDED[what][0], more) for name, what, more in ODD))}
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
    done = measure(stub, output, "--rounds", "3", "--warm", "2", "--floor", "floor-fn", "floor-fn", "mote-fn", "broken-fn", "ready-fn", "silent-fn", *(name for name, _, _ in ODD))
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
    assert "SnapStart" in c["snapshot-fn"]["not_measured"]
    assert c["late-fn"]["not_measured"].startswith("it failed: ")
    assert "its init failed (error, Runtime.ImportModuleError)" in c["ill-fn"]["not_measured"]
    assert "its init failed (timeout)" in c["slow-fn"]["not_measured"]
    assert "managed instances" in c["managed-fn"]["not_measured"]


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


# ---- moto ----


class Front:
    """Before moto: what concerns the configuration is moto's to answer, and an invocation's log is a recording: cold once after each change."""

    def __init__(self, port):
        self.calls, self.fresh = [], False
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                front.calls.append((self.command, self.path.rpartition("/")[2]))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path.endswith("/invocations"):
                    cold, front.fresh = front.fresh, False
                    log = RECORDED["a cold start"][0] if cold else re.sub(r"Init Duration: .*?\t", "", RECORDED["a cold start"][0])
                    return self.reply(200, {"X-Amz-Log-Result": base64.b64encode(log.encode()).decode()}, b"{}")
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                front.fresh |= self.command == "PUT" and answer.status == 200
                self.reply(answer.status, {k: v for k, v in answer.getheaders() if k.lower().startswith(("x-amzn", "content-type"))}, answer.read())

            do_PUT = do_POST = do_GET

            def reply(self, status, headers, body):
                self.send_response(status)
                for key, value in {**headers, "Content-Length": len(body)}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def moto(start_once):
    """Its port, and a client; there is a function of 256 MB on arm64."""
    port, package = free_port(), io.BytesIO()
    start_once([from_venv("moto_server"), "-H", "127.0.0.1", "-p", port], {"PATH": "/usr/bin:/bin"}).ready(port)
    options = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "eu-central-1", "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "any"}
    role = boto3.client("iam", **options).create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    with zipfile.ZipFile(package, "w") as z:
        z.writestr("bootstrap", "#!/bin/sh\n")
    client = boto3.client("lambda", **options)
    client.create_function(FunctionName="kept-fn", Runtime="provided.al2023", Handler="hello", Role=role, Code={"ZipFile": package.getvalue()}, MemorySize=256,
                           Architectures=["arm64"], Environment={"Variables": {"KEPT": "as it was"}})
    return port, client, len(package.getvalue())


def test_motos_function_is_measured_and_left_as_it_was(moto, tmp_path):
    port, client, size = moto
    front = Front(port)
    done = measure(front, tmp_path / "out.json", "--rounds", "2", "--warm", "1", "kept-fn")
    front.server.shutdown()
    assert done.returncode == 0, done.stderr
    c, = json.loads((tmp_path / "out.json").read_text())["candidates"]
    assert (c["exec_to_next_us"], c["first_us"], c["warm_us"]) == ([170130.0] * 2, [8400.0] * 2, [[8400.0]] * 2)
    assert (c["config"]["memory_size"], c["config"]["architecture"], c["config"]["runtime"], c["size"]["zip_bytes"]) == (256, "arm64", "provided.al2023", size)
    one = [("PUT", "configuration"), ("GET", "configuration"), ("POST", "invocations"), ("POST", "invocations")]
    assert front.calls == [("GET", "configuration"), *one, *one, *one[:2]]
    now = client.get_function_configuration(FunctionName="kept-fn")
    assert now["Environment"]["Variables"] == {"KEPT": "as it was"} and now["MemorySize"] == 256


def test_moto_knows_who_is_not_there(moto, tmp_path):
    front = Front(moto[0])
    done = measure(front, tmp_path / "out.json", "kept-fn", "nobody-fn")
    front.server.shutdown()
    assert done.returncode == 1 and "Function not found" in done.stderr and "Traceback" not in done.stderr
    assert {method for method, _ in front.calls} == {"GET"}
