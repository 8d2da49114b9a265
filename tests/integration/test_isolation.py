# SPDX-License-Identifier: MIT
"""Telemetry may fail in any way: the answer is the same, it is not late, and every span is delivered, handed over, or
counted as dropped.
"""

import base64
import gzip
import json
import re
import select
import time

import pytest
from conftest import INIT_SPANS, bootstrap, free_port, lambda_env
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from otlp_sink import TAKEN, items
from runtime_api import RuntimeApi

EVENT = b'{"queryStringParameters":{"name":"mote"}}'
GREETING = b'{"message":"Hello, mote!"}'
SPANS = 2  # of an invocation of hello
FIRST = SPANS + 4  # of the first: with those of the start


def dropped(process):
    """What the log says was lost."""
    return sum(int(n) for n in re.findall(r"dropped (\d+) (?:spans?|of this invocation)", process.log))


def held(process):
    """What it says that it keeps for want of time."""
    return int(re.findall(r"if none comes: (\d+);", process.log)[-1])


def reply(status, body=b"", content_type="application/x-protobuf", more=b""):
    return (
        f"HTTP/1.1 {status} Whatever\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n".encode()
        + more
        + b"\r\n"
        + body
    )


def partial(rejected, message=""):
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = rejected
    response.partial_success.error_message = message
    return reply(200, response.SerializeToString())


@pytest.fixture
def receiver():
    with RuntimeApi() as r:
        yield r


@pytest.fixture
def exporting(function, receiver):
    """With little time for an export: what is tried again is given up soon."""
    usual = {"OTEL_EXPORTER_OTLP_TIMEOUT": "1000", "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}
    return lambda **env: function(
        "hello", OTEL_LOGS_EXPORTER="none", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{receiver.address}", **{**usual, **env}
    )


# What a receiver may say, and how many spans of the first invocation are lost by it. What it asks to be sent later is not: it comes with the next.
ANSWERS = {
    "taken": (TAKEN, 0),
    "taken, in words": (reply(200, b"thank you", "text/plain"), 0),
    "taken, JSON": (reply(200, b'{"partialSuccess":{}}', "application/json"), 0),
    "taken, chunked": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\x0a\x00\r\n0\r\n\r\n", 0),
    "taken, with a warning": (partial(0, "slow\r\ndown"), 0),
    "one rejected": (partial(1, "too old"), 1),
    "more rejected than sent": (partial(1 << 40), FIRST),
    "a negative number rejected": (partial(-1), FIRST),
    "not protobuf": (reply(200, b"\xff\xff\xff"), FIRST),
    "400": (reply(400, b"\x08\x03"), FIRST),
    "404": (reply(404, b"no such page", "text/html"), FIRST),
    "429": (reply(429, more=b"Retry-After: 3600\r\n"), 0),
    "503": (reply(503, more=b"Retry-After: 1\r\n"), 0),
    "302": (reply(302, more=b"Location: http://169.254.169.254/\r\n"), FIRST),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n", FIRST),
    "a head without end": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000, FIRST),
    "more than a receiver has to say": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n", FIRST),
    "an absurd length": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\n", FIRST),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", FIRST),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_whatever_a_receiver_answers_costs_at_most_its_spans(exporting, receiver, what):
    answer, lost = ANSWERS[what]
    process, c = exporting()
    c.event(EVENT)
    assert c.answer().body == GREETING
    r = receiver.accept()
    r.request()
    try:
        r.send(answer)
    except ConnectionError:
        pass  # it has read enough
    c.next()
    assert dropped(process) == lost
    # and the next invocation is none the worse for it
    c.event(EVENT)
    assert c.answer().body == GREETING
    if what.startswith(("taken", "one", "more rej", "a neg", "not prot", "4", "5", "3")):
        request = r.request()
    else:
        r = receiver.accept()
        request = r.request()
    assert spans_of(request) == SPANS + (FIRST if what in ("429", "503") else 0)
    r.send(TAKEN)
    c.next()
    assert dropped(process) == lost


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("after", ["connect", "request", "head", "half a reply"])
def test_a_connection_that_breaks_costs_time_and_no_spans(exporting, receiver, after, end):
    process, c = exporting()
    c.event(EVENT)
    assert c.answer().body == GREETING
    r = receiver.accept()
    if after != "connect":
        r.request()
    if after == "head":
        r.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
    elif after == "half a reply":
        r.send(b"HTTP/1.1 20")
    getattr(r, end)()
    again = receiver.accept()
    assert spans_of(again.request()) == FIRST
    again.send(TAKEN)
    c.next()
    assert dropped(process) == 0 and "held" not in process.log


def test_nobody_listens(function):
    process, c = function("hello", OTEL_LOGS_EXPORTER="none", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{free_port()}",
                          OTEL_EXPORTER_OTLP_TIMEOUT="150")
    for n in 1, 2, 3:
        assert c.invoke(EVENT).body == GREETING
        assert held(process) == FIRST + SPANS * (n - 1) and dropped(process) == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://127.0.0.1:4318",
        "http://",
        "ftp://x",
        "http://no-such-host.invalid:4318",
        "http://user:secret@127.0.0.1",
        "http://127.0.0.1:99999",
    ],
)
def test_an_endpoint_that_cannot_be_used_is_said_once(function, endpoint):
    process, c = function("hello", OTEL_LOGS_EXPORTER="none", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    for _ in range(3):
        assert c.invoke(EVENT).body == GREETING
    complaints = [line for line in process.err.decode().splitlines() if "otlp export" in line]
    assert len(complaints) == 1 and f"dropped {FIRST} spans" in complaints[0]
    assert "secret" not in process.log


@pytest.mark.parametrize("endpoint", ["http://localhost:{port}", "http://127.0.0.1:{port}/", "http://[::1]:{port}"])
def test_a_receiver_is_found_by_address_and_by_localhost(function, endpoint):
    with RuntimeApi("::1" if "[" in endpoint else "127.0.0.1") as receiver:
        process, c = function("hello", OTEL_LOGS_EXPORTER="none", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint.format(port=receiver.port))
        c.event(EVENT)
        assert c.answer().body == GREETING
        r = receiver.accept()
        assert r.request().path == "/v1/traces"
        r.send(TAKEN)
        c.next()
    assert dropped(process) == 0


def test_the_answer_is_posted_before_the_receiver_hears_of_it(exporting, receiver):
    _, c = exporting()
    r = None
    for _ in range(3):
        c.event(EVENT)
        c.answer(accept=False)  # it waits for us: nothing else can have happened
        assert select.select([r.s if r else receiver.listener], [], [], 0)[0] == []
        c.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        r = r or receiver.accept()
        r.request()
        r.send(TAKEN)
        c.next()


def test_a_receiver_that_is_silent_ends_at_the_time_out(exporting, receiver):
    process, c = exporting(OTEL_EXPORTER_OTLP_TIMEOUT="50")
    for n in 1, 2:
        c.event(EVENT)
        assert c.answer().body == GREETING
        assert spans_of(receiver.accept().request()) == FIRST + SPANS * (n - 1)
        c.next()
        assert held(process) == FIRST + SPANS * (n - 1) and dropped(process) == 0


def test_a_receiver_that_is_silent_ends_before_the_deadline(exporting, receiver):
    """The time-out is later than the deadline: /next comes all the same."""
    process, c = exporting(OTEL_EXPORTER_OTLP_TIMEOUT="600000")
    deadline = time.time() + 1
    c.event(EVENT, more=[("Lambda-Runtime-Deadline-Ms", str(int(deadline * 1000)))])
    assert c.answer().body == GREETING
    r = receiver.accept()
    r.request()
    r.send(b"HTTP/1.1 200 OK\r\n")
    c.next()
    assert held(process) == FIRST and dropped(process) == 0


def test_made_is_delivered_and_dropped(exporting, receiver):
    """Over a mixed life: what the receiver took and what the log says was lost make up all that there was."""
    process, c = exporting(AWS_LAMBDA_LOG_FORMAT="JSON", OTEL_EXPORTER_OTLP_TIMEOUT="5000")
    some = partial(1, "no")
    answers = [None, TAKEN, some, reply(503), TAKEN, None, TAKEN, partial(5), reply(200, b"\xff"), None, TAKEN]
    delivered, r = 0, None
    spans = FIRST
    for answer in answers:
        c.event(EVENT)
        assert c.answer().body == GREETING
        r = r or receiver.accept()
        assert spans_of(r.request()) == spans
        if answer is None:
            r.close()
            r = receiver.accept()  # sent again
        else:
            r.send(answer)
        if answer in (None, reply(503)):
            assert spans_of(r.request()) == spans
            r.send(TAKEN)
        delivered += {None: spans, TAKEN: spans, reply(503): spans, some: spans - 1}.get(answer, 0)
        spans = SPANS
        c.next()
    made = FIRST + SPANS * (len(answers) - 1)
    assert 0 < delivered < made
    assert delivered + dropped(process) == made


def spans_of(request):
    return len(items(ExportTraceServiceRequest.FromString(request.body)))


# ---- more spans than there is room for ----


def handed_over(process):
    """Spans in the lines on standard output, as their readers decode them."""
    count = 0
    for line in process.out.splitlines():
        if b"__otel_otlp_stdout" not in line:
            continue
        assert len(line) <= 262144 - 26
        envelope = json.loads(line)
        request = ExportTraceServiceRequest.FromString(
            gzip.decompress(base64.b64decode(envelope["payload"], validate=True))
        )
        count += len(items(request))
    return count


@pytest.mark.parametrize("spans", [0, 1, 1000, 20_000])
def test_more_spans_than_there_is_room_for_are_counted(function, start, api, spans):
    process = start([bootstrap("table"), "spans"], lambda_env(api.address))
    c = api.accept()
    c.next()
    for n in 1, 2:
        c.invoke(json.dumps({"count": spans}).encode())
        assert handed_over(process) + dropped(process) == INIT_SPANS + (spans + 1) * n
    assert handed_over(process) > 0
    assert (dropped(process) > 0) == (spans == 20_000)


# ---- standard output ----


@pytest.mark.parametrize("script", ['exec "$0" >&-', 'exec "$0" > >(exit)'], ids=["closed", "its reader has gone"])
def test_a_standard_output_that_takes_nothing_costs_its_spans_and_nothing_else(start, api, script):
    """Not even the log can say so: the answer is all there is."""
    start(["/bin/bash", "-c", script, bootstrap("hello")], lambda_env(api.address))
    c = api.accept()
    c.next()
    for _ in range(3):
        assert c.invoke(EVENT).body == GREETING
