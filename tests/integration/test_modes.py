# SPDX-License-Identifier: MIT
"""When telemetry leaves: each mode of LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE, the end of the sandbox, and what an exporter could not do."""

import base64
import gzip
import json
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from conftest import bootstrap, free_port, lambda_env, until
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from otlp_sink import items
from runtime_api import ACCEPTED, RuntimeApi
from test_rie import Rie

EVENT = b'{"queryStringParameters":{"name":"mote"}}'
GREETING = b'{"message":"Hello, mote!"}'
MODE = "LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE"
SPANS, INIT_SPANS = 2, 4  # of an invocation of hello, and of the first one beside
TOTALS = re.compile(r"spans: so far made (\d+), delivered (\d+), handed over (\d+), dropped (\d+)")
GRACE = 0.3  # seconds from SIGTERM to SIGKILL
DEFER = ["finalize", "adaptive", "overlap"]


def spans_in(body):
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    request = ExportTraceServiceRequest.FromString(body)
    return items(request)


def made(invocations):
    return SPANS * invocations + INIT_SPANS


# ---- under the emulator: when bytes leave, and that all of them do ----


def run_mode(emulate, mode, n, *options, **env):
    env = {MODE: mode, "OTEL_LOGS_EXPORTER": "none", "OTEL_LOG_LEVEL": "debug", **env}
    words = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
    report = emulate("hello", *words, *options, events=[EVENT] * n)
    assert report.violations == [] and report.answers() == [GREETING] * n, report.log
    return report


def exported(report):
    """Spans that the emulator's receiver took, each export apart."""
    return [spans_in(base64.b64decode(q["body"])) for q in report.otlp if q["status"] == 200]


@pytest.mark.parametrize("mode,exports", [("sync", 30), ("async", 30), ("SYNC", 30), ("finalize", 1), ("adaptive", 21), ("Overlap", 30)])
def test_each_mode_has_its_moment_and_nothing_is_lost(emulate, mode, exports):
    report = run_mode(emulate, mode, 30)
    sent = exported(report)
    ids = [s.span_id for batch in sent for s in batch]
    assert len(sent) == exports
    assert len(ids) == len(set(ids)) == made(30)
    before = [i["export_bytes_before_answer"] for i in report.invocations]
    if mode.lower() == "sync":
        assert min(before) > 0
    elif mode == "Overlap":
        assert before[0] == 0 and min(before[1:]) > 0
    else:
        assert before == [0] * 30
    registered = mode.lower() in DEFER
    environment = report.environments[0]
    assert environment["extensions"] == registered
    if registered:
        assert environment["exit"].get("status") == 0
        assert TOTALS.search(report.logs()).groups() == (str(made(30)), str(made(30)), "0", "0")
    else:
        assert environment["exit"].get("signal") == signal.SIGKILL


@pytest.mark.parametrize("mode", ["async", *DEFER])
def test_frozen_between_events_like_a_sandbox(emulate, mode):
    report = run_mode(emulate, mode, 25, "--freeze")
    ids = [s.span_id for batch in exported(report) for s in batch]
    assert len(ids) == len(set(ids)) == made(25)


def test_finalize_sends_when_there_are_many(emulate):
    report = run_mode(emulate, "finalize", 600)
    sent = exported(report)
    assert [len(batch) >= 512 for batch in sent] == [True, True, False]
    assert sum(map(len, sent)) == made(600)


def test_a_deadline_that_has_passed_is_none_and_the_budget_bounds_a_flush(emulate):
    """An emulator's deadline lies decades back; the receiver never answers."""
    for deadline in "600000", "none":
        report = run_mode(emulate, "async", 1, "--otlp-fault", "silent", "--deadline", deadline,
                          OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT=300)
        i = report.invocations[0]
        assert 0.25e9 < i["next_ns"] - i["ack_ns"] < 3e9
        assert "no answer in time" in report.logs() or "held" in report.logs()


@pytest.mark.parametrize("fault", ["silent", "drip", "status:503", "refuse", "endless"])
def test_sync_answers_before_the_deadline_whatever_the_receiver_does(emulate, fault):
    report = run_mode(emulate, "sync", 2, "--timeout-ms", "600", "--otlp-fault", fault)
    for i in report.invocations:
        assert i["response_last_ns"] - i["event_ns"] < 0.6e9


def test_without_a_next_event_nothing_but_a_kill_loses_anything(emulate):
    """Every span is delivered, or dropped and said to be, or held and said to be: whichever way the receiver fails, in every mode."""
    for mode in "async", "adaptive", "finalize", "overlap", "sync":
        for fault in "status:400@2", "close@2-3", "garbage@1", "reset@1-2":
            report = run_mode(emulate, mode, 6, "--otlp-fault", fault, "--timeout-ms", "8000", OTEL_EXPORTER_OTLP_TIMEOUT=700)
            delivered = {s.span_id for batch in exported(report) for s in batch}
            dropped = sum(map(int, re.findall(r"dropped (\d+) spans?$", report.logs(), re.M)))
            held = re.findall(r"\tspans held until .* comes: (\d+); so far made (\d+),", report.logs())
            last = int(held[-1][0]) if held and int(held[-1][1]) == made(6) else 0
            assert len(delivered) + dropped + last == made(6), (mode, fault, report.logs())


@pytest.mark.parametrize("fault", ["status=403", "status=404", "status=500", "body=text http10 status=404"])
def test_a_platform_that_registers_nobody_gets_async(emulate, fault):
    report = emulate("hello", "--env", f"{MODE}=finalize", "--env", "OTEL_LOGS_EXPORTER=none", "--fault", f"register {fault}", events=[EVENT] * 3)
    assert report.answers() == [GREETING] * 3
    assert report.logs().count("extensions api: register: ") == 1
    assert [len(batch) for batch in exported(report)] == [made(1), SPANS, SPANS]


# ---- with a Runtime API whose every byte we decide: the end of the sandbox ----

@pytest.mark.parametrize("reply", [b"", b"220 mail.example ESMTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", None],
                         ids=["close", "garbage", "no identifier", "silence"])
def test_a_reply_that_makes_no_sense_is_no_registration(start, api, sink, reply):
    process = start([bootstrap("hello")], lambda_env(api.address, **{MODE: "finalize", "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url}))
    for _ in range(2 if reply in (b"", None) else 1):  # one that is lost is asked for again
        extension = api.accept()
        extension.request()
        if reply is not None:
            extension.send(reply)
            extension.close()
    c = api.accept()
    c.next()
    c.invoke(EVENT)
    assert spans_in(sink.take().body)
    assert process.log.count("extensions api: register: ") == 1
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


@pytest.mark.parametrize("end", ["close", "silence"])
@pytest.mark.parametrize("known", [True, False])
def test_a_registration_whose_reply_was_lost_does_not_hang_the_start(start, api, sink, end, known):
    """The platform has either not seen it: then the second one stands. Or it waits for ever for who has the reply: then another process has to start."""
    process = start([bootstrap("hello")], lambda_env(api.address, **{MODE: "finalize", "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url}))
    first = api.accept()
    first.request()
    if end == "close":
        first.close()
    if known:
        again = api.accept()
        again.request()
        again.send(b'HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}')
        c = api.accept()
        failed = c.request()
        assert failed.path.endswith("/runtime/init/error") and json.loads(failed.body)["errorType"] == "Runtime.RegistrationLost"
        c.send(ACCEPTED)
        assert process.wait(5) == 1 and process.log.count("the reply was lost, and the platform waits") == 1
        return
    c = api.first()
    c.invoke(EVENT)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait() == 0 and "extensions api" not in process.log


def test_a_platform_that_listens_a_little_later_is_waited_for(start, sink):
    with RuntimeApi() as api:
        port = api.port
        api.listener.close()
        process = start([bootstrap("hello")], lambda_env(api.address, **{MODE: "finalize", "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url}))
        time.sleep(0.2)
        api.listener = socket.create_server(("127.0.0.1", port))
        api.listener.settimeout(20)
        api.first()
        assert len(api.connections) == 2 and "extensions api" not in process.log


def test_after_a_lost_reply_the_emulators_next_process_answers(emulate):
    report = emulate("hello", "--env", f"{MODE}=finalize", "--fault", "register@1 drop", events=[EVENT] * 2, patience=9)
    assert b"Runtime.RegistrationLost" in report.answers()[0] and report.answers()[1] == GREETING
    assert [e["extensions"] for e in report.environments] == [1, 1]
    assert [v["text"] for v in report.violations] == ["extension: Extension.AlreadyRegistered: mote"]


def delayed(*pids):
    """Seconds that these were ready to run and had no CPU, since they began (Linux's Documentation/scheduler/sched-stats.rst)."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) for pid in pids) / 1e9


class Registered:
    """A bootstrap that has registered, at its first /next."""

    def __init__(self, start, api, mode="finalize", name="hello", **env):
        env = {MODE: mode, "OTEL_LOGS_EXPORTER": "none", "OTEL_LOG_LEVEL": "debug", **env}
        self.process = start([bootstrap(name)], lambda_env(api.address, **env))
        self.c = api.first()
        assert len(api.connections) == 2

    def terminate(self):
        """SIGTERM: how it ended, within the time it has. What the other work of a busy machine takes from it or from this test is not its time."""
        pid = self.process.pid
        begun = time.monotonic() - delayed(pid, "self")
        os.kill(pid, signal.SIGTERM)
        until("it has ended", lambda: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))
        assert time.monotonic() - delayed(pid, "self") - begun < GRACE
        return self.process.wait()

    def totals(self):
        return tuple(map(int, TOTALS.search(self.process.log).groups()))


@pytest.fixture
def registered(start, api):
    return lambda **options: Registered(start, api, **options)


@pytest.mark.parametrize("mode", DEFER)
@pytest.mark.parametrize("invocations", [0, 1, 3])
def test_sigterm_ends_it_in_order(registered, sink, mode, invocations):
    f = registered(mode=mode, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    for _ in range(invocations):
        assert f.c.invoke(EVENT).body == GREETING
    assert f.terminate() == 0
    if invocations:
        assert f.totals() == (made(invocations), made(invocations), 0, 0)
    expected = made(invocations) if invocations else 0
    sent = [s.span_id for e in list(sink.exports.queue) for s in spans_in(e.body)]
    assert len(sent) == len(set(sent)) == expected


def test_metrics_across_invocations_register_too(registered, sink):
    f = registered(name="signals", mode="async", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    for _ in range(3):
        f.c.invoke(b"{}")
    assert f.terminate() == 0
    metrics = [m for e in list(sink.exports.queue) if e.path == "/v1/metrics"
               for m in items(e.request()) if m.name == "calls"]
    assert [p.as_int for m in metrics for p in m.sum.data_points] == [3]


def test_sigterm_while_frozen_is_heard_after_the_thaw(registered, sink):
    f = registered(OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    f.c.invoke(EVENT)
    f.process.freeze()
    os.kill(f.process.pid, signal.SIGTERM)
    time.sleep(0.4)  # longer than the grace: the time that counts begins with the thaw
    f.process.thaw()
    assert f.process.wait() == 0
    assert f.totals() == (made(1), made(1), 0, 0)


def test_sigterm_in_an_invocation_waits_for_its_answer(registered, sink):
    f = registered(OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    f.c.event(EVENT)
    r = f.c.answer(accept=False)
    os.kill(f.process.pid, signal.SIGTERM)
    f.c.send(ACCEPTED)
    assert r.body == GREETING and f.process.wait() == 0
    assert f.totals() == (made(1), made(1), 0, 0)


@pytest.fixture
def silent():
    """A receiver that takes what it gets and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        s.settimeout(20)
        yield s


def url(s):
    return f"http://127.0.0.1:{s.getsockname()[1]}"


def test_sigterm_during_a_flush_ends_it_in_time(registered, silent):
    f = registered(mode="adaptive", OTEL_EXPORTER_OTLP_ENDPOINT=url(silent))
    f.c.event(EVENT)
    f.c.answer()
    with silent.accept()[0] as export:
        assert export.recv(1 << 20).startswith(b"POST /v1/traces ")
        assert f.terminate() == 0
    assert f.totals() == (made(1), 0, 0, made(1))
    assert re.search(rf"dropped {made(1)} spans", f.process.log)


def test_a_receiver_that_is_silent_at_the_end_costs_its_time_and_no_more(registered, silent):
    f = registered(OTEL_EXPORTER_OTLP_ENDPOINT=url(silent))
    f.c.invoke(EVENT)
    assert f.terminate() == 0
    assert f.totals() == (made(1), 0, 0, made(1))


@pytest.mark.parametrize("mode", ["adaptive", "finalize"])
@pytest.mark.parametrize("dumb", ["TRACES", "LOGS", "METRICS"])
def test_a_silent_receiver_leaves_time_for_the_other_signals(registered, sink, silent, mode, dumb):
    """In adaptive SIGTERM comes while its export is under way, or all are through; in finalize everything is sent at the end."""
    f = registered(name="signals", mode=mode, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_LOGS_EXPORTER="otlp",
                   **{f"OTEL_EXPORTER_OTLP_{dumb}_ENDPOINT": f"{url(silent)}/v1/{dumb.lower()}"})
    f.c.event(EVENT)
    f.c.answer()
    if mode == "finalize":
        f.c.next()
    elif dumb != "METRICS":  # those go at the end only
        silent.accept()[0].recv(1 << 20)
    assert f.terminate() == 0
    assert {e.path for e in list(sink.exports.queue)} == {"/v1/traces", "/v1/logs", "/v1/metrics"} - {f"/v1/{dumb.lower()}"}


def test_at_the_end_what_the_receiver_does_not_take_goes_the_next_way(registered, silent):
    f = registered(OTEL_EXPORTER_OTLP_ENDPOINT=url(silent), OTEL_TRACES_EXPORTER="otlp>otlpstdout")
    f.c.invoke(EVENT)
    assert f.terminate() == 0
    assert f.totals() == (made(1), 0, made(1), 0)
    assert len(lines(f.process)) == 1


def lines(process):
    """What otlpstdout wrote: the spans of each line."""
    found = [json.loads(line) for line in process.out.splitlines() if line.startswith(b'{"__otel_otlp_stdout"')]
    return [spans_in(base64.b64decode(line["payload"])) for line in found]


# ---- fail-over ----


def test_a_chain_goes_by_the_next_way_and_a_list_by_all(function):
    dead = f"http://127.0.0.1:{free_port()}"
    process, c = function("hello", OTEL_EXPORTER_OTLP_ENDPOINT=dead, OTEL_LOGS_EXPORTER="none", OTEL_TRACES_EXPORTER=" OTLP > otlpstdout , console ")
    c.invoke(EVENT)
    c.invoke(EVENT)
    assert list(map(len, lines(process))) == [made(1), SPANS]
    assert process.log.count("otlp export to ") == 2 and "spans go by otlpstdout" in process.log
    assert "dropped" not in process.log
    console = [line for line in process.out.splitlines() if b"compose greeting" in line]
    assert len(console) == 2


def test_a_chain_whose_first_way_works_uses_no_other(function, sink):
    process, c = function("hello", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_LOGS_EXPORTER="none", OTEL_TRACES_EXPORTER="otlp>otlpstdout")
    c.invoke(EVENT)
    assert len(spans_in(sink.take().body)) == made(1) and lines(process) == []


def test_a_receiver_that_is_silent_leaves_time_for_the_next_way(function, silent):
    process, c = function("hello", OTEL_EXPORTER_OTLP_ENDPOINT=url(silent), OTEL_LOGS_EXPORTER="none", OTEL_TRACES_EXPORTER="otlp>otlpstdout",
                          OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT="400")
    c.invoke(EVENT)
    assert list(map(len, lines(process))) == [made(1)]


def test_the_choice_is_one_debug_line(function):
    process, c = function("hello", OTEL_LOG_LEVEL="debug", AWS_XRAY_DAEMON_ADDRESS="127.0.0.1:2000", OTEL_LOGS_EXPORTER="none")
    for trace in "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0":
        for _ in range(2):
            c.invoke(EVENT, more=[("Lambda-Runtime-Trace-Id", trace)])
    said = [line.split("\t")[-1] for line in process.log.splitlines() if line.startswith("[DEBUG]")]
    assert said == ["telemetry leaves in mode async", "spans go by xray-udp>otlpstdout", "spans go by otlpstdout"]


# ---- freezes and kills ----


@pytest.mark.parametrize("end", ["close", "reset", "silence"])
@pytest.mark.parametrize("step", ["connected", "half sent", "sent"])
def test_frozen_in_a_flush_and_thawed_before_a_dead_peer(function, step, end):
    """The sandbox stops amid an export, an hour passes, the peer is gone. The answers are right, every span is accounted for."""
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        receiver.settimeout(20)
        process, c = function("hello", OTEL_EXPORTER_OTLP_ENDPOINT=url(receiver), OTEL_LOGS_EXPORTER="none",
                              OTEL_EXPORTER_OTLP_TIMEOUT="500", OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT="1000")
        c.event(EVENT)
        assert c.answer().body == GREETING
        export = receiver.accept()[0]
        if step != "connected":
            export.recv(100 if step == "half sent" else 1 << 20)
        process.freeze()
        if end == "reset":
            export.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        if end != "silence":
            export.close()
    process.thaw()
    c.next()
    for _ in range(2):
        assert c.invoke(EVENT).body == GREETING
    said = [line for line in process.log.splitlines() if " held until " in line or "dropped" in line]
    held = re.search(rf"if none comes: (\d+); so far made {made(3)}, delivered 0,", said[-1])
    assert sum(map(int, re.findall(r"dropped (\d+) spans?$", "\n".join(said), re.M))) + (int(held[1]) if held else 0) == made(3)
    export.close()


@pytest.mark.parametrize("mode", DEFER)
@pytest.mark.parametrize("frozen", [False, True])
def test_a_peer_that_hangs_up_while_nothing_runs_loses_nothing(registered, sink, mode, frozen):
    """In overlap a batch stands ready, encrypted for a connection that is no more."""
    taken = []
    sink.answer = lambda export: taken.append(export) or (200, "application/x-protobuf", b"")
    f = registered(mode=mode, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    for _ in range(6):
        assert f.c.invoke(EVENT).body == GREETING
        if frozen:
            f.process.freeze()
        for s in sink.sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if frozen:
            f.process.thaw()
    assert f.terminate() == 0
    assert f.totals() == (made(6), made(6), 0, 0)
    assert len({s.span_id for e in taken for s in spans_in(e.body)}) == made(6)


def test_sigterm_with_a_batch_that_stands_ready_sends_it(registered, sink):
    f = registered(mode="overlap", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    for _ in range(2):
        f.c.invoke(EVENT)
    assert sum(len(spans_in(e.body)) for e in list(sink.exports.queue)) < made(2)
    assert f.terminate() == 0
    assert f.totals() == (made(2), made(2), 0, 0)


def test_after_a_kill_nothing_is_sent_twice_and_the_next_sandbox_starts_clean(start, sink):
    seen = []
    for _ in range(3):
        with RuntimeApi() as api:
            process = start([bootstrap("hello")], lambda_env(api.address, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_LOGS_EXPORTER="none"))
            c = api.accept()
            c.next()
            c.invoke(EVENT)
            c.event(EVENT)
            c.answer()
            process.popen.kill()  # in the flush, or before it, or behind it
            process.wait()
        until("what was sent has arrived", lambda: sink.exports.qsize() >= 1)
        time.sleep(0.05)
        while not sink.empty():
            seen += spans_in(sink.take().body)
    ids = [s.span_id for s in seen]
    assert len(ids) == len(set(ids))
    assert 3 * made(1) <= len(ids) <= 3 * made(2)
    cold = [s for s in seen for a in s.attributes if a.key == "faas.coldstart" and a.value.bool_value]
    assert len(cold) == 3


# ---- AWS's own emulator ----


@pytest.mark.parametrize("mode", ["async", *DEFER])
def test_the_rie_registers_us_and_tells_the_end(start, sink, mode):
    rie = Rie(start, bootstrap("hello"), "hello", **{MODE: mode, "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url, "OTEL_LOGS_EXPORTER": "none"})
    for _ in range(3):
        status, body = rie.invoke(EVENT)
        assert (status, body) == (200, GREETING)
    if mode == "finalize":
        assert sink.empty()
    assert "extensions api: " not in rie.process.log
    os.kill(rie.process.pid, signal.SIGTERM)
    rie.process.wait()
    until("everything has arrived", lambda: sum(len(spans_in(e.body)) for e in list(sink.exports.queue)) == made(3))
