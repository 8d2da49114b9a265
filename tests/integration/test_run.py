# SPDX-License-Identifier: MIT
"""`make run`, as a newcomer types it, and `emulator run` where make does not reach. What make executes is logged by a shell of
our own, so that a second run is judged by what it does, not by how long it takes."""

import base64
import json
import os
import re
import subprocess

import pytest
from conftest import BUILD, EVENTS, ROOT, bootstrap, built
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture
def make(tmp_path):
    """make(target, variable=value...) gives what it printed and the commands that it executed."""
    if BUILD != ROOT / "build":
        pytest.fail("make run works on build/, and MOTE_BUILD is elsewhere")
    log, shell = tmp_path / "commands", tmp_path / "shell"
    shell.write_text(f'#!/bin/sh\nprintf "%s\\n" "$2" >>{log}\nexec /bin/sh "$@"\n')
    shell.chmod(0o755)

    def run(target, status=0, **variables):
        log.write_text("")
        done = subprocess.run(["make", "-C", ROOT, "--no-print-directory", f"SHELL={shell}", target,
                               *(f"{k}={v}" for k, v in variables.items())], capture_output=True, text=True, timeout=300,
                              env={k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))} | {"COLUMNS": "80"})
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout, log.read_text().splitlines()

    return run


def test_make_run_shows_answer_log_trace_and_times(make):
    out, _ = make("run")
    id = re.search(rf"^invocation 1  ({UUID})  cold start  answered$", out, re.M)[1]
    assert re.search(rf"^log\n  stdout  \[INFO\]\t?\s*\S+Z\s+{id}\s+greeted a name of 4 bytes$", out, re.M)
    assert re.search(r'^answer  application/json, 26 bytes\n  {"message":"Hello, mote!"}$', out, re.M)
    assert re.search(r"^trace 4bf92f3577b34da6a3ce929d0e0e4736  6 spans  [\d.]+ (µs|ms)  COLD START$", out, re.M)
    assert re.search(r"^resource\n  service\.name=hello  (.*\n)+?.*faas\.version=\$LATEST", out, re.M)
    assert re.search(r"^GET /hello +server +[\d.]+ (µs|ms)  [ ━╸╺]+$", out, re.M)
    assert re.search(rf"^│  (.*\n│  )*faas\.invocation_id={id}  faas\.coldstart=true$", out, re.M)
    assert re.search(r"^└─ compose greeting +internal +[\d.]+ (µs|ms) +[━╸╺]+\n"
                     r" +greeting\.name=mote  greeting\.name\.size=4$", out, re.M)
    assert re.search(r"^time\n  exec to first /next +[\d.]+ us.*\n  handler +[\d.]+ us.*\n"
                     r"  answer +[\d.]+ us.*\n  flush +[\d.]+ us", out, re.M)
    assert re.search(r"^logs  1 record\n  [\d:.]{12} INFO greeted a name of 4 bytes$", out, re.M)
    assert "VIOLATION" not in out and "against OTLP" not in out


def test_a_second_run_does_nothing_but_run(make):
    make("run")
    _, commands = make("run")
    assert len([c for c in commands if " run --bootstrap " in c]) == 1
    for tool in "gcc", "clang", "strip", "readelf", "protoc", "nanopb", "apt-", "tar ", "python", " ar ":
        assert not [c for c in commands if tool in c and " run --bootstrap " not in c], tool
    assert len(commands) <= 12, commands


def test_handler_event_and_n_change_it(make):
    out, _ = make("run", HANDLER="echo", EVENT=EVENTS / "sqs.json", N=3)
    assert len(re.findall(rf"^invocation \d  {UUID}  ", out, re.M)) == 3
    assert len(re.findall(r"COLD START", out)) == 1
    assert '"eventSource": "aws:sqs"' in out
    assert re.search(r"^3 invocations in us +min +p50 +p99 +max$", out, re.M)


def test_an_event_that_is_not_there_is_said(make, tmp_path):
    make("run", status=2, EVENT=tmp_path / "none.json")


def test_a_minimal_build_answers_without_a_trace(make):
    out, _ = make("run", HANDLER="hello-minimal")
    assert '{"message":"Hello, mote!"}' in out and "trace " not in out


# ---- emulator run: the receiver in it ----


def run(*options, status=0, name="hello", event="apigw-http-api.json"):
    done = subprocess.run([built("emulator"), "run", "--bootstrap", bootstrap(name), "--handler", name, "--event", EVENTS / event, "--json",
                           "-", "--quiet", *map(str, options)], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def exported(request):
    return ExportTraceServiceRequest.FromString(base64.b64decode(request["body"]))


def test_the_report_has_every_request_with_its_times(tmp_path):
    report = run("-n", 3)
    assert [r["number"] for r in report["otlp"]] == [1, 2, 3, 4, 5, 6] and {r["connection"] for r in report["otlp"]} == {1}
    assert all(r["complete"] and r["status"] == 200 and r["complaint"] is None for r in report["otlp"])
    assert [r["head"].split()[1] for r in report["otlp"]] == ["/v1/traces", "/v1/logs"] * 3
    for r, i in zip(report["otlp"][::2], report["invocations"]):
        assert i["ack_ns"] <= r["first_ns"] <= r["last_ns"] <= r["answered_ns"] <= i["next_ns"]  # behind the answer, before the next event
        server, = (s for s in exported(r).resource_spans[0].scope_spans[0].spans if s.kind == 2)
        said = {a.key: a.value for a in server.attributes}
        assert said["faas.invocation_id"].string_value == i["request_id"]
        assert said["faas.coldstart"].bool_value is i["cold"]


@pytest.mark.parametrize("fault", ["refuse", "silent", "slow:400", "status:503", "close", "reset", "early", "garbage", "partial:1", "drip",
                                   "cut", "endless", "chunked", "goodbye"])
def test_whatever_the_receiver_does_the_answer_stands(fault):
    report = run("-n", 2, "--otlp-fault", fault, "--env", "OTEL_EXPORTER_OTLP_TIMEOUT=300")
    assert [i["outcome"] for i in report["invocations"]] == ["answered", "answered"]
    assert [base64.b64decode(i["response_base64"]) for i in report["invocations"]] == [b'{"message":"Hello, mote!"}'] * 2
    assert report["violations"] == [] and len(report["environments"]) == 1
    words = " ".join(line["text"] for i in report["invocations"] for line in i["logs"] if "otlp" in line["text"].lower())
    assert bool(words) is (fault != "goodbye"), words
    assert ("all spans were taken" in words) is (fault == "chunked"), words


def test_without_a_receiver_the_trace_is_a_line_that_is_drawn():
    done = subprocess.run([built("emulator"), "run", "--bootstrap", bootstrap("hello"), "--handler", "hello", "--no-otlp", "--event",
                           EVENTS / "apigw-http-api.json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert re.search(r"^trace \S+  6 spans  .*COLD START$", done.stdout, re.M) and "__otel_otlp_stdout" not in done.stdout


def test_with_active_tracing_the_trace_goes_to_the_daemon_beside_the_function():
    done = subprocess.run([built("emulator"), "run", "--bootstrap", bootstrap("hello"), "--handler", "hello", "--no-otlp", "--xray", "--event",
                           EVENTS / "apigw-http-api.json", "--env", "OTLP_STDOUT_SPAN_EXPORTER_LOG_LEVEL=ERROR", "-n", "2"], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0 and "cannot be shown" not in done.stdout
    assert re.search(r"^trace \S+  6 spans  .*COLD START$", done.stdout, re.M) and len(re.findall(r"^trace ", done.stdout, re.M)) == 2


EVERY_SIGNAL = ["--env", "OTEL_LOGS_EXPORTER=otlp", "--env", "OTEL_METRICS_EXPORTER=otlp", "--env", "OTEL_METRIC_EXPORT_INTERVAL=0"]


def has_every_signal(out):
    """The trace with its spans, the log records and the metrics, each under a heading of its own."""
    assert re.search(r"^.* take order +internal ", out, re.M)
    logs = re.search(r"^logs  2 records\n((?:  .*\n)+)", out, re.M)[1].splitlines()
    assert re.fullmatch(r'  [\d:.]+ INFO shop\.item\.sold  item="rye bread"  left=40', logs[0])
    assert re.fullmatch(r"  [\d:.]+ INFO order 1 taken", logs[1])
    metrics = re.search(r"^metrics  \d+ points\n((?:  .*\n)+)", out, re.M)[1]
    assert "  shop.orders {order} sum delta  value=1  order.kind=phone\n" in metrics
    assert "  shop.order.size {item} exponential histogram delta  count=1  sum=2" in metrics
    return True


def test_metrics_and_logs_are_shown_beside_the_waterfall():
    done = subprocess.run([built("emulator"), "run", "--bootstrap", bootstrap("everything"), "--handler", "everything",
                           *EVERY_SIGNAL], capture_output=True, text=True, timeout=60, env={"COLUMNS": "120"})
    assert done.returncode == 0 and has_every_signal(done.stdout)
