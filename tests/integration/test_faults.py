# SPDX-License-Identifier: MIT
"""A receiver of spans that does everything wrong, a fault an invocation: each is answered at once and rightly, and in the end every span that was
made has been delivered or is counted with its reason, and was delivered once."""

import gzip
import socket
import struct
import threading
import time

import pytest
from conftest import bootstrap, lambda_env, until
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from otlp_sink import Sink, items
from runtime_api import Connection, RuntimeApi

TIMEOUT_MS = 500  # of an export: what a fault may cost, and more than a good exchange takes on a busy machine
MANY_TIMEOUT_MS = 100  # where there are dozens of faults in a row
TYPE = b"Content-Type: application/x-protobuf\r\n"
GOOD = b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\n" + TYPE + b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\n\x0a\x00\r\n0\r\nA: b\r\n\r\n"
CLOSED = b"HTTP/1.0 200 OK\r\n" + TYPE + b"\r\n"


def hard(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def flood(s, piece, start=b""):
    """Until the other side has had enough."""
    s.sendall(start)
    while True:
        s.sendall(piece * 500)


def drip(s, reply, pause):
    for i in range(len(reply)):
        s.sendall(reply[i : i + 1])
        time.sleep(pause)


class Receiver:
    """`fault` is a function of the socket, after a request has been read: True when that was a whole reply of success. `early`: before it is read."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.made, self.taken, self.twice, self.broken = set(), set(), set(), []
        self.fault, self.early, self.connections, self.last = good, None, 0, None
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.last = s
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        with s:
            c = Connection(s)
            try:
                while self.early is None or not self.early(s):
                    try:
                        r = c.request()
                    except AssertionError as e:
                        if "closed its connection" not in str(e):
                            self.broken.append(e)
                        return
                    self.keep(r, self.fault(s))
            except OSError:
                pass

    def keep(self, r, taken):
        body = gzip.decompress(r.body) if r.field("Content-Encoding") == "gzip" else r.body
        request = ExportTraceServiceRequest.FromString(body)
        ids = {span.span_id for span in items(request)}
        if taken:
            self.twice |= self.taken & ids
            self.taken |= ids

    def close(self):
        self.listener.close()


# ---- faults ----


def good(s, reply=GOOD):
    s.sendall(reply)
    return True


def says(reply, end=socket.SHUT_RDWR, taken=False):
    def fault(s):
        s.sendall(reply)
        if end is not None:
            s.shutdown(end)
        return taken

    return fault


def resets(reply=b""):
    def fault(s):
        s.sendall(reply)
        hard(s)
        s.close()
        raise OSError

    return fault


def takes_all(reply):
    return says(reply, end=None, taken=True)


def silent(s):
    s.recv(1)


FAULTS = {
    "silent": silent,
    "a byte a second": lambda s: drip(s, GOOD, 1),
    "a byte in a while": lambda s: drip(s, GOOD, 0.02),
    "half a reply, then nothing": lambda s: (s.sendall(GOOD[:40]), silent(s))[0],
    "half a body, then nothing": lambda s: (s.sendall(CHUNKED[:-15]), silent(s))[0],
    "garbage": says(bytes(range(256)) * 4),
    "zeros": says(bytes(4096)),
    "another protocol": says(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
    "http/2": says(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80"),
    "a tls alert": says(b"\x15\x03\x01\x00\x02\x02\x28"),
    "endless garbage": lambda s: flood(s, b"\xff"),
    "endless fields": lambda s: flood(s, b"A: b\r\n", b"HTTP/1.1 200 OK\r\n"),
    "an endless field": lambda s: flood(s, b"b", b"HTTP/1.1 200 OK\r\nA: "),
    "an endless status": lambda s: flood(s, b"b", b"HTTP/1.1 200 "),
    "endless interim replies": lambda s: flood(s, b"HTTP/1.1 100 Continue\r\n\r\n"),
    "an endless chunked body": lambda s: flood(s, b"4\r\nbody\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "an endless chunk extension": lambda s: flood(s, b";x=y", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4"),
    "endless trailers": lambda s: flood(s, b"A: b\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
    "an endless body": lambda s: flood(s, b"\xff", CLOSED),  # no response, wherever a slow machine may end it
    "a body beyond the limit": says(b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 70000\r\n\r\n" + b"b" * 70000),
    "a length that is too long": says(b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 10\r\n\r\nbody"),
    "a length beyond all": says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"),
    "a negative length": says(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    "two lengths": says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nbodyb"),
    "a length and chunks": says(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a chunk size that is none": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nten\r\nbody\r\n0\r\n\r\n"),
    "a chunk size that wraps": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nbody"),
    "a folded field": says(b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
    "success of another version": says(b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "101": says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
    "a reset": resets(),
    "a reset within the head": resets(GOOD[:30]),
    "a reset within the body": resets(CHUNKED[:-20]),
    **{f"a status {n}": says(b"HTTP/1.1 %d Oops\r\nContent-Length: 4\r\n\r\nOops" % n) for n in (199, 304, 400, 401, 403, 404, 408, 413, 500, 502, 503, 504, 599)},
    **{f"429 and {value!r}": says(b"HTTP/1.1 429 Slow\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n" % value)
       for value in (b"0", b"3600", b"soon", b"-1", b"Sat, 21 Nov 2099 09:24:25 GMT", b"Sat, 21 Nov 1999 09:24:25 GMT")},
}
SUCCESSES = {
    "chunked": CHUNKED,
    "by bare line feeds": GOOD.replace(b"\r\n", b"\n"),
    "an interim reply first": b"HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + GOOD,
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "and more than was asked for": GOOD + GOOD,
}
EARLY = {
    "closed": lambda s: True,
    "reset": lambda s: (hard(s), True)[1],
    "reset under the write": lambda s: (s.recv(1), hard(s), True)[2],
    "an early refusal": lambda s: (s.sendall(b"HTTP/1.1 413 Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), True)[1],
    "an early garbage": lambda s: (s.sendall(b"\x00" * 100), True)[1],
}
CUTS = [(name, reply, at) for name, reply in (("plain", GOOD), ("chunked", CHUNKED)) for at in range(len(reply))]


class Function:
    def __init__(self, start, api, receiver, metrics, timeout_ms):
        self.metrics, self.receiver, self.measured = metrics, receiver, 0
        self.process = start([bootstrap("signals")], lambda_env(
            api.address, OTEL_TRACES_EXPORTER="otlp", OTEL_LOGS_EXPORTER="none", OTEL_METRICS_EXPORTER="otlp", OTEL_METRIC_EXPORT_INTERVAL=0,
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"http://127.0.0.1:{receiver.port}/v1/traces", OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=timeout_ms,
            OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=f"{metrics.url}/v1/metrics",
            OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="cumulative"))
        self.extension = self.registered(api.accept())
        self.connection = api.accept()
        self.connection.next()

    def registered(self, c):
        """Whoever aggregates metrics wants to know when the sandbox ends; here it never does."""
        assert c.request().path == "/2020-01-01/extension/register"
        c.send(b"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: 5f2c0b0e-8f3d-4c39-9d0a-54a8e1a9d5b1\r\nContent-Length: 2\r\n\r\n{}")
        assert c.request().path == "/2020-01-01/extension/event/next"
        return c

    def invoke(self, name):
        """The answer at once, the next invocation soon: what an export takes is bounded."""
        before = time.monotonic()
        self.connection.event(b"{}")
        assert self.connection.answer().body == b"{}", name
        answered = time.monotonic()
        self.connection.next()
        self.measured += 1
        assert answered - before < 2 and time.monotonic() - answered < 3, name

    def totals(self):
        """What the function says has become of its spans: made, delivered, dropped by reason."""
        made, delivered, dropped = 0, 0, {}
        while self.measured:
            last = self.metrics.take()  # one an invocation, whatever became of its spans
            self.measured -= 1
        for m in items(last.request()):
            for p in m.sum.data_points:
                reason = {a.key: a.value.string_value for a in p.attributes}.get("error.type")
                if m.name == "otel.sdk.span.started":
                    made += p.as_int
                elif m.name in ("otel.sdk.exporter.span.exported", "otel.sdk.processor.span.processed"):
                    if reason:
                        dropped[reason] = dropped.get(reason, 0) + p.as_int
                    else:
                        delivered += p.as_int
        return made, delivered, dropped

    def adds_up(self):
        """After a last good exchange: nothing is kept any more."""
        self.receiver.fault, self.receiver.early = good, None
        for _ in range(3):
            self.invoke("good")
        made, delivered, dropped = self.totals()
        assert not self.receiver.broken and self.process.alive()
        until("the receiver has filed what it acknowledged", lambda: len(self.receiver.taken) >= delivered)
        assert not self.receiver.twice, self.process.log[-4000:]
        assert delivered == len(self.receiver.taken)
        assert made == delivered + sum(dropped.values()), (made, delivered, dropped)
        return made, delivered, dropped


@pytest.fixture
def function(start, request):
    receiver = Receiver()
    with RuntimeApi() as api, Sink() as metrics:
        f = Function(start, api, receiver, metrics, getattr(request, "param", TIMEOUT_MS))
        yield f
        f.process.popen.kill()
    receiver.close()


MANY = pytest.mark.parametrize("function", [MANY_TIMEOUT_MS], indirect=True)


@MANY
def test_a_reply_may_be_cut_at_any_byte(function):
    for name, reply, at in CUTS:
        function.receiver.fault = says(reply[:at])
        function.invoke(f"{name} {at}")
    made, delivered, dropped = function.adds_up()
    assert made > 2 * len(CUTS) and delivered >= 6


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_counted_loss_and_the_next_batch_arrives(function, name):
    function.invoke("good")
    function.receiver.fault = FAULTS[name]
    for _ in range(2):
        function.invoke(name)
    function.adds_up()


@pytest.mark.parametrize("name", EARLY)
def test_a_receiver_may_not_even_listen_to_the_request(function, name):
    function.receiver.early = EARLY[name]
    for _ in range(3):
        function.invoke(name)
    function.adds_up()


@pytest.mark.parametrize("name", SUCCESSES)
def test_a_success_comes_in_many_forms(function, name):
    function.receiver.fault = takes_all(SUCCESSES[name])
    for _ in range(3):
        function.invoke(name)
    assert function.adds_up()[2] == {}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(function, status):
    with Sink() as elsewhere:
        function.receiver.fault = says(b"HTTP/1.1 %d Moved\r\nLocation: %s/v1/traces\r\nContent-Length: 0\r\n\r\n" % (status, elsewhere.url.encode()))
        for _ in range(2):
            function.invoke("redirect")
        _, _, dropped = function.adds_up()
        assert elsewhere.connections == 0 and sum(dropped.values()) > 0


@pytest.mark.parametrize("how", ["close", "reset", "shutdown"])
def test_a_connection_that_ends_between_batches_costs_nothing(function, how):
    for _ in range(5):
        function.invoke("good")
        s = function.receiver.last
        if how == "reset":
            hard(s)
        if how == "shutdown":
            s.shutdown(socket.SHUT_WR)
        else:
            s.shutdown(socket.SHUT_RDWR)
    assert function.adds_up()[2] == {}


def test_a_receiver_that_refuses_and_comes_back(function):
    receiver = function.receiver
    function.invoke("good")
    receiver.listener.shutdown(socket.SHUT_RDWR)
    receiver.listener.close()
    receiver.last.shutdown(socket.SHUT_RDWR)
    for _ in range(3):
        function.invoke("refused")
    receiver.listener = socket.create_server(("127.0.0.1", receiver.port), backlog=64)
    threading.Thread(target=receiver.accept, daemon=True).start()
    function.adds_up()


@MANY
def test_everything_at_once(function):
    """All faults behind one another, on whatever connection the last one left."""
    for name, fault in FAULTS.items():
        function.receiver.fault = fault
        function.invoke(name)
    for name, early in EARLY.items():
        function.receiver.fault, function.receiver.early = good, early
        function.invoke(name)
    made, delivered, dropped = function.adds_up()
    assert made > len(FAULTS) and delivered > 0
