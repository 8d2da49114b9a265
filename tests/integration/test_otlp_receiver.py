# SPDX-License-Identifier: MIT
"""The emulator's OTLP receiver, spoken to by http.client and raw sockets: what it takes, what it refuses, how it misbehaves."""

import gzip
import http.client
import re
import socket
import subprocess
import time

import pytest
from conftest import built, free_port
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from otlp_requests import Request
from serving import start_serving, write_bootstrap

TYPE = {"Content-Type": "application/x-protobuf"}


def spans(name="posted"):
    r = Request()
    r.span(1, name)
    return r.bytes


@pytest.fixture
def receiver(start, tmp_path):
    """receiver(fault...) is serve with its receiver on a known port."""

    def run(*faults):
        port = free_port()
        s = start_serving(start, write_bootstrap(tmp_path / "fn/bootstrap"), "--otlp-port", str(port),
                          *(x for fault in faults for x in ("--otlp-fault", fault)))
        s.otlp = port
        return s

    return run


def post(s, body=None, path="/v1/traces", headers=TYPE, method="POST", connection=None, timeout=20):
    c = connection or http.client.HTTPConnection("127.0.0.1", s.otlp, timeout=timeout)
    c.request(method, path, spans() if body is None else body, headers)
    r = c.getresponse()
    return r.status, r.headers, r.read()


def test_an_export_is_taken_and_drawn(receiver):
    s = receiver()
    c = http.client.HTTPConnection("127.0.0.1", s.otlp, timeout=20)
    for i in range(3):
        status, headers, body = post(s, spans(f"posted{i}"), connection=c)
        assert (status, headers["Content-Type"], body) == (200, "application/x-protobuf", b"")
        assert "Connection" not in headers
        s.shows(rf"\nposted{i} +internal ")


def test_an_export_may_come_in_chunks_and_in_gzip(receiver):
    s = receiver()
    assert post(s, iter([spans("chunked")[:20], spans("chunked")[20:]]))[0] == 200
    s.shows(r"\nchunked +internal ")
    for level in [0, 1, 9]:
        assert post(s, gzip.compress(spans(f"zipped{level}"), level), headers=TYPE | {"Content-Encoding": "gzip"})[0] == 200
        s.shows(rf"\nzipped{level} +internal ")


@pytest.mark.parametrize("what, status", [
    ({"path": "/v1/trace"}, 404), ({"path": "/v1/traces?x"}, 404), ({"path": "/v1/profiles"}, 404), ({"method": "PUT"}, 405),
    ({"headers": {}}, 415), ({"headers": {"Content-Type": "application/json"}}, 415), ({"headers": TYPE | {"Content-Encoding": "br"}}, 415),
    ({"body": b"\x0a\x05"}, 400), ({"body": b"not protobuf"}, 400), ({"headers": TYPE | {"Content-Encoding": "gzip"}}, 400),
    ({"body": gzip.compress(spans(), 6)[:-9], "headers": TYPE | {"Content-Encoding": "gzip"}}, 400),
])
def test_what_a_collector_refuses_is_refused(receiver, what, status):
    s = receiver()
    assert post(s, **what)[0] == status
    assert post(s, spans("next"))[0] == 200
    s.shows(r"\nnext +internal ")
    assert "posted" not in s.out


def test_a_down_receiver_refuses_the_connection(receiver):
    s = receiver("refuse")
    with pytest.raises(ConnectionRefusedError):
        post(s)
    with socket.socket() as other, pytest.raises(OSError):
        other.bind(("127.0.0.1", s.otlp))  # nobody else can take the port meanwhile


def test_a_silent_receiver_takes_all_and_says_nothing(receiver):
    s = receiver("silent")
    with pytest.raises(TimeoutError):
        post(s, timeout=0.5)
    s.shows(r"\nposted +internal ")


def test_a_slow_receiver_takes_its_time(receiver):
    s = receiver("slow:300")
    before = time.monotonic()
    assert post(s)[0] == 200
    assert time.monotonic() - before >= 0.3


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_status_may_be_any(receiver, status):
    assert post(receiver(f"status:{status}"))[0] == status


@pytest.mark.parametrize("fault, error", [
    ("close", http.client.RemoteDisconnected), ("reset", ConnectionResetError), ("garbage", http.client.BadStatusLine),
    ("early", (http.client.RemoteDisconnected, ConnectionError)), ("cut", http.client.IncompleteRead),
])
def test_a_receiver_may_break_off(receiver, fault, error):
    with pytest.raises(error):
        post(receiver(fault))


def test_a_partial_success_says_how_many(receiver):
    status, _, body = post(receiver("partial:300"))
    reply = ExportTraceServiceResponse.FromString(body)
    assert (status, reply.partial_success.rejected_spans) == (200, 300) and reply.partial_success.error_message


def test_a_chunked_answer_is_a_good_one(receiver):
    status, headers, body = post(receiver("chunked"))
    assert (status, headers["Transfer-Encoding"]) == (200, "chunked")
    reply = ExportTraceServiceResponse.FromString(body)
    assert (reply.partial_success.rejected_spans, reply.partial_success.error_message) == (0, "ok")


def test_a_dripping_answer_arrives_byte_by_byte(receiver):
    s = receiver("drip")
    with socket.create_connection(("127.0.0.1", s.otlp), timeout=20) as c:
        c.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n%s"
                  % (len(spans()), spans()))
        pieces = []
        while not b"".join(pieces).endswith(b"\r\n\r\n"):
            pieces.append(c.recv(100))
    assert len(pieces) > 40 and b"".join(pieces).startswith(b"HTTP/1.1 200 OK\r\n")


def test_an_endless_answer_does_not_end(receiver):
    s = receiver("endless")
    with socket.create_connection(("127.0.0.1", s.otlp), timeout=20) as c:
        c.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n%s"
                  % (len(spans()), spans()))
        got = 0
        while got < 20_000:
            got += len(c.recv(65536))
    assert s.invoke({}).status == 200  # and it is still there for others


def test_goodbye_closes_behind_a_good_answer(receiver):
    s = receiver("goodbye")
    c = http.client.HTTPConnection("127.0.0.1", s.otlp, timeout=20)
    status, headers, _ = post(s, connection=c)
    assert (status, headers["Connection"]) == (200, "close")


def test_a_rule_may_be_for_some_requests_only(receiver):
    s = receiver("status:503@2", "status:500@4-5", "status:429@7-")
    assert [post(s)[0] for _ in range(8)] == [200, 503, 200, 500, 500, 200, 429, 429]


@pytest.mark.parametrize("rule, why", [
    ("", "no such kind"), ("Slow:1", "no such kind"), ("slow", "needs a number"), ("slow:", "needs a number"), ("slow:0", "needs a number"),
    ("status:99", "within its range"), ("status:600", "within its range"), ("silent:1", "does not belong"), ("silent@", "from 1"),
    ("silent@0", "from 1"), ("silent@3-2", "the last request"), ("silent@1-2x", "does not belong"),
    ("slow:99999999999999999999", "within its range"),
])
def test_a_rule_that_is_wrong_is_told(rule, why):
    done = subprocess.run([built("emulator"), "run", "--bootstrap", "x", "--otlp-fault", rule], capture_output=True, timeout=20)
    assert done.returncode == 2 and why in done.stderr.decode()


def test_help_lists_every_kind():
    out = subprocess.run([built("emulator"), "help", "otlp-faults"], capture_output=True, timeout=20).stdout.decode()
    assert len(re.findall(r"^  [a-z]+ *:?N?  +\S", out, re.M)) == 14
