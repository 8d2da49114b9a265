# SPDX-License-Identifier: MIT
"""What shipping costs, in things that can be counted: bytes before an answer, connections, handshakes, requests. Times are for make bench-export."""

import contextlib
import socket
import ssl
import threading
import time

import pytest
from conftest import INIT_SPANS, bootstrap, lambda_env
from otlp_sink import Sink
from runtime_api import ACCEPTED

INVOCATIONS = 20
SPANS = 2  # of an invocation of hello
EVENT = b'{"queryStringParameters":{"name":"mote"}}'
SIGNED = {"OTEL_EXPORTER_OTLP_SIGV4_SERVICE": "xray"}
LATE = 0.02  # seconds for bytes that were sent to have been seen


class Meter:
    """Passes on what is sent to a port, and counts the bytes."""

    def __init__(self, port):
        self.behind, self.bytes, self.connections = port, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self.behind))
            threading.Thread(target=self.pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, False), daemon=True).start()

    def pump(self, source, to, counted):
        try:
            while data := source.recv(65536):
                self.bytes += len(data) * counted
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:  # one of them has gone: so does the other
            to.close()


def part_in_order(server):
    """close_notify before the end of a connection; without it OpenSSL takes a session for spoilt, and does not resume it."""
    close = server.shutdown_request

    def shutdown_request(s):
        with contextlib.suppress(OSError, ValueError):
            s.unwrap()
        close(s)

    server.shutdown_request = shutdown_request


@pytest.fixture(params=["plain", "tls", "signed tls"])
def receiver(request, pki):
    """(sink, meter, TLS context or None, environment): a receiver, and what leads there."""
    sink, context, environment = Sink(), None, {}
    if request.param != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_TICKET
        context.load_cert_chain(*pki.issue("server", "p256"))
        sink.socket = context.wrap_socket(sink.socket, server_side=True, do_handshake_on_connect=False)
        part_in_order(sink)
        environment["OTEL_EXPORTER_OTLP_CERTIFICATE"] = pki.root()[0]
    if request.param.startswith("signed"):
        environment |= SIGNED
    with sink:
        meter = Meter(sink.port)
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"{'https' if context else 'http'}://localhost:{meter.port}"
        yield sink, meter, context, environment
        meter.listener.close()


def invoke(c, meter):
    """An invocation whose answer is acknowledged late: the bytes of export that came before that."""
    time.sleep(LATE)  # a farewell of the last export
    before = meter.bytes
    c.event(EVENT)
    c.answer(accept=False)
    time.sleep(LATE)
    early = meter.bytes - before
    c.send(ACCEPTED)
    c.next()
    return early


def run(start, api, environment, meter):
    start([bootstrap("hello")], lambda_env(api.address, OTEL_LOGS_EXPORTER="none", **environment))
    c = api.first()
    assert meter.connections == 0
    return [invoke(c, meter) for _ in range(INVOCATIONS)]


def check_exports(sink, environment):
    exports = [sink.take() for _ in range(INVOCATIONS)]
    assert sink.empty()
    assert [len(e.spans()) for e in exports] == [SPANS + INIT_SPANS] + [SPANS] * (INVOCATIONS - 1)
    signatures = [e.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 ") for e in exports]
    assert signatures == [SIGNED.items() <= environment.items()] * INVOCATIONS


def test_one_connection_one_handshake_and_no_byte_before_an_answer(start, api, receiver):
    sink, meter, context, environment = receiver
    assert run(start, api, environment, meter) == [0] * INVOCATIONS
    check_exports(sink, environment)
    assert meter.connections == 1
    if context:
        assert (context.session_stats()["accept_good"], context.session_stats()["hits"]) == (1, 0)


def test_a_receiver_that_closes_costs_resumed_handshakes_alone(start, api, receiver):
    """Nothing is sent twice either: what was closed between two requests is known before the next one."""
    sink, meter, context, environment = receiver
    sink.RequestHandlerClass.protocol_version = "HTTP/1.0"
    assert run(start, api, environment, meter) == [0] * INVOCATIONS
    check_exports(sink, environment)
    assert meter.connections == INVOCATIONS
    if context:
        assert (context.session_stats()["accept_good"], context.session_stats()["hits"]) == (INVOCATIONS, INVOCATIONS - 1)


def test_the_measure_sees_what_is_sent_before_an_answer(start, api, receiver):
    """In mode sync all of it is."""
    _, meter, _, environment = receiver
    early = run(start, api, {**environment, "LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE": "sync"}, meter)
    assert min(early) > 300
